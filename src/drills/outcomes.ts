/** Questions to what users wrote down: what failed first, what worked again first, and all of it in one sentence for people. */

import type { Outcome } from './users.ts';

/** @returns those that began at or after the one moment and before the other, in milliseconds of the monotonic clock */
export function during(outcomes: readonly Outcome[], from: number, to = Number.POSITIVE_INFINITY): Outcome[] {
  return outcomes.filter(({ beganAt }) => beganAt >= from && beganAt < to);
}

export function failures(outcomes: readonly Outcome[], action: Outcome['action']): Outcome[] {
  return outcomes.filter((outcome) => outcome.action === action && !outcome.isGood);
}

/** @returns milliseconds until the first good outcome that began after the moment, or undefined */
export function recoveredAfter(
  outcomes: readonly Outcome[],
  action: Outcome['action'],
  since: number,
): number | undefined {
  const first = outcomes.find((outcome) => outcome.action === action && outcome.isGood && outcome.beganAt >= since);
  return first && first.endedAt - since;
}

/** `132 installs, none failed, slowest 12 ms`, or with what failed and how often. */
export function describe(outcomes: readonly Outcome[], action: Outcome['action']): string {
  const attempts = outcomes.filter((outcome) => outcome.action === action);
  if (attempts.length === 0) return `no ${action} was tried`;
  const failed = failures(attempts, action);
  const slowest = Math.round(Math.max(...attempts.map(({ beganAt, endedAt }) => endedAt - beganAt)));
  const reasons = Map.groupBy(failed, ({ status, message }) =>
    status === undefined ? message : `${status} ${message}`,
  );
  const told = [...reasons].map(([reason, members]) => `${members.length} × ${reason}`).join('; ');
  const verdict = failed.length === 0 ? 'none failed' : `${failed.length} failed (${told})`;
  return `${attempts.length} ${action === 'install' ? 'installs' : 'publishes'}, ${verdict}, slowest ${slowest} ms`;
}

/** @returns the value below or at which that share of them lies; 0 of none */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** @returns how long they took, in milliseconds */
export function durations(outcomes: readonly Pick<Outcome, 'beganAt' | 'endedAt'>[]): number[] {
  return outcomes.map(({ beganAt, endedAt }) => endedAt - beganAt);
}
