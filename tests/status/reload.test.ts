/** A changed configuration that looks right and cannot be used: the service that called people until now goes on. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { freePort, galleryEnvironment, projectFolder, temporaryFolder, waitFor } from '../gallery.ts';

test('a configuration that names a file that is not there leaves the last good one in force, and a better one replaces it', async (t) => {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const env = galleryEnvironment(folder, await freePort(), {
    HOLDFAST_STATUS_PORT: String(port),
    HOLDFAST_STATUS_DIR: join(folder, 'status'),
  });
  const configure = (name: string, gallery: object) =>
    writeFile(join(folder, 'status', 'status.config.json'), JSON.stringify({ gallery, page: { name } }));
  await mkdir(join(folder, 'status'));
  await configure('First', {});
  const child: ChildProcess = spawn(join(projectFolder, 'holdfast'), ['status'], { cwd: folder, env });
  t.after(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  let said = '';
  child.stdout?.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  child.stderr?.on('data', (piece: Buffer) => {
    said += piece.toString();
  });
  const page = () => fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text());
  const isCalled = (name: string) =>
    waitFor(async () => child.exitCode !== null || (await page()).includes(`${name} status`));
  await isCalled('First');
  const { mode } = await stat(join(folder, 'status', 'status.sqlite'));
  assert.equal(mode & 0o077, 0, 'addresses of subscribers are nobody else’s to read');
  await configure('Second', { caFile: join(folder, 'none.pem') });
  await waitFor(() => child.exitCode !== null || said.includes('cannot be used'));
  assert.equal(child.exitCode, null, said);
  await isCalled('First');
  await configure('Third', {});
  await isCalled('Third');
  assert.equal(child.exitCode, null, said);
});
