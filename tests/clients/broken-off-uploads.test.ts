/** Uploads that their clients break off leave nothing behind, and keep nobody else from publishing. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { ask, basic, publishNupkg, publishWheel } from './runners/publish.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

test('after many broken-off uploads everybody else publishes at once', async () => {
  await Promise.all(Array.from({ length: 40 }, () => breakOff('/v3/package', 'PUT')));
  for (let round = 0; round < 6; round += 1) {
    await publishNupkg(gallery, { id: `Demo.Calm${round}`, version: '1.0.0' });
    await publishWheel(gallery, { name: `demo-calm-${round}`, version: '1.0.0' });
  }
});

test('a broken-off upload leaves no file behind', async () => {
  const incoming = join(gallery.dataDir, 'incoming');
  await Promise.all(Array.from({ length: 4 }, () => breakOff('/legacy/', 'POST')));
  await waitFor(async () => readdirSync(incoming).length === 0);
  assert.equal((await ask(`${gallery.url}/api/health`)).status, 200);
});

/** Begins an upload of two megabytes, sends one, and goes away. */
async function breakOff(path: string, method: string): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const outgoing = request(`${gallery.url}${path}`, {
    method,
    agent: false,
    headers: {
      Authorization: basic(gallery.token),
      'Content-Type': 'multipart/form-data; boundary=line',
      'Content-Length': 2_000_000,
    },
  });
  outgoing.once('error', () => ended.resolve());
  outgoing.once('close', () => ended.resolve());
  const start = '--line\r\nContent-Disposition: form-data; name="content"; filename="a.whl"\r\n\r\n';
  outgoing.write(start);
  outgoing.write(Buffer.alloc(1_000_000), () => setTimeout(() => outgoing.destroy(), 50));
  await ended.promise;
}
