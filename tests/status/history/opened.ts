/** A history in a database of its own, under a clock that tests move. */
import type { TestContext } from 'node:test';
import { openStatusDatabase, type StatusDatabase } from '../../../src/status/database.ts';
import type { History, MeasuredResult } from '../../../src/status/history/history.ts';
import { openHistory } from '../../../src/status/history/open-history.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import type { Clock } from '../../../src/std/clock.ts';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** Wall time and monotonic time that move together, until a test sets the wall. */
export interface MovedClock extends Clock {
  wall: number;
  monotonic: number;
  pass(ms: number): number;
}

export function movedClock(at: string | number): MovedClock {
  return {
    wall: typeof at === 'number' ? at : Date.parse(at),
    monotonic: 1_000,
    now() {
      return this.wall;
    },
    monotonicMs() {
      return this.monotonic;
    },
    async sleep(ms) {
      this.pass(ms);
    },
    pass(ms) {
      this.wall += ms;
      this.monotonic += ms;
      return this.wall;
    },
  };
}

export interface Opened {
  readonly db: StatusDatabase;
  readonly clock: MovedClock;
  readonly history: History;
  /** Passes time, with a `keep` at each step. */
  live(ms: number, stepMs?: number): void;
}

export function opened(at: string | number, t?: TestContext, file = ':memory:'): Opened {
  const db = openStatusDatabase(file, schemaSteps);
  t?.after(() => db.close());
  const clock = movedClock(at);
  const history = openHistory({ db, clock });
  return {
    db,
    clock,
    history,
    live(ms, stepMs = minute) {
      for (let left = ms; left > 0; left -= stepMs) history.keep(clock.pass(Math.min(stepMs, left)));
    },
  };
}

export function result(at: number, more: Partial<MeasuredResult> = {}): MeasuredResult {
  return {
    probe: 'install/python@IPv4',
    component: 'install/python',
    at,
    verdict: 'good',
    durationMs: 100,
    words: '',
    ...more,
  };
}
