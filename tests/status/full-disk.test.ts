/** When nothing can be written any more, nobody can be called: then our own sign of life stops, so that somebody outside notices. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { freePort, galleryEnvironment, projectFolder, temporaryFolder, waitFor } from '../gallery.ts';

const run = promisify(execFile);

test('signs of life stop when the database takes nothing more, while the gallery is well', async (t) => {
  const folder = await temporaryFolder(t);
  let heard = 0;
  const others = createServer((request, response) => {
    if (request.url === '/beat') heard += 1;
    response.setHeader('Content-Type', 'text/html').end('here');
  });
  await new Promise<void>((listening) => others.listen(0, '127.0.0.1', listening));
  t.after(() => others.close());
  const url = `http://127.0.0.1:${(others.address() as AddressInfo).port}`;
  const status = join(folder, 'status');
  const port = await freePort();
  const env = galleryEnvironment(folder, await freePort(), {
    HOLDFAST_STATUS_PORT: String(port),
    HOLDFAST_STATUS_DIR: status,
  });
  await mkdir(status);
  const configuration = {
    gallery: { url, ecosystems: [] },
    probing: { everySeconds: 1 },
    probes: [{ kind: 'http', name: 'one', component: 'mail', url: `${url}/one` }],
    heartbeatsOut: [{ url: `${url}/beat`, everySeconds: 1 }],
    channels: [{ kind: 'webhook', name: 'hook', url: `${url}/hook` }],
    onCall: {
      people: [{ name: 'Ada', channels: ['hook'] }],
      escalation: [{ afterSeconds: 0, notify: ['Ada'] }],
    },
  };
  await writeFile(join(status, 'status.config.json'), JSON.stringify(configuration));
  const child: ChildProcess = spawn(join(projectFolder, 'holdfast'), ['status'], { cwd: folder, env });
  t.after(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => {
      said += piece.toString();
    });
  await waitFor(
    () => heard > 1,
    () => (child.exitCode === null ? undefined : said),
  );
  const { size } = await stat(join(status, 'status.sqlite-wal'));
  const before = said.length;
  await run('prlimit', ['--pid', String(child.pid), `--fsize=${size}`]);
  await waitFor(() => said.slice(before).includes('sends no sign of life'));
  assert.equal(child.exitCode, null);
  const page = await fetch(`http://127.0.0.1:${port}/api/v2/status.json`);
  assert.match(await page.text(), /"indicator"/);
});
