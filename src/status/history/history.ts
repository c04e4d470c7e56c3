/**
 * What was measured, kept for as long as it is of use: each result for 7 days, minutes for 40 days, hours for 2 years, months for
 * ever. What components were is kept as intervals, so that bars and uptime come from what was shown and not from a later opinion.
 * Measurements of a component are asked for together with those of its members (`install` with `install/python`); statuses are not.
 */

import type { ComponentStatus, PeriodView, ResponsePoint } from '../model.ts';
import type { Verdict } from '../probes/probe.ts';

export interface MeasuredResult {
  readonly probe: string;
  readonly component: string;
  readonly at: number;
  readonly verdict: Verdict;
  readonly durationMs: number;
  readonly words: string;
}

/** Events of one component in one stretch of time. `unknown` results are no events. */
export interface EventCounts {
  readonly good: number;
  readonly bad: number;
  /** Good ones that took longer than was asked for, give or take a bucket's width (4.1 %). */
  readonly slow: number;
}

/** Of good results; each within 2 % and 1 ms of the duration at its rank. */
export interface Percentiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface History {
  add(result: MeasuredResult): void;
  /**
   * Notes that a component has had this status from this moment on. The same status again changes nothing. `unknown` ends what was
   * measured. Not to be called inside a transaction, as nothing here that writes.
   */
  setStatus(component: string, status: ComponentStatus, at: number): void;
  /** Puts an interval into the past, for imports; what was measured there stays, and so do closed months. */
  addPastInterval(component: string, status: ComponentStatus, from: number, until: number): void;
  /**
   * Notes that the service is alive, writes what is in memory, rolls up, freezes closed months, removes what is too old. To be called
   * every few seconds: two minutes without it are not measured. At most a few milliseconds each time. Throws when the database does;
   * results then stay in memory for the next time.
   */
  keep(now: number): void;
  /** Since when the component is known, and when its status last changed. */
  knownSince(component: string): { readonly createdAt: number; readonly updatedAt: number } | undefined;
  /** @returns 90 days, the oldest first, today last */
  days(component: string, now: number): readonly PeriodView[];
  /** @returns at most 24 months that have anything, the newest last */
  months(component: string, now: number): readonly PeriodView[];
  /** @returns medians and 95th percentiles of good results in 5-minute steps over the last 24 hours */
  responses(component: string, now: number): readonly ResponsePoint[];
  events(component: string, from: number, until: number, slowerThanMs?: number): EventCounts;
  percentiles(component: string, from: number, until: number): Percentiles;
  /** @returns of one probe in a stretch of time: when verdicts changed, with the words of failures; for timelines */
  changes(component: string, from: number, until: number): readonly MeasuredResult[];
  close(): void;
}
