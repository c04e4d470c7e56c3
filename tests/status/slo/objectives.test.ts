/** Objectives and rules: what is built in, what the configuration changes, and what it must not ask for. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { crossReferences } from '../../../src/status/config/cross-references.ts';
import type { StatusConfig } from '../../../src/status/config/schema.ts';
import { burnRules } from '../../../src/status/slo/burn-rules.ts';
import {
  builtInObjectives,
  type Objective,
  objectiveOf,
  objectiveProblems,
  objectivesOf,
} from '../../../src/status/slo/objectives.ts';

const hour = 3_600_000;
const one = (component: string, objective: number, more: Partial<Objective> = {}): Objective => ({
  component,
  objective,
  windowDays: 30,
  eventsMin: 30,
  ...more,
});
const factors = (days: number) => burnRules(days).map(({ factor }) => factor);

test('over 30 days, the rules are those of the workbook', () => {
  assert.deepEqual(burnRules(30), [
    { severity: 'page', factor: 14.4, longMs: hour, shortMs: hour / 12 },
    { severity: 'page', factor: 6, longMs: 6 * hour, shortMs: hour / 2 },
    { severity: 'ticket', factor: 3, longMs: 24 * hour, shortMs: 2 * hour },
    { severity: 'ticket', factor: 1, longMs: 72 * hour, shortMs: 6 * hour },
  ]);
});

test('over other lengths factors change with the length, and none is below 1', () => {
  assert.deepEqual(factors(90), [43.2, 18, 9, 3]);
  assert.deepEqual(factors(28), [13.44, 5.6, 2.8, 1]);
  assert.deepEqual(factors(7), [3.36, 1.4, 1]);
  assert.deepEqual(factors(1), [1]);
});

test('every built-in objective can raise every one of its alarms', () => {
  assert.deepEqual(objectiveProblems(builtInObjectives), []);
  assert.deepEqual(
    ['install', 'publish', 'search', 'website'].map(
      (component) => objectiveOf(builtInObjectives, component)?.objective,
    ),
    [0.999, 0.995, 0.99, 0.995],
  );
});

test('what the configuration says about a component is all there is about it', () => {
  const own = [one('install', 0.9999), one('mail', 0.99, { slowerThanMs: 5_000 })];
  const objectives = objectivesOf(own);
  assert.deepEqual(
    objectives.filter(({ component }) => component === 'install'),
    [own[0]],
  );
  assert.deepEqual(objectiveOf(objectives, 'mail'), own[1]);
  assert.equal(objectives.filter(({ component }) => component === 'search').length, 2);
  assert.deepEqual(objectivesOf([]), builtInObjectives);
  assert.equal(objectiveOf(objectives, 'nothing'), undefined);
});

test('an objective whose alarm could never fire is refused in a sentence', () => {
  assert.deepEqual(objectiveProblems([one('search', 0.9)]), [
    'the objective 0.9 of "search" over 30 days leaves so much room that an alarm at 14.4 times its rate could never fire; ' +
      'it must be at least 0.9306',
  ]);
  assert.deepEqual(objectiveProblems([one('search', 0.9306)]), []);
  assert.equal(objectiveProblems([one('search', 0.97, { windowDays: 90 })]).length, 1);
  assert.deepEqual(objectiveProblems([one('search', 0.9, { windowDays: 7 })]), []);
  // Ten times a tenth is all of it, and an alarm at that can fire.
  assert.deepEqual(objectiveProblems([one('search', 0.5, { windowDays: 1 })]), []);
});

test('two objectives of the same kind are refused, one of each kind is not', () => {
  assert.deepEqual(objectiveProblems([one('search', 0.99), one('search', 0.999)]), [
    '"slos" has two objectives of the same kind for "search"',
  ]);
  assert.deepEqual(objectiveProblems([one('search', 0.99), one('search', 0.99, { slowerThanMs: 10 })]), []);
});

test('the check of the whole configuration finds such an objective', () => {
  const config = {
    channels: [],
    probes: [],
    metrics: [],
    heartbeats: [],
    components: [],
    gallery: { edges: [] },
    page: { timeZone: 'Etc/UTC' },
    onCall: { people: [], rotations: [], escalation: [], tickets: [], testPage: { timeZone: 'Etc/UTC' } },
  };
  const check = (slos: readonly Objective[]) => crossReferences({ ...config, slos } as unknown as StatusConfig);
  assert.deepEqual(check([one('search', 0.99)]), []);
  assert.match(check([one('search', 0.9)]).join(), /could never fire/);
});
