/**
 * People who want to be told. Nobody is sent news who has not confirmed with a link that only they were sent; nobody can be flooded
 * with such links; and nobody can find out here who is subscribed: known or not, an address gets the same answer.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import { type Refusal, refuse } from '../../std/refusals.ts';
import type { StatusDatabase } from '../database.ts';
import { newId } from '../ids.ts';
import { type Address, mailAddress, webhookAddress } from './addresses.ts';
import { confirmationMail } from './mails.ts';
import type { SubscriberMessage, SubscriberTarget } from './message.ts';
import { sourceLimit } from './rates.ts';
import { confirmationPayload } from './webhook-payload.ts';

const hourMs = 3_600_000;
/** How long a link to confirm works. */
export const confirmHours = 24;
/** Confirmations to one inbox (for webhooks: one host) within an hour. */
const inboxPerHourMax = { mail: 1, webhook: 5 };
const sourcePerHourMax = 10;
/** Of all sources together. */
const askedPerHourMax = 200;
export const subscribersMax = 10_000;
/** So many refusals for good, one after the other, end a subscription. */
export const refusalsMax = 5;
const componentsMax = 100;

export interface SubscriptionRequest {
  readonly kind: string;
  /** Mail address, or address of the webhook. */
  readonly address: string;
  /** Keys of components; none means all. */
  readonly components: readonly string[];
}

export interface Subscription {
  readonly id: string;
  readonly target: SubscriberTarget;
  /** Keys of components and groups; none means all. */
  readonly components: readonly string[];
  readonly unsubscribeUrl: string;
}

export interface SubscribersParts {
  readonly db: StatusDatabase;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly page: { readonly id: string; readonly name: string; readonly url: string };
  /** Components that can be chosen now. */
  components(): readonly { readonly key: string; readonly name: string }[];
  enqueue(message: SubscriberMessage): void;
  /** False when the configuration names no mail server: then only webhooks are taken. */
  readonly isMailPossible: boolean;
  /** Whether webhooks may lead into the own network, and without TLS. */
  readonly isAnyHost: boolean;
}

export interface Subscribers {
  /** Takes a request and has a confirmation sent. @returns a refusal that does not depend on whether the address is known */
  request(wanted: SubscriptionRequest, source: string): Refusal | undefined;
  /** @returns what the link would confirm; undefined when it does not work (any more) */
  awaiting(token: string): Subscription | undefined;
  /** Confirming twice succeeds twice. */
  confirm(token: string): Subscription | undefined;
  /** @returns what the link would end */
  subscribed(token: string): Subscription | undefined;
  /** @returns whether there was a subscription with this link */
  unsubscribe(token: string): boolean;
  confirmed(): Subscription[];
  /** A message was taken, or refused for good, by the other side. The last of some refusals in a row ends the subscription. */
  noteDelivery(target: SubscriberTarget, isTaken: boolean): void;
  counts(): { readonly confirmed: number; readonly awaiting: number };
  /** Forgets what nobody confirmed. To be called now and then. */
  keep(): void;
}

interface Row {
  readonly id: string;
  readonly kind: 'mail' | 'webhook';
  readonly target: string;
  readonly wanted: string;
  readonly components: string | null;
  readonly unsubscribe_token: string;
}

const columns = 'id, kind, target, wanted, components, unsubscribe_token';

export function openSubscribers(parts: SubscribersParts): Subscribers {
  const { db, clock, page } = parts;
  const isTooOften = sourceLimit(sourcePerHourMax, clock);
  const one = (where: string, ...values: Values) => find(db, where, ...values);
  const count = (where: string, ...values: Values) => countOf(db, where, ...values);
  const subscription = (row: Row, components: string | null): Subscription => ({
    id: row.id,
    target: row.kind === 'mail' ? { kind: 'mail', to: row.target } : { kind: 'webhook', url: row.target },
    components: JSON.parse(components ?? '[]') as string[],
    unsubscribeUrl: `${page.url}/unsubscribe/${row.unsubscribe_token}`,
  });
  const awaiting = (token: string) => one('confirm_digest = ? and confirm_until > ?', digestOf(token), clock.now());
  return {
    request({ kind, address, components }, source) {
      const read = readRequest(parts, kind, address, components);
      if ('refusal' in read) return read.refusal;
      if (isTooOften(source)) return tooOften('You have asked for many subscriptions; please wait an hour.');
      // Both counts are of everybody together, so that they tell nothing about this address.
      const isFull =
        count('asked_at > ?', clock.now() - hourMs) >= askedPerHourMax ||
        count('confirmed_at is not null') >= subscribersMax;
      if (isFull) return tooOften('There are more subscriptions than can be taken now; please try again later.');
      ask(parts, read.kind, read.address, components);
      return undefined;
    },
    awaiting(token) {
      const row = awaiting(token);
      return row && subscription(row, row.wanted);
    },
    confirm(token) {
      const row = awaiting(token);
      if (row === undefined) return undefined;
      db.prepare(
        'update subscribers set components = wanted, refusals = 0, confirmed_at = coalesce(confirmed_at, ?) where id = ?',
      ).run(clock.now(), row.id);
      return subscription(row, row.wanted);
    },
    subscribed(token) {
      const row = one('unsubscribe_token = ? and confirmed_at is not null', token);
      return row && subscription(row, row.components);
    },
    unsubscribe: (token) => db.prepare('delete from subscribers where unsubscribe_token = ?').run(token).changes > 0,
    confirmed() {
      const rows = db.prepare(`select ${columns} from subscribers where confirmed_at is not null order by rowid`).all();
      return (rows as unknown as Row[]).map((row) => subscription(row, row.components));
    },
    noteDelivery(target, isTaken) {
      const address = target.kind === 'mail' ? target.to : target.url;
      db.prepare(
        'update subscribers set refusals = case when ? then 0 else refusals + 1 end where kind = ? and target = ?',
      ).run(isTaken ? 1 : 0, target.kind, address);
      db.prepare('delete from subscribers where refusals >= ?').run(refusalsMax);
    },
    counts: () => ({
      confirmed: count('confirmed_at is not null'),
      awaiting: count('confirmed_at is null and confirm_until > ?', clock.now()),
    }),
    keep() {
      db.prepare('delete from subscribers where confirmed_at is null and confirm_until <= ?').run(clock.now());
    },
  };
}

type Values = (string | number)[];

function find(db: StatusDatabase, where: string, ...values: Values): Row | undefined {
  return db.prepare(`select ${columns} from subscribers where ${where}`).get(...values) as Row | undefined;
}

function countOf(db: StatusDatabase, where: string, ...values: Values): number {
  const row = db.prepare(`select count(*) as count from subscribers where ${where}`).get(...values);
  return (row as { count: number }).count;
}

/** Notes what is wanted and has a link sent, unless its inbox has had one lately. Known addresses are asked like new ones. */
function ask(
  parts: SubscribersParts,
  kind: 'mail' | 'webhook',
  { target, inbox }: Address,
  components: readonly string[],
): void {
  const { db, clock, random, page } = parts;
  const now = clock.now();
  if (countOf(db, 'inbox = ? and asked_at > ?', inbox, now - hourMs) >= inboxPerHourMax[kind]) return;
  const token = tokenOf(random);
  const known = find(db, 'kind = ? and target = ?', kind, target);
  db.prepare(
    `insert into subscribers
       (id, kind, target, inbox, wanted, asked_at, confirm_digest, confirm_until, unsubscribe_token)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (kind, target) do update set wanted = excluded.wanted, asked_at = excluded.asked_at,
       confirm_digest = excluded.confirm_digest, confirm_until = excluded.confirm_until`,
  ).run(
    known?.id ?? newId(random),
    kind,
    target,
    inbox,
    JSON.stringify(components),
    now,
    digestOf(token),
    now + confirmHours * hourMs,
    known?.unsubscribe_token ?? tokenOf(random),
  );
  parts.enqueue(confirmation(parts, kind, target, `${page.url}/subscribe/confirm/${token}`, components));
}

const tooOften = (sentence: string) => refuse('too-often', sentence);
const invalid = (sentence: string) => refuse('subscription-invalid', sentence);

type ReadRequest = { readonly kind: 'mail' | 'webhook'; readonly address: Address } | { readonly refusal: Refusal };

function readRequest(
  { components: choices, isMailPossible, isAnyHost }: SubscribersParts,
  kind: string,
  text: string,
  components: readonly string[],
): ReadRequest {
  if (kind !== 'mail' && kind !== 'webhook')
    return { refusal: invalid('News are sent by mail or to a webhook; choose one of them.') };
  if (kind === 'mail' && !isMailPossible) return { refusal: invalid('This page sends no mail; name a webhook.') };
  const address = kind === 'mail' ? mailAddress(text) : webhookAddress(text, isAnyHost);
  if (address === undefined) {
    const example = kind === 'mail' ? 'name@example.org' : 'https://example.org/hook';
    return { refusal: invalid(`This is no address that news can be sent to; one looks like ${example}.`) };
  }
  const known = new Set(choices().map(({ key }) => key));
  if (components.length > componentsMax || components.some((key) => !known.has(key)))
    return { refusal: invalid('There is no such component.') };
  return { kind, address };
}

function confirmation(
  { page, components }: SubscribersParts,
  kind: 'mail' | 'webhook',
  target: string,
  confirmUrl: string,
  wanted: readonly string[],
): SubscriberMessage {
  const names = components().filter(({ key }) => wanted.includes(key));
  const about = wanted.length === 0 ? 'all components' : names.map(({ name }) => name).join(', ');
  const mail = confirmationMail(page, confirmUrl, about, confirmHours);
  return {
    lane: 'subscribers',
    ...mail,
    target: kind === 'mail' ? { kind, to: target } : { kind, url: target },
    json: kind === 'webhook' ? confirmationPayload(page, confirmUrl) : undefined,
    dedupeKey: `confirm:${digestOf(confirmUrl)}`,
  };
}

/** 256 bits, in letters that an address can hold. */
function tokenOf(random: RandomBytes): string {
  return Buffer.from(random(32)).toString('base64url');
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
