/**
 * Silences: for a stretch of time alarms call nobody, and are shown all the same. Each has a reason and an end, and none that is
 * meant for everything silences the alarms about telling people itself.
 */
import type { RandomBytes } from '../../std/random.ts';
import { type Refusal, refuse } from '../../std/refusals.ts';
import type { StatusDatabase } from '../database.ts';
import { newId } from '../ids.ts';
import type { Silence } from './alarms.ts';

const dayMs = 86_400_000;
const silenceMaxMs = 30 * dayMs;
const silencesMax = 200;
const keptMs = 90 * dayMs;
const ownKeys = ['channel:', 'on-call:', 'test-page'];

export class Silences {
  readonly #db: StatusDatabase;
  readonly #random: RandomBytes;

  constructor(db: StatusDatabase, random: RandomBytes) {
    this.#db = db;
    this.#random = random;
  }

  /** @returns those that have not ended, the next to end first */
  list(now: number): Silence[] {
    const sql = `select id, pattern, reason, author, from_at as "from", until_at as "until" from alarm_silences
      where until_at > ? order by until_at`;
    return this.#db.prepare(sql).all(now) as unknown as Silence[];
  }

  add(wanted: Omit<Silence, 'id'>, now: number): Silence | Refusal {
    const problem = problemOf(wanted, now);
    if (problem !== undefined) return refuse('form-field-invalid', problem);
    if (this.list(now).length >= silencesMax) return refuse('busy', `There are ${silencesMax} silences already.`);
    const silence = { id: newId(this.#random), ...wanted };
    const { id, pattern, reason, author, from, until } = silence;
    this.#db
      .prepare('insert into alarm_silences values (?, ?, ?, ?, ?, ?)')
      .run(id, pattern, reason, author, from, until);
    return silence;
  }

  end(id: string, now: number): Silence | Refusal {
    const found = this.list(now).find((one) => one.id === id);
    if (found === undefined) return refuse('not-found', 'There is no such silence, or it has ended.');
    this.#db.prepare('update alarm_silences set until_at = ? where id = ?').run(now, id);
    return { ...found, until: now };
  }

  prune(now: number): void {
    this.#db.prepare('delete from alarm_silences where until_at < ?').run(now - keptMs);
  }
}

function problemOf({ pattern, reason, author, from, until }: Omit<Silence, 'id'>, now: number): string | undefined {
  if (!/^[^*\u0000-\u001f]{0,200}\*?$/.test(pattern) || pattern === '') {
    return 'The pattern is the key of an alarm, or its beginning with "*" behind it.';
  }
  if (reason.trim() === '' || reason.length > 500) return 'A silence needs a reason of at most 500 characters.';
  if (author.trim() === '' || author.length > 100) return 'A silence needs the name of whoever wants it.';
  if (!(from < until && until > now)) return 'A silence ends after it begins, and later than now.';
  if (until - Math.max(from, now) > silenceMaxMs) return 'A silence lasts 30 days at most.';
  return undefined;
}

/** @returns the silence in force that an alarm falls under */
export function silenceOf(key: string, silences: readonly Silence[], now: number): Silence | undefined {
  return silences.find(({ pattern, from, until }) => from <= now && now < until && fits(pattern, key));
}

function fits(pattern: string, key: string): boolean {
  if (!pattern.endsWith('*')) return pattern === key;
  const beginning = pattern.slice(0, -1);
  const own = ownKeys.find((one) => key.startsWith(one));
  return key.startsWith(beginning) && (own === undefined || beginning.startsWith(own));
}
