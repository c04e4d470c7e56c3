/**
 * Rules against samples: pure, with everything that has to be remembered handed in and out. A condition begins at its limit and ends
 * only clearly inside of it, so that a value at the limit calls nobody twice; what cannot be read neither begins nor ends anything.
 */
import type { Condition, Severity } from '../alarms/condition.ts';
import type { Sample } from './exposition.ts';
import { daysUntilFull, increaseOf, type Point, withPoint } from './growth.ts';
import { type MetricRule, writeValue } from './rules.ts';

/** How it is with one rule. */
interface RuleState {
  readonly severity: Severity | undefined;
  /** Since when the value has been beyond the ticket's and the page's limit; undefined when it is not. */
  readonly ticketSince: number | undefined;
  readonly pageSince: number | undefined;
}

export interface EvaluationState {
  readonly rules: Readonly<Record<string, RuleState>>;
  /** What series were, for rules that look at growth, by rule and series. */
  readonly series: Readonly<Record<string, readonly Point[]>>;
}

export const emptyState: EvaluationState = { rules: {}, series: {} };

/** An alarm ends when the value is inside its limit by this share of the limit. */
const endsInsideBy = 0.05;
/** Series that a text names. */
const seriesNamedMax = 5;
/** Of one rule; the rest is not looked at. */
const seriesMax = 500;
const foundedMetric = 'holdfast_founded_timestamp_seconds';

const beforeAny: RuleState = { severity: undefined, ticketSince: undefined, pageSince: undefined };

/**
 * @param samples what could be read now; undefined when nothing could
 * @param previous what the last call returned
 * @param now UTC milliseconds
 */
export function evaluateRules(
  rules: readonly MetricRule[],
  samples: readonly Sample[] | undefined,
  previous: EvaluationState,
  now: number,
): { conditions: Condition[]; state: EvaluationState } {
  const conditions: Condition[] = [];
  const states: Record<string, RuleState> = {};
  const series: Record<string, readonly Point[]> = {};
  const founded = samples?.find(({ name }) => name === foundedMetric)?.value;
  for (const rule of rules) {
    const before = previous.rules[rule.name] ?? beforeAny;
    const found = (samples ?? []).filter((sample) => isOf(rule, sample)).slice(0, seriesMax);
    const seen = found.map((sample) => see(rule, sample, { previous, founded, now, series }));
    const known = seen.filter((one) => one !== undefined);
    if (known.length === 0) {
      // Growth is forgotten only when there is something new to remember.
      for (const [key, points] of Object.entries(previous.series)) {
        if (key.startsWith(`${rule.name} `)) series[key] = points;
      }
      states[rule.name] = before;
      conditions.push(conditionOf(rule, before.severity ?? 'ticket', undefined, unknownText(rule, before)));
      continue;
    }
    const state = judge(rule, known, before, now);
    states[rule.name] = state;
    const text = textOf(rule, known, state);
    conditions.push(conditionOf(rule, state.severity ?? 'ticket', state.severity !== undefined, text));
  }
  return { conditions, state: { rules: states, series } };
}

/** A series as a rule sees it. */
interface Seen {
  readonly labels: Sample['labels'];
  /** Compared with the limits: the value itself, an age for time stamps, an increase for counters. */
  readonly value: number;
  readonly daysLeft: number | undefined;
}

function see(
  rule: MetricRule,
  sample: Sample,
  context: {
    readonly previous: EvaluationState;
    readonly founded: number | undefined;
    readonly now: number;
    readonly series: Record<string, readonly Point[]>;
  },
): Seen | undefined {
  const { previous, founded, now } = context;
  const { labels } = sample;
  if (!Number.isFinite(sample.value)) return undefined;
  if (rule.metric.endsWith('_timestamp_seconds')) {
    // What has never been done is as old as the gallery.
    const at = sample.value > 0 ? sample.value : founded;
    return at === undefined ? undefined : { labels, value: Math.max(0, now / 1_000 - at), daysLeft: undefined };
  }
  const isCounter = rule.metric.endsWith('_total');
  if (!isCounter && rule.daysLeft === undefined) return { labels, value: sample.value, daysLeft: undefined };
  const key = `${rule.name} ${describe(labels)}`;
  const points = withPoint(previous.series[key] ?? [], { at: now, value: sample.value }, isCounter);
  context.series[key] = points;
  return isCounter
    ? { labels, value: increaseOf(points), daysLeft: undefined }
    : { labels, value: sample.value, daysLeft: daysUntilFull(points) };
}

function isOf({ metric, labels }: MetricRule, sample: Sample): boolean {
  return sample.name === metric && Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
}

function judge(rule: MetricRule, seen: readonly Seen[], before: RuleState, now: number): RuleState {
  const since = (level: Severity, was: number | undefined) =>
    seen.some((one) => isBeyond(rule, level, one, before.severity === level || isMore(before.severity, level)))
      ? (was ?? now)
      : undefined;
  const pageSince = since('page', before.pageSince);
  const ticketSince = since('ticket', before.ticketSince);
  const lasts = (at: number | undefined) => at !== undefined && now - at >= rule.forSeconds * 1_000;
  const severity = lasts(pageSince) ? 'page' : lasts(ticketSince) ? 'ticket' : undefined;
  return { severity, ticketSince, pageSince };
}

const isMore = (severity: Severity | undefined, level: Severity) => severity === 'page' && level === 'ticket';

/** @param isFiring whether it was beyond this limit the last time: then it ends only clearly inside */
function isBeyond(rule: MetricRule, level: Severity, { value, daysLeft }: Seen, isFiring: boolean): boolean {
  const limit = rule[level];
  const inside = isFiring ? Math.abs(limit ?? 0) * endsInsideBy : 0;
  if (limit !== undefined && (rule.direction === 'above' ? value >= limit - inside : value <= limit + inside)) {
    return true;
  }
  const days = rule.daysLeft?.[level];
  return days !== undefined && daysLeft !== undefined && daysLeft <= days * (isFiring ? 1 + endsInsideBy : 1);
}

function conditionOf(
  { name, title, runbook }: MetricRule,
  severity: Severity,
  isFiring: boolean | undefined,
  text: string,
): Condition {
  return { key: `metric:${name}`, title, text, severity, isFiring, component: undefined, runbook };
}

function unknownText(rule: MetricRule, before: RuleState): string {
  const last = before.severity === undefined ? 'No alarm was on.' : 'The alarm stays on until it can be read again.';
  return `${rule.metric} cannot be read now. ${last}`;
}

/** The worst series first, with value and limit. */
function textOf(rule: MetricRule, seen: readonly Seen[], { severity, ticketSince, pageSince }: RuleState): string {
  const { metric, direction, unit } = rule;
  const worst = [...seen].sort((a, b) => (direction === 'above' ? b.value - a.value : a.value - b.value));
  const beyond = severity === undefined ? [] : worst.filter((one) => isBeyond(rule, severity, one, true));
  const shown = (beyond.length > 0 ? beyond : worst.slice(0, 1)).slice(0, seriesNamedMax);
  const lines = shown.map(({ labels, value, daysLeft }) => {
    const left = daysLeft === undefined ? '' : `, full in ${writeValue(daysLeft * 24 * 3_600, 's')} at this rate`;
    return `${metric}${describe(labels)} is ${meaning(rule)}${writeValue(value, unit)}${left}.`;
  });
  if (beyond.length > shown.length) lines.push(`So are ${beyond.length - shown.length} more.`);
  const limits = (['ticket', 'page'] as const).flatMap((level) => {
    const limit = rule[level];
    return limit === undefined ? [] : [`${level} ${direction} ${writeValue(limit, unit)}`];
  });
  if (limits.length > 0) lines.push(`Limits: ${limits.join(', ')}.`);
  const since = severity === 'page' ? pageSince : ticketSince;
  if (severity !== undefined && since !== undefined) lines.push(`Since ${new Date(since).toISOString()}.`);
  return lines.join(' ');
}

function meaning({ metric }: MetricRule): string {
  if (metric.endsWith('_timestamp_seconds')) return 'ago: ';
  return metric.endsWith('_total') ? 'up in the last ten minutes by ' : '';
}

/** Labels as the format writes them; empty without any. */
function describe(labels: Sample['labels']): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
