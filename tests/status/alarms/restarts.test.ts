/** The service ends and starts again: nobody is called twice, and nobody is forgotten. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Alarm } from '../../../src/status/alarms/alarms.ts';
import { condition, hour, minute, onCallOf, watchHouse } from './watch-house.ts';

test('an alarm that was told is not told again after a restart, and its steps go on', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition()];
  await house.pass(minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  const { id, toldAt } = house.alarms.firing()[0]!;
  await house.restart(minute);
  await house.pass(7 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(minute);
  assert.deepEqual(house.news(), ['ben: alarm.firing']);
  assert.deepEqual(
    house.alarms.firing().map((alarm) => [alarm.id, alarm.toldAt]),
    [[id, toldAt]],
  );
});

test('steps whose time came while the service was away are done at once, each once', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition()];
  await house.pass(minute);
  house.news();
  await house.restart(15 * minute);
  await house.pass(0);
  assert.deepEqual(house.news(), ['ben: alarm.firing']);
  await house.restart();
  await house.pass(minute);
  assert.deepEqual(house.news(), []);
});

test('a message that nobody had taken before the end is sent after it, and then the alarm has been told', async (t) => {
  const house = await watchHouse(t, onCallOf({ escalation: [{ afterSeconds: 0, notify: ['anna'] }] }));
  house.pagers.anna!.isDead = true;
  house.conditions = [condition()];
  await house.pass(minute);
  await house.restart(2 * minute);
  house.pagers.anna!.isDead = false;
  await house.pass(0);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.equal(house.alarms.firing().find(({ severity }) => severity === 'page')?.toldAt, house.clock.now());
});

test('a confirmation, its link and a silence outlive a restart', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition(), condition({ key: 'probe:website:home' })];
  const until = house.clock.now() + 2 * hour;
  house.alarms.silence({ pattern: 'probe:website:*', reason: 'moving', author: 'ben', from: house.clock.now(), until });
  await house.pass(minute);
  const token = house.pagers.anna!.taken[0]!.url!.split('/').at(-1)!;
  await house.restart(minute);
  assert.equal((house.alarms.confirmByToken(token, '') as Alarm).confirmedBy, 'anna');
  await house.restart(minute);
  house.news();
  await house.pass(20 * minute);
  assert.deepEqual(house.news(), []);
  assert.deepEqual(
    house.alarms.silences().map(({ reason }) => reason),
    ['moving'],
  );
});

test('an alarm that ended while the service was away is over after a while, and that is told', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition()];
  await house.pass(minute);
  await house.restart(5 * minute);
  house.conditions = [condition({ isFiring: undefined })];
  await house.pass(minute);
  assert.equal(house.alarms.firing().length, 1, 'before anything was measured it stays what it was');
  house.conditions = [];
  await house.pass(6 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing', 'anna: alarm.ended']);
});
