/** Who is called when, and who is not called any more. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Alarm } from '../../../src/status/alarms/alarms.ts';
import { isRefusal } from '../../../src/std/refusals.ts';
import { condition, hour, minute, onCallOf, people, watchHouse } from './watch-house.ts';

test('the first is called at once, the next while nobody confirms, and all again while it fires', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  await house.pass(0);
  assert.deepEqual(house.news(), []);
  house.conditions = [condition()];
  await house.pass(0);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  await house.pass(9 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(minute);
  assert.deepEqual(house.news(), ['ben: alarm.firing']);
  await house.pass(10 * minute);
  assert.deepEqual(house.news(), ['cleo: alarm.firing']);
  await house.pass(29 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(minute);
  assert.deepEqual(house.news(), ['anna: alarm.reminder', 'ben: alarm.reminder', 'cleo: alarm.reminder']);
});

test('a message tells what is wrong, since when, what to do, and where to confirm', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition()];
  await house.pass(0);
  const [message] = house.pagers.anna!.taken;
  assert.equal(message?.title, '[Holdfast] Page: Installing Python packages fails');
  assert.match(
    message.text,
    /Of two edges none answers\.\n\nIt began at 2026-11-21 12:00 UTC, less than a minute ago\./,
  );
  assert.match(message.text, /docs\/runbooks\/alarm-probe\.md/);
  assert.match(message.url ?? '', /\/confirm\/[\w-]{32}$/);
});

test('whoever confirms by the link ends the calls, and is reminded while it fires', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition()];
  await house.pass(0);
  const token = house.pagers.anna!.taken[0]!.url!.split('/').at(-1)!;
  assert.ok(isRefusal(house.alarms.confirmByToken(`${token.slice(0, -1)}_`, 'x')));
  const confirmed = house.alarms.confirmByToken(token, '') as Alarm;
  assert.equal(confirmed.confirmedBy, 'anna');
  assert.equal(
    (house.alarms.confirmByToken(token, 'somebody else') as Alarm).confirmedBy,
    'anna',
    'the first confirmation stands',
  );
  house.news();
  await house.pass(29 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(minute);
  assert.deepEqual(house.news(), ['anna: alarm.reminder']);
  assert.equal(house.pagers.anna!.taken[1]!.url, null, 'there is nothing left to confirm');
});

test('what somebody has confirmed is not told any more to a pager that was dead until then', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.pagers.anna!.isDead = true;
  house.conditions = [condition()];
  await house.pass(0);
  assert.deepEqual(house.news(), ['ben: alarm.firing']);
  house.alarms.confirm(house.alarms.firing()[0]!.id, 'ben');
  house.pagers.anna!.isDead = false;
  await house.pass(5 * minute);
  assert.deepEqual(house.news(), []);
});

test('the end is told to those who were called and nobody else, and ends the link', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition()];
  await house.pass(11 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing', 'ben: alarm.firing']);
  house.conditions = [];
  await house.pass(4 * minute);
  assert.deepEqual(
    house.alarms.firing().map(({ key }) => key),
    [],
  );
  assert.deepEqual(house.news(), [], 'it may come back');
  await house.pass(2 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.ended', 'ben: alarm.ended']);
  assert.match(house.pagers.ben!.taken.at(-1)!.text, /was over at 2026-11-21 12:11 UTC, 11 minutes later/);
  const token = house.pagers.anna!.taken[0]!.url!.split('/').at(-1)!;
  assert.ok(isRefusal(house.alarms.confirmByToken(token, 'anna')));
  await house.pass(2 * hour, 5 * minute);
  assert.deepEqual(house.news(), []);
  assert.equal(house.alarms.since(house.clock.now() - 24 * hour)[0]?.endedAt, Date.parse('2026-11-21T12:11:00Z'));
});

test('an alarm that flaps is one alarm with one call', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  for (let round = 0; round < 10; round += 1) {
    house.conditions = round % 2 === 0 ? [condition()] : [];
    await house.pass(2 * minute);
    if (round === 2) house.alarms.confirm(house.alarms.firing()[0]!.id, 'anna');
  }
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.equal(house.alarms.since(0).length, 1);
});

test('a condition that cannot be told leaves its alarm as it was', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition({ isFiring: undefined })];
  await house.pass(minute);
  assert.deepEqual(house.news(), []);
  house.conditions = [condition()];
  await house.pass(minute);
  house.conditions = [condition({ isFiring: undefined })];
  await house.pass(10 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing', 'ben: alarm.firing']);
});

test('when the first cannot be reached, the next is called at once, and the one after him too', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.pagers.anna!.isDead = true;
  house.conditions = [condition()];
  await house.pass(0);
  assert.deepEqual(house.news(), ['ben: alarm.firing']);
  house.pagers.ben!.isDead = true;
  house.conditions = [condition(), condition({ key: 'metric:disk', title: 'The disk is full' })];
  await house.pass(0);
  assert.deepEqual(house.news(), ['cleo: alarm.firing']);
  assert.equal(
    house.alarms.firing().every(({ toldAt }) => toldAt !== undefined),
    true,
  );
});

test('a channel that takes nothing is told of over another one', async (t) => {
  const house = await watchHouse(t, onCallOf({ tickets: ['anna'] }));
  house.pagers.anna!.isDead = true;
  house.conditions = [condition()];
  await house.pass(7 * minute);
  const ticket = house.pagers.chat!.taken[0];
  assert.equal(ticket?.title, '[Holdfast] Ticket: The channel "anna" takes no messages');
  assert.match(ticket.text, /the answer was 500/);
  assert.ok(house.alarms.firing().some(({ key }) => key === 'channel:anna'));
});

test('when it was told is the moment at which the first channel took it', async (t) => {
  const house = await watchHouse(t, onCallOf({ escalation: [{ afterSeconds: 0, notify: ['anna'] }] }));
  const told: string[] = [];
  house.alarms.onTold(({ key, toldAt }) => told.push(`${key} ${new Date(toldAt!).toISOString()}`));
  house.pagers.anna!.isDead = true;
  house.conditions = [condition()];
  await house.pass(2 * minute, 10_000);
  assert.equal(house.alarms.firing()[0]?.toldAt, undefined);
  house.pagers.anna!.isDead = false;
  await house.pass(minute, 10_000);
  assert.equal(told.length, 1);
  assert.match(told[0]!, /^probe:install\/python:files 2026-11-21T12:0[23]/);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
});

const lateTest = { at: '11:59', timeZone: 'Etc/UTC', confirmWithinSeconds: 3600 };

test('tickets go to whoever looks after them, once a day, and never escalate', async (t) => {
  const house = await watchHouse(t, onCallOf({ tickets: ['chat'], testPage: lateTest }));
  house.conditions = [condition({ severity: 'ticket', key: 'metric:disk' })];
  await house.pass(23 * hour, hour);
  assert.deepEqual(house.news(), ['chat: alarm.firing']);
  await house.pass(hour, hour);
  assert.deepEqual(
    house.news().filter((line) => line.startsWith('chat')),
    ['chat: alarm.reminder'],
  );
});

test('in quiet hours a page calls, while tickets and reminders of what is confirmed wait for the morning', async (t) => {
  const quietHours = { from: '22:00', to: '07:00', timeZone: 'Etc/UTC' };
  const onCall = onCallOf({ people: people('anna', 'ben', 'cleo').map((one) => ({ ...one, quietHours })) });
  const house = await watchHouse(t, onCall, '2026-11-21T23:00:00Z');
  house.conditions = [condition(), condition({ severity: 'ticket', key: 'metric:disk' })];
  await house.pass(0);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.equal(house.pagers.anna!.taken[0]!.title.includes('Page'), true);
  house.alarms.confirm(house.alarms.firing().find(({ severity }) => severity === 'page')!.id, 'anna');
  await house.pass(7 * hour + 59 * minute, minute);
  assert.deepEqual(house.news(), []);
  await house.pass(minute);
  assert.deepEqual(house.news().sort(), ['anna: alarm.firing', 'anna: alarm.reminder'], 'one reminder for the night');
});

test('a ticket that becomes a page calls, though somebody had confirmed the ticket', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [condition({ severity: 'ticket' })];
  await house.pass(minute);
  house.alarms.confirm(house.alarms.firing()[0]!.id, 'anna');
  house.news();
  house.conditions = [condition()];
  await house.pass(10 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing', 'ben: alarm.firing']);
});

test('without anybody on duty alarms are kept and shown, are never told, and say so', async (t) => {
  const house = await watchHouse(t, onCallOf({ people: [], escalation: [], tickets: [] }));
  house.conditions = [condition()];
  await house.pass(hour, 5 * minute);
  const firing = house.alarms.firing();
  assert.deepEqual(
    firing.map(({ key, toldAt }) => [key, toldAt]),
    [
      ['probe:install/python:files', undefined],
      ['on-call:nobody', undefined],
    ],
  );
  assert.equal(firing[1]?.severity, 'ticket');
  assert.deepEqual(house.alarms.testPage(), { sentAt: undefined, confirmedAt: undefined });
});
