/** The status service is killed in the middle of an outage, and goes on with it: one incident, nobody called twice, a gap in what was measured. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { openLog } from '../../../src/observe/log.ts';
import { openStatusDatabase } from '../../../src/status/database.ts';
import { openHistory } from '../../../src/status/history/open-history.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import { systemClock } from '../../../src/std/clock.ts';
import { startGallery, waitFor } from '../../gallery.ts';
import { receiveHttp } from '../channels/receivers.ts';
import { quick, startStatus, untilWell } from './running.ts';

/** Of a component, milliseconds since it is known, and how many of them were measured. */
function measured(folder: string, component: string): { readonly knownMs: number; readonly measuredMs: number } {
  const db = openStatusDatabase(join(folder, 'status.sqlite'), schemaSteps);
  const history = openHistory({ db, clock: systemClock, log: openLog('test', 'silent') });
  try {
    const now = systemClock.now();
    const measuredMs = history
      .days(component, now)
      .reduce((sum, day) => sum + day.upMs + day.degradedMs + day.partialMs + day.downMs + day.maintenanceMs, 0);
    return { knownMs: now - (history.knownSince(component)?.createdAt ?? now), measuredMs };
  } finally {
    history.close();
    db.close();
  }
}

test('killed in the middle of an outage, the service goes on with the same incident and calls nobody twice', async (t) => {
  const settings = { HOLDFAST_READ_WORKERS: '1' };
  const gallery = await startGallery(t, settings);
  const pager = await receiveHttp(t);
  const status = await startStatus(
    t,
    quick(gallery, {
      channels: [{ kind: 'webhook', name: 'pager', url: pager.url }],
      onCall: { escalation: [{ afterSeconds: 0, notify: ['pager'] }] },
    }),
  );
  await untilWell(status);
  const calls = () =>
    pager.calls
      .map(({ body }) => JSON.parse(body) as { event: string; id: string; delivery: string })
      .filter(({ event }) => event === 'alarm.firing');
  const open = async () => (await status.json('/api/v2/incidents/unresolved.json')).incidents ?? [];
  await gallery.stop();
  await waitFor(async () => (await open()).length === 1 && calls().length > 0);
  const [{ id, started_at }] = await open();
  const before = new Set(calls().map((call) => call.id));

  await status.end('SIGKILL');
  const goneAt = systemClock.now();
  await systemClock.sleep(2_000);
  const goneMs = systemClock.now() - goneAt;
  await status.start();
  await waitFor(async () => (await status.component('Website')) === 'major_outage');
  assert.deepEqual(
    (await open()).map((one: { id: string; started_at: string }) => [one.id, one.started_at]),
    [[id, started_at]],
  );

  await startGallery(t, { ...settings, HOLDFAST_PORT: String(gallery.port) }, gallery.dataDir);
  await waitFor(async () => (await status.json(`/api/v2/incidents/${id}.json`)).incident.status === 'resolved');
  await untilWell(status);
  assert.equal((await status.json('/api/v2/incidents.json')).incidents.length, 1, 'one outage is one incident');
  for (const alarm of before) {
    const deliveries = new Set(calls().flatMap((call) => (call.id === alarm ? [call.delivery] : [])));
    assert.equal(deliveries.size, 1, 'the alarm was told once');
  }
  await status.end();
  const { knownMs, measuredMs } = measured(status.folder, 'website');
  assert.ok(measuredMs > 0 && measuredMs <= knownMs - goneMs, `${measuredMs} of ${knownMs}, ${goneMs} of them away`);
});
