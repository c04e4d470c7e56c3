/**
 * How fast a budget may be used up before somebody is told: four pairs of windows, as the SRE Workbook has them for 30 days. The long
 * window says that it is worth telling, the short one that it goes on; so an alarm ends soon after its cause. Pure.
 */
import type { Severity } from '../alarms/condition.ts';
import { dayMs, hourMs, minuteMs } from '../history/periods.ts';

export interface BurnRule {
  readonly severity: Severity;
  /** How many times faster than the objective allows, to two decimals. */
  readonly factor: number;
  readonly longMs: number;
  readonly shortMs: number;
}

/** `share` of the budget is used up within the long window at a rule's rate. */
const pairs = [
  { severity: 'page', share: 0.02, longMs: hourMs, shortMs: 5 * minuteMs },
  { severity: 'page', share: 0.05, longMs: 6 * hourMs, shortMs: 30 * minuteMs },
  { severity: 'ticket', share: 0.1, longMs: dayMs, shortMs: 2 * hourMs },
  { severity: 'ticket', share: 0.1, longMs: 3 * dayMs, shortMs: 6 * hourMs },
] as const;

/** A long window is at most this part of the objective's own. */
const longPartMax = 7;

/**
 * @param windowDays the objective's own window
 * @returns its rules: factor = share × period ÷ long window, at least 1, since a budget that is used at less than its own rate lasts;
 * a long window of more than a seventh of the period has no rule, except the shortest
 */
export function burnRules(windowDays: number): readonly BurnRule[] {
  const periodMs = windowDays * dayMs;
  return pairs
    .filter(({ longMs }, at) => at === 0 || longMs * longPartMax <= periodMs)
    .map(({ severity, share, longMs, shortMs }) => {
      const factor = Math.max(1, Number(((share * periodMs) / longMs).toFixed(2)));
      return { severity, factor, longMs, shortMs };
    });
}
