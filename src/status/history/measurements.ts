/**
 * What probes measured: events, percentiles and changes of any stretch of time, from whichever tables cover it and from what is not
 * written yet. A component is asked together with its members (`install` with `install/python`).
 */
import type { StatusDatabase } from '../database.ts';
import type { ResponsePoint } from '../model.ts';
import { resultBuffer } from './buffer.ts';
import { cover, type Part } from './cover.ts';
import { type Finished, finishedTallies, stepMs } from './finished.ts';
import { addCounts, bucketOf, countOf, percentilesOf } from './histogram.ts';
import type { History, MeasuredResult } from './history.ts';
import { isWithin, type Keys } from './keys.ts';
import { ceilTo, dayMs, floorTo, minuteMs } from './periods.ts';
import { type KeptChange, openResults } from './results.ts';
import { type KeyedResult, removeOld, rollUp, type Tables, writeResults } from './roll-up.ts';
import type { State } from './state.ts';
import { addRow, addTally, count, emptyTally, openHours, openMinutes, type Tally, type TallyTable } from './tallies.ts';

const stepsShown = 288;
/** The longest window of an objective. */
const rememberedDaysMax = 90;
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
  const finished = finishedTallies();
  return {
    add(result) {
      finished.forget(result.component, result.at);
      return buffer.add(result);
    },
    isFull: buffer.isFull,
    write() {
      const waiting = buffer.all();
      const keyed = waiting.map((result): KeyedResult => {
        const component = keys.componentId(result.component);
        return { component, probe: keys.probeId(component, result.probe), result };
      });
      writeResults(tables, keyed);
      return () => {
        buffer.written(waiting.length);
        // What was summed up while they waited here lacks them.
        for (const { component, at } of waiting) finished.forget(component, at);
      };
    },
    rollUp: (now) => rollUp(tables, now),
    removeOld: (now) => removeOld(tables, now),
    ...answers({
      tables,
      keys,
      finished,
      waiting: (component, from, until) =>
        buffer.all().filter((one) => one.at >= from && one.at < until && isWithin(component, one.component)),
    }),
  };
}

interface AnswerParts {
  readonly tables: Tables;
  readonly keys: Keys;
  readonly finished: Finished;
  /** What is not written yet of a component and its members. */
  waiting(component: string, from: number, until: number): readonly MeasuredResult[];
}

function answers(parts: AnswerParts): Answers {
  const { tables, keys, waiting } = parts;
  const { results, state } = tables;
  return {
    events(component, from, until, slowerThanMs) {
      const tally =
        slowerThanMs === undefined ? counted(parts, component, from, until) : gathered(parts, component, from, until);
      const limit = slowerThanMs === undefined ? Number.POSITIVE_INFINITY : bucketOf(slowerThanMs);
      const slow = tally.durations
        .entries()
        .reduce((sum, [bucket, n]) => (bucket > limit ? addCounts(sum, n) : sum), 0);
      return { good: tally.good, bad: tally.bad, slow };
    },
    percentiles(component, from, until) {
      const { durations } = gathered(parts, component, from, until);
      const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = percentilesOf(durations, [0.5, 0.95, 0.99]);
      return { count: countOf(durations), p50Ms, p95Ms, p99Ms };
    },
    responses(component, now) {
      const { minutesUntil } = state.read();
      const first = floorTo(stepMs, now) - (stepsShown - 1) * stepMs;
      return Array.from({ length: stepsShown }, (_, step) => first + step * stepMs).flatMap((at): ResponsePoint[] => {
        const make = () => gathered(parts, component, at, at + stepMs);
        const { durations } = at + stepMs <= minutesUntil ? parts.finished.tally(component, at, stepMs, make) : make();
        if (durations.size === 0) return [];
        const [p50Ms = 0, p95Ms = 0] = percentilesOf(durations, [0.5, 0.95]);
        return [{ at, p50Ms, p95Ms }];
      });
    },
    changes(component, from, until) {
      const kept = results.named(keys.withMembers(component), from - earlierMs, until);
      const all = [...kept, ...waiting(component, from - earlierMs, until)].sort((a, b) => a.at - b.at);
      return changesOf(all, from);
    },
  };
}

/** Everything of a stretch of time, whole days of hours from memory. */
function gathered(parts: AnswerParts, component: string, from: number, until: number): Tally {
  const { tables, keys, finished, waiting } = parts;
  const tally = emptyTally();
  const ids = keys.withMembers(component);
  const addRows = (into: Tally, table: TallyTable, begin: number, end: number) => {
    for (const id of ids) for (const row of table.rows(id, begin / table.unitMs, end / table.unitMs)) addRow(into, row);
  };
  for (const part of cover(tables.state.read(), from, until)) {
    if (part.source === 'results') {
      for (const one of tables.results.of(ids, part.from, part.until)) count(tally, one.verdict, one.durationMs);
      continue;
    }
    const table = tables[part.source];
    const days = part.source === 'hours' ? wholeDays(part) : [];
    addRows(tally, table, part.from, days[0] ?? part.until);
    for (const day of days) {
      const make = () => {
        const made = emptyTally();
        addRows(made, table, day, day + dayMs);
        return made;
      };
      addTally(tally, finished.tally(component, day, dayMs, make));
    }
    if (days.length > 0) addRows(tally, table, days.at(-1)! + dayMs, part.until);
  }
  for (const one of waiting(component, from, until)) count(tally, one.verdict, one.durationMs);
  return tally;
}

/** @returns beginnings of the days that lie wholly in a part; none of a part so long that nobody asks for it again and again */
function wholeDays({ from, until }: Part): number[] {
  if (until - from > rememberedDaysMax * dayMs) return [];
  const first = ceilTo(dayMs, from);
  const count = Math.max(0, Math.floor((until - first) / dayMs));
  return Array.from({ length: count }, (_, day) => first + day * dayMs);
}

/** Like `gathered`, without durations, which leaves the sums to the database. */
function counted({ tables, keys, waiting }: AnswerParts, component: string, from: number, until: number): Tally {
  const tally = emptyTally();
  const ids = keys.withMembers(component);
  for (const part of cover(tables.state.read(), from, until)) {
    if (part.source === 'results') {
      for (const one of tables.results.of(ids, part.from, part.until)) count(tally, one.verdict, one.durationMs);
      continue;
    }
    const table = tables[part.source];
    for (const id of ids) {
      addRow(tally, { ...table.sums(id, part.from / table.unitMs, part.until / table.unitMs), durations: null });
    }
  }
  for (const one of waiting(component, from, until)) count(tally, one.verdict, one.durationMs);
  return tally;
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
