/** Silences: they have an end, they hide nothing, and they do not reach the alarms about telling people. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Silence } from '../../../src/status/alarms/alarms.ts';
import { isRefusal } from '../../../src/std/refusals.ts';
import { condition, hour, minute, onCallOf, watchHouse } from './watch-house.ts';

const day = 24 * hour;

test('what is silenced is shown and calls nobody, until the silence ends and it still fires', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  const now = house.clock.now();
  const silence = house.alarms.silence({
    pattern: 'probe:*',
    reason: 'moving',
    author: 'ben',
    from: now,
    until: now + hour,
  });
  house.conditions = [condition()];
  await house.pass(59 * minute);
  assert.deepEqual(house.news(), []);
  assert.equal(house.alarms.firing()[0]?.silencedBy, (silence as Silence).id);
  await house.pass(minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.equal(house.alarms.firing()[0]?.silencedBy, undefined);
  await house.pass(10 * minute);
  assert.deepEqual(house.news(), ['ben: alarm.firing'], 'steps are counted from then on');
});

test('a silence in the middle stops the calls, and the next step has its whole time again', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition()];
  await house.pass(5 * minute);
  const now = house.clock.now();
  house.alarms.silence({ pattern: 'probe:*', reason: 'moving', author: 'ben', from: now, until: now + hour });
  await house.pass(hour);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  await house.pass(9 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(minute);
  assert.deepEqual(house.news(), ['ben: alarm.firing']);
});

test('a silence that somebody ends early is over at once', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  const now = house.clock.now();
  const silence = house.alarms.silence({
    pattern: '*',
    reason: 'moving',
    author: 'ben',
    from: now,
    until: now + day,
  }) as Silence;
  house.conditions = [condition()];
  await house.pass(minute);
  house.alarms.endSilence(silence.id);
  await house.pass(0);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.ok(isRefusal(house.alarms.endSilence(silence.id)));
});

test('a silence for everything does not silence what says that nobody can be told', async (t) => {
  const house = await watchHouse(t, onCallOf({ escalation: [], tickets: ['chat'] }));
  const now = house.clock.now();
  house.alarms.silence({ pattern: '*', reason: 'moving', author: 'ben', from: now, until: now + day });
  house.conditions = [condition()];
  await house.pass(minute);
  assert.deepEqual(house.news(), ['chat: alarm.firing']);
  assert.match(house.pagers.chat!.taken[0]!.title, /Pages call nobody/);
});

test('a silence without an end, a reason or an author, and one that is too long, are refused', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  const now = house.clock.now();
  const good = { pattern: 'probe:*', reason: 'moving', author: 'ben', from: now, until: now + hour };
  for (const bad of [
    { until: now + 31 * day },
    { until: Number.POSITIVE_INFINITY },
    { until: now },
    { until: Number.NaN },
    { from: now - 2 * hour, until: now - hour },
    { reason: ' ' },
    { reason: 'x'.repeat(501) },
    { author: '' },
    { pattern: '' },
    { pattern: '*:install' },
    { pattern: 'a'.repeat(201) },
  ]) {
    const answer = house.alarms.silence({ ...good, ...bad });
    assert.ok(isRefusal(answer) && answer.code === 'form-field-invalid', JSON.stringify(bad));
  }
  assert.ok(!isRefusal(house.alarms.silence(good)));
  assert.ok(!isRefusal(house.alarms.silence({ ...good, pattern: 'metric:free space on the disk' })));
});
