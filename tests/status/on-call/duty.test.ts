/** Who is on duty when: hand-overs, changes of the clocks, overrides, quiet hours. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  nextHandOver,
  notBefore,
  type OnCall,
  onDuty,
  personOnDuty,
  type Rotation,
  recipientsOf,
} from '../../../src/status/on-call/duty.ts';
import { lastAtHour, momentOf, nextAtHour, wallTime } from '../../../src/status/on-call/wall-clock.ts';

const at = (text: string) => Date.parse(text);
const iso = (moment: number) => new Date(moment).toISOString();

const weekly: Rotation = {
  name: 'first',
  people: ['anna', 'ben', 'cleo'],
  startsAt: '2026-03-02T09:00',
  timeZone: 'Europe/Berlin',
  everyDays: 7,
  overrides: [],
};

const onCall: OnCall = {
  people: [
    {
      name: 'anna',
      channels: ['anna-mail', 'anna-phone'],
      quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' },
    },
    { name: 'ben', channels: ['ben-mail'] },
    { name: 'cleo', channels: ['cleo-mail'], quietHours: { from: '12:00', to: '13:00', timeZone: 'Asia/Kolkata' } },
  ],
  rotations: [weekly],
  escalation: [],
  tickets: [],
  remindSeconds: 1800,
  testPage: { at: '10:00', timeZone: 'Etc/UTC', confirmWithinSeconds: 3600 },
};

test('a shift ends to the minute at the local hour of the hand-over', () => {
  assert.equal(
    personOnDuty(weekly, at('2026-03-02T07:59:59Z')),
    'anna',
    'before the first hand-over it is the first one’s turn',
  );
  assert.equal(personOnDuty(weekly, at('2026-03-02T08:00:00Z')), 'anna');
  assert.equal(personOnDuty(weekly, at('2026-03-09T07:59:59.999Z')), 'anna');
  assert.equal(personOnDuty(weekly, at('2026-03-09T08:00:00Z')), 'ben');
  assert.equal(personOnDuty(weekly, at('2026-03-16T08:00:00Z')), 'cleo');
  assert.equal(personOnDuty(weekly, at('2026-03-23T08:00:00Z')), 'anna');
});

test('when clocks change, the hand-over stays at nine by the clock on the wall', () => {
  // In Berlin summer time begins on 29 March 2026 and ends on 25 October.
  assert.equal(iso(nextHandOver(weekly, at('2026-03-25T00:00:00Z'))), '2026-03-30T07:00:00.000Z');
  assert.equal(personOnDuty(weekly, at('2026-03-30T06:59:59Z')), 'anna');
  assert.equal(personOnDuty(weekly, at('2026-03-30T07:00:00Z')), 'ben');
  assert.equal(iso(nextHandOver(weekly, at('2026-10-24T00:00:00Z'))), '2026-10-26T08:00:00.000Z');
});

test('a hand-over in an hour that is skipped comes an hour later by UTC; in one that comes twice, the first time', () => {
  const nightly = { ...weekly, startsAt: '2026-03-28T02:30', everyDays: 1 };
  assert.equal(iso(nextHandOver(nightly, at('2026-03-28T12:00:00Z'))), '2026-03-29T01:30:00.000Z');
  assert.equal(iso(nextHandOver(nightly, at('2026-03-29T12:00:00Z'))), '2026-03-30T00:30:00.000Z');
  assert.equal(iso(nextHandOver(nightly, at('2026-10-24T12:00:00Z'))), '2026-10-25T00:30:00.000Z');
  assert.equal(
    personOnDuty(nightly, at('2026-10-25T00:29:59Z')) === personOnDuty(nightly, at('2026-10-25T00:30:00Z')),
    false,
  );
  assert.equal(personOnDuty(nightly, at('2026-10-25T00:30:00Z')), personOnDuty(nightly, at('2026-10-25T01:30:00Z')));
});

test('zones with odd distances, and one that skipped a whole day, have their hand-overs', () => {
  const lordHowe = { ...weekly, timeZone: 'Australia/Lord_Howe', startsAt: '2026-04-01T01:45', everyDays: 1 };
  assert.equal(wallTime(nextHandOver(lordHowe, at('2026-04-04T12:00:00Z')), 'Australia/Lord_Howe').hour, 1);
  // Samoa had no 30 December 2011.
  const apia = { ...weekly, timeZone: 'Pacific/Apia', startsAt: '2011-12-28T09:00', everyDays: 1 };
  assert.equal(personOnDuty(apia, at('2011-12-29T20:00:00Z')), 'ben');
  assert.equal(personOnDuty(apia, at('2011-12-30T20:00:00Z')), 'anna');
});

test('every moment between two hand-overs has one person, and the next hand-over is later', () => {
  const zones = [
    'Europe/Berlin',
    'America/St_Johns',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'Etc/UTC',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: at('2026-03-05T00:00Z'), max: at('2030-01-01T00:00Z') }),
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom('00:00', '02:00', '02:30', '09:00', '23:59'),
      (timeZone, moment, everyDays, hour) => {
        const rotation = { ...weekly, timeZone, everyDays, startsAt: `2026-03-02T${hour}` };
        const next = nextHandOver(rotation, moment);
        assert.ok(next > moment && next - moment <= (everyDays * 24 + 2) * 3_600_000);
        assert.equal(personOnDuty(rotation, moment), personOnDuty(rotation, next - 1));
        const turn = (who: string) => rotation.people.indexOf(who);
        const [now, then] = [personOnDuty(rotation, moment), personOnDuty(rotation, next)].map(turn);
        assert.equal(then, (now! + 1) % 3);
      },
    ),
  );
});

test('an override counts from its first to before its last moment, and the last written wins', () => {
  const overrides = [
    { person: 'cleo', from: '2026-03-03T00:00:00Z', until: '2026-03-05T00:00:00Z' },
    { person: 'ben', from: '2026-03-04T00:00:00+01:00', until: '2026-03-04T12:00:00Z' },
  ];
  const rotation = { ...weekly, overrides };
  assert.equal(personOnDuty(rotation, at('2026-03-02T23:59:59Z')), 'anna');
  assert.equal(personOnDuty(rotation, at('2026-03-03T00:00:00Z')), 'cleo');
  assert.equal(personOnDuty(rotation, at('2026-03-03T23:00:00Z')), 'ben');
  assert.equal(personOnDuty(rotation, at('2026-03-04T12:00:00Z')), 'cleo');
  assert.equal(personOnDuty(rotation, at('2026-03-05T00:00:00Z')), 'anna');
});

test('names of rotations, people and channels become channels, each once', () => {
  const monday = at('2026-03-02T12:00:00Z');
  assert.deepEqual(onDuty(onCall, monday), { first: 'anna' });
  assert.deepEqual(recipientsOf(onCall, ['first', 'anna', 'chat', 'ben'], monday), [
    { channel: 'anna-mail', person: 'anna' },
    { channel: 'anna-phone', person: 'anna' },
    { channel: 'chat', person: undefined },
    { channel: 'ben-mail', person: 'ben' },
  ]);
});

test('what can wait, waits for the end of quiet hours, also over midnight and a change of the clocks', () => {
  const wait = (name: string | undefined, moment: string) => iso(notBefore(onCall, name, at(moment)));
  assert.equal(wait('anna', '2026-03-02T20:59:00Z'), '2026-03-02T20:59:00.000Z');
  assert.equal(wait('anna', '2026-03-02T21:00:00Z'), '2026-03-03T06:00:00.000Z');
  assert.equal(wait('anna', '2026-03-03T05:59:00Z'), '2026-03-03T06:00:00.000Z');
  assert.equal(wait('anna', '2026-03-03T06:00:00Z'), '2026-03-03T06:00:00.000Z');
  assert.equal(wait('anna', '2026-03-28T23:00:00Z'), '2026-03-29T05:00:00.000Z');
  assert.equal(wait('cleo', '2026-03-03T06:45:00Z'), '2026-03-03T07:30:00.000Z');
  assert.equal(wait('ben', '2026-03-03T02:00:00Z'), '2026-03-03T02:00:00.000Z');
  assert.equal(wait(undefined, '2026-03-03T02:00:00Z'), '2026-03-03T02:00:00.000Z');
});

test('the last and the next time of an hour of the day are a day apart, with the moment between them', () => {
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Etc/UTC');
  const moments = fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2029-01-01T00:00Z') });
  fc.assert(
    fc.property(zones, moments, fc.constantFrom('00:00', '02:30', '10:00'), (zone, moment, hour) => {
      const [last, next] = [lastAtHour(hour, zone, moment), nextAtHour(hour, zone, moment)];
      assert.ok(last <= moment && moment < next && next - last >= 22 * 3_600_000 && next - last <= 26 * 3_600_000);
      assert.equal(momentOf(wallTime(moment, 'Etc/UTC'), 'Etc/UTC'), moment - (moment % 60_000));
    }),
  );
});
