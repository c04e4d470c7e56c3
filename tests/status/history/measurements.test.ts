/** What was measured: the same sums from results, minutes and hours, after restarts, under wrong clocks, and when nothing can be written. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { bufferedResultsMax } from '../../../src/status/history/buffer.ts';
import type { MeasuredResult } from '../../../src/status/history/history.ts';
import { openHistory } from '../../../src/status/history/open-history.ts';
import { temporaryFolder } from '../../gallery.ts';
import { day, hour, minute, opened, result, second } from './opened.ts';

const began = Date.parse('2026-11-20T10:00:00Z');
const rows = (db: ReturnType<typeof opened>['db'], table: string) =>
  Number((db.prepare(`select count(*) as n from ${table}`).get() as { n: number }).n);

interface Given {
  readonly afterMs: number;
  readonly verdict: MeasuredResult['verdict'];
  readonly durationMs: number;
  readonly component: string;
}

const anyGiven: fc.Arbitrary<Given> = fc.record({
  // Mostly seconds, sometimes hours or days, and now and then a clock that goes back.
  afterMs: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: 0, max: 40_000 }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 * hour }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * day }) },
    { weight: 1, arbitrary: fc.integer({ min: -2 * hour, max: 0 }) },
  ),
  verdict: fc.constantFrom('good', 'good', 'good', 'bad', 'unknown'),
  durationMs: fc.nat(4_000),
  component: fc.constantFrom('install/python', 'install/nuget', 'installer'),
});

const slowMs = 1_000;

function expected(all: readonly MeasuredResult[], component: string, from: number, until: number) {
  const own = all
    .filter((one) => one.at >= from && one.at < until)
    .filter((one) => one.component === component || one.component.startsWith(`${component}/`));
  const good = own.filter(({ verdict }) => verdict === 'good');
  const slow = good.map(({ durationMs }) => durationMs);
  return {
    good: good.length,
    bad: own.filter(({ verdict }) => verdict === 'bad').length,
    slowMost: slow.filter((ms) => ms > slowMs).length,
    slowLeast: slow.filter((ms) => ms > slowMs * 1.041 + 1).length,
    durations: slow.toSorted((a, b) => a - b),
  };
}

test('sums and percentiles are the same from results, minutes and hours, to the millisecond', () => {
  fc.assert(
    fc.property(
      fc.array(anyGiven, { minLength: 1, maxLength: 150 }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
        minLength: 3,
        maxLength: 6,
      }),
      fc.integer({ min: 1, max: 12 }),
      (given, windows, keepEvery) => {
        const { history, clock, db } = opened(began);
        const all: MeasuredResult[] = [];
        for (const [at, { afterMs, ...more }] of given.entries()) {
          clock.pass(afterMs);
          const one = result(clock.now(), { probe: `${more.component}@IPv4`, ...more });
          all.push(one);
          history.add(one);
          if (at % keepEvery === 0) history.keep(clock.now());
        }
        const times = all.map(({ at }) => at);
        const [first, last] = [Math.min(...times), Math.max(...times)];
        // Results of the last seven days are kept to the millisecond; this test stays within them.
        const earliest = Math.max(first, last - 7 * day + minute);
        for (const [one, other] of [[0, 1] as const, ...windows]) {
          const [a, b] = [one, other].map((share) => Math.round(earliest + share * (last + 1 - earliest)));
          const [from, until] = [Math.min(a!, b!), Math.max(a!, b!)];
          for (const component of ['install', 'install/python', 'installer']) {
            const wanted = expected(all, component, from, until);
            const found = history.events(component, from, until, slowMs);
            assert.deepEqual([found.good, found.bad], [wanted.good, wanted.bad]);
            assert.deepEqual(history.events(component, from, until), { good: wanted.good, bad: wanted.bad, slow: 0 });
            assert.ok(found.slow <= wanted.slowMost && found.slow >= wanted.slowLeast);
            const { count, p50Ms, p95Ms } = history.percentiles(component, from, until);
            assert.equal(count, wanted.durations.length);
            for (const [share, ms] of [[0.5, p50Ms] as const, [0.95, p95Ms] as const]) {
              const exact = wanted.durations[Math.max(1, Math.ceil(share * count)) - 1] ?? 0;
              assert.ok(Math.abs(ms - exact) <= 0.02 * exact + 1, `${ms} for ${exact}`);
            }
          }
        }
        db.close();
      },
    ),
    { numRuns: 60 },
  );
});

/** A probe at every half minute, with one failure in ten and durations that vary. */
function measure({ history, clock }: ReturnType<typeof opened>, ms: number, stepMs = 30 * second): void {
  for (let at = 0; at < ms; at += stepMs) {
    const number = clock.now() / stepMs;
    history.add(
      result(clock.now(), { verdict: number % 10 === 0 ? 'bad' : 'good', durationMs: 50 + (number % 97) * 10 }),
    );
    history.keep(clock.pass(stepMs));
  }
}

test('each table keeps what it has to, and sums over all time lose nothing but what is older than two years', () => {
  const here = opened(began);
  measure(here, 60 * day, 10 * minute);
  const { history, clock, db } = here;
  const perDay = 144;
  assert.deepEqual(history.events('install', 0, clock.now()), { good: 54 * perDay, bad: 6 * perDay, slow: 0 });
  assert.ok(Math.abs(rows(db, 'history_results') - 7 * perDay) <= 2);
  assert.ok(Math.abs(rows(db, 'history_minutes') - 40 * perDay) <= 12);
  // The last hour is over, and not yet so long that nothing more is awaited.
  assert.equal(rows(db, 'history_hours'), 60 * 24 - 1);
  // At its ends, a stretch of time has whole hours where only hours are left.
  const old = began + 90 * minute + 7;
  assert.equal(
    history.events('install', old, old + 5 * hour).good + history.events('install', old + 5 * hour, clock.now()).good,
    history.events('install', old, clock.now()).good,
  );
  assert.equal(history.percentiles('install', began, clock.now()).count, 54 * perDay);
});

test('what is two years old goes, a little at a time', () => {
  const { history, clock, db, live } = opened(began);
  history.add(result(clock.now()));
  live(2 * hour, hour);
  clock.pass(733 * day);
  live(7 * hour);
  for (let days = 0; days < 3; days += 1) {
    history.add(result(clock.now(), { verdict: 'bad' }));
    live(2 * hour, 10 * minute);
  }
  assert.deepEqual(history.events('install', 0, clock.now()), { good: 0, bad: 3, slow: 0 });
  assert.deepEqual([rows(db, 'history_results'), rows(db, 'history_hours')], [3, 3]);
});

test('a result is asked for before it is written, and is not lost by closing', async (t) => {
  const file = join(await temporaryFolder(t), 'status.sqlite');
  const { history, db, clock } = opened(began, undefined, file);
  history.add(result(began));
  history.add(result(began, { verdict: 'bad' }));
  history.add(result(began, { verdict: 'unknown' }));
  assert.deepEqual(history.events('install', began, began + 1), { good: 1, bad: 1, slow: 0 });
  assert.equal(rows(db, 'history_results'), 0);
  clock.pass(second);
  history.close();
  assert.throws(() => history.add(result(began)), /closed/);
  db.close();
  const again = opened(began + hour, t, file);
  assert.deepEqual(again.history.events('install', began, began + 1), { good: 1, bad: 1, slow: 0 });
  again.live(hour);
  assert.deepEqual(again.history.events('install', began, began + 1), { good: 1, bad: 1, slow: 0 });
});

test('after a crash, what was kept is there once', async (t) => {
  const file = join(await temporaryFolder(t), 'status.sqlite');
  const first = opened(began, undefined, file);
  measure(first, 70 * minute);
  const total = first.history.events('install', 0, first.clock.now());
  first.history.add(result(first.clock.now()));
  first.db.close();
  const again = opened(first.clock.now() + hour, t, file);
  assert.deepEqual(again.history.events('install', 0, again.clock.now()), total);
  again.live(2 * hour);
  assert.deepEqual(again.history.events('install', 0, again.clock.now()), total);
});

test('a database that takes nothing costs no result as long as there is room, and only the oldest then', () => {
  const { history, db, clock } = opened(began);
  db.exec('pragma query_only = on');
  assert.throws(() => {
    history.add(result(clock.now()));
    history.keep(clock.now());
  }, /readonly/);
  for (let at = 1; at < bufferedResultsMax; at += 1) history.add(result(clock.pass(1)));
  assert.equal(history.events('install', 0, clock.now() + 1).good, bufferedResultsMax);
  history.add(result(clock.pass(1), { verdict: 'bad' }));
  assert.deepEqual(history.events('install', 0, clock.now() + 1), { good: bufferedResultsMax - 1, bad: 1, slow: 0 });
  db.exec('pragma query_only = off');
  history.keep(clock.now());
  assert.equal(rows(db, 'history_results'), bufferedResultsMax);
  assert.deepEqual(history.events('install', 0, clock.now() + 1), { good: bufferedResultsMax - 1, bad: 1, slow: 0 });
});

test('when nobody calls keep, a full buffer writes itself', () => {
  const { history, db, clock } = opened(began);
  for (let at = 0; at <= bufferedResultsMax; at += 1) history.add(result(clock.pass(1)));
  assert.equal(rows(db, 'history_results'), bufferedResultsMax);
  assert.equal(history.events('install', 0, clock.now() + 1).good, bufferedResultsMax + 1);
});

test('a first start under a clock that is years ahead shuts nothing out', () => {
  const { history, clock, live, db } = opened('2031-01-01T00:00:00Z');
  history.add(result(clock.now(), { verdict: 'bad' }));
  live(5 * minute);
  clock.wall = began;
  for (let at = 0; at < 4; at += 1) {
    history.add(result(clock.now()));
    live(30 * minute, 5 * minute);
  }
  assert.deepEqual(history.events('install', began, clock.now()), { good: 4, bad: 0, slow: 0 });
  assert.deepEqual(history.events('install', began + hour, began + hour + 1), { good: 1, bad: 0, slow: 0 });
  assert.equal(rows(db, 'history_results'), 5);
});

test('an hour under a clock that is years ahead removes nothing, and after some hours it is believed', () => {
  const here = opened(began);
  measure(here, 2 * day);
  const before = rows(here.db, 'history_results');
  here.clock.wall += 3 * 365 * day;
  here.history.setStatus('install', 'operational', here.clock.now());
  here.live(hour, 10 * second);
  assert.equal(rows(here.db, 'history_results'), before);
  assert.equal(here.history.events('install', began, began + 2 * day).bad, before / 10);
  here.live(6 * hour);
  assert.ok(rows(here.db, 'history_results') < before);
});

test('counters of tables pass 2^31, and stop at 2^53 - 1', () => {
  const { history, db, clock, live } = opened(began);
  history.add(result(began));
  live(2 * minute);
  const put = db.prepare('update history_minutes set good = ?, durations = null');
  put.run(2 ** 31 + 10);
  assert.equal(history.events('install', 0, clock.now()).good, 2 ** 31 + 10);
  put.run(Number.MAX_SAFE_INTEGER);
  // It comes late, and is added to the minute.
  history.add(result(began + second));
  live(minute);
  assert.equal(history.events('install', 0, clock.now()).good, Number.MAX_SAFE_INTEGER);
  live(2 * hour);
  assert.equal(history.events('install', 0, clock.now()).good, Number.MAX_SAFE_INTEGER);
});

test('response times are medians of good results in steps of five minutes, over a day', () => {
  const here = opened(began);
  const { history, clock } = here;
  for (let at = 0; at < 25 * 60; at += 1) {
    const isGood = at % 60 < 50;
    history.add(result(clock.now(), { verdict: isGood ? 'good' : 'bad', durationMs: isGood ? 200 : 9_000 }));
    history.keep(clock.pass(minute));
  }
  history.add(result(clock.now(), { durationMs: 200 }));
  const points = history.responses('install/python', clock.now());
  assert.equal(points.length, 288 - 2 * 24);
  assert.equal(points.at(-1)?.at, began + 25 * hour);
  assert.equal(points[0]?.at, began + hour + 5 * minute);
  for (const { p50Ms, p95Ms } of points) {
    assert.ok(Math.abs(p50Ms - 200) <= 5, String(p50Ms));
    assert.equal(p95Ms, p50Ms);
  }
  assert.deepEqual(history.responses('search', clock.now()), []);
});

test('changes are told with what the first failure said, and only where the verdict changed', () => {
  const { history, clock } = opened(began);
  const say = (probe: string, verdict: MeasuredResult['verdict'], words = '') => {
    history.add(result(clock.pass(5 * second), { probe, verdict, words }));
    if (clock.now() % 3 === 0) history.keep(clock.now());
    return clock.now();
  };
  say('one', 'good');
  say('two', 'bad', 'early');
  const from = say('one', 'good');
  const lost = say('one', 'bad', 'connection refused');
  say('two', 'bad', 'early');
  say('one', 'bad', 'status 503');
  const unclear = say('one', 'unknown', 'no network');
  const back = say('one', 'good');
  const other = say('three', 'bad', 'x'.repeat(2_000));
  const told = history
    .changes('install', from, clock.now() + 1)
    .map(({ probe, at, verdict, words }) => [probe, at, verdict, words]);
  assert.deepEqual(told, [
    ['one', lost, 'bad', 'connection refused'],
    ['one', unclear, 'unknown', 'no network'],
    ['one', back, 'good', ''],
    ['three', other, 'bad', 'x'.repeat(300)],
  ]);
});

test('words of a failure that goes on are kept once, and other words once a minute', () => {
  const { history, clock, db } = opened(Math.floor(began / minute) * minute);
  for (let at = 0; at < 12; at += 1)
    history.add(result(clock.pass(10 * second), { verdict: 'bad', words: 'the same' }));
  for (let at = 0; at < 12; at += 1)
    history.add(result(clock.pass(10 * second), { verdict: 'bad', words: `after ${at} ms` }));
  history.keep(clock.now());
  assert.equal(rows(db, 'history_results where words is not null'), 4);
});

test('two histories of one file see the same', () => {
  const { history, clock, db, live } = opened(began);
  history.add(result(began));
  live(3 * hour);
  const other = openHistory({ db, clock });
  assert.deepEqual(other.events('install', 0, clock.now(), 50), history.events('install', 0, clock.now(), 50));
});
