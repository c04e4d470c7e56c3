/**
 * Results become minutes when their minute is over, and minutes hours; each table loses what is too old only after that. A result
 * that comes late, or after the clock went back, is added wherever it would be by now.
 */
import type { MeasuredResult } from './history.ts';
import { floorTo, hourMs, minuteMs } from './periods.ts';
import type { Results } from './results.ts';
import type { State } from './state.ts';
import { addRow, count, gather, type TallyTable } from './tallies.ts';

export const resultsKeptMs = 7 * 24 * hourMs;
export const minutesKeptMs = 40 * 24 * hourMs;
export const hoursKeptMs = 731 * 24 * hourMs;
/** A minute is rolled up so long after its end: until then, results come in the ordinary way. */
const lateMs = 15_000;
/** What is removed in one go, in time since the oldest, so that it takes a few milliseconds. */
const removedAtOnceMs = { results: 10 * minuteMs, minutes: 2 * hourMs, hours: 7 * 24 * hourMs };

export interface Tables {
  readonly results: Results;
  readonly minutes: TallyTable;
  readonly hours: TallyTable;
  readonly state: State;
  /** Numbers of all components. */
  components(): readonly number[];
}

/** A result with the numbers of its probe and component. */
export interface KeyedResult {
  readonly probe: number;
  readonly component: number;
  readonly result: MeasuredResult;
}

/** Writes results, each into every table that covers its time already. Inside a transaction. */
export function writeResults({ results, minutes, hours, state }: Tables, given: readonly KeyedResult[]): void {
  const kept = state.read();
  const lateMinutes = gather();
  const lateHours = gather();
  for (const { probe, component, result } of given) {
    const { at, verdict, durationMs } = result;
    const [minute, hour] = [Math.floor(at / minuteMs), Math.floor(at / hourMs)];
    if (at >= kept.resultsSince) results.add(probe, result);
    if (verdict === 'unknown') continue;
    if (at >= kept.minutesSince && at < kept.minutesUntil)
      count(lateMinutes.tally(component, minute), verdict, durationMs);
    if (at >= kept.hoursSince && at < kept.hoursUntil) count(lateHours.tally(component, hour), verdict, durationMs);
  }
  lateMinutes.addTo(minutes);
  lateHours.addTo(hours);
}

/** Rolls up what is over by now. Inside a transaction. */
export function rollUp({ results, minutes, hours, state, components }: Tables, now: number): void {
  const kept = state.read();
  const minutesUntil = floorTo(minuteMs, now - lateMs);
  if (minutesUntil <= kept.minutesUntil) return;
  const gathered = gather();
  for (const { at, component, verdict, durationMs } of results.between(kept.minutesUntil, minutesUntil)) {
    if (verdict !== 'unknown') count(gathered.tally(component, Math.floor(at / minuteMs)), verdict, durationMs);
  }
  gathered.addTo(minutes);
  const hoursUntil = floorTo(hourMs, minutesUntil);
  if (hoursUntil > kept.hoursUntil) {
    const gatheredHours = gather();
    for (const component of components()) {
      for (const row of minutes.rows(component, kept.hoursUntil / minuteMs, hoursUntil / minuteMs)) {
        addRow(gatheredHours.tally(component, Math.floor((row.at * minuteMs) / hourMs)), row);
      }
    }
    gatheredHours.addTo(hours);
  }
  state.write({ minutesUntil, hoursUntil: Math.max(hoursUntil, kept.hoursUntil) });
}

/** Removes a little of what is too old, so that none of this takes long. Inside a transaction. */
export function removeOld({ results, minutes, hours, state, components }: Tables, now: number): void {
  const kept = state.read();
  // Without anything to remove the border stays: a first start under a clock that is years ahead must not shut out what follows.
  const removed = (since: number, first: number | undefined, wanted: number, unitMs: number, atOnceMs: number) =>
    first === undefined || first >= wanted
      ? since
      : Math.max(since, floorTo(unitMs, Math.min(wanted, floorTo(unitMs, first) + atOnceMs)));
  const resultsSince = removed(
    kept.resultsSince,
    results.first(),
    Math.min(now - resultsKeptMs, kept.minutesUntil),
    minuteMs,
    removedAtOnceMs.results,
  );
  if (resultsSince > kept.resultsSince) results.removeBefore(resultsSince);
  const firstOf = (table: TallyTable) => {
    const firsts = components().map((component) => table.first(component) ?? Number.POSITIVE_INFINITY);
    const first = Math.min(...firsts) * table.unitMs;
    return Number.isFinite(first) ? first : undefined;
  };
  const shorten = (table: TallyTable, since: number, wanted: number, atOnceMs: number) => {
    if (floorTo(hourMs, wanted) <= since) return since;
    const until = removed(since, firstOf(table), wanted, hourMs, atOnceMs);
    for (const component of components()) table.removeBefore(component, until / table.unitMs);
    return until;
  };
  const minutesWanted = Math.min(now - minutesKeptMs, kept.hoursUntil);
  const minutesSince = shorten(minutes, kept.minutesSince, minutesWanted, removedAtOnceMs.minutes);
  const hoursSince = shorten(hours, kept.hoursSince, now - hoursKeptMs, removedAtOnceMs.hours);
  if (resultsSince > kept.resultsSince || minutesSince > kept.minutesSince || hoursSince > kept.hoursSince) {
    state.write({ resultsSince, minutesSince, hoursSince });
  }
}
