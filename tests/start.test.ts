/** Starting, stopping, and staying up: what a person sees who runs the gallery. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import {
  freePort,
  galleryEnvironment,
  projectFolder,
  runCommand,
  startGallery,
  stopProcess,
  temporaryFolder,
  waitFor,
} from './gallery.ts';
import { makeWheel } from './packages/wheel.ts';
import { uploadPython } from './publish/upload.ts';

test('the first start prints the address, the first token and lines to paste', async (t) => {
  const gallery = await startGallery(t);
  await waitFor(() => gallery.output().includes('dotnet add package'));
  const output = gallery.output();
  assert.ok(output.includes(`Holdfast is running at ${gallery.url}/`));
  assert.ok(output.includes(gallery.token));
  assert.match(output, /twine upload --repository-url/);
  assert.match(output, /pip install --index-url/);
  assert.match(output, /dotnet nuget push/);
  const page = await (await fetch(`${gallery.url}/`)).text();
  assert.match(page, /twine upload --repository-url/);
  assert.ok(!page.includes(gallery.token), 'the page is for everybody, the token is not');
});

test('a later start does not show the token again, and keeps everything', async (t) => {
  const first = await startGallery(t);
  const wheel = await makeWheel({ name: 'kept', version: '1.0.0' });
  await uploadPython(first, wheel);
  await first.stop();
  const second = await startGallery(t, { HOLDFAST_PORT: String(first.port) }, first.dataDir);
  await waitFor(() => second.output().includes('Holdfast is running'));
  assert.ok(!second.output().includes(first.token));
  assert.match(await (await fetch(`${second.url}/simple/kept/`)).text(), /kept-1\.0\.0/);
  assert.equal(
    (await uploadPython({ url: second.url, token: first.token }, await makeWheel({ name: 'kept', version: '2.0.0' })))
      .status,
    200,
  );
});

test('Ctrl-C lets an upload under way finish, then everything ends', async (t) => {
  const gallery = await startGallery(t);
  const processes = [...gallery.processes().values()];
  const wheel = await makeWheel({ name: 'last', version: '1.0.0', sizeBytes: 20_000_000 });
  const upload = uploadPython(gallery, wheel);
  await waitFor(async () => (await import('node:fs')).readdirSync(join(gallery.dataDir, 'incoming')).length > 0);
  const stopped = gallery.stop();
  assert.equal((await upload).status, 200);
  await stopped;
  for (const id of processes)
    assert.ok(!existsSync(`/proc/${id}/cmdline`) || readFileSync(`/proc/${id}/cmdline`, 'utf8') === '');
  await assert.rejects(fetch(`${gallery.url}/simple/`));
});

test('every role that dies is started again, while the others go on', async (t) => {
  const gallery = await startGallery(t);
  const wheel = await makeWheel({ name: 'alive', version: '1.0.0' });
  await uploadPython(gallery, wheel);
  for (const role of ['write', 'work', 'read-1', 'read-2']) {
    const before = gallery.processes().get(role) ?? 0;
    process.kill(before, 'SIGKILL');
    await waitFor(() => ![undefined, before].includes(gallery.processes().get(role)));
    if (!role.startsWith('read')) assert.equal((await fetch(`${gallery.url}/simple/alive/`)).status, 200);
  }
  await waitFor(async () => (await uploadPython(gallery, wheel)).status === 200);
});

test('when the supervisor is killed no role stays behind', async (t) => {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const child = spawn(join(projectFolder, 'holdfast'), ['serve'], {
    cwd: folder,
    env: galleryEnvironment(folder, port),
    stdio: 'ignore',
  });
  t.after(() => stopProcess(child));
  await waitFor(() => fetch(`http://127.0.0.1:${port}/api/health`).then((answer) => answer.ok));
  await stopProcess(child, 'SIGKILL');
  await waitFor(() =>
    fetch(`http://127.0.0.1:${port}/api/health`).then(
      () => false,
      () => true,
    ),
  );
  const again = await startGallery(t, { HOLDFAST_PORT: String(port) }, folder);
  assert.equal((await fetch(`${again.url}/simple/`)).status, 200);
});

test('a port that is taken, and a data folder that is in use, are said so at once', async (t) => {
  const gallery = await startGallery(t);
  const inUse = await runCommand({ ...gallery.environment, HOLDFAST_PORT: String(await freePort()) }, gallery.dataDir, [
    'serve',
  ]);
  assert.equal(inUse.exitCode, 69);
  assert.match(inUse.stderr, /another Holdfast is running on the data folder/);
  const samePort = await runCommand(
    { ...gallery.environment, HOLDFAST_DATA_DIR: await temporaryFolder(t) },
    gallery.dataDir,
    ['serve'],
  );
  assert.equal(samePort.exitCode, 69);
  assert.match(samePort.stderr, /another program uses it; choose another with HOLDFAST_PORT/);
  const stranger = createServer().listen(0, '127.0.0.1');
  t.after(() => stranger.close());
});

test('documents are served while the write role cannot start, whatever is wrong with it', async (t) => {
  const gallery = await startGallery(t);
  await uploadPython(gallery, await makeWheel({ name: 'steady', version: '1.0.0' }));
  await gallery.stop();
  rmSync(join(gallery.dataDir, 'logs'), { recursive: true, force: true });
  writeFileSync(join(gallery.dataDir, 'logs'), 'a file where a folder should be');
  rmSync(join(gallery.dataDir, 'incoming'), { recursive: true, force: true });
  writeFileSync(join(gallery.dataDir, 'incoming'), 'a file where a folder should be');
  const child = spawn(join(projectFolder, 'holdfast'), ['serve'], {
    cwd: gallery.dataDir,
    env: gallery.environment,
    stdio: 'ignore',
  });
  t.after(() => stopProcess(child));
  await waitFor(async () => (await fetch(`${gallery.url}/simple/steady/`)).status === 200);
  const push = await uploadPython(gallery, await makeWheel({ name: 'steady', version: '2.0.0' }));
  assert.equal(push.status, 503);
  assert.ok(Number(push.headers.get('retry-after')) > 0);
  rmSync(join(gallery.dataDir, 'incoming'));
  await waitFor(
    async () => (await uploadPython(gallery, await makeWheel({ name: 'steady', version: '2.0.0' }))).status === 200,
  );
});

test('an unknown command is explained', async (t) => {
  const folder = await temporaryFolder(t);
  const environment = galleryEnvironment(folder, 8080);
  const unknown = await runCommand(environment, folder, ['fly']);
  assert.equal(unknown.exitCode, 64);
  assert.match(unknown.stderr, /no command "fly"[\s\S]*Usage: holdfast COMMAND/);
  assert.equal((await runCommand(environment, folder, ['help'])).exitCode, 0);
  assert.match((await runCommand(environment, folder, ['serve', '--help'])).stdout, /Usage: holdfast COMMAND/);
  assert.match((await runCommand(environment, folder, ['drill', 'nope'])).stderr, /no such drill/);
  const inTheWay = join(folder, 'file');
  writeFileSync(inTheWay, 'a file where the data folder should be');
  const blocked = await runCommand({ ...environment, HOLDFAST_DATA_DIR: inTheWay }, folder, ['serve']);
  assert.equal(blocked.exitCode, 73);
  assert.match(blocked.stderr, /^holdfast: the data folder cannot be used: /);
});
