/** The outbox's statements, in one place: everything that is read or written in its two tables. */
import type { StatementSync } from 'node:sqlite';
import type { StatusDatabase } from '../database.ts';
import { type Circuit, newCircuit } from './circuit.ts';
import type { Message, Target } from './message.ts';

export type Lane = 'alarms' | 'subscribers';
export type LetterState = 'waiting' | 'sent' | 'refused' | 'expired' | 'withdrawn';

export interface Row {
  readonly id: string;
  readonly lane: Lane;
  readonly circuit: string;
  readonly target: Target;
  readonly message: Message;
  readonly reference: string | undefined;
  readonly isUrgent: boolean;
  readonly state: LetterState;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly tries: number;
  readonly lastWords: string;
  readonly doneAt: number | undefined;
}

export type NewRow = Pick<
  Row,
  'id' | 'lane' | 'circuit' | 'target' | 'message' | 'reference' | 'isUrgent' | 'expiresAt'
> & {
  readonly dedupeKey: string;
  readonly createdAt: number;
  readonly dueFrom: number;
};

type Raw = Record<string, string | number | null>;

const toRow = (raw: Raw): Row => ({
  id: raw.id as string,
  lane: raw.lane as Lane,
  circuit: raw.circuit as string,
  target: JSON.parse(raw.target as string) as Target,
  message: JSON.parse(raw.message as string) as Message,
  reference: (raw.reference as string | null) ?? undefined,
  isUrgent: raw.is_urgent === 1,
  state: raw.state as LetterState,
  createdAt: raw.created_at as number,
  expiresAt: raw.expires_at as number,
  tries: raw.tries as number,
  lastWords: raw.last_words as string,
  doneAt: (raw.done_at as number | null) ?? undefined,
});

const statements = {
  insert: `insert into outbox (id, dedupe_key, lane, circuit, target, message, reference, is_urgent, created_at, due_from, next_at,
    expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (dedupe_key) do nothing`,
  idOfKey: 'select id from outbox where dedupe_key = ?',
  due: `select * from outbox where circuit = ? and state = 'waiting' and next_at <= ? and expires_at > ? and is_urgent >= ?
    and tries <= ? and id not in (select value from json_each(?)) order by is_urgent desc, next_at, rowid limit 1`,
  nextDue: `select min(next_at) as at from outbox where circuit = ? and state = 'waiting'`,
  done: `update outbox set state = ?, tries = tries + 1, last_words = ?, done_at = ? where id = ? and state = 'waiting'`,
  takenAfterAll: `update outbox set state = 'sent', tries = tries + 1, done_at = ? where id = ? and state = 'withdrawn'`,
  again: `update outbox set tries = tries + 1, last_words = ?, next_at = ? where id = ? and state = 'waiting'`,
  overdue: `select * from outbox where state = 'waiting' and expires_at <= ? limit 1000`,
  expire: `update outbox set state = 'expired', done_at = ? where id = ? and state = 'waiting'`,
  withdraw: `update outbox set state = 'withdrawn', done_at = ? where reference = ? and state = 'waiting'`,
  prune: 'delete from outbox where rowid in (select rowid from outbox where done_at <= ? limit 1000)',
  ofReference: 'select * from outbox where reference = ? order by created_at, rowid',
  waiting: `select circuit as name, count(*) as count from outbox where state = 'waiting' group by circuit`,
  oldest: `select min(due_from) as at from outbox where circuit = ? and state = 'waiting'`,
  loadCircuits: 'select * from outbox_circuits',
  saveCircuit: `insert or replace into outbox_circuits (name, last_success_at, last_failure_at, last_failure_words,
    failures_in_row, refusals_in_row, lost_in_row, sent, failed, refused) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
};

export class OutboxRows {
  readonly #sql: Record<keyof typeof statements, StatementSync>;

  constructor(db: StatusDatabase) {
    const prepared = Object.entries(statements).map(([name, sql]) => [name, db.prepare(sql)]);
    this.#sql = Object.fromEntries(prepared) as Record<keyof typeof statements, StatementSync>;
  }

  /** @returns the id: the new one, or that of the message which has this dedupe key already */
  insert(row: NewRow): string {
    const target = JSON.stringify(row.target);
    const { id, dedupeKey, lane, circuit, reference, createdAt, dueFrom, expiresAt } = row;
    const urgent = row.isUrgent ? 1 : 0;
    const message = JSON.stringify(row.message);
    const values = [
      id,
      dedupeKey,
      lane,
      circuit,
      target,
      message,
      reference ?? null,
      urgent,
      createdAt,
      dueFrom,
      dueFrom,
    ];
    const { changes } = this.#sql.insert.run(...values, expiresAt);
    return changes === 1 ? id : (this.#sql.idOfKey.get(dedupeKey) as { id: string }).id;
  }

  hasKey(dedupeKey: string): boolean {
    return this.#sql.idOfKey.get(dedupeKey) !== undefined;
  }

  /** @param isFreshOnly only urgent ones that were never tried, for which no pause counts */
  due(circuit: Circuit, now: number, isFreshOnly: boolean): Row | undefined {
    const triesMax = isFreshOnly ? 0 : Number.MAX_SAFE_INTEGER;
    const busy = JSON.stringify([...circuit.underWay]);
    const raw = this.#sql.due.get(circuit.name, now, now, isFreshOnly ? 1 : 0, triesMax, busy);
    return raw === undefined ? undefined : toRow(raw as Raw);
  }

  /** @returns when the first message of a way out is due; infinity without any */
  nextDue(circuit: string): number {
    return (this.#sql.nextDue.get(circuit) as { at: number | null }).at ?? Number.POSITIVE_INFINITY;
  }

  /** @returns whether it was waiting until now; one that was withdrawn while it was under way, and taken, counts as sent */
  finish(id: string, state: 'sent' | 'refused', words: string, at: number): boolean {
    const wasWaiting = this.#sql.done.run(state, words, at, id).changes === 1;
    if (!wasWaiting && state === 'sent') this.#sql.takenAfterAll.run(at, id);
    return wasWaiting;
  }

  tryAgain(id: string, words: string, nextAt: number): void {
    this.#sql.again.run(words, nextAt, id);
  }

  /** @returns some of those that wait although their time is over */
  overdue(now: number): Row[] {
    return this.#sql.overdue.all(now).map((raw) => toRow(raw as Raw));
  }

  expire(id: string, at: number): boolean {
    return this.#sql.expire.run(at, id).changes === 1;
  }

  withdraw(reference: string, at: number): number {
    return Number(this.#sql.withdraw.run(at, reference).changes);
  }

  /** Removes what was done before; at most a thousand at once. @returns how many */
  prune(until: number): number {
    return Number(this.#sql.prune.run(until).changes);
  }

  ofReference(reference: string): Row[] {
    return this.#sql.ofReference.all(reference).map((raw) => toRow(raw as Raw));
  }

  /** How many messages wait, by way out. */
  waiting(): { readonly name: string; readonly count: number }[] {
    return this.#sql.waiting.all() as unknown as { name: string; count: number }[];
  }

  /** @returns since when the oldest message of a way out could have been sent */
  oldestUnsentAt(circuit: string): number | undefined {
    return (this.#sql.oldest.get(circuit) as { at: number | null }).at ?? undefined;
  }

  loadCircuits(): Circuit[] {
    return this.#sql.loadCircuits.all().map((raw) => circuitOfRow(raw as Raw));
  }

  saveCircuit(one: Circuit): void {
    const counts = [one.failuresInRow, one.refusalsInRow, one.lostInRow, one.sent, one.failed, one.refused];
    const times = [one.lastSuccessAt ?? null, one.lastFailureAt ?? null];
    this.#sql.saveCircuit.run(one.name, ...times, one.lastFailureWords, ...counts);
  }
}

/** Pauses are not kept: after a start each way is tried once. */
function circuitOfRow(raw: Raw): Circuit {
  return {
    ...newCircuit(raw.name as string),
    lastSuccessAt: (raw.last_success_at as number | null) ?? undefined,
    lastFailureAt: (raw.last_failure_at as number | null) ?? undefined,
    lastFailureWords: raw.last_failure_words as string,
    failuresInRow: raw.failures_in_row as number,
    refusalsInRow: raw.refusals_in_row as number,
    lostInRow: raw.lost_in_row as number,
    sent: raw.sent as number,
    failed: raw.failed as number,
    refused: raw.refused as number,
  };
}
