/**
 * Signs of life of others: a backup, a job, another monitor asks for an address with a token, and when it does not, somebody is told.
 * Tokens follow from a secret of this installation and the name, so they can be shown again and need no table.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../std/clock.ts';
import { type Refusal, refuse } from '../../std/refusals.ts';
import type { Condition } from '../alarms/condition.ts';
import { duration, utc } from '../alarms/wording.ts';
import type { StatusConfig } from '../config/schema.ts';
import { inTransaction, type StatusDatabase } from '../database.ts';
import { type Heard, isExcusedBy, type Lateness, latenessOf } from './lateness.ts';

type Configured = StatusConfig['heartbeats'][number];

export interface HeartbeatState {
  readonly name: string;
  /** `/heartbeats/NAME/TOKEN`. */
  readonly path: string;
  readonly lateness: Lateness;
  readonly heardAt: number | undefined;
  readonly everySeconds: number;
  readonly graceSeconds: number;
  readonly component: string | undefined;
  readonly means: string;
}

export interface Heartbeats {
  /** A request for `/heartbeats/NAME/TOKEN`. @returns when it was heard; `not-found` for a wrong name or token */
  hear(name: string, token: string): number | Refusal;
  states(): readonly HeartbeatState[];
  conditions(): Condition[];
  /** Notes that we listen. To be called every few seconds, and right after every change of the configuration. */
  keep(): void;
}

export interface HeartbeatParts {
  readonly db: StatusDatabase;
  readonly clock: Clock;
  /** Of this installation (installation-secret.ts). */
  readonly secret: Buffer;
  readonly configured: () => readonly Configured[];
}

/** Being away for less than this is no absence. */
const absenceMinMs = 60_000;
/** One sign is written so often at most; what comes in between is heard and not written. */
const writeEveryMs = 1_000;

/** @returns the token of a name, 32 letters and digits */
export function heartbeatToken(secret: Buffer, name: string): string {
  return createHmac('sha256', secret).update(`heartbeat:${name}`).digest('hex').slice(0, 32);
}

export function openHeartbeats({ db, clock, secret, configured }: HeartbeatParts): Heartbeats {
  const read = db.prepare('select * from heartbeats where name = ?');
  const watch = db.prepare('insert into heartbeats (name, watched_since) values (?, ?) on conflict (name) do nothing');
  const hear = db.prepare('update heartbeats set heard_at = ? where name = ?');
  const excuse = db.prepare('update heartbeats set excused_at = ? where name = ?');
  const listening = db.prepare('select until_at as at from heartbeats_listening');
  const listen = db.prepare('insert or replace into heartbeats_listening values (1, ?)');

  const rhythmOf = ({ everySeconds, graceSeconds }: Configured) => ({
    everyMs: everySeconds * 1000,
    graceMs: graceSeconds * 1000,
  });

  function heardOf({ name }: Configured): Heard {
    watch.run(name, clock.now());
    const raw = read.get(name) as Record<string, number | null>;
    const [heardAt, excusedAt] = [raw.heard_at ?? undefined, raw.excused_at ?? undefined];
    return { watchedSince: raw.watched_since as number, heardAt, excusedAt };
  }

  function keep(): void {
    const now = clock.now();
    const last = (listening.get() as { at: number } | undefined)?.at ?? now;
    inTransaction(db, () => {
      for (const one of configured()) {
        const heard = heardOf(one);
        if (now - last > absenceMinMs && isExcusedBy(heard, rhythmOf(one), last, now)) excuse.run(now, one.name);
      }
      listen.run(now);
    });
  }

  function stateOf(one: Configured): HeartbeatState {
    const { name, everySeconds, graceSeconds, component, means } = one;
    const heard = heardOf(one);
    const lateness = latenessOf(heard, rhythmOf(one), clock.now());
    const path = `/heartbeats/${name}/${heartbeatToken(secret, name)}`;
    return { name, path, lateness, heardAt: heard.heardAt, everySeconds, graceSeconds, component, means };
  }

  keep();
  return {
    hear(name, token) {
      const one = configured().find((each) => each.name === name);
      // Compared also without such a name, so that the time of the answer tells nothing.
      const isRight = isSame(token, heartbeatToken(secret, name));
      if (one === undefined || !isRight) return refuse('not-found', 'There is no heartbeat at this address.');
      const now = clock.now();
      const { heardAt } = heardOf(one);
      if (heardAt === undefined || now - heardAt >= writeEveryMs) hear.run(now, name);
      return now;
    },
    states: () => configured().map(stateOf),
    conditions: () => configured().map((one) => conditionOf(stateOf(one), clock.now())),
    keep,
  };
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => createHmac('sha256', 'compare').update(text).digest());
  return timingSafeEqual(left!, right!);
}

function conditionOf(
  { name, lateness, heardAt, everySeconds, graceSeconds, component, means }: HeartbeatState,
  now: number,
): Condition {
  const last =
    heardAt === undefined
      ? 'It has never been heard.'
      : `It was last heard at ${utc(heardAt)}, ${duration(now - heardAt)} ago.`;
  const rhythm = `It is to come every ${duration(everySeconds * 1000)}, and may be ${duration(graceSeconds * 1000)} late.`;
  return {
    key: `heartbeat:${name}`,
    title: `The heartbeat "${name}" is late`,
    text: [last, rhythm, ...(means === '' ? [] : [`What it means: ${means}`])].join('\n'),
    severity: 'page',
    isFiring: lateness === 'not known' ? undefined : lateness === 'late',
    component,
    runbook: 'alarm-heartbeat',
  };
}
