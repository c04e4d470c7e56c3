/** What nobody knows is never shown as well: not when the service hangs, and not when its own network is away. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { createPublisher } from '../../../src/status/publication/publisher.ts';
import { createStatusServer } from '../../../src/status/serve/server.ts';
import { freePort, startGallery, waitFor } from '../../gallery.ts';
import { receiveHttp } from '../channels/receivers.ts';
import { HandClock } from '../hand-clock.ts';
import { viewOf } from '../views.ts';
import { quick, startStatus, untilWell } from './running.ts';

/** As its readers see it: number and word of the API, and the page’s sentence. */
async function shown(url: string) {
  const answer = await fetch(`${url}/api/v2/status.json`);
  const { status } = (await answer.json()) as { status: { indicator: string; description: string } };
  const page = await fetch(`${url}/`);
  const isSure = !(await page.text()).includes('We do not know.');
  return [answer.status, status.indicator, page.status, isSure];
}

const well = [200, 'none', 200, true];
const unknown = [503, 'unknown', 200, false];

test('a service that has not looked for half a minute says by itself that it knows nothing', async (t) => {
  const clock = new HandClock();
  const view = viewOf({ website: 'operational' });
  const publisher = createPublisher(view, clock);
  const server = createStatusServer({
    publication: () => publisher.current(),
    others: (_request, response) => response.writeHead(404).end(),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  clock.goOn(30_000);
  assert.deepEqual(await shown(url), well);
  publisher.confirm();
  clock.goOn(30_001);
  assert.deepEqual(await shown(url), unknown, 'nobody has looked since');
  assert.equal((await fetch(`${url}/api/v2/summary.json`)).headers.get('retry-after'), '60');
  publisher.refresh(view);
  assert.deepEqual(await shown(url), well);
});

test('without a network of its own the service knows nothing, calls nobody and sends no sign of life', async (t) => {
  const settings = { HOLDFAST_READ_WORKERS: '1' };
  const gallery = await startGallery(t, settings);
  const [pager, watcher] = [await receiveHttp(t), await receiveHttp(t)];
  const status = await startStatus(
    t,
    quick(gallery, {
      probing: { staleSeconds: 1, deadlineSeconds: 1, ownNetwork: [`127.0.0.1:${await freePort()}`] },
      channels: [{ kind: 'webhook', name: 'pager', url: pager.url }],
      onCall: { escalation: [{ afterSeconds: 0, notify: ['pager'] }] },
      heartbeatsOut: [{ url: watcher.url, everySeconds: 1 }],
    }),
  );
  await untilWell(status);
  await waitFor(() => watcher.calls.length > 0);
  await gallery.stop();
  await waitFor(async () => (await status.indicator()) === 'unknown');
  const metrics = await status.text('/metrics');
  assert.match(metrics, /^holdfast_status_component\{component="website",status="unknown"\} 1$/m);
  assert.match(metrics, /^holdfast_status_known 0$/m);
  await waitFor(() => status.output().includes('sends no sign of life'));
  const signs = watcher.calls.length;
  for (let round = 0; round < 100; round += 1) assert.deepEqual(await shown(status.url), unknown);
  await startGallery(t, { ...settings, HOLDFAST_PORT: String(gallery.port) }, gallery.dataDir);
  // Whatever was still on its way when the service noticed.
  assert.ok(watcher.calls.length <= signs + 1, 'no sign of life while nothing is known');
  await untilWell(status);
  const [again] = [watcher.calls.length];
  await waitFor(() => watcher.calls.length > again);
  const events = pager.calls.map(({ body }) => (JSON.parse(body) as { event: string; title: string }).title);
  assert.deepEqual(
    events.filter((title) => title.includes('Page:')),
    [],
  );
  assert.deepEqual((await status.json('/api/v2/incidents.json')).incidents, []);
});
