/** The commands against the service itself: what they tell is on the page's API, and is there after a restart. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { freePort, galleryEnvironment, projectFolder, temporaryFolder, waitFor } from '../gallery.ts';

const launcher = join(projectFolder, 'holdfast');
const run = promisify(execFile);

test('an incident that a command opens is public at once, and after a restart', async (t) => {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const env = galleryEnvironment(folder, await freePort(), { HOLDFAST_STATUS_PORT: String(port) });
  const url = `http://127.0.0.1:${port}/api/v2/incidents.json`;
  let child: ChildProcess | undefined;
  const stop = async () => {
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  t.after(stop);
  const start = async () => {
    child = spawn(launcher, ['status'], { cwd: folder, env, stdio: 'ignore' });
    await waitFor(() => fetch(url).then(() => true));
  };
  const idsThere = async () => {
    const { incidents = [] } = (await (await fetch(url)).json()) as { incidents?: { id: string; name: string }[] };
    return incidents.filter(({ name }) => name === 'Slow').map(({ id }) => id);
  };
  await start();
  const opened = await run(launcher, ['incident', 'open', 'Slow', '--body', 'We look.'], { cwd: folder, env });
  const id = opened.stdout.trim();
  await waitFor(async () => (await idsThere()).includes(id));
  await stop();
  await start();
  await waitFor(async () => (await idsThere()).includes(id));
  const listed = await run(launcher, ['incident', 'list', '--open'], { cwd: folder, env });
  assert.match(listed.stdout, new RegExp(`^${id}\t.*\tSlow$`, 'm'));
});
