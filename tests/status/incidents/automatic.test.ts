/** Incidents that open, grow, and close by themselves. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { bodyOf } from '../../../src/status/incidents/words.ts';
import type { Incident } from '../../../src/status/model.ts';
import { good, hour, incidentBench, minute, second, start } from './bench.ts';

const down = 'major_outage' as const;

function only(incidents: readonly Incident[]): Incident {
  assert.equal(incidents.length, 1, incidents.map(({ name }) => name).join('; '));
  return incidents[0]!;
}

const statuses = ({ updates }: Incident) => updates.map(({ status }) => status).reverse();

test('an outage opens one incident that says what fails, since when, through what, and what works', () => {
  const bench = incidentBench();
  bench.watch(minute);
  assert.deepEqual(bench.incidents.list(), []);
  bench.watch(second, { 'install/python': down });
  const incident = only(bench.incidents.list());
  assert.equal(incident.name, 'Installing Python packages fails');
  assert.equal(incident.status, 'investigating');
  assert.equal(incident.impact, 'major');
  assert.equal(incident.origin, 'probes');
  assert.equal(incident.startedAt, start + 55 * second);
  assert.equal(incident.detectedAfterMs, 5 * second);
  assert.equal(
    incident.updates[0]?.body,
    'Installing Python packages has failed since 21 November 2026, 14:00:55 UTC: connection refused by IPv4 (of 2 addresses).\n\n' +
      'Installing .NET packages, publishing and the website are not affected.',
  );
  assert.deepEqual(incident.updates[0]?.affected, [
    { key: 'install/python', name: 'Python packages', oldStatus: 'operational', newStatus: 'major_outage' },
  ]);
  assert.deepEqual(
    bench.changes.map(({ what }) => what),
    ['opened'],
  );
});

test('addresses in a text end before their question mark', () => {
  const why = 'PowerShellGet: /powershell/api/v2/FindPackagesById()?id=%27a%27&$top=40: the connection was refused';
  const failing = [{ key: 'install/python', name: 'Python packages', status: down, failingSince: undefined, why }];
  assert.equal(
    bodyOf(failing, failing),
    'Installing Python packages fails: PowerShellGet: /powershell/api/v2/FindPackagesById(): the connection was refused.',
  );
});

test('what fails within minutes is the same outage, and its name and impact grow; what fails an hour later is another', () => {
  const bench = incidentBench();
  bench.watch(minute, { 'install/python': down });
  bench.watch(4 * minute, { 'install/python': down, 'publish/python': down, 'publish/nuget': down });
  const grown = only(bench.incidents.list());
  assert.equal(grown.name, 'Installing Python packages and publishing fail');
  assert.match(grown.updates[0]?.body ?? '', /^Installing Python.*\nPublishing Python packages has failed since .*\n/);
  assert.equal(statuses(grown).length, 2);
  const all = {
    'install/nuget': down,
    'install/python': down,
    'publish/python': down,
    'publish/nuget': down,
    website: down,
  };
  bench.watch(4 * minute, all);
  assert.equal(only(bench.incidents.list()).impact, 'critical');
  assert.equal(only(bench.incidents.list()).name, 'Installing, publishing and the website fail');

  const other = incidentBench();
  other.watch(hour, { 'install/python': down });
  other.watch(second, { 'install/python': down, website: down });
  assert.deepEqual(
    other.incidents.list().map(({ name }) => name),
    ['The website fails', 'Installing Python packages fails'],
  );
});

test('what fails seconds after the first text is told half a minute later, once; whatever else waits for three', () => {
  const bench = incidentBench();
  bench.watch(2 * second, { 'install/python': down });
  bench.watch(28 * second, { 'install/python': down, website: down });
  assert.equal(only(bench.incidents.list()).updates.length, 1);
  bench.watch(10 * second, { 'install/python': down, website: down, 'install/nuget': down });
  const told = only(bench.incidents.list());
  assert.equal(told.updates.length, 2);
  assert.deepEqual(
    told.updates[0]?.affected.map(({ key }) => key),
    ['website'],
  );
  bench.watch(2 * minute, { 'install/python': down, website: down, 'install/nuget': down });
  assert.equal(only(bench.incidents.list()).updates.length, 2);
  bench.watch(minute, { 'install/python': down, website: down, 'install/nuget': down });
  assert.equal(only(bench.incidents.list()).updates.length, 3);
});

test('of what joined and was mended before it was told, nobody hears that it works again a second time', () => {
  const bench = incidentBench();
  bench.watch(2 * second, { 'install/python': down });
  bench.watch(40 * second, { 'install/python': down, website: down });
  bench.watch(10 * second, { 'install/python': down, website: down, 'install/nuget': down });
  bench.watch(4 * minute, {});
  assert.deepEqual(statuses(only(bench.incidents.list())), ['investigating', 'investigating', 'monitoring']);
});

test('when all is well it is monitored, then resolved with its figures', () => {
  const bench = incidentBench();
  bench.watch(10 * minute, { 'install/python': down });
  bench.incidents.noteTold(bench.incidents.list()[0]!.id, start + 20 * second);
  bench.watch(second);
  assert.equal(only(bench.incidents.list()).status, 'monitoring');
  bench.watch(299 * second);
  assert.equal(only(bench.incidents.list()).status, 'monitoring');
  bench.watch(2 * second);
  const done = only(bench.incidents.list());
  assert.deepEqual(statuses(done), ['investigating', 'monitoring', 'resolved']);
  assert.equal(done.mendedAfterMs, 10 * minute + 5 * second);
  assert.equal(done.toldAfterMs, 25 * second);
  assert.equal(done.resolvedAt, start + 15 * minute);
  assert.equal(
    done.updates[0]?.body,
    'Installing Python packages works as usual again.\n\nIt lasted 10 minutes, from 21 November 2026, 13:59:55 UTC to ' +
      '21 November 2026, 14:10:00 UTC. It was noticed after 5 seconds and told after 25 seconds.',
  );
  assert.deepEqual(
    bench.changes.map(({ what }) => what).filter((what) => what !== 'edited'),
    ['opened', 'updated', 'resolved'],
  );
});

test('what would be resolved goes on when something joins it in that very second', () => {
  const bench = incidentBench();
  bench.watch(second, { website: down });
  bench.watch(5 * minute);
  assert.equal(only(bench.incidents.list()).status, 'monitoring');
  bench.watch(second, { 'install/python': down });
  assert.equal(only(bench.incidents.list()).status, 'monitoring');
  bench.watch(minute, { 'install/python': down });
  assert.deepEqual(statuses(only(bench.incidents.list())), ['investigating', 'monitoring', 'investigating']);
});

test('flapping makes no storm of updates: one text in three minutes, and it is not resolved meanwhile', () => {
  const bench = incidentBench();
  for (let round = 0; round < 30; round += 1) {
    bench.watch(20 * second, { 'install/python': down });
    bench.watch(40 * second);
  }
  const incident = only(bench.incidents.list());
  assert.notEqual(incident.status, 'resolved');
  assert.ok(incident.updates.length <= 2 + 30 / 3, `${incident.updates.length} updates in half an hour`);
  assert.ok(incident.updates.length >= 4, 'it goes on telling');
});

test('what fails again soon after it was resolved opens the same incident again; after half an hour it is a new one', () => {
  const bench = incidentBench();
  bench.watch(minute, { 'install/python': down });
  bench.watch(20 * minute);
  assert.equal(only(bench.incidents.list()).status, 'resolved');
  bench.watch(second, { 'install/python': down });
  const again = only(bench.incidents.list());
  assert.equal(again.status, 'investigating');
  assert.equal(again.resolvedAt, undefined);
  assert.match(again.updates[0]?.body ?? '', /^It fails again\./);
  bench.watch(36 * minute + 10 * second);
  assert.equal(only(bench.incidents.list()).status, 'resolved');
  bench.watch(second, { 'install/python': down });
  assert.equal(bench.incidents.list().length, 2);
});

test('one address down behind healthy ones opens nothing for ten minutes', () => {
  const bench = incidentBench();
  bench.watch(9 * minute, { 'install/nuget': 'degraded_performance' });
  assert.deepEqual(bench.incidents.list(), []);
  bench.watch(minute, { 'install/nuget': 'degraded_performance' });
  const incident = only(bench.incidents.list());
  assert.equal(incident.name, 'Installing .NET packages is degraded');
  assert.equal(incident.impact, 'minor');
});

test('what is unknown opens nothing, and resolves nothing', () => {
  const bench = incidentBench();
  bench.watch(hour, { website: 'unknown' });
  assert.deepEqual(bench.incidents.list(), []);
  bench.watch(minute, { website: down });
  bench.watch(hour, { website: 'unknown' });
  assert.deepEqual(statuses(only(bench.incidents.list())), ['investigating']);
  assert.equal(only(bench.incidents.list()).components[0]?.status, down);
  assert.equal(bench.changes.length, 1, 'nobody hears of what nobody knows');
});

test('once a person has written, probes write nothing more, and resolve only what that person is monitoring', () => {
  const bench = incidentBench();
  bench.watch(minute, { 'install/python': down });
  const { id } = only(bench.incidents.list());
  good(bench.incidents.update(id, { status: 'identified', body: 'A cable.', author: 'Ada' }));
  bench.watch(10 * minute, { 'install/python': down, 'publish/python': down });
  const noted = only(bench.incidents.list());
  assert.deepEqual(statuses(noted), ['investigating', 'identified']);
  assert.deepEqual(
    noted.components.map(({ key, status }) => `${key} ${status}`),
    ['install/python major_outage', 'publish/python major_outage'],
  );
  bench.watch(hour);
  assert.equal(only(bench.incidents.list()).status, 'identified');
  good(bench.incidents.update(id, { status: 'monitoring', body: 'Mended.', author: 'Ada' }));
  bench.watch(2 * second);
  const done = only(bench.incidents.list());
  assert.deepEqual(statuses(done), ['investigating', 'identified', 'monitoring', 'resolved']);
  assert.equal(done.updates[0]?.author, 'probes');
  assert.equal(done.mendedAfterMs, 11 * minute + 5 * second);
});

test('an incident that a person opened about what fails is the one incident, and stays that person’s', () => {
  const bench = incidentBench();
  const affected = { 'install/python': down };
  const opened = good(bench.incidents.open({ name: 'Mirror is gone', body: 'We know.', affected, author: 'Ada' }));
  bench.watch(10 * minute, { 'install/python': down });
  bench.watch(hour);
  const incident = only(bench.incidents.list());
  assert.equal(incident.id, opened.id);
  assert.equal(incident.name, 'Mirror is gone');
  assert.deepEqual(statuses(incident), ['investigating']);
});

test('what a person resolves while it fails stays resolved for ten minutes, and is another incident after that', () => {
  const bench = incidentBench();
  bench.watch(minute, { website: down });
  const { id } = only(bench.incidents.list());
  good(bench.incidents.update(id, { status: 'resolved', body: 'A probe is wrong.', author: 'Ada' }));
  bench.watch(9 * minute, { website: down });
  assert.equal(only(bench.incidents.list()).status, 'resolved');
  bench.watch(2 * minute, { website: down });
  assert.equal(bench.incidents.list().length, 2);
  const other = incidentBench();
  other.watch(minute, { website: down });
  good(other.incidents.update(other.incidents.list()[0]!.id, { status: 'resolved', body: 'Over.', author: 'Ada' }));
  other.watch(minute);
  other.watch(second, { website: down });
  assert.equal(other.incidents.list().length, 2, 'what fails anew is told at once');
});

test('a restart forgets nothing: neither what is open nor since when all is well', () => {
  const bench = incidentBench();
  bench.watch(minute, { 'install/python': down });
  bench.watch(4 * minute);
  const before = bench.incidents.list();
  bench.restart();
  assert.deepEqual(bench.incidents.list(), before);
  bench.watch(minute + 2 * second);
  assert.equal(only(bench.incidents.list()).status, 'resolved');
  bench.restart();
  assert.equal(only(bench.incidents.list()).updates.length, 3);
});

test('nothing opens by itself when that is switched off', () => {
  const bench = incidentBench({ isAutomatic: false });
  bench.watch(hour, { 'install/python': down });
  assert.deepEqual(bench.incidents.list(), []);
});
