/** Rules about metrics: when somebody is told, and when it is over. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Condition } from '../../../src/status/alarms/condition.ts';
import { type EvaluationState, emptyState, evaluateRules } from '../../../src/status/metrics/evaluate.ts';
import type { Sample } from '../../../src/status/metrics/exposition.ts';
import { builtInRules, describeRules, type MetricRule, rulesOf } from '../../../src/status/metrics/rules.ts';
import { assertTable } from '../../document-tables.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A status service whose clock is moved by hand. */
function watcher(...names: string[]) {
  const rules = builtInRules.filter(({ name }) => names.includes(name));
  return watcherOf(rules);
}

function watcherOf(rules: readonly MetricRule[]) {
  let state: EvaluationState = emptyState;
  let now = Date.UTC(2026, 10, 21);
  return {
    now: () => now,
    /** Reads after some time. */
    after(ms: number, samples: readonly Sample[] | undefined): Condition {
      now += ms;
      const evaluated = evaluateRules(rules, samples, state, now);
      state = structuredClone(evaluated.state);
      assert.equal(evaluated.conditions.length, rules.length);
      return evaluated.conditions[0]!;
    },
  };
}

const key = (value: number, name = 'serial'): Sample => ({
  name: 'holdfast_key_used_ratio',
  labels: { key: name },
  value,
});
const levelOf = ({ isFiring, severity }: Condition) => (isFiring === true ? severity : isFiring);

test('a key that is used up is a ticket from 75 % and a call from 90 %, and ends clearly below', () => {
  const { after } = watcher('key-headroom');
  const ladder = [
    [0.5, false],
    [0.749, false],
    [0.75, 'ticket'],
    [0.74, 'ticket'],
    [0.9, 'page'],
    [0.86, 'page'],
    [0.85, 'ticket'],
    [0.72, 'ticket'],
    [0.71, false],
    [0.74, false],
  ] as const;
  for (const [value, level] of ladder) assert.equal(levelOf(after(30_000, [key(value)])), level, String(value));
});

test('the worst series counts, and the text names those beyond the limit with value and limits', () => {
  const { after } = watcher('key-headroom');
  const condition = after(0, [key(0.1), key(0.93, 'job'), key(0.8, 'search-entry')]);
  assert.equal(condition.key, 'metric:key-headroom');
  assert.equal(condition.severity, 'page');
  assert.equal(condition.runbook, 'alarm-key-headroom');
  assert.equal(
    condition.text,
    'holdfast_key_used_ratio{key="job"} is 93 %. Limits: ticket above 75 %, page above 90 %. Since 2026-11-21T00:00:00.000Z.',
  );
});

test('what cannot be read begins nothing and ends nothing', () => {
  const { after } = watcher('key-headroom');
  assert.equal(after(0, undefined).isFiring, undefined);
  assert.equal(levelOf(after(1, [key(0.8)])), 'ticket');
  for (const samples of [undefined, [], [key(NaN)], [{ ...key(0.1), name: 'other' }]]) {
    const condition = after(1, samples);
    assert.equal(condition.isFiring, undefined);
    assert.equal(condition.severity, 'ticket');
  }
  assert.equal(levelOf(after(1, [key(0.74)])), 'ticket');
});

test('a pool that is full for a moment is nothing, one that stays full is a call', () => {
  const { after } = watcher('pools');
  const pool = (value: number): Sample => ({
    name: 'holdfast_pool_used_ratio',
    labels: { role: 'read-1', pool: 'forwards' },
    value,
  });
  assert.equal(levelOf(after(0, [pool(1)])), false);
  assert.equal(levelOf(after(30_000, [pool(0.2)])), false);
  assert.equal(levelOf(after(30_000, [pool(1)])), false);
  assert.equal(levelOf(after(30_000, [pool(1)])), false);
  assert.equal(levelOf(after(30_000, [pool(1)])), 'page');
  assert.equal(levelOf(after(30_000, [pool(0.85)])), 'ticket');
  assert.equal(levelOf(after(30_000, [pool(0.5)])), false);
});

const at = (name: string, seconds: number): Sample => ({ name, labels: {}, value: seconds });

test('a rehearsal of restoring is asked for after 35 days, and 35 days after the gallery was founded', () => {
  const { after, now } = watcher('restore-age');
  const founded = at('holdfast_founded_timestamp_seconds', now() / 1_000);
  const never = at('holdfast_restore_verified_timestamp_seconds', 0);
  assert.equal(levelOf(after(34 * dayMs, [founded, never])), false);
  const late = after(dayMs, [founded, never]);
  assert.equal(levelOf(late), 'ticket');
  assert.match(late.text, /is ago: 35 days\. Limits: ticket above 35 days\./);
  const done = at('holdfast_restore_verified_timestamp_seconds', now() / 1_000);
  assert.equal(levelOf(after(hourMs, [founded, done])), false);
  assert.equal(levelOf(after(35 * dayMs, [founded, done])), 'ticket');
});

test('a disk that fills up steadily is told of days ahead', () => {
  const { after } = watcher('disk-space');
  const disk = (value: number): Sample => ({ name: 'holdfast_disk_used_ratio', labels: { place: 'data' }, value });
  let told: Condition | undefined;
  // Two percent a day, read every half minute for three hours, then every hour.
  for (let seconds = 0; seconds < 3 * 3_600; seconds += 30)
    told = after(30_000, [disk(0.5 + (0.02 * seconds) / 86_400)]);
  assert.equal(told?.isFiring, false, 'three hours are too little to look ahead');
  let value = 0.5;
  let days = 0;
  while (levelOf(after(hourMs, [disk(value)])) === false) {
    value += 0.02 / 24;
    days += 1 / 24;
  }
  assert.ok(value > 0.7 && value < 0.75, `told at ${value} after ${days} days`);
  assert.match(after(hourMs, [disk(value)]).text, /full in (14|13\.\d) days at this rate/);
  // Somebody makes room, and it stays so.
  for (let hours = 0; hours < 7 * 24; hours += 1) told = after(hourMs, [disk(0.3)]);
  assert.equal(told?.isFiring, false);
});

test('a process that ends again and again is told of, one that began anew long ago is not', () => {
  const { after } = watcher('restarts');
  const restarts = (value: number): Sample => ({
    name: 'holdfast_role_restarts_total',
    labels: { role: 'work' },
    value,
  });
  assert.equal(levelOf(after(0, [restarts(500)])), false, 'what was before nobody knows');
  assert.equal(levelOf(after(minuteMs, [restarts(502)])), false);
  // The whole gallery began anew, and its counters with it.
  assert.equal(levelOf(after(minuteMs, [restarts(1)])), 'ticket');
  assert.equal(levelOf(after(20 * minuteMs, [restarts(1)])), false);
});

test('a rule of the configuration stands beside the built-in ones, or in the place of one', () => {
  const rule = { labels: {}, direction: 'above' as const, unit: '', forSeconds: 0 };
  const own = { ...rule, name: 'many-serials', metric: 'holdfast_serial', ticket: 1_000, runbook: 'our-own' };
  const less = {
    ...rule,
    name: 'disk-space',
    metric: 'holdfast_disk_free_bytes',
    direction: 'below' as const,
    page: 1e9,
  };
  const rules = rulesOf([own, less]);
  assert.equal(rules.length, builtInRules.length + 1);
  const disk = rules.filter(({ name }) => name === 'disk-space');
  assert.deepEqual(
    disk.map(({ metric, page, ticket, runbook, daysLeft }) => ({ metric, page, ticket, runbook, daysLeft })),
    [{ metric: 'holdfast_disk_free_bytes', page: 1e9, ticket: undefined, runbook: 'alarm-disk', daysLeft: undefined }],
  );
  const { after } = watcherOf(disk);
  const free = (value: number): Sample => ({ name: 'holdfast_disk_free_bytes', labels: {}, value });
  assert.equal(levelOf(after(0, [free(2e9)])), false);
  assert.equal(levelOf(after(0, [free(1e9)])), 'page');
  assert.equal(levelOf(after(0, [free(1.04e9)])), 'page');
  assert.equal(levelOf(after(0, [free(1.06e9)])), false);
});

test('only series with the labels of the rule count', () => {
  const only = builtInRules
    .filter(({ name }) => name === 'queue-age')
    .map((one) => ({ ...one, labels: { lane: 'index' } }));
  const { after } = watcherOf(only);
  const lane = (name: string, value: number): Sample => ({
    name: 'holdfast_queue_oldest_age_seconds',
    labels: { lane: name },
    value,
  });
  assert.equal(levelOf(after(0, [lane('search', 5_000), lane('index', 0)])), false);
  assert.equal(levelOf(after(0, [lane('search', 0), lane('index', 900)])), 'page');
});

test('the page on metrics has every built-in rule', () => {
  assertTable('docs/METRICS.md', 'rules', describeRules());
});
