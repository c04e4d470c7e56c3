/** Good and bad results of one component in one minute or hour, with durations: added up in memory, and added to what a table has. */
import type { StatusDatabase } from '../database.ts';
import type { Verdict } from '../probes/probe.ts';
import { addCounts, addDuration, encode, type Histogram, mergeEncoded, mergeInto } from './histogram.ts';
import { hourMs, minuteMs } from './periods.ts';

export interface Tally {
  good: number;
  bad: number;
  /** Of good results. */
  readonly durations: Histogram;
}

export const emptyTally = (): Tally => ({ good: 0, bad: 0, durations: new Map() });

/** Results of the verdict `unknown` are no events. */
export function count(tally: Tally, verdict: Verdict, durationMs: number): void {
  if (verdict === 'bad') tally.bad = addCounts(tally.bad, 1);
  if (verdict !== 'good') return;
  tally.good = addCounts(tally.good, 1);
  addDuration(tally.durations, durationMs);
}

export interface TallyRow {
  readonly at: number;
  readonly good: number;
  readonly bad: number;
  readonly durations: Uint8Array | null;
}

export function addRow(tally: Tally, row: Omit<TallyRow, 'at'>): void {
  tally.good = addCounts(tally.good, row.good);
  tally.bad = addCounts(tally.bad, row.bad);
  if (row.durations) mergeEncoded(tally.durations, row.durations);
}

/** One of the two tables that hold tallies. Times are numbers of whole units since 1970. */
export interface TallyTable {
  readonly unitMs: number;
  /** Adds to what is there. */
  add(component: number, at: number, tally: Tally): void;
  /** @returns tallies from `from` until before `until`, in order */
  rows(component: number, from: number, until: number): readonly TallyRow[];
  /** @returns good and bad alone, added up by the database */
  sums(component: number, from: number, until: number): { good: number; bad: number };
  /** @returns the first unit that is there */
  first(component: number): number | undefined;
  removeBefore(component: number, until: number): void;
}

export const openMinutes = (db: StatusDatabase) => openTallies(db, 'history_minutes', 'minute', minuteMs);
export const openHours = (db: StatusDatabase) => openTallies(db, 'history_hours', 'hour', hourMs);

function openTallies(db: StatusDatabase, table: string, unit: string, unitMs: number): TallyTable {
  const find = db.prepare(`select good, bad, durations from ${table} where component = ? and ${unit} = ?`);
  const put = db.prepare(`insert or replace into ${table} values (?, ?, ?, ?, ?)`);
  const within = `from ${table} where component = ? and ${unit} >= ? and ${unit} < ?`;
  const rows = db.prepare(`select ${unit} as at, good, bad, durations ${within} order by ${unit}`);
  // total() gives a float: exact to 2^53, and never too large for JavaScript.
  const sums = db.prepare(`select total(good) as good, total(bad) as bad ${within}`);
  const first = db.prepare(`select min(${unit}) as at from ${table} where component = ?`);
  const remove = db.prepare(`delete from ${table} where component = ? and ${unit} < ?`);
  return {
    unitMs,
    add(component, at, tally) {
      const whole = emptyTally();
      const before = find.get(component, at);
      if (before) addRow(whole, before as unknown as TallyRow);
      whole.good = addCounts(whole.good, tally.good);
      whole.bad = addCounts(whole.bad, tally.bad);
      mergeInto(whole.durations, tally.durations);
      put.run(component, at, whole.good, whole.bad, encode(whole.durations));
    },
    rows: (component, from, until) => rows.all(component, from, until) as unknown as TallyRow[],
    sums(component, from, until) {
      const { good, bad } = sums.get(component, from, until) as { good: number; bad: number };
      return { good: addCounts(good, 0), bad: addCounts(bad, 0) };
    },
    first: (component) => (first.get(component) as { at: number | null }).at ?? undefined,
    removeBefore: (component, until) => void remove.run(component, until),
  };
}

/** Tallies by component and unit, gathered before they are added to a table. */
export interface Gathered {
  tally(component: number, at: number): Tally;
  addTo(table: TallyTable): void;
}

export function gather(): Gathered {
  const tallies = new Map<number, Map<number, Tally>>();
  return {
    tally(component, at) {
      const own = tallies.get(component) ?? new Map<number, Tally>();
      tallies.set(component, own);
      const tally = own.get(at) ?? emptyTally();
      own.set(at, tally);
      return tally;
    },
    addTo(table) {
      for (const [component, own] of tallies) for (const [at, tally] of own) table.add(component, at, tally);
    },
  };
}
