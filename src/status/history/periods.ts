/** Minutes, hours, days and months of UTC, which has no summer time: a day always has 86,400,000 ms. Pure. */

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** A day or a month; `until` is the first millisecond of the next one. */
export interface Period {
  /** `2026-11-21`, or `2026-11`. */
  readonly name: string;
  readonly from: number;
  readonly until: number;
}

export const floorTo = (unitMs: number, at: number) => Math.floor(at / unitMs) * unitMs;
export const ceilTo = (unitMs: number, at: number) => Math.ceil(at / unitMs) * unitMs;

/** @returns the first millisecond of the month that `at` is in, or of one that many months later (or earlier) */
export function monthStart(at: number, later = 0): number {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1);
}

export function monthOf(at: number): Period {
  return { name: new Date(at).toISOString().slice(0, 7), from: monthStart(at), until: monthStart(at, 1) };
}

/** @returns so many days, the oldest first; the last is the one that `now` is in */
export function lastDays(now: number, count: number): readonly Period[] {
  const today = floorTo(dayMs, now);
  return Array.from({ length: count }, (_, at) => {
    const from = today - (count - 1 - at) * dayMs;
    return { name: new Date(from).toISOString().slice(0, 10), from, until: from + dayMs };
  });
}

/** @returns so many months, the oldest first; the last is the one that `now` is in */
export function lastMonths(now: number, count: number): readonly Period[] {
  return Array.from({ length: count }, (_, at) => monthOf(monthStart(now, at - count + 1)));
}
