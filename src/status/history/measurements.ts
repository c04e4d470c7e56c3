/**
 * What probes measured: events, percentiles and changes of any stretch of time, from whichever tables cover it and from what is not
 * written yet. A component is asked together with its members (`install` with `install/python`).
 */
import type { StatusDatabase } from '../database.ts';
import type { ResponsePoint } from '../model.ts';
import { resultBuffer } from './buffer.ts';
import { cover, type Kept } from './cover.ts';
import { addCounts, bucketOf, countOf, decode, percentilesOf } from './histogram.ts';
import type { EventCounts, History, MeasuredResult } from './history.ts';
import { isWithin, type Keys } from './keys.ts';
import { floorTo, minuteMs } from './periods.ts';
import { type KeptChange, openResults } from './results.ts';
import { type KeyedResult, removeOld, rollUp, type Tables, writeResults } from './roll-up.ts';
import type { State } from './state.ts';
import { addRow, count, emptyTally, openHours, openMinutes, type Tally } from './tallies.ts';

const stepMs = 5 * minuteMs;
const stepsShown = 288;
/** How far back the verdict is looked for that a probe had before a stretch of time. */
const earlierMs = 30 * minuteMs;

type Answers = Pick<History, 'events' | 'percentiles' | 'responses' | 'changes'>;

export interface Measurements extends Answers {
  /** @returns false when an older result had to be dropped, because nothing could be written for long */
  add(result: MeasuredResult): boolean;
  isFull(): boolean;
  /** Writes what is in memory, inside a transaction. @returns what is to be called when the transaction is there to stay */
  write(): () => void;
  /** These two inside a transaction as well. */
  rollUp(now: number): void;
  removeOld(now: number): void;
}

export function openMeasurements(db: StatusDatabase, keys: Keys, state: State): Measurements {
  const results = openResults(db);
  const [minutes, hours] = [openMinutes(db), openHours(db)];
  const tables: Tables = { results, minutes, hours, state, components: keys.all };
  const buffer = resultBuffer();
  return {
    add: buffer.add,
    isFull: buffer.isFull,
    write() {
      const waiting = buffer.all();
      const keyed = waiting.map((result): KeyedResult => {
        const component = keys.componentId(result.component);
        return { component, probe: keys.probeId(component, result.probe), result };
      });
      writeResults(tables, keyed);
      return () => buffer.written(waiting.length);
    },
    rollUp: (now) => rollUp(tables, now),
    removeOld: (now) => removeOld(tables, now),
    ...answers(tables, keys, buffer.all),
  };
}

function answers(tables: Tables, keys: Keys, buffered: () => readonly MeasuredResult[]): Answers {
  const { results, state } = tables;
  const waiting = (component: string, from: number, until: number) =>
    buffered().filter((one) => one.at >= from && one.at < until && isWithin(component, one.component));
  /** Everything of a stretch of time, each piece given to `into` with the time it began at. */
  const gatherTallies = (
    component: string,
    [from, until]: readonly [from: number, until: number],
    kept: Kept,
    into: (at: number) => Tally,
  ) => {
    const ids = keys.withMembers(component);
    for (const part of cover(kept, from, until)) {
      if (part.source === 'results') {
        for (const one of results.of(ids, part.from, part.until)) count(into(one.at), one.verdict, one.durationMs);
        continue;
      }
      const table = tables[part.source];
      const { unitMs } = table;
      for (const id of ids) {
        for (const row of table.rows(id, part.from / unitMs, part.until / unitMs)) addRow(into(row.at * unitMs), row);
      }
    }
    for (const one of waiting(component, from, until)) count(into(one.at), one.verdict, one.durationMs);
  };
  return {
    events: (component, from, until, slowerThanMs) =>
      events({ tables, ids: keys.withMembers(component) }, waiting(component, from, until), from, until, slowerThanMs),
    percentiles(component, from, until) {
      const tally = emptyTally();
      gatherTallies(component, [from, until], state.read(), () => tally);
      const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = percentilesOf(tally.durations, [0.5, 0.95, 0.99]);
      return { count: countOf(tally.durations), p50Ms, p95Ms, p99Ms };
    },
    responses(component, now) {
      const from = floorTo(stepMs, now) - (stepsShown - 1) * stepMs;
      const steps = Array.from({ length: stepsShown }, emptyTally);
      // An hour would be one step; of a day, minutes are always there.
      const kept = { ...state.read(), hoursUntil: 0 };
      const day = [from, from + stepsShown * stepMs] as const;
      gatherTallies(component, day, kept, (at) => steps[Math.floor((at - from) / stepMs)]!);
      return steps.flatMap(({ durations }, step): ResponsePoint[] => {
        if (durations.size === 0) return [];
        const [p50Ms = 0, p95Ms = 0] = percentilesOf(durations, [0.5, 0.95]);
        return [{ at: from + step * stepMs, p50Ms, p95Ms }];
      });
    },
    changes(component, from, until) {
      const ids = keys.withMembers(component);
      const kept = results.named(ids, from - earlierMs, until);
      const all = [...kept, ...waiting(component, from - earlierMs, until)].sort((a, b) => a.at - b.at);
      return changesOf(all, from);
    },
  };
}

interface Asked {
  readonly tables: Tables;
  readonly ids: readonly number[];
}

function events(
  { tables, ids }: Asked,
  waiting: readonly MeasuredResult[],
  from: number,
  until: number,
  slowerThanMs: number | undefined,
): EventCounts {
  const tally = emptyTally();
  let slow = 0;
  const limit = slowerThanMs === undefined ? Number.POSITIVE_INFINITY : bucketOf(slowerThanMs);
  const countSlow = (bucket: number, number: number) => {
    if (bucket > limit) slow = addCounts(slow, number);
  };
  for (const part of cover(tables.state.read(), from, until)) {
    if (part.source === 'results') {
      for (const one of tables.results.of(ids, part.from, part.until)) count(tally, one.verdict, one.durationMs);
      continue;
    }
    const table = tables[part.source];
    const [first, end] = [part.from / table.unitMs, part.until / table.unitMs];
    for (const id of ids) {
      if (slowerThanMs === undefined) {
        addRow(tally, { ...table.sums(id, first, end), durations: null });
        continue;
      }
      for (const row of table.rows(id, first, end)) {
        addRow(tally, { ...row, durations: null });
        if (row.durations) decode(row.durations, countSlow);
      }
    }
  }
  for (const one of waiting) count(tally, one.verdict, one.durationMs);
  for (const [bucket, number] of tally.durations) countSlow(bucket, number);
  return { good: tally.good, bad: tally.bad, slow };
}

/** @param all of the stretch of time and of some time before it, in the order of time */
function changesOf(all: readonly KeptChange[], from: number): MeasuredResult[] {
  const last = new Map<string, string>();
  return all.filter(({ probe, component, at, verdict }) => {
    const key = `${component} ${probe}`;
    // What was never heard of counts as well.
    const isChange = (last.get(key) ?? 'good') !== verdict;
    last.set(key, verdict);
    return isChange && at >= from;
  });
}
