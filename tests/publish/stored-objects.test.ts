/** After a publish the store holds exactly these objects, nothing is left to do, and nothing temporary is left behind. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { pushNupkg, uploadPython } from './upload.ts';

function objectsOf(gallery: TestGallery): string[] {
  const store = join(gallery.dataDir, 'store');
  return readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(store, join(entry.parentPath, entry.name)))
    .sort();
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const blobOf = (bytes: Uint8Array) => `l1/blobs/sha256/${sha256(bytes).slice(0, 2)}/${sha256(bytes)}`;

async function settled(gallery: TestGallery): Promise<void> {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
}

async function blake2b(bytes: Uint8Array): Promise<string> {
  const { blake2b: digest } = await import('hash-wasm');
  return digest(bytes, 256);
}

test('a wheel and an sdist leave exactly their objects in the store', async (t) => {
  const gallery = await startGallery(t);
  const before = objectsOf(gallery);
  const wheel = await makeWheel({ name: 'Demo_Py', version: '1.0.0' });
  const sdist = await makeSdist({ name: 'demo-py', version: '1.0.0' });
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  assert.equal((await uploadPython(gallery, sdist)).status, 200);
  await settled(gallery);
  const files = await Promise.all(
    [wheel, sdist].map(async (made) => {
      const digest = await blake2b(made.bytes);
      const path = `l1/public/d1/packages/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest.slice(4)}/${made.filename}`;
      return [path, `${path}.metadata`, blobOf(made.bytes), blobOf(made.metadata)];
    }),
  );
  assert.deepEqual(
    objectsOf(gallery).filter((key) => !before.includes(key)),
    [
      ...files.flat(),
      'l1/catalogue/f1/0000000000000000/0000000000000000008.json',
      'l1/catalogue/f1/0000000000000000/0000000000000000009.json',
      'l1/public/d1/pypi/demo-py/1.0.0/index.json.gz',
      'l1/public/d1/pypi/demo-py/index.json.gz',
      'l1/public/d1/rss/project/demo-py/releases.xml.gz',
      'l1/public/d1/simple/demo-py/index.html.gz',
      'l1/public/d1/simple/demo-py/index.json.gz',
    ].sort(),
  );
  assert.deepEqual(readdirSync(join(gallery.dataDir, 'incoming')), []);
});

test('a NuGet package leaves exactly its objects in the store', async (t) => {
  const gallery = await startGallery(t);
  const before = objectsOf(gallery);
  const made = await makeNupkg({ id: 'Demo.Lib', version: '1.0.0', readme: '# Demo\n' });
  assert.equal((await pushNupkg(gallery, made.bytes)).status, 201);
  await settled(gallery);
  const flat = 'l1/public/d1/v3/flat/demo.lib';
  assert.deepEqual(
    objectsOf(gallery).filter((key) => !before.includes(key)),
    [
      blobOf(made.bytes),
      blobOf(made.nuspec),
      blobOf(Buffer.from('# Demo\n')),
      'l1/catalogue/f1/0000000000000000/0000000000000000008.json',
      // The catalog for mirrors, whose index is there since the feed is.
      'l1/public/d1/v3/catalog/data/0/0.json.gz',
      'l1/public/d1/v3/catalog/page/0.json.gz',
      `${flat}/index.json.gz`,
      `${flat}/1.0.0/demo.lib.1.0.0.nupkg`,
      `${flat}/1.0.0/demo.lib.nuspec`,
      `${flat}/1.0.0/readme`,
      'l1/public/d1/v2/demo.lib/versions.json.gz',
      'l1/public/d1/v3/registration/demo.lib/index.json.gz',
      'l1/public/d1/v3/registration-semver2/demo.lib/1.0.0.json.gz',
      'l1/public/d1/v3/registration-semver2/demo.lib/index.json.gz',
    ].sort(),
  );
});

test('a refused upload leaves nothing at all', async (t) => {
  const gallery = await startGallery(t);
  const before = objectsOf(gallery);
  const wheel = await makeWheel({ name: 'demo', version: '1.0.0' });
  const broken = { filename: wheel.filename, bytes: wheel.bytes.subarray(0, wheel.bytes.length - 30) };
  assert.equal((await uploadPython(gallery, broken)).status, 400);
  assert.equal((await uploadPython(gallery, wheel, { fields: { sha256_digest: '0'.repeat(64) } })).status, 400);
  assert.equal((await pushNupkg(gallery, Buffer.from('no zip'))).status, 400);
  await settled(gallery);
  assert.deepEqual(objectsOf(gallery), before);
  assert.deepEqual(readdirSync(join(gallery.dataDir, 'incoming')), []);
});

test('the same bytes keep their digests: all five are in the catalogue', async (t) => {
  const gallery = await startGallery(t);
  const wheel = await makeWheel({ name: 'demo', version: '1.0.0' });
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  await gallery.stop();
  const db = new DatabaseSync(join(gallery.dataDir, 'catalogue', 'holdfast.sqlite'), { readOnly: true });
  const row = db.prepare('select sha256, sha512, blake2b_256, md5, sha1, size_bytes from files').get();
  db.close();
  const digest = (algorithm: string) => createHash(algorithm).update(wheel.bytes).digest('hex');
  assert.deepEqual(
    { ...row },
    {
      sha256: digest('sha256'),
      sha512: digest('sha512'),
      blake2b_256: await blake2b(wheel.bytes),
      md5: digest('md5'),
      sha1: digest('sha1'),
      size_bytes: wheel.bytes.length,
    },
  );
});
