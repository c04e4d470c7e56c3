/** From single results to a state that somebody may be woken for: pure, one step at a time. */
import type { ProbeResult, ProbeState } from '../probes/probe.ts';

export interface Thresholds {
  /** Failures in a row until it counts as down. */
  readonly failAfter: number;
  /** Successes in a row until what was down counts as up. */
  readonly recoverAfter: number;
}

/** What is remembered of a probe between two results. Times are UTC milliseconds. */
export interface Tally {
  readonly state: ProbeState['state'];
  readonly since: number;
  /** First of the results that led to the state. */
  readonly firstAt: number;
  /** Results in a row that speak against the state, and the first of them. */
  readonly against: number;
  readonly againstSince: number;
  readonly last: ProbeResult | undefined;
  readonly lastAt: number | undefined;
  /** When a result last told anything, good or bad. */
  readonly toldAt: number | undefined;
}

export function newTally(at: number): Tally {
  return {
    state: 'unknown',
    since: at,
    firstAt: at,
    against: 0,
    againstSince: at,
    last: undefined,
    lastAt: undefined,
    toldAt: undefined,
  };
}

/** A result that tells nothing leaves the state as it is; being silent for too long is `stateAt`’s matter. */
export function advance(tally: Tally, result: ProbeResult, at: number, thresholds: Thresholds): Tally {
  const noted = { ...tally, last: result, lastAt: at };
  if (result.verdict === 'unknown') return noted;
  const said = result.verdict === 'good' ? 'up' : 'down';
  const told = { ...noted, toldAt: at };
  if (said === tally.state) return { ...told, against: 0, againstSince: at };
  const against = tally.against + 1;
  const againstSince = tally.against === 0 ? at : tally.againstSince;
  const needed = neededFor(tally.state, said, thresholds);
  if (against < needed) return { ...told, against, againstSince };
  return { ...told, state: said, since: at, firstAt: againstSince, against: 0, againstSince: at };
}

/** The first success after a start is enough; a first failure is not. */
function neededFor(state: Tally['state'], said: 'up' | 'down', { failAfter, recoverAfter }: Thresholds): number {
  if (said === 'down') return failAfter;
  return state === 'unknown' ? 1 : recoverAfter;
}

/** Whether the next run confirms a change, and so comes sooner. */
export function isUndecided({ against }: Tally): boolean {
  return against > 0;
}

/** @returns the state, or `unknown` when the last telling result is older than `staleMs` */
export function stateAt(tally: Tally, now: number, staleMs: number): ProbeState['state'] {
  if (tally.toldAt === undefined || now - tally.toldAt > staleMs) return 'unknown';
  return tally.state;
}
