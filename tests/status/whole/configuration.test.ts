/** A configuration that changes under a running service: a good one is in force within seconds, and a bad one never. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { freePort, runCommand, startGallery, temporaryFolder, waitFor } from '../../gallery.ts';
import { quick, startStatus, untilWell } from './running.ts';

test('a good configuration comes into force, a bad one is told whole and changes nothing', async (t) => {
  const gallery = await startGallery(t, { HOLDFAST_READ_WORKERS: '1' });
  const status = await startStatus(t, quick(gallery, { page: { name: 'First' } }));
  await untilWell(status);
  const name = async () => (await status.json('/api/v2/summary.json')).page.name;
  const id = status.id();
  const opened = await status.command('incident', 'open', 'Slow', '--body', 'We look.');
  status.configure(quick(gallery, { page: { name: 'Second' } }));
  await waitFor(async () => (await name()) === 'Second');
  await waitFor(async () => (await status.text('/subscribe.html')).includes('Second'));
  const { incidents } = await status.json('/api/v2/incidents.json');
  assert.deepEqual(
    (incidents ?? []).map((one: { id: string }) => one.id).filter((one: string) => one === opened.stdout.trim()).length,
    incidents === undefined ? 0 : 1,
  );

  // Wrong in two places: both are told.
  status.configure({ page: { name: '' }, probing: { everySeconds: 'often' } });
  await waitFor(() => status.output().includes('the last good one stays in force'));
  const line = status
    .output()
    .split('\n')
    .find((one) => one.includes('has errors'));
  const { problems } = JSON.parse(line ?? '{}') as { problems: readonly string[] };
  for (const place of ['page.name', 'probing.everySeconds']) {
    assert.equal(problems.filter((problem) => problem.includes(`"${place}"`)).length, 1, place);
  }
  assert.equal(await name(), 'Second');

  // Not JSON at all, and right in itself but with a file that is not there.
  status.configure('{ "page": ');
  await waitFor(() => status.output().split('has errors').length === 3);
  status.configure(quick(gallery, { page: { name: 'Third' }, gallery: { caFile: 'missing.pem' } }));
  await waitFor(() => status.output().includes('cannot be used'));
  await untilAgain();
  assert.equal(await name(), 'Second');

  status.configure(quick(gallery, { page: { name: 'Fourth' } }));
  await waitFor(async () => (await name()) === 'Fourth');
  await untilAgain();
  assert.equal(status.id(), id);
  assert.ok((await status.text('/')).includes('Slow'), 'incidents outlive the configuration');

  /** Known again: an incident of a person is open, whose impact is none. */
  function untilAgain() {
    return waitFor(async () => ['none', 'minor'].includes(await status.indicator()));
  }
});

test('a second service on the same folder, and one whose port is taken, say so in a sentence and end', async (t) => {
  const status = await startStatus(t, { gallery: { url: `http://127.0.0.1:${await freePort()}` } });
  const stranger = createServer();
  await new Promise<void>((done) => stranger.listen(0, '127.0.0.1', done));
  t.after(() => stranger.close());
  const { port } = stranger.address() as { port: number };
  const second = { ...status.environment, HOLDFAST_STATUS_PORT: String(await freePort()) };
  const elsewhere = { ...status.environment, HOLDFAST_STATUS_PORT: String(port) };
  const sameFolder = await runCommand(second, status.folder, ['status']);
  assert.equal(sameFolder.exitCode, 69);
  assert.equal(
    sameFolder.stderr,
    `holdfast: another status service uses ${join(status.folder, 'status.sqlite')}\n`,
    'one line, and nothing for programmers',
  );
  const folder = await temporaryFolder(t);
  const samePort = await runCommand({ ...elsewhere, HOLDFAST_STATUS_DIR: folder }, folder, ['status']);
  assert.equal(samePort.exitCode, 69);
  assert.match(samePort.stderr, /another program uses it; choose another with HOLDFAST_STATUS_PORT\n$/);
  assert.deepEqual(readdirSync(folder), [], 'and begins nothing');
  assert.equal((await fetch(`${status.url}/`)).status, 200, 'the first one goes on');
});
