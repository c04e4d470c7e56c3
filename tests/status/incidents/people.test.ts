/** Incidents and maintenances that people open, write, correct, merge and announce. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { incidentConditions } from '../../../src/status/incidents/conditions.ts';
import { bodyLengthMax, nameLengthMax, openMax } from '../../../src/status/incidents/limits.ts';
import { fillTemplate } from '../../../src/status/incidents/templates.ts';
import { good, hour, incidentBench, minute, refused, second, start } from './bench.ts';

const ada = { author: 'Ada' };
const trouble = { name: 'Slow', body: 'We are looking.', ...ada };

test('an incident is opened, told of, resolved, explained, and dated back', () => {
  const { incidents, clock } = incidentBench();
  const affected = { 'install/python': 'partial_outage' } as const;
  const opened = good(incidents.open({ ...trouble, affected, startedAt: start - hour }));
  assert.equal(opened.impact, 'major');
  assert.equal(opened.startedAt, start - hour);
  assert.equal(opened.detectedAfterMs, hour);
  assert.match(opened.id, /^[a-z0-9]{12}$/);
  clock.at += minute;
  good(incidents.update(opened.id, { status: 'identified', body: 'Found.\r\n', displayAt: start - minute, ...ada }));
  clock.at += minute;
  assert.match(
    refused(incidents.update(opened.id, { status: 'postmortem', body: 'Why', ...ada })),
    /^form-field-invalid/,
  );
  good(
    incidents.update(opened.id, {
      status: 'resolved',
      body: 'Over.',
      affected: { 'install/python': 'operational' },
      ...ada,
    }),
  );
  const explained = good(incidents.update(opened.id, { status: 'postmortem', body: '# Why\n\nA cable.', ...ada }));
  assert.deepEqual(
    explained.updates.map(({ status, body, displayAt }) => [status, body, displayAt - start]),
    [
      ['postmortem', '# Why\n\nA cable.', 2 * minute],
      ['resolved', 'Over.', 2 * minute],
      ['identified', 'Found.', -minute],
      ['investigating', 'We are looking.', -hour],
    ],
  );
  assert.equal(explained.postmortem, '# Why\n\nA cable.');
  assert.equal(explained.mendedAfterMs, hour + 2 * minute);
  assert.deepEqual(explained.components, [
    { key: 'install/python', name: 'Python packages', status: 'partial_outage' },
  ]);
  assert.deepEqual(explained.updates[1]?.affected[0]?.oldStatus, 'partial_outage');
});

test('name, impact, start and texts are corrected, and nothing is corrected into nonsense', () => {
  const { incidents, clock } = incidentBench();
  const { id, updates } = good(incidents.open(trouble));
  clock.at += hour;
  const corrected = { id: updates[0]!.id, body: 'We were looking.' };
  const edited = good(
    incidents.edit(id, { name: 'Very slow', impact: 'critical', startedAt: start - minute, update: corrected }),
  );
  assert.deepEqual(
    [edited.name, edited.impact, edited.startedAt, edited.updates[0]?.body, edited.updates[0]?.updatedAt],
    ['Very slow', 'critical', start - minute, 'We were looking.', start + hour],
  );
  assert.match(refused(incidents.edit(id, { startedAt: start + 2 * hour })), /future/);
  assert.match(refused(incidents.edit(id, { impact: 'maintenance' })), /not an impact/);
  assert.match(refused(incidents.edit(id, { scheduledUntil: start + 3 * hour })), /Only a maintenance/);
  assert.match(refused(incidents.edit(id, { postmortem: 'x' })), /no postmortem yet/);
  assert.match(refused(incidents.edit(id, { update: { id: 'nothing', body: 'x' } })), /no update/);
  assert.match(refused(incidents.edit('nothing', { name: 'x' })), /^not-found/);
});

test('two incidents become one: updates in order, components together, and the old address leads to the new', () => {
  const bench = incidentBench();
  const { incidents, clock } = bench;
  bench.watch(second, { 'install/python': 'major_outage' });
  const automatic = incidents.list()[0]!;
  clock.at += minute;
  const affected = { website: 'degraded_performance' } as const;
  const opened = good(incidents.open({ ...trouble, affected }));
  clock.at += minute;
  good(incidents.update(automatic.id, { body: 'Still.', ...ada }));
  const merged = good(incidents.merge(automatic.id, opened.id));
  assert.deepEqual(
    merged.updates.map(({ body, author }) => `${author}: ${body.slice(0, 15)}`),
    ['Ada: Still.', 'Ada: We are looking.', 'probes: Installing Pyth'],
  );
  assert.deepEqual(
    merged.components.map(({ key }) => key),
    ['website', 'install/python'],
  );
  assert.equal(merged.startedAt, automatic.startedAt);
  assert.equal(merged.impact, 'major');
  assert.equal(incidents.find(automatic.id)?.id, opened.id);
  assert.equal(incidents.list().length, 1);
  assert.match(refused(incidents.merge(opened.id, automatic.id)), /into itself/);
  bench.restart();
  assert.deepEqual(bench.incidents.find(automatic.id)?.updates, merged.updates);
});

test('a maintenance is announced, told again, begins and ends by itself, and its components are maintained meanwhile', () => {
  const bench = incidentBench();
  const affected = { install: 'under_maintenance' } as const;
  const times = { scheduledFor: start + 30 * hour, scheduledUntil: start + 31 * hour };
  const { id } = good(
    bench.incidents.schedule({ name: 'New disks', body: 'Short breaks.', affected, ...times, ...ada }),
  );
  bench.watch(28 * hour);
  assert.equal(bench.incidents.find(id)?.status, 'scheduled');
  assert.deepEqual([...bench.incidents.inMaintenance()], []);
  bench.watch(2 * hour + second, { 'install/python': 'operational' });
  assert.equal(bench.incidents.find(id)?.status, 'in_progress');
  assert.deepEqual([...bench.incidents.inMaintenance()].sort(), ['install', 'install/nuget', 'install/python']);
  bench.watch(59 * minute, { 'install/python': 'major_outage' });
  assert.equal(bench.incidents.list().length, 1, 'what fails in a maintenance opens nothing');
  bench.watch(2 * minute, { 'install/python': 'major_outage' });
  const over = bench.incidents.find(id)!;
  assert.deepEqual(over.updates.map(({ status, author }) => `${status} by ${author}`).reverse(), [
    'scheduled by Ada',
    'scheduled by clock',
    'in_progress by clock',
    'completed by clock',
  ]);
  assert.equal(over.impact, 'maintenance');
  const outage = bench.incidents.list().find(({ kind }) => kind === 'incident');
  assert.equal(outage?.startedAt, over.resolvedAt, 'what still fails afterwards counts from the end on');
});

test('a maintenance that was announced on the same day is not told again before it begins', () => {
  const bench = incidentBench();
  const times = { scheduledFor: start + 3 * hour, scheduledUntil: start + 4 * hour };
  const { id } = good(bench.incidents.schedule({ name: 'Disks', body: 'x', ...times, ...ada }));
  bench.watch(3 * hour - minute);
  assert.equal(bench.incidents.find(id)?.updates.length, 1);
});

test('a maintenance ends early or gets more time, and then does so by itself no more than once', () => {
  const { incidents, clock } = incidentBench();
  const wanted = { name: 'Disks', body: 'x', scheduledFor: start + minute, scheduledUntil: start + hour, ...ada };
  const affected = { website: 'under_maintenance' } as const;
  const early = good(incidents.schedule({ ...wanted, affected }));
  const longer = good(incidents.schedule(wanted));
  clock.at += 2 * minute;
  incidents.followClock();
  const ended = good(incidents.update(early.id, { status: 'completed', body: 'Done.', ...ada }));
  assert.deepEqual(ended.updates[0]?.affected, [
    { key: 'website', name: 'Website', oldStatus: 'under_maintenance', newStatus: 'operational' },
  ]);
  assert.deepEqual([...incidents.inMaintenance()], []);
  good(incidents.edit(longer.id, { scheduledUntil: start + 3 * hour }));
  assert.match(refused(incidents.edit(longer.id, { scheduledFor: start + 2 * hour })), /has begun/);
  assert.match(refused(incidents.update(longer.id, { status: 'resolved', body: 'x', ...ada })), /is one of scheduled/);
  clock.at += 2 * hour;
  incidents.followClock();
  assert.equal(incidents.find(longer.id)?.status, 'in_progress');
  clock.at += hour;
  incidents.followClock();
  incidents.followClock();
  assert.equal(incidents.find(longer.id)?.updates.length, 3);
  assert.equal(incidents.find(early.id)?.updates.length, 3);
  assert.match(refused(incidents.update(early.id, { status: 'in_progress', body: 'x', ...ada })), /is over/);
});

test('an incident that nobody writes about reminds its owner until somebody does', () => {
  const { incidents, clock } = incidentBench();
  const { id } = good(incidents.open(trouble));
  good(incidents.update(id, { body: 'Mine now', author: 'Grace' }));
  clock.at += hour - second;
  assert.deepEqual(incidentConditions(incidents), []);
  clock.at += second;
  const [condition] = incidentConditions(incidents);
  assert.equal(condition?.key, `incident:${id}`);
  assert.equal(condition?.severity, 'ticket');
  assert.match(condition?.text ?? '', /Ada looks after it/);
  good(incidents.update(id, { body: 'Still on it.', ...ada }));
  assert.deepEqual(incidents.forgotten(), []);
  clock.at += 2 * hour;
  good(incidents.update(id, { status: 'resolved', body: 'Over.', ...ada }));
  clock.at += 2 * hour;
  assert.deepEqual(incidents.forgotten(), []);
});

test('what is too long, too many, unknown or not a person’s name is refused, and changes nothing', () => {
  const bench = incidentBench();
  const { incidents } = bench;
  const no = (wanted: object) => refused(incidents.open({ ...trouble, ...wanted }));
  assert.match(no({ name: ' ' }), /^form-field-invalid: The name is missing/);
  assert.match(no({ name: 'x'.repeat(nameLengthMax + 1) }), /longer than 200/);
  assert.match(no({ body: 'x'.repeat(bodyLengthMax + 1) }), /longer than 10000/);
  assert.match(no({ name: 'a\u001b[2J' }), /control characters/);
  assert.match(no({ author: 'probes' }), /not the name of a person/);
  assert.match(no({ affected: { website: 'great' } }), /not a status/);
  assert.match(no({ affected: { 'A B': 'operational' } }), /not the key/);
  assert.match(no({ startedAt: start + hour }), /future/);
  assert.match(no({ status: 'scheduled' }), /does not begin as/);
  const window = { name: 'x', body: 'x', ...ada };
  const schedule = (from: number, until: number) =>
    refused(incidents.schedule({ ...window, scheduledFor: start + from, scheduledUntil: start + until }));
  assert.match(schedule(hour, hour), /ends after it begins/);
  assert.match(schedule(-2 * hour, -hour), /in the past/);
  assert.match(schedule(hour, 31 * 24 * hour), /30 days/);
  assert.deepEqual(incidents.list(), []);
  for (let count = 0; count < openMax; count += 1) good(incidents.open(trouble));
  assert.match(no({}), /^limit-reached/);
  assert.equal(bench.changes.length, openMax);
});

test('a template is filled with values, and one that lacks a value says which', () => {
  const template = { name: 'cdn', title: '{{edge}} is slow', body: 'Since {{ since }}, {{edge}}. {{edge}}' };
  const filled = good(fillTemplate(template, { edge: '{{since}} $&', since: 'noon' }));
  assert.deepEqual(filled, { title: '{{since}} $& is slow', body: 'Since noon, {{since}} $&. {{since}} $&' });
  assert.match(refused(fillTemplate(template, { edge: 'x' })), /also needs since/);
});

test('marks are kept, and given for a stretch of time', () => {
  const { incidents } = incidentBench();
  assert.equal(incidents.mark('deployed 1.2', 'deploy'), undefined);
  assert.equal(incidents.mark('deployed 1.1', 'deploy', start - hour), undefined);
  assert.match(refused(incidents.mark('', 'deploy')), /text is missing/);
  assert.deepEqual(incidents.marks(start - hour, start - minute), [
    { at: start - hour, text: 'deployed 1.1', author: 'deploy' },
  ]);
  assert.equal(incidents.marks(0, start).length, 2);
});

test('a listener that fails keeps nobody else from hearing', () => {
  const { incidents, changes } = incidentBench();
  const heard: string[] = [];
  incidents.onChange(() => {
    throw new Error('broken');
  });
  incidents.onChange(({ what }) => heard.push(what));
  good(incidents.open(trouble));
  assert.deepEqual([heard, changes.length], [['opened'], 1]);
});
