/**
 * The public address that a request was made to. A configured one wins; else the request's own Host, where a trusted proxy
 * may say (X-Forwarded-Proto, X-Forwarded-Host) what the client really asked.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export interface Origin {
  /** Scheme, host and port, no slash at the end. */
  readonly baseUrl: string;
  /** The client's network address. */
  readonly remoteAddress: string;
}

export type ReadOrigin = (request: IncomingMessage) => Origin;

/**
 * @param configured the configured address; empty for none
 * @param trustedProxies addresses and CIDR ranges whose headers are believed
 * @param fallback used for requests without a usable Host header
 */
export function originReader(configured: string, trustedProxies: readonly string[], fallback: string): ReadOrigin {
  const trusted = new BlockList();
  for (const entry of trustedProxies) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (request) => {
    const peer = request.socket.remoteAddress ?? '';
    const isTrusted = trustedProxies.length > 0 && isListed(trusted, peer);
    const remoteAddress = isTrusted ? (lastOf(request.headers['x-forwarded-for']) ?? peer) : peer;
    if (configured !== '') return { baseUrl: configured, remoteAddress };
    const host = (isTrusted ? lastOf(request.headers['x-forwarded-host']) : undefined) ?? request.headers.host ?? '';
    const isHttps = isTrusted && lastOf(request.headers['x-forwarded-proto']) === 'https';
    return { baseUrl: isHost(host) ? `${isHttps ? 'https' : 'http'}://${host}` : fallback, remoteAddress };
  };
}

function isListed(list: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

/** The value that the nearest proxy added. */
function lastOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.at(-1) : header;
  return text?.split(',').at(-1)?.trim();
}

/** A host name or address with an optional port, and nothing that could break out of a document. */
function isHost(host: string): boolean {
  return host.length <= 255 && /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.test(host);
}
