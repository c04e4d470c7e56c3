/** Error budgets that are used up too fast, as conditions. What is told follows from counted events and the rules alone. */
import type { Condition } from '../alarms/condition.ts';
import { componentNames } from '../components/component-names.ts';
import type { History } from '../history/history.ts';
import { dayMs, hourMs, minuteMs } from '../history/periods.ts';
import { type BurnRule, burnRules } from './burn-rules.ts';
import { type Objective, slowKeyOf } from './objectives.ts';
import { type Burnt, badShare, burntIn } from './slo-view.ts';

/** One failure alone is no rate, however few events there are. */
const badEventsMin = 2;
/** The short window needs its share of `eventsMin`, and never fewer than this: a probe at every 15 s has 20 events in 5 minutes. */
const shortEventsMin = 3;

/** @returns a condition for each objective and rule, with keys such as `burn:install:14.4` and `burn:install:slow:14.4` */
export function burnConditions(history: History, objectives: readonly Objective[], now: number): readonly Condition[] {
  return objectives.flatMap((objective) => {
    const windows = new Map<number, Burnt>();
    const burntWithin = (ms: number): Burnt => {
      const burnt = windows.get(ms) ?? burntIn(history, objective, now - ms, now + 1);
      windows.set(ms, burnt);
      return burnt;
    };
    return burnRules(objective.windowDays).map((rule) =>
      burnCondition(objective, rule, burntWithin(rule.longMs), burntWithin(rule.shortMs)),
    );
  });
}

/** `Installing Python packages`; a component of one's own by its key. */
function activityOf(component: string): string {
  return componentNames.find(({ key }) => key === component)?.activity ?? component;
}

/**
 * Fires when both windows burn at the rule's factor or faster. A service of ten minutes has no three days behind it: a window that began
 * before anything was watched counts as if nothing had failed until then. It is not known, and an alarm stays what it was, when only the long one
 * has enough events to tell.
 */
export function burnCondition(objective: Objective, rule: BurnRule, long: Burnt, short: Burnt): Condition {
  const { component, slowerThanMs } = objective;
  const isSlow = slowerThanMs !== undefined;
  const failing = isSlow ? 'fails or is slow' : 'fails';
  return {
    key: `burn:${isSlow ? slowKeyOf(component) : component}:${rule.factor}`,
    title: `${activityOf(component)} ${failing} ${rule.factor === 1 ? 'more often than' : `${rule.factor} times as often as`} it may`,
    text: textOf(objective, rule, long, short),
    severity: rule.severity,
    isFiring: isFiring(objective, rule, long, short),
    component,
    runbook: 'error-budget',
    echoMs: rule.shortMs,
  };
}

function isFiring(objective: Objective, rule: BurnRule, long: Burnt, short: Burnt): boolean | undefined {
  const { eventsMin } = objective;
  if (long.events < eventsMin || long.badEvents < badEventsMin) return false;
  if (burnOf(objective, long) < rule.factor) return false;
  const share = Math.ceil((eventsMin * rule.shortMs) / rule.longMs);
  if (short.events < Math.min(eventsMin, Math.max(shortEventsMin, share))) return undefined;
  return burnOf(objective, short) >= rule.factor;
}

/** @returns how many times faster than allowed the budget is used up; 0 without events */
export function burnOf({ objective }: Objective, burnt: Burnt): number {
  // Exactly at the factor is at it, whatever 1 - 0.99 comes to in floating point.
  return Number((badShare(burnt) / (1 - objective)).toFixed(6));
}

function textOf(objective: Objective, rule: BurnRule, long: Burnt, short: Burnt): string {
  const { slowerThanMs, windowDays } = objective;
  const bad = slowerThanMs === undefined ? 'failed' : `failed or took longer than ${slowerThanMs} ms`;
  const of = ({ events, badEvents }: Burnt) =>
    events === 0 ? 'there was no event' : `${percent(badEvents / events)} of ${events} events ${bad}`;
  const burn = burnOf(objective, long);
  const lasts =
    burn > 0
      ? ` At the rate of the last ${lengthOf(rule.longMs)} the budget of ${windowDays} days lasts ${lengthOf((windowDays * dayMs) / burn)}.`
      : '';
  return (
    `In the last ${lengthOf(rule.longMs)} ${of(long)}; in the last ${lengthOf(rule.shortMs)} ${of(short)}. ` +
    `${percent(objective.objective)} ought to be good over ${windowDays} days; ` +
    `this alarm begins at ${percent(Math.min(1, rule.factor * (1 - objective.objective)))} bad ones in both.${lasts}`
  );
}

/** At most three digits that count, so that 99.99 % is not rounded to 100 %. */
function percent(share: number): string {
  const value = share * 100;
  return `${value > 99 ? Number(value.toFixed(3)) : Number(value.toPrecision(3))} %`;
}

function lengthOf(ms: number): string {
  const units = [
    [dayMs, 'day'],
    [hourMs, 'hour'],
    [minuteMs, 'minute'],
  ] as const;
  const [unitMs, name] = units.find(([unit]) => ms >= unit) ?? [minuteMs, 'minute'];
  const count = Number((ms / unitMs).toFixed(1));
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
