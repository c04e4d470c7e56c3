/**
 * When a sign of life is late. Pure. What may have come while we did not listen is not known to be missing: a sign that was due in
 * such a time is excused until its next turn, one that was not due is not.
 */

export interface Heard {
  /** When we were first told to expect it. */
  readonly watchedSince: number;
  readonly heardAt: number | undefined;
  /** When we began to listen again after we may have missed it. */
  readonly excusedAt: number | undefined;
}

export interface Rhythm {
  readonly everyMs: number;
  readonly graceMs: number;
}

export type Lateness = 'in time' | 'late' | 'not known';

/** @returns when it is late at the earliest */
export function deadlineOf({ watchedSince, heardAt, excusedAt }: Heard, { everyMs, graceMs }: Rhythm): number {
  return Math.max(heardAt ?? watchedSince, excusedAt ?? 0) + everyMs + graceMs;
}

/** Not known: never heard so far, or missed perhaps; until its time has come. */
export function latenessOf(heard: Heard, rhythm: Rhythm, now: number): Lateness {
  if (now > deadlineOf(heard, rhythm)) return 'late';
  const isExcused = heard.excusedAt !== undefined && heard.excusedAt > (heard.heardAt ?? 0);
  return heard.heardAt === undefined || isExcused ? 'not known' : 'in time';
}

/**
 * @param deafFrom when we last listened
 * @param deafUntil when we listen again
 * @returns whether the sign may have come in between, unheard
 */
export function isExcusedBy(heard: Heard, rhythm: Rhythm, deafFrom: number, deafUntil: number): boolean {
  if (deadlineOf(heard, rhythm) < deafFrom) return false;
  // One that was never heard may come at any time; being away for longer than its grace excuses it.
  if (heard.heardAt === undefined) return deafUntil - deafFrom > rhythm.graceMs;
  return deafUntil >= heard.heardAt + rhythm.everyMs - rhythm.graceMs;
}
