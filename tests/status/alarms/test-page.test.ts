/** The daily test page: it goes the way of a real one, and an unconfirmed one calls everybody else. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Alarm } from '../../../src/status/alarms/alarms.ts';
import { isRefusal } from '../../../src/std/refusals.ts';
import { hour, minute, onCallOf, type WatchHouse, watchHouse } from './watch-house.ts';

const tokenOf = (house: WatchHouse, name: string, at = -1) => house.pagers[name]!.taken.at(at)!.url!.split('/').at(-1)!;

test('on the day after the first start the test page comes at its hour, once, and whoever confirms it has done all', async (t) => {
  const house = await watchHouse(t, onCallOf({}), '2026-11-21T12:00:00Z');
  await house.pass(22 * hour - minute, minute);
  assert.deepEqual(house.news(), []);
  await house.pass(minute);
  assert.deepEqual(house.news(), ['anna: alarm.test']);
  assert.match(house.pagers.anna!.taken[0]!.text, /Nothing is wrong\..*\nPlease confirm until 2026-11-22 11:00 UTC/);
  const confirmed = house.alarms.confirmByToken(tokenOf(house, 'anna'), '') as Alarm;
  assert.equal(confirmed.confirmedBy, 'anna');
  assert.deepEqual(house.alarms.testPage(), {
    sentAt: Date.parse('2026-11-22T10:00:00Z'),
    confirmedAt: Date.parse('2026-11-22T10:00:00Z'),
  });
  await house.pass(23 * hour, 10 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(hour, 10 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.test']);
});

test('an unconfirmed test page calls every other channel, and a late confirmation ends that', async (t) => {
  const house = await watchHouse(t, onCallOf({}), '2026-11-21T10:01:00Z');
  await house.pass(2 * minute);
  assert.deepEqual(house.news(), [], 'a service that never sent one begins on the next day');
  await house.pass(24 * hour - 3 * minute, minute);
  assert.deepEqual(house.news(), ['anna: alarm.test']);
  await house.pass(60 * minute, 10 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(minute);
  assert.deepEqual(house.news().sort(), ['ben: alarm.firing', 'chat: alarm.firing', 'cleo: alarm.firing']);
  assert.match(house.pagers.ben!.taken[0]!.title, /Nobody has confirmed the test page/);
  assert.match(house.pagers.ben!.taken[0]!.text, /A real page would have been missed as well\. anna: taken\./);
  house.alarms.confirmByToken(tokenOf(house, 'anna'), '');
  await house.pass(6 * minute);
  assert.deepEqual(house.alarms.firing(), []);
});

test('the state of a test page outlives restarts', async (t) => {
  const house = await watchHouse(t, onCallOf({}), '2026-11-21T12:00:00Z');
  await house.pass(22 * hour, 10 * minute);
  await house.restart();
  await house.pass(10 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.test']);
  await house.restart(51 * minute);
  await house.pass(0);
  assert.deepEqual(house.news().sort(), ['ben: alarm.firing', 'chat: alarm.firing', 'cleo: alarm.firing']);
});

test('a test whose time came while the service was away is made up for within hours, and left out in the night', async (t) => {
  const house = await watchHouse(t, onCallOf({}), '2026-11-21T12:00:00Z');
  await house.pass(0);
  await house.restart(25 * hour);
  await house.pass(0);
  assert.deepEqual(house.news(), ['anna: alarm.test']);
  house.alarms.confirmByToken(tokenOf(house, 'anna'), '');
  await house.restart(30 * hour);
  await house.pass(minute);
  assert.deepEqual(house.news(), []);
});

test('the link of an earlier test page confirms no later one', async (t) => {
  const house = await watchHouse(t, onCallOf({}), '2026-11-21T12:00:00Z');
  await house.pass(22 * hour, 10 * minute);
  const first = tokenOf(house, 'anna');
  house.alarms.confirmByToken(first, '');
  await house.pass(24 * hour, 10 * minute);
  assert.ok(isRefusal(house.alarms.confirmByToken(first, '')));
  assert.equal(house.alarms.testPage().confirmedAt, undefined);
});
