/** What components were: bars, months and uptime, over restarts, silences, wrong clocks and imports. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { openHistory } from '../../../src/status/history/open-history.ts';
import { temporaryFolder } from '../../gallery.ts';
import { day, hour, minute, opened, second } from './opened.ts';

const measured = ({ upMs, degradedMs, partialMs, downMs, maintenanceMs }: Record<string, unknown>) =>
  [upMs, degradedMs, partialMs, downMs, maintenanceMs].map((ms) => (ms as number) / minute);

test('each day tells how long a component was what, and the day that goes on ends now', () => {
  const { history, clock, live } = opened('2026-11-20T22:00:00Z');
  history.setStatus('search', 'operational', clock.now());
  live(90 * minute);
  history.setStatus('search', 'major_outage', clock.now());
  live(60 * minute);
  history.setStatus('search', 'degraded_performance', clock.now());
  live(10 * minute);
  history.setStatus('search', 'partial_outage', clock.now());
  live(20 * minute);
  history.setStatus('search', 'under_maintenance', clock.now());
  live(5 * minute);
  const days = history.days('search', clock.now());
  assert.equal(days.length, 90);
  assert.deepEqual(
    [days.at(0)?.period, days.at(-2)?.period, days.at(-1)?.period],
    ['2026-08-24', '2026-11-20', '2026-11-21'],
  );
  assert.deepEqual(measured({ ...days.at(-2) }), [90, 0, 0, 30, 0]);
  assert.equal(days.at(-2)?.uptime, 0.75);
  assert.deepEqual(measured({ ...days.at(-1) }), [0, 10, 20, 30, 5]);
  assert.equal(days.at(-1)?.uptime, 1 - (0.3 * 20 + 30) / 60);
  assert.equal(days.at(-3)?.uptime, undefined);
  const [month] = history.months('search', clock.now());
  assert.deepEqual(measured({ ...month }), [90, 10, 20, 60, 5]);
  assert.deepEqual([month?.period, month?.isFrozen], ['2026-11', false]);
});

test('the same status again changes nothing, and unknown ends what was measured', () => {
  const { history, clock, live } = opened('2026-11-20T10:00:00Z');
  const began = clock.now();
  assert.equal(history.knownSince('search'), undefined);
  history.setStatus('search', 'operational', began);
  live(10 * minute);
  history.setStatus('search', 'operational', clock.now());
  assert.deepEqual(history.knownSince('search'), { createdAt: began, updatedAt: began });
  history.setStatus('search', 'unknown', clock.now());
  const lost = clock.now();
  live(10 * minute);
  history.setStatus('search', 'unknown', clock.now());
  assert.deepEqual(history.knownSince('search'), { createdAt: began, updatedAt: lost });
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [10, 0, 0, 0, 0]);
  history.setStatus('search', 'operational', clock.now());
  live(5 * minute);
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [15, 0, 0, 0, 0]);
});

test('time between the last sign of life and the next start is not measured', async (t) => {
  const file = join(await temporaryFolder(t), 'status.sqlite');
  const first = opened('2026-11-20T10:00:00Z', undefined, file);
  const began = first.clock.now();
  first.history.setStatus('search', 'operational', began);
  first.live(10 * minute);
  // No orderly end: the process is gone 30 s after its last keep.
  first.db.close();
  const next = opened('2026-11-20T16:00:00Z', t, file);
  assert.deepEqual(measured({ ...next.history.days('search', next.clock.now()).at(-1) }), [10, 0, 0, 0, 0]);
  next.live(5 * minute);
  assert.deepEqual(measured({ ...next.history.days('search', next.clock.now()).at(-1) }), [10, 0, 0, 0, 0]);
  next.history.setStatus('search', 'operational', next.clock.now());
  next.live(5 * minute);
  assert.deepEqual(measured({ ...next.history.days('search', next.clock.now()).at(-1) }), [15, 0, 0, 0, 0]);
  assert.deepEqual(next.history.knownSince('search'), { createdAt: began, updatedAt: began });
});

test('a silence of more than two minutes is not measured, also when the process went on', () => {
  const { history, clock, live } = opened('2026-11-20T10:00:00Z');
  history.setStatus('search', 'major_outage', clock.now());
  live(10 * minute);
  clock.pass(3 * hour);
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [0, 0, 0, 10, 0]);
  live(5 * minute);
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [0, 0, 0, 14, 0]);
  history.setStatus('search', 'operational', clock.pass(4 * hour));
  live(minute);
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [1, 0, 0, 14, 0]);
});

test('time that a clock tells twice is counted once', () => {
  const { history, clock, live } = opened('2026-11-20T10:00:00Z');
  history.setStatus('search', 'operational', clock.now());
  live(60 * minute);
  clock.wall -= 30 * minute;
  live(10 * minute);
  history.setStatus('search', 'major_outage', clock.now());
  live(40 * minute);
  // 10:00 to 11:00 was up, whatever the second telling said; 11:00 to 11:20 was down.
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [60, 0, 0, 20, 0]);
  clock.wall -= minute;
  history.setStatus('search', 'operational', clock.now());
  live(2 * minute);
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [62, 0, 0, 19, 0]);
});

test('a clock that was a year ahead for a moment costs nothing but that moment', () => {
  const { history, clock, live, db } = opened('2026-11-20T10:00:00Z');
  history.setStatus('search', 'operational', clock.now());
  live(60 * minute);
  clock.wall += 365 * day;
  live(3 * minute);
  clock.wall -= 365 * day;
  live(57 * minute);
  const sums = measured({ ...history.days('search', clock.now()).at(-1) });
  assert.deepEqual(sums, [116, 0, 0, 0, 0]);
  assert.equal(db.prepare('select count(*) as n from history_months').get()?.n, 0);
});

test('a month is frozen once it is over, and nothing changes it afterwards', () => {
  const { history, clock, live, db } = opened('2026-10-31T22:00:00Z');
  history.setStatus('search', 'operational', clock.now());
  live(hour);
  history.setStatus('search', 'partial_outage', clock.now());
  live(hour + 5 * minute);
  assert.equal(history.months('search', clock.now())[0]?.isFrozen, false);
  live(10 * minute);
  const [october, november] = history.months('search', clock.now());
  assert.deepEqual([october?.period, october?.isFrozen, october?.uptime], ['2026-10', true, 0.85]);
  assert.deepEqual(measured({ ...october }), [60, 0, 60, 0, 0]);
  assert.deepEqual([november?.period, november?.isFrozen], ['2026-11', false]);
  assert.deepEqual(measured({ ...november }), [0, 0, 15, 0, 0]);
  assert.deepEqual(
    history
      .days('search', clock.now())
      .slice(-2)
      .map(({ isFrozen }) => isFrozen),
    [true, false],
  );
  history.addPastInterval(
    'search',
    'major_outage',
    Date.parse('2026-10-03T00:00:00Z'),
    Date.parse('2026-11-01T00:00:00Z'),
  );
  live(2 * day, hour / 60);
  assert.deepEqual(history.months('search', clock.now())[0], october);
  assert.equal(history.days('search', clock.now()).find(({ period }) => period === '2026-10-10')?.downMs, 0);
  // A second program with the same file finds the month and does not sum it up again.
  const again = openHistory({ db, clock });
  again.keep(clock.pass(second));
  assert.deepEqual(again.months('search', clock.now())[0], october);
});

test('a closed month is never written again, even when somebody tampered with what it was made from', () => {
  const { history, clock, live, db } = opened('2026-10-31T22:00:00Z');
  history.setStatus('search', 'operational', clock.now());
  live(3 * hour);
  const [october] = history.months('search', clock.now());
  assert.equal(october?.isFrozen, true);
  db.exec(`update history_intervals set until_at = until_at - 1000`);
  db.exec(`update history_components set unfrozen_since = ${clock.now() - 40 * day}`);
  live(hour);
  assert.deepEqual(history.months('search', clock.now())[0], october);
});

test('February has 29 days in a leap year, and every day as many milliseconds', () => {
  const { history, clock, live } = opened('2028-02-27T00:00:00Z');
  history.setStatus('search', 'operational', clock.now());
  live(3 * day + hour);
  const days = history.days('search', clock.now()).slice(-4);
  assert.deepEqual(
    days.map(({ period }) => period),
    ['2028-02-27', '2028-02-28', '2028-02-29', '2028-03-01'],
  );
  assert.deepEqual(
    days.map(({ upMs }) => upMs),
    [day, day, day, hour],
  );
  assert.deepEqual(
    history.months('search', clock.now()).map(({ period, upMs }) => [period, upMs]),
    [
      ['2028-02', 3 * day],
      ['2028-03', hour],
    ],
  );
});

test('days of clock changes have 24 hours like all others', () => {
  const { history, clock, live } = opened('2026-03-28T12:00:00Z');
  history.setStatus('search', 'operational', clock.now());
  live(2 * day);
  assert.equal(history.days('search', clock.now()).at(-2)?.upMs, day);
});

test('an import fills what was not measured, and months stay open for a day after it', () => {
  const { history, clock, live } = opened('2026-11-20T10:00:00Z');
  const at = (text: string) => Date.parse(`2026-${text}Z`);
  history.setStatus('search', 'operational', clock.now());
  live(hour);
  history.addPastInterval('search', 'major_outage', at('11-20T09:00:00'), at('11-20T10:30:00'));
  history.addPastInterval('search', 'partial_outage', at('11-20T08:30:00'), at('11-20T09:15:00'));
  history.addPastInterval('search', 'operational', at('08-01T00:00:00'), at('09-01T00:00:00'));
  live(30 * minute);
  assert.equal(history.months('search', clock.now())[0]?.isFrozen, false);
  history.addPastInterval('search', 'major_outage', at('09-01T00:00:00'), at('09-01T01:00:00'));
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [90, 0, 30, 60, 0]);
  live(day + 10 * minute);
  assert.deepEqual(
    history.months('search', clock.now()).map(({ period, isFrozen, upMs, downMs }) => [period, isFrozen, upMs, downMs]),
    [
      ['2026-08', true, 31 * day, 0],
      ['2026-09', true, 0, hour],
      ['2026-11', false, day + 100 * minute, hour],
    ],
  );
  assert.equal(history.knownSince('search')?.createdAt, at('08-01T00:00:00'));
});

test('what is imported never reaches into the time to come', () => {
  const { history, clock, live } = opened('2026-11-20T10:00:00Z');
  history.addPastInterval('search', 'major_outage', clock.now() - hour, clock.now() + day);
  history.setStatus('search', 'operational', clock.now());
  live(hour);
  assert.deepEqual(measured({ ...history.days('search', clock.now()).at(-1) }), [60, 0, 0, 60, 0]);
});

test('of the last 24 months those are shown that have something', () => {
  const { history, clock } = opened('2026-11-20T10:00:00Z');
  for (let month = 0; month < 40; month += 2) {
    const from = Date.UTC(2023, 6 + month, 1);
    history.addPastInterval('search', 'operational', from, from + hour);
  }
  const months = history.months('search', clock.now()).map(({ period }) => period);
  assert.equal(months.length, 11);
  assert.deepEqual([months[0], months.at(-1)], ['2025-01', '2026-09']);
});
