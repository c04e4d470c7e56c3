/** Planned maintenance by command: announced, begun and ended by the clock, and told in the API and the calendar as what it is. */
import assert from 'node:assert/strict';
import test from 'node:test';
import ical from 'ical.js';
import { startGallery, waitFor } from '../../gallery.ts';
import { quick, startStatus, untilWell } from './running.ts';

test('a maintenance begins and ends by itself, and is no outage to anybody', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_READ_WORKERS: '1' });
  const status = await startStatus(t, quick(gallery));
  await untilWell(status);
  const words = ['maintenance', 'schedule', 'New disks', '--body', 'It pauses.', '--from', '+4s', '--for', '1h'];
  const affects = ['install', 'publish', 'website'].flatMap((key) => ['--affects', key]);
  const id = (await status.command(...words, ...affects)).stdout.trim();
  const list = async (name: string): Promise<readonly { id: string; status: string }[]> =>
    (await status.json(`/api/v2/scheduled-maintenances/${name}.json`)).scheduled_maintenances ?? [];
  const states = async () => {
    const { components } = await status.json('/api/v2/components.json');
    return new Set(components.map((one: { status: string }) => one.status));
  };
  const event = async () => {
    const calendar = new ical.Component(ical.parse(await status.text('/calendar.ics')));
    const all = calendar.getAllSubcomponents('vevent').map((one) => new ical.Event(one));
    return all.find(({ uid }) => uid.includes(id));
  };
  await waitFor(async () => (await event()) !== undefined);
  assert.match((await event())?.summary ?? '', /^New disks/);
  await waitFor(async () => (await list('active')).some((one) => one.id === id));
  await waitFor(async () => (await states()).size === 1);
  assert.deepEqual([...(await states())], ['under_maintenance']);
  assert.deepEqual((await status.json('/api/v2/status.json')).status, {
    indicator: 'none',
    description: 'Service Under Maintenance',
  });
  assert.match(await status.text('/'), /Maintenance is under way\./);

  // What fails meanwhile is what was announced.
  await gallery.stop();
  await waitFor(async () => /probe_success\{[^}]*component="website"[^}]*\} 0/.test(await status.text('/metrics')));
  assert.deepEqual((await status.json('/api/v2/incidents/unresolved.json')).incidents, []);
  assert.deepEqual([...(await states())], ['under_maintenance']);
  const settings = { HOLDFAST_READ_WORKERS: '1', HOLDFAST_PORT: String(gallery.port) };
  await startGallery(t, settings, gallery.dataDir);
  await waitFor(async () => !/probe_success\{[^}]*\} 0/.test(await status.text('/metrics')));

  await status.command('maintenance', 'extend', id, '--until', '+2s');
  await waitFor(async () => (await status.json(`/api/v2/incidents/${id}.json`)).incident.status === 'completed');
  await untilWell(status);
  assert.deepEqual([...(await states())], ['operational']);
  const { incident } = await status.json(`/api/v2/incidents/${id}.json`);
  assert.deepEqual(
    incident.incident_updates.map((update: { status: string }) => update.status),
    ['completed', 'in_progress', 'scheduled'],
  );
  assert.deepEqual((await status.json('/api/v2/incidents.json')).incidents, [], 'no incident came of it');
  const over = await event();
  assert.ok((over?.endDate.toUnixTime() ?? 0) > (over?.startDate.toUnixTime() ?? 0));
});
