/** Burn rates: when an alarm begins and ends, what it says, and when too little is known. Over a real history. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Verdict } from '../../../src/status/probes/probe.ts';
import { burnCondition, burnConditions, burnOf } from '../../../src/status/slo/burn-conditions.ts';
import { burnRules } from '../../../src/status/slo/burn-rules.ts';
import { builtInObjectives, type Objective } from '../../../src/status/slo/objectives.ts';
import { sloView } from '../../../src/status/slo/slo-view.ts';
import { day, hour, minute, type Opened, opened, result, second } from '../history/opened.ts';

const install = builtInObjectives[0]!;
const slowInstall = builtInObjectives[1]!;

/** Probes every 15 seconds; says what each result is. */
function probe(
  { history, clock }: Opened,
  ms: number,
  verdictOf: (number: number) => Verdict = () => 'good',
  durationMs = 100,
): void {
  for (let at = 0; at < ms; at += 15 * second) {
    clock.pass(15 * second);
    history.add(result(clock.now(), { verdict: verdictOf(at / (15 * second)), durationMs }));
    history.keep(clock.now());
  }
}

const firing = ({ history, clock }: Opened, objective: Objective = install) =>
  burnConditions(history, [objective], clock.now())
    .filter(({ isFiring }) => isFiring)
    .map(({ key }) => key);

test('an outage of one probe raises the fast alarm within minutes, and it ends minutes after the outage', () => {
  const here = opened('2026-11-20T10:00:00Z');
  probe(here, 5 * hour);
  assert.deepEqual(firing(here), []);
  probe(here, minute, () => 'bad');
  // There are five hours of history only, so a day's budget is a small one.
  assert.deepEqual(firing(here), ['burn:install:14.4', 'burn:install:3', 'burn:install:1']);
  probe(here, 9 * minute, () => 'bad');
  assert.deepEqual(firing(here), ['burn:install:14.4', 'burn:install:6', 'burn:install:3', 'burn:install:1']);
  probe(here, 6 * minute);
  assert.deepEqual(firing(here), ['burn:install:6', 'burn:install:3', 'burn:install:1']);
  probe(here, 26 * minute);
  assert.deepEqual(firing(here), ['burn:install:3', 'burn:install:1']);
});

test('failures that are few enough for the objective raise nothing', () => {
  const here = opened('2026-11-20T10:00:00Z');
  probe(here, 12 * hour, (number) => (number % 1_500 === 700 ? 'bad' : 'good'));
  assert.deepEqual(firing(here), []);
});

test('one failure alone raises nothing, also right after the first start', () => {
  const here = opened('2026-11-20T10:00:00Z');
  probe(here, 8 * minute, (number) => (number === 29 ? 'bad' : 'good'));
  assert.deepEqual(firing(here), []);
  probe(here, 15 * second, () => 'bad');
  assert.ok(firing(here).includes('burn:install:14.4'));
});

test('results that say nothing about the gallery are no events, and without enough events nobody is told', () => {
  const here = opened('2026-11-20T10:00:00Z');
  probe(here, hour, () => 'unknown');
  probe(here, 7 * minute, () => 'bad');
  assert.deepEqual(firing(here), []);
  assert.equal(burnConditions(here.history, [install], here.clock.now())[0]?.isFiring, false);
  probe(here, minute, () => 'bad');
  assert.ok(firing(here).includes('burn:install:14.4'));
});

test('when results cease, it is not known whether the alarm goes on, until the long window is empty too', () => {
  const here = opened('2026-11-20T10:00:00Z');
  probe(here, hour);
  probe(here, 10 * minute, () => 'bad');
  here.live(6 * minute);
  const fast = () => burnConditions(here.history, [install], here.clock.now())[0]?.isFiring;
  assert.equal(fast(), undefined);
  here.live(hour);
  assert.equal(fast(), false);
});

test('slow results count as bad where the objective says so, and nowhere else', () => {
  const here = opened('2026-11-20T10:00:00Z');
  probe(here, 2 * hour);
  probe(here, 20 * minute, () => 'good', 3_000);
  assert.deepEqual(firing(here), []);
  assert.ok(firing(here, slowInstall).includes('burn:install:slow:14.4'));
  assert.deepEqual(sloView(here.history, slowInstall, here.clock.now()), {
    objective: 0.99,
    windowDays: 30,
    slowerThanMs: 2_000,
    events: 560,
    badEvents: 80,
    budgetLeft: 1 - 80 / 560 / (1 - 0.99),
  });
});

test('the budget is what the window has, over months, and undefined without events', () => {
  const here = opened('2026-11-20T10:00:00Z');
  const { history, clock } = here;
  const objective: Objective = { component: 'install', objective: 0.99, windowDays: 30, eventsMin: 30 };
  assert.equal(sloView(history, objective, clock.now()).budgetLeft, undefined);
  for (let at = 0; at < 45 * 24; at += 1) {
    history.add(result(clock.now(), { verdict: at < 15 * 24 || at % 200 === 0 ? 'bad' : 'good' }));
    history.keep(clock.pass(hour));
  }
  const view = sloView(history, objective, clock.now());
  assert.deepEqual([view.events, view.badEvents], [720, 4]);
  assert.ok(Math.abs((view.budgetLeft ?? 0) - (1 - 4 / 720 / 0.01)) < 1e-9);
});

test('what was not watched yet has spent nothing: a few failures in the first minutes raise no alarm that looks back for days', () => {
  const [rule] = burnRules(30).filter(({ factor }) => factor === 1);
  const objective: Objective = { component: 'search', objective: 0.99, windowDays: 30, eventsMin: 30 };
  const events = { events: 100, badEvents: 3 };
  assert.equal(burnCondition(objective, rule!, events, events).isFiring, true);
  const young = { ...events, coverage: 0.01 };
  assert.equal(burnCondition(objective, rule!, young, young).isFiring, false);
});

test('both windows must burn, at the factor or faster', () => {
  const [rule] = burnRules(30);
  const objective: Objective = { component: 'search', objective: 0.99, windowDays: 30, eventsMin: 30 };
  const is = (long: [number, number], short: [number, number]) =>
    burnCondition(objective, rule!, { events: long[0], badEvents: long[1] }, { events: short[0], badEvents: short[1] })
      .isFiring;
  assert.equal(is([1_000, 144], [1_000, 144]), true);
  assert.equal(is([1_000, 143], [1_000, 144]), false);
  assert.equal(is([1_000, 144], [1_000, 143]), false);
  assert.equal(is([29, 29], [29, 29]), false);
  assert.equal(is([30, 30], [2, 2]), undefined);
  assert.equal(is([30, 30], [3, 3]), true);
  assert.equal(burnOf(objective, { events: 0, badEvents: 0 }), 0);
  // Somebody with more events wants more of them in the short window too.
  const many = burnCondition(
    { ...objective, eventsMin: 600 },
    rule!,
    { events: 600, badEvents: 300 },
    { events: 49, badEvents: 49 },
  );
  assert.equal(many.isFiring, undefined);
});

test('an alarm says what was counted, what ought to be, and how long the budget lasts', () => {
  const here = opened('2026-11-20T10:00:00Z');
  probe(here, hour, (number) => (number >= 204 ? 'bad' : 'good'));
  const [fast] = burnConditions(here.history, [install], here.clock.now());
  assert.deepEqual(fast, {
    key: 'burn:install:14.4',
    title: 'Installing fails 14.4 times as often as it may',
    text:
      'In the last 1 hour 15 % of 240 events failed; in the last 5 minutes 100 % of 21 events failed. 99.9 % ought to be good ' +
      'over 30 days; this alarm begins at 1.44 % bad ones in both. At the rate of the last 1 hour the budget of 30 days lasts 4.8 hours.',
    severity: 'page',
    isFiring: true,
    component: 'install',
    runbook: 'error-budget',
    echoMs: 300_000,
  });
  assert.equal(
    burnConditions(here.history, builtInObjectives, here.clock.now() + day).length,
    4 * builtInObjectives.length,
  );
});
