/** Single results, in the order of time: what the last days are read from to the millisecond, and where minutes are made from. */
import assert from 'node:assert/strict';
import type { StatusDatabase } from '../database.ts';
import type { Verdict } from '../probes/probe.ts';
import type { MeasuredResult } from './history.ts';

const verdicts = ['good', 'bad', 'unknown'] as const satisfies readonly Verdict[];

export interface KeptResult {
  readonly at: number;
  readonly component: number;
  readonly verdict: Verdict;
  readonly durationMs: number;
}

/** A change of one probe's verdict. */
export interface KeptChange {
  readonly probe: string;
  readonly component: string;
  readonly at: number;
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly words: string;
}

export interface Results {
  add(probe: number, result: MeasuredResult): void;
  /** @returns of all components, in the order of time */
  between(from: number, until: number): readonly KeptResult[];
  /** @returns of these components, in the order of time */
  of(components: readonly number[], from: number, until: number): readonly Omit<KeptResult, 'component'>[];
  /** @returns every result of the components, with names, in the order of time */
  named(components: readonly number[], from: number, until: number): readonly KeptChange[];
  /** @returns the time of the oldest one */
  first(): number | undefined;
  removeBefore(until: number): void;
}

export function openResults(db: StatusDatabase): Results {
  const add = db.prepare(
    `insert into history_results (at, probe, number, verdict, duration_ms, words) values (:at, :probe,
       (select coalesce(max(number) + 1, 0) from history_results where at = :at and probe = :probe),
       :verdict, :durationMs, :words)`,
  );
  const between = db.prepare(
    `select at, component, verdict, duration_ms as durationMs from history_results
       join history_probes on history_probes.id = probe where at >= ? and at < ? order by at`,
  );
  // Few probes of many: which ones is found first, and no other row is made an object of.
  const theirs = 'probe in (select id from history_probes where component in (select value from json_each(?)))';
  const of = db.prepare(
    `select at, verdict, duration_ms as durationMs from history_results where at >= ? and at < ? and ${theirs}`,
  );
  const named = db.prepare(
    `select name as probe, key as component, at, verdict, duration_ms as durationMs, coalesce(words, '') as words
       from history_results join history_probes on history_probes.id = probe
       join history_components on history_components.id = component
       where at >= ? and at < ? and ${theirs} order by at`,
  );
  const first = db.prepare('select min(at) as at from history_results');
  const remove = db.prepare('delete from history_results where at < ?');
  const withVerdict = (row: unknown) => {
    const { verdict, ...rest } = row as { verdict: number };
    const word = verdicts[verdict];
    assert.ok(word, `a result has the verdict ${verdict}`);
    return { ...rest, verdict: word };
  };
  return {
    add(probe, { at, verdict, durationMs, words }) {
      add.run({ at, probe, verdict: verdicts.indexOf(verdict), durationMs, words: words === '' ? null : words });
    },
    between: (from, until) => between.all(from, until).map((row) => withVerdict(row) as unknown as KeptResult),
    of: (components, from, until) =>
      of.all(from, until, JSON.stringify(components)).map((row) => withVerdict(row) as unknown as KeptResult),
    named: (components, from, until) =>
      named.all(from, until, JSON.stringify(components)).map((row) => withVerdict(row) as unknown as KeptChange),
    first: () => (first.get() as { at: number | null }).at ?? undefined,
    removeBefore: (until) => void remove.run(until),
  };
}
