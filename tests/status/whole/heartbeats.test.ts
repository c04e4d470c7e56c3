/** A sign of life that stands for a component: heard, it is well; late, it is down for everybody to see; heard again, it is over. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { startGallery, waitFor } from '../../gallery.ts';
import { quick, startStatus, untilWell } from './running.ts';

test('a late sign of life takes its component down and opens an incident, until it is heard again', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_READ_WORKERS: '1' });
  const status = await startStatus(
    t,
    quick(gallery, {
      components: [{ key: 'backup', name: 'Backups' }],
      heartbeats: [
        { name: 'backup', everySeconds: 3, graceSeconds: 1, component: 'backup', means: 'Copies are made.' },
      ],
    }),
  );
  const authorization = `Bearer ${status.token()}`;
  const { heartbeats } = (await (
    await fetch(`${status.url}/api/heartbeats`, { headers: { authorization } })
  ).json()) as { heartbeats: readonly { url: string }[] };
  const { url } = heartbeats[0]!;
  const hear = async () => assert.equal((await fetch(url)).status, 200);
  const state = () => status.component('Backups');
  assert.equal((await fetch(`${url.slice(0, -1)}x`)).status, 404, 'another token is nobody’s');
  await waitFor(async () => {
    await hear();
    return (await state()) === 'operational' && (await status.indicator()) === 'none';
  });

  await waitFor(async () => (await state()) === 'major_outage');
  await waitFor(async () => (await status.json('/api/v2/incidents/unresolved.json')).incidents.length === 1);
  const [{ id, name }] = (await status.json('/api/v2/incidents/unresolved.json')).incidents;
  assert.equal(name, 'Backups fails');
  assert.match(await status.text('/'), /the sign of life &quot;backup&quot; is late/);

  await waitFor(async () => {
    await hear();
    return (await status.json(`/api/v2/incidents/${id}.json`)).incident.status === 'resolved';
  });
  await waitFor(async () => {
    await hear();
    return (await state()) === 'operational';
  });
  await untilWellWhile(hear);

  /** It has to be heard all the while. */
  async function untilWellWhile(beat: () => Promise<void>) {
    const beating = setInterval(() => void beat().catch(() => undefined), 500);
    t.after(() => clearInterval(beating));
    await untilWell(status);
    clearInterval(beating);
  }
});
