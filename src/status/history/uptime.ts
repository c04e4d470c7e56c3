/** What uptime means here, written once: the number on the page, the sentence below it, and the sums they are made from. Pure. */
import type { ComponentStatus, PeriodView } from '../model.ts';
import type { Period } from './periods.ts';

/** A stretch of time in which a component was one thing. `until` is the first millisecond after it. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly status: ComponentStatus;
}

export type PeriodSums = Pick<PeriodView, 'upMs' | 'degradedMs' | 'partialMs' | 'downMs' | 'maintenanceMs'>;
export type Mutable<T> = { -readonly [key in keyof T]: T[key] };

export const partialOutageWeight = 0.3;
export const majorOutageWeight = 1;

/** For people, on the page beside every number. */
export const uptimeFormula =
  `Uptime = 1 − (${partialOutageWeight} × partial outage + ${majorOutageWeight.toFixed(1)} × major outage) ÷ ` +
  '(operational + degraded + partial outage + major outage), each as the time a component was in that state. Degraded ' +
  'performance counts as up. Maintenance, and time in which nothing was measured, are left out of both sides.';

const sumOf: Readonly<Record<ComponentStatus, keyof PeriodSums | undefined>> = {
  operational: 'upMs',
  degraded_performance: 'degradedMs',
  partial_outage: 'partialMs',
  major_outage: 'downMs',
  under_maintenance: 'maintenanceMs',
  unknown: undefined,
};

/** @returns 0 to 1; undefined when nothing but maintenance was measured */
export function uptimeOf({
  upMs,
  degradedMs,
  partialMs,
  downMs,
}: Omit<PeriodSums, 'maintenanceMs'>): number | undefined {
  const measuredMs = upMs + degradedMs + partialMs + downMs;
  if (measuredMs === 0) return undefined;
  return 1 - (partialOutageWeight * partialMs + majorOutageWeight * downMs) / measuredMs;
}

export function isEmpty({ upMs, degradedMs, partialMs, downMs, maintenanceMs }: PeriodSums): boolean {
  return upMs + degradedMs + partialMs + downMs + maintenanceMs === 0;
}

/**
 * @param periods in order, none overlapping another
 * @param stretches in order, none overlapping another
 * @returns for each period, how long the component was what
 */
export function sumPeriods(periods: readonly Period[], stretches: readonly Stretch[]): PeriodSums[] {
  const sums = periods.map(
    (): Mutable<PeriodSums> => ({ upMs: 0, degradedMs: 0, partialMs: 0, downMs: 0, maintenanceMs: 0 }),
  );
  let first = 0;
  for (const { from, until, status } of stretches) {
    const name = sumOf[status];
    if (name === undefined) continue;
    while (first < periods.length && (periods[first]?.until ?? 0) <= from) first += 1;
    for (let at = first; at < periods.length; at += 1) {
      const [period, sum] = [periods[at], sums[at]];
      if (period === undefined || sum === undefined || period.from >= until) break;
      sum[name] += Math.min(until, period.until) - Math.max(from, period.from);
    }
  }
  return sums;
}

/** @returns a period's row as it is shown */
export function periodView(period: string, sums: PeriodSums, isFrozen: boolean): PeriodView {
  return { period, ...sums, uptime: uptimeOf(sums), isFrozen };
}

/**
 * @param taken stretches of time, in order of their beginnings
 * @returns what of a stretch of time no other one has taken
 */
export function freeOf(
  { from, until }: Pick<Stretch, 'from' | 'until'>,
  taken: readonly Pick<Stretch, 'from' | 'until'>[],
): { from: number; until: number }[] {
  const free: { from: number; until: number }[] = [];
  let at = from;
  for (const one of taken) {
    if (one.from >= until) break;
    if (one.from > at) free.push({ from: at, until: one.from });
    at = Math.max(at, one.until);
  }
  if (at < until) free.push({ from: at, until });
  return free;
}
