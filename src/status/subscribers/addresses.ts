/** Addresses that strangers type: which are taken, how they are spelt, and whose inbox they end in. */
import { isIP } from 'node:net';

const mailCharactersMax = 254;
const urlCharactersMax = 2_000;

export interface Address {
  /** As messages are sent to it. */
  readonly target: string;
  /** The same for all addresses by which one person (or one host) can be flooded. */
  readonly inbox: string;
}

/** @returns undefined when it is no address that mail can be sent to (a plain one: RFC 5321 without quotes and comments) */
export function mailAddress(text: string): Address | undefined {
  const typed = text.trim();
  const [, local, domain] =
    /^([\w.!#$%&'*+/=?^`{|}~-]{1,64})@((?:[a-z\d-]{1,63}\.)+[a-z\d-]{2,63})$/i.exec(typed) ?? [];
  if (local === undefined || domain === undefined || typed.length > mailCharactersMax) return undefined;
  if (/^\.|\.\.|\.$/.test(local)) return undefined;
  const host = domain.toLowerCase();
  return { target: `${local}@${host}`, inbox: `${local.toLowerCase().replace(/\+.*$/, '')}@${host}` };
}

/**
 * @param isAnyHost whether addresses of the own network and plain HTTP are taken, for galleries within one
 * @returns undefined when it is no address that a stranger may make us send to
 */
export function webhookAddress(text: string, isAnyHost: boolean): Address | undefined {
  const typed = text.trim();
  if (typed.length > urlCharactersMax || !URL.canParse(typed)) return undefined;
  const url = new URL(typed);
  if (url.username !== '' || url.password !== '') return undefined;
  url.hash = '';
  const isWeb = url.protocol === 'https:' || (isAnyHost && url.protocol === 'http:');
  if (!isWeb || (!isAnyHost && !isPublicName(url.hostname))) return undefined;
  return { target: url.href, inbox: url.host };
}

/** A name and no number: what it leads to is checked again when it is connected to. */
function isPublicName(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  return isIP(bare) === 0 && bare.includes('.') && !/\.(localhost|local|internal|test|invalid|arpa|onion)$/.test(bare);
}
