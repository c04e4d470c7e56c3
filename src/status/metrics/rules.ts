/**
 * From which value on somebody is told, for each metric that matters: the built-in rules, and those of the configuration beside or in
 * place of them. docs/METRICS.md has the table, and says how to add one.
 */
import type { StatusConfig } from '../config/schema.ts';

/** A rule of the configuration, and what only built-in ones have. */
export interface MetricRule {
  /** Part of the alarm's key, `metric:NAME`. */
  readonly name: string;
  /** What the alarm says: `The disk of the gallery is nearly full`. */
  readonly title: string;
  readonly metric: string;
  /** Only series with these labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly direction: 'above' | 'below';
  readonly ticket: number | undefined;
  readonly page: number | undefined;
  /** How long it has to be so before anybody is told. */
  readonly forSeconds: number;
  /** Shown behind values; `%` shows a ratio as percent. */
  readonly unit: string;
  readonly runbook: string | undefined;
  /** Days until the metric is 1, as it has grown so far; undefined for rules that do not look ahead. */
  readonly daysLeft: { readonly ticket: number; readonly page: number } | undefined;
}

type BuiltIn = Pick<MetricRule, 'name' | 'title' | 'metric'> & Partial<MetricRule>;

const daySeconds = 24 * 3_600;

const builtIn: readonly BuiltIn[] = [
  {
    name: 'key-headroom',
    title: 'A key of the gallery is running out of numbers',
    metric: 'holdfast_key_used_ratio',
    ticket: 0.75,
    page: 0.9,
    unit: '%',
    runbook: 'alarm-key-headroom',
    daysLeft: { ticket: 90, page: 7 },
  },
  {
    name: 'disk-space',
    title: 'The disk of the gallery is filling up',
    metric: 'holdfast_disk_used_ratio',
    ticket: 0.85,
    page: 0.95,
    unit: '%',
    runbook: 'alarm-disk',
    daysLeft: { ticket: 14, page: 1 },
  },
  {
    name: 'disk-inodes',
    title: 'The disk of the gallery is running out of files',
    metric: 'holdfast_disk_inodes_used_ratio',
    ticket: 0.85,
    page: 0.95,
    unit: '%',
    runbook: 'alarm-disk',
    daysLeft: { ticket: 14, page: 1 },
  },
  {
    name: 'pools',
    title: 'The gallery is reaching a limit of its own',
    metric: 'holdfast_pool_used_ratio',
    ticket: 0.8,
    page: 0.95,
    forSeconds: 60,
    unit: '%',
    runbook: 'alarm-saturation',
  },
  {
    name: 'queue-age',
    title: 'Jobs of the gallery are waiting for long',
    metric: 'holdfast_queue_oldest_age_seconds',
    ticket: 300,
    page: 900,
    unit: 's',
    runbook: 'alarm-queue',
  },
  {
    name: 'outstanding-age',
    title: 'What was published is not completed',
    metric: 'holdfast_outstanding_oldest_age_seconds',
    ticket: 120,
    page: 600,
    unit: 's',
    runbook: 'alarm-queue',
  },
  {
    name: 'event-loop',
    title: 'A process of the gallery answers late',
    metric: 'holdfast_event_loop_delay_p99_seconds',
    ticket: 0.25,
    page: 1,
    forSeconds: 60,
    unit: 's',
    runbook: 'alarm-saturation',
  },
  {
    name: 'restarts',
    title: 'A process of the gallery ends again and again',
    metric: 'holdfast_role_restarts_total',
    ticket: 3,
    page: 10,
    runbook: 'alarm-process',
  },
  {
    name: 'silent-process',
    title: 'A process of the gallery tells nothing of itself',
    metric: 'holdfast_metrics_files_stale',
    ticket: 1,
    forSeconds: 60,
    runbook: 'alarm-process',
  },
  {
    name: 'search-file',
    title: 'Search is not whole',
    metric: 'holdfast_search_file_good',
    direction: 'below',
    ticket: 0.5,
    forSeconds: 300,
    runbook: 'search',
  },
  {
    name: 'restore-age',
    title: 'Restoring a backup has not been rehearsed',
    metric: 'holdfast_restore_verified_timestamp_seconds',
    ticket: 35 * daySeconds,
    unit: 's',
    runbook: 'restore',
  },
  {
    name: 'verify-age',
    title: 'The gallery has not been verified',
    metric: 'holdfast_verified_timestamp_seconds',
    ticket: 35 * daySeconds,
    unit: 's',
    runbook: 'alarm-upkeep',
  },
  {
    name: 'clean-up-age',
    title: 'Clean-up has not gone through',
    metric: 'holdfast_cleaned_up_timestamp_seconds',
    ticket: 6 * 3_600,
    unit: 's',
    runbook: 'alarm-upkeep',
  },
];

const absent = {
  labels: {},
  direction: 'above',
  ticket: undefined,
  page: undefined,
  forSeconds: 0,
  unit: '',
  runbook: undefined,
  daysLeft: undefined,
} as const;

export const builtInRules: readonly MetricRule[] = builtIn.map((rule) => ({ ...absent, ...rule }));

/** @returns the rules in force: a rule of the configuration takes the place of the built-in one of its name */
export function rulesOf(configured: StatusConfig['metrics']): MetricRule[] {
  const own = configured.map(
    (rule): MetricRule => ({
      ...absent,
      title: builtInRules.find(({ name }) => name === rule.name)?.title ?? rule.name,
      ...rule,
      ticket: rule.ticket,
      page: rule.page,
      runbook: rule.runbook ?? builtInRules.find(({ name }) => name === rule.name)?.runbook,
    }),
  );
  const replaced = new Set(own.map(({ name }) => name));
  return [...builtInRules.filter(({ name }) => !replaced.has(name)), ...own];
}

/** @returns the table of docs/METRICS.md */
export function describeRules(): string {
  const value = (limit: number | undefined, unit: string) => (limit === undefined ? '–' : writeValue(limit, unit));
  const rows = builtInRules.map((rule) => {
    const { name, metric, direction, ticket, page, forSeconds, unit, runbook, daysLeft } = rule;
    const ahead = (days: number | undefined) => (days === undefined ? '' : `, or ${days} days left`);
    const lasting = forSeconds === 0 ? '' : `, for ${forSeconds} s`;
    const book = runbook === undefined ? '–' : `[${runbook}](runbooks/${runbook}.md)`;
    return `| \`${name}\` | \`${metric}\` | ${direction}${lasting} | ${value(ticket, unit)}${ahead(daysLeft?.ticket)} | ${value(page, unit)}${ahead(daysLeft?.page)} | ${book} |`;
  });
  return ['| rule | metric | alarm | ticket | page | runbook |', '| --- | --- | --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}

/** A value as people read it: ratios as percent, long times in hours or days. */
export function writeValue(value: number, unit: string): string {
  const short = (number: number) => String(Number(number.toPrecision(3)));
  if (unit === '%') return `${short(value * 100)} %`;
  if (unit === 's' && value >= 2 * daySeconds) return `${short(value / daySeconds)} days`;
  if (unit === 's' && value >= 2 * 3_600) return `${short(value / 3_600)} hours`;
  if (unit === 's' && value >= 120) return `${short(value / 60)} minutes`;
  return unit === '' ? short(value) : `${short(value)} ${unit}`;
}
