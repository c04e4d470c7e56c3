/** One outage calls once, whatever it takes with it; and nothing of it goes silent behind the alarm that leads. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { KeptAlarm } from '../../../src/status/alarms/alarm-rows.ts';
import type { Alarm } from '../../../src/status/alarms/alarms.ts';
import type { Condition } from '../../../src/status/alarms/condition.ts';
import { begin, settleMs } from '../../../src/status/alarms/follow-condition.ts';
import { join, joinWithinMs, leaderFor, regroup } from '../../../src/status/alarms/outage.ts';
import { condition, hour, minute, onCallOf, type WatchHouse, watchHouse } from './watch-house.ts';

const second = 1_000;
const python = condition();
const nuget = condition({
  key: 'probe:install/nuget:install',
  title: 'Installing .NET packages fails',
  text: 'IPv4: the connection was refused.',
  component: 'install/nuget',
});
const website = condition({ key: 'probe:website:pages', title: 'The website fails', component: 'website' });
const burn = condition({
  key: 'burn:install:14.4',
  title: 'install fails 14.4 times as often as it may',
  component: 'install',
  runbook: 'error-budget',
});

const byKey = (house: WatchHouse, key: string) => house.alarms.firing().find((alarm) => alarm.key === key)!;

test('an outage that takes one thing after another calls once, and says a little later how wide it is', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python];
  await house.pass(10 * second, second);
  assert.deepEqual(house.news(), ['anna: alarm.firing'], 'at once, without waiting for more');
  house.conditions = [python, nuget];
  await house.pass(6 * second, second);
  house.conditions = [python, nuget, website];
  await house.pass(14 * second, second);
  assert.deepEqual(house.news(), []);
  await house.pass(second, second);
  assert.deepEqual(house.news(), ['anna: alarm.wider']);
  const told = house.pagers.anna!.taken.at(-1)!;
  assert.equal(told.title, '[Holdfast] Wider: Installing Python packages fails, and 2 more');
  assert.match(told.text, /^- Installing \.NET packages fails: IPv4: the connection was refused\.$/m);
  assert.match(told.text, /^- The website fails/m);
  const leader = byKey(house, python.key);
  assert.deepEqual(
    house.alarms.firing().map(({ key, partOf }) => [key, partOf]),
    [
      [python.key, undefined],
      [nuget.key, leader.id],
      [website.key, leader.id],
    ],
  );
  assert.ok(house.alarms.firing().every(({ toldAt }) => toldAt !== undefined));
});

test('what turns down at the same moment stands in the first message already', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python, nuget, website];
  await house.pass(5 * minute, 5 * second);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.match(house.pagers.anna!.taken[0]!.text, /- Installing \.NET packages fails.*\n- The website fails/);
});

test('another check of what is known to fail is a part as well, and no news', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python];
  await house.pass(minute);
  house.conditions = [python, { ...python, key: 'probe:install/python:canary' }];
  await house.pass(5 * minute, 5 * second);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.equal(house.alarms.firing()[1]?.partOf, house.alarms.firing()[0]?.id);
});

test('that it becomes wider is told every three minutes at most, and escalation and reminders name all', async (t) => {
  const house = await watchHouse(t, onCallOf({ remindSeconds: 900 }));
  house.conditions = [python];
  await house.pass(minute, 5 * second);
  for (let more = 1; more <= 4; more += 1) {
    house.conditions = [
      ...house.conditions,
      condition({ key: `probe:search:${more}`, title: `Searching ${more} fails` }),
    ];
    await house.pass(40 * second, 5 * second);
  }
  assert.deepEqual(house.news(), ['anna: alarm.firing', 'anna: alarm.wider']);
  await house.pass(3 * minute, 5 * second);
  assert.deepEqual(house.news(), ['anna: alarm.wider']);
  await house.pass(4 * minute, 5 * second);
  assert.deepEqual(house.news(), ['ben: alarm.firing']);
  assert.match(house.pagers.ben!.taken[0]!.text, /Searching 1 fails[\s\S]*Searching 4 fails/);
  await house.pass(hour, minute);
  const reminder = house.pagers.cleo!.taken.find(({ event }) => event === 'alarm.reminder')!;
  assert.equal(reminder.title, '[Holdfast] Still: Installing Python packages fails, and 4 more');
});

test('whoever confirms any part has confirmed the outage, and hears of further parts without a page', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python, nuget];
  await house.pass(0);
  const confirmed = house.alarms.confirm(byKey(house, nuget.key).id, 'anna') as Alarm;
  assert.equal(confirmed.key, python.key);
  assert.ok(house.alarms.firing().every(({ confirmedBy }) => confirmedBy === 'anna'));
  house.news();
  house.conditions = [python, nuget, website];
  await house.pass(hour / 3, 15 * second);
  assert.deepEqual(house.news(), ['anna: alarm.wider']);
  const told = JSON.parse(JSON.stringify(house.pagers.anna!.taken.at(-1)!)) as { severity: string; url: string | null };
  assert.deepEqual([told.severity, told.url], ['ticket', null]);
  assert.equal(byKey(house, website.key).confirmedBy, 'anna');
});

test('where nobody has confirmed, the part that goes on takes the steps over, calls, and the old link confirms it', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python, nuget];
  await house.pass(5 * minute);
  house.news();
  const first = byKey(house, python.key).id;
  house.conditions = [nuget];
  await house.pass(minute, 5 * second);
  assert.deepEqual(house.news(), ['anna: alarm.wider']);
  assert.equal(house.pagers.anna!.taken.at(-1)!.title, '[Holdfast] Wider: Installing .NET packages fails');
  await house.restart();
  await house.pass(4 * minute);
  assert.deepEqual(house.news(), ['ben: alarm.firing'], 'ten minutes after the first call');
  await house.pass(5 * minute);
  assert.equal(house.alarms.firing().length, 1);
  const token = house.pagers.anna!.taken[0]!.url!.split('/').at(-1)!;
  assert.equal((house.alarms.confirm(first, 'anna') as Alarm).key, nuget.key, 'by the id of the first, which is over');
  assert.equal((house.alarms.confirmByToken(token, 'ben') as Alarm).confirmedBy, 'anna');
  await house.pass(10 * minute);
  assert.deepEqual(house.news(), []);
  house.conditions = [];
  await house.pass(10 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.ended', 'ben: alarm.ended']);
  const over = house.pagers.ben!.taken.at(-1)!;
  assert.equal(over.title, '[Holdfast] Over: Installing .NET packages fails, and 1 more');
  assert.match(over.text, /- Installing Python packages fails/);
  const ids = Object.values(house.pagers).flatMap(({ taken }) => taken.map((message) => message.id));
  assert.deepEqual([...new Set(ids)], [first], 'for pagers it was one thing from the first call to the end');
});

test('where somebody has confirmed, the part that goes on leads without a call, and reminds', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python, nuget];
  await house.pass(minute);
  house.alarms.confirm(byKey(house, python.key).id, 'anna');
  house.conditions = [nuget];
  await house.pass(28 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.equal(byKey(house, nuget.key).partOf, undefined);
  await house.pass(5 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.reminder']);
});

test('an outage of later, one after a confirmed one that is over, and anything that is no probe call by themselves', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [
    python,
    ...['metric:disk', 'heartbeat:backup', 'certificate:website:x'].map((key) => condition({ key })),
  ];
  await house.pass(minute);
  assert.equal(house.news().length, 4);
  house.conditions = [python];
  await house.pass(5 * minute);
  house.news();
  house.conditions = [python, nuget];
  await house.pass(0);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  house.alarms.confirm(byKey(house, nuget.key).id, 'anna');
  house.conditions = [];
  await house.pass(minute);
  house.news();
  house.conditions = [website];
  await house.pass(minute);
  assert.deepEqual(
    house.news().filter((line) => line.includes('firing')),
    ['anna: alarm.firing'],
  );
});

test('a silence for the alarm that leads does not silence the rest of the outage', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python, nuget];
  await house.pass(minute);
  house.news();
  const from = house.clock.now();
  house.alarms.silence({ pattern: python.key, reason: 'known', author: 'ben', from, until: from + 2 * hour });
  await house.pass(minute, 5 * second);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.equal(house.pagers.anna!.taken.at(-1)!.title, '[Holdfast] Page: Installing .NET packages fails');
  assert.equal(byKey(house, nuget.key).partOf, undefined);
});

test('a part that was silenced calls by itself when its silence ends after the outage', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  const from = house.clock.now();
  house.alarms.silence({ pattern: nuget.key, reason: 'known', author: 'ben', from, until: from + 30 * minute });
  house.conditions = [python, nuget];
  await house.pass(2 * minute);
  assert.deepEqual(
    house.pagers.anna!.taken.map(({ title }) => title),
    ['[Holdfast] Page: Installing Python packages fails'],
  );
  house.conditions = [nuget];
  await house.pass(27 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing', 'anna: alarm.ended']);
  await house.pass(2 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  assert.equal(byKey(house, nuget.key).partOf, undefined);
});

test('an error budget that the outage spends calls nobody beside it, and calls when it goes on after it', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python];
  await house.pass(6 * minute);
  house.news();
  house.conditions = [python, burn, { ...burn, key: 'burn:website:14.4', component: 'website' }];
  await house.pass(minute, 5 * second);
  assert.deepEqual(house.news(), ['anna: alarm.firing'], 'that of the website alone');
  assert.equal(byKey(house, burn.key).partOf, byKey(house, python.key).id);
  house.conditions = [burn];
  await house.pass(4 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(3 * minute);
  assert.deepEqual(house.news().sort(), ['anna: alarm.ended', 'anna: alarm.ended', 'anna: alarm.firing']);
});

test('an error budget that is full of an outage that is over calls only when it outlasts it', async (t) => {
  const house = await watchHouse(t, onCallOf({}));
  house.conditions = [python];
  await house.pass(2 * minute);
  house.conditions = [];
  await house.pass(minute);
  house.conditions = [{ ...burn, echoMs: 30 * minute }];
  await house.pass(28 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing', 'anna: alarm.ended']);
  await house.pass(3 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
});

test('an error budget speaks again when its component works, though the outage goes on elsewhere', async (t) => {
  const house = await watchHouse(t, onCallOf({ remindSeconds: 86_400 }));
  house.conditions = [website, python];
  await house.pass(minute);
  const six = { ...burn, key: 'burn:install:6', title: 'install fails 6 times as often as it may' };
  house.conditions = [website, python, burn, six];
  await house.pass(minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing']);
  house.conditions = [website, burn, six];
  await house.pass(4 * minute);
  assert.deepEqual(house.news(), []);
  await house.pass(2 * minute);
  assert.deepEqual(house.news(), ['anna: alarm.firing'], 'both budgets in one');
  assert.equal(house.pagers.anna!.taken.at(-1)!.title, `[Holdfast] Page: ${burn.title}, and 1 more`);
});

test('whatever fires, ends, is confirmed or silenced: each part has a leader that fires, is heard, and has its confirmation', () => {
  const keys = ['probe:a:x', 'probe:a:y', 'probe:b:x', 'burn:a:14.4'];
  const event = fc.record({
    key: fc.constantFrom(...keys),
    what: fc.constantFrom('fire' as const, 'end' as const, 'confirm' as const, 'silence' as const, 'hear' as const),
    afterMs: fc.constantFrom(1_000, 60_000, joinWithinMs, settleMs + 1),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let open: readonly KeptAlarm[] = [];
      let now = 1_000_000;
      for (const [index, { key, what, afterMs }] of events.entries()) {
        now += afterMs;
        open = after(open, key, what, `${index}`, now);
        open = regroup(open, now).alarms;
        open = open.filter(({ endedAt }) => endedAt === undefined || now - endedAt < settleMs);
        for (const alarm of open) judge(alarm, open);
      }
    }),
    { numRuns: 2_000 },
  );
});

type What = 'fire' | 'end' | 'confirm' | 'silence' | 'hear';

function after(open: readonly KeptAlarm[], key: string, what: What, id: string, now: number): readonly KeptAlarm[] {
  const known = open.find((alarm) => alarm.key === key);
  const each = (change: Partial<KeptAlarm>) => open.map((one) => (one.key === key ? { ...one, ...change } : one));
  if (known === undefined) return what === 'fire' ? begun(open, condition({ key, component: key[6] }), id, now) : open;
  if (what === 'fire') return each({ endedAt: undefined });
  if (what === 'end') return each({ endedAt: known.endedAt ?? now });
  if (what === 'silence') return each({ silencedBy: 'a silence' });
  if (what === 'hear') return each({ silencedBy: undefined });
  const leader = known.partOf ?? known.id;
  return open.map((one) =>
    one.id === leader || one.partOf === leader ? { ...one, confirmedAt: now, confirmedBy: 'anna' } : one,
  );
}

function begun(open: readonly KeptAlarm[], wanted: Condition, id: string, now: number): readonly KeptAlarm[] {
  const alarm = begin(wanted, id, now);
  const leader = leaderFor(alarm, open, now);
  if (leader === undefined) return [...open, alarm];
  const [member, told] = join(alarm, leader, open, now);
  return [...open.map((one) => (one.id === leader.id ? told : one)), member];
}

function judge(alarm: KeptAlarm, open: readonly KeptAlarm[]): void {
  if (alarm.partOf === undefined || alarm.endedAt !== undefined || alarm.silencedBy !== undefined) return;
  const leader = open.find(({ id }) => id === alarm.partOf);
  assert.ok(leader, `the leader of ${alarm.key} is there`);
  assert.equal(leader.partOf, undefined, 'it is no part itself');
  assert.equal(leader.silencedBy, undefined, 'it is heard');
  if (alarm.key.startsWith('probe:')) assert.equal(leader.endedAt, undefined, 'it fires');
  assert.equal(alarm.confirmedAt === undefined, leader.confirmedAt === undefined, 'one confirmation for both');
}
