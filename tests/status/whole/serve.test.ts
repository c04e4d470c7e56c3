/** The status service beside the gallery, as `./holdfast serve` runs them: neither takes the other with it. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { freePort, startGallery, temporaryFolder, waitFor } from '../../gallery.ts';
import { quick } from './running.ts';

const oneReader = { HOLDFAST_READ_WORKERS: '1' };

test('serve runs the status service, starts it again when it dies, and the gallery shows its banner', async (t) => {
  const folder = await temporaryFolder(t);
  const { gallery: _, ...config } = quick({ url: '', dataDir: folder });
  mkdirSync(join(folder, 'status'));
  writeFileSync(join(folder, 'status', 'status.config.json'), JSON.stringify(config));
  const port = await freePort();
  const gallery = await startGallery(t, { ...oneReader, HOLDFAST_STATUS_PORT: String(port) }, folder);
  const url = `http://127.0.0.1:${port}`;
  const indicator = async () =>
    ((await (await fetch(`${url}/api/v2/status.json`)).json()) as { status: { indicator: string } }).status.indicator;
  await waitFor(() => gallery.output().includes(`How it is: ${url}/`));
  await waitFor(async () => (await indicator()) === 'none');

  const before = gallery.processes();
  const old = before.get('status') ?? 0;
  process.kill(old, 'SIGKILL');
  await waitFor(() => ![undefined, old].includes(gallery.processes().get('status')));
  assert.equal((await fetch(`${gallery.url}/simple/`)).status, 200);
  await waitFor(async () => (await indicator()) === 'none');
  const after = gallery.processes();
  for (const [role, id] of before) if (role !== 'status') assert.equal(after.get(role), id, `${role} was left alone`);

  const home = async () => (await fetch(`${gallery.url}/`)).text();
  assert.doesNotMatch(await home(), /<aside class="banner"/);
  const words = ['incident', 'open', 'Pages <odd>', '--body', 'We look.', '--affects', 'website=partial_outage'];
  const id = (await gallery.command(...words)).stdout.trim();
  await waitFor(async () => /<aside class="banner".*Pages &lt;odd&gt;/s.test(await home()));
  assert.ok((await home()).includes(`href="${url}/"`), 'it leads to the status page');
  await gallery.command('incident', 'resolve', id, '--body', 'It is over.');
  await waitFor(async () => !(await home()).includes('class="banner"'));
});

test('a status port that is taken leaves the gallery alone, and the log says so', async (t) => {
  const stranger = createServer();
  await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
  t.after(() => stranger.close());
  const { port } = stranger.address() as { port: number };
  const gallery = await startGallery(t, { ...oneReader, HOLDFAST_STATUS_PORT: String(port) });
  const sentence = `cannot listen on 127.0.0.1:${port}: another program uses it; choose another with HOLDFAST_STATUS_PORT`;
  await waitFor(() => gallery.output().includes(`holdfast: ${sentence}`));
  await waitFor(() => gallery.output().includes('"stopped":"status"'));
  assert.equal((await fetch(`${gallery.url}/simple/`)).status, 200);
  assert.ok(gallery.output().includes(`Holdfast is running at ${gallery.url}/`));
});

test('with port 0 there is no status service, and nothing speaks of one', async (t) => {
  const gallery = await startGallery(t, { ...oneReader, HOLDFAST_STATUS_PORT: '0' });
  await waitFor(() => gallery.output().includes('dotnet add package'));
  assert.ok(!gallery.processes().has('status'));
  assert.ok(!gallery.output().includes('How it is'));
});
