/** The settings about Python packages, with a running gallery for each: what a strict one refuses, and how much one takes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { zip } from '../packages/archive.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { wheelOf } from '../validate/python-files.ts';
import { pushNupkg, pythonForm, uploadPython } from './upload.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Without settings. */
let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

test('without settings a gallery takes what only the public one refuses', async () => {
  const local = await makeWheel({ name: 'usual', version: '1.0+local.1', tag: 'cp311-cp311-linux_x86_64' });
  assert.equal((await uploadPython(gallery, local)).status, 200);
  const hidden = {
    name: 'Usual.Hidden',
    version: '1.0',
    headers: [['Classifier', 'Private :: Do Not Upload'] as const],
  };
  assert.equal((await uploadPython(gallery, await makeSdist({ ...hidden, hasLegacyName: true }))).status, 200);
  const direct = await makeWheel({ name: 'direct', version: '1.0', requiresDist: ['x @ https://example.org/x.whl'] });
  const refused = await uploadPython(gallery, direct);
  assert.equal(refused.status, 400);
  assert.match(refused.statusText, /Requires-Dist 'x @ https:.*', which names an address/);
  // The body of a success says what is not as it should be.
  const metadata = 'Metadata-Version: 2.1\nName: recorded\nVersion: 1.0\n';
  const bytes = await wheelOf('recorded-1.0.dist-info', metadata, [], [], 'recorded-1.0.dist-info/RECORD,,\n');
  const warned = await uploadPython(gallery, { filename: 'recorded-1.0-py3-none-any.whl', bytes });
  assert.equal(warned.status, 200);
  assert.match(
    await warned.text(),
    /^Warning: The wheel's RECORD does not list 3 files, such as '.*', that the wheel holds\.\n$/,
  );
});

test('a gallery can be as strict as the public one, or take what is old', async (t) => {
  const strict = await startGallery(t, {
    HOLDFAST_PYTHON_REFUSE: 'local-versions,native-platforms,private-classifiers,legacy-filenames,wrong-records',
    HOLDFAST_PYTHON_ALLOW: 'direct-requirements,old-metadata',
  });
  const classifier = ['Classifier', 'Private :: Do Not Upload'] as const;
  for (const [file, words] of [
    [await makeWheel({ name: 'strict', version: '1.0+local.1' }), /local version/],
    [await makeWheel({ name: 'strict', version: '1.0', tag: 'cp311-cp311-linux_x86_64' }), /platform 'linux_x86_64'/],
    [
      await makeWheel({ name: 'strict', version: '1.0', headers: [classifier] }),
      /Classifier 'Private :: Do Not Upload'/,
    ],
    [
      await makeSdist({ name: 'Strict-Py', version: '1.0', hasLegacyName: true }),
      /must be named 'strict_py-1\.0\.tar\.gz'/,
    ],
  ] as const) {
    const refused = await uploadPython(strict, file);
    assert.equal(refused.status, 400, file.filename);
    assert.match(refused.statusText, words);
  }
  const old = await makeWheel({
    name: 'strict',
    version: '1.0',
    requiresDist: ['x @ https://example.org/x.whl'],
    headers: [['Home-page', 'www.example.org']],
  });
  assert.equal((await uploadPython(strict, old)).status, 200);
});

test('a package takes files up to a size of all together; the same file again is still no error', async (t) => {
  const bounded = await startGallery(t, { HOLDFAST_PACKAGE_BYTES_MAX: '50000' });
  const first = await makeWheel({ name: 'growing', version: '1.0', sizeBytes: 30_000 });
  const second = await makeWheel({ name: 'growing', version: '2.0', sizeBytes: 30_000 });
  const other = await makeWheel({ name: 'other', version: '1.0', sizeBytes: 30_000 });
  const large = await makeWheel({ name: 'large', version: '1.0', sizeBytes: 60_000 });
  assert.equal((await uploadPython(bounded, first)).status, 200);
  const refused = await uploadPython(bounded, second);
  assert.equal(refused.status, 400);
  assert.match(refused.statusText, /growing would be larger than a package may be here \(50000 bytes\)/);
  assert.equal((await uploadPython(bounded, first)).status, 200);
  assert.equal((await uploadPython(bounded, other)).status, 200, 'each package has its own');
  assert.equal((await uploadPython(bounded, large)).status, 400, 'the first file counts too');
  const nupkg = (version: string) => makeNupkg({ id: 'Growing', version, sizeBytes: 30_000 });
  assert.equal((await pushNupkg(bounded, (await nupkg('1.0.0')).bytes)).status, 201);
  const push = await pushNupkg(bounded, (await nupkg('2.0.0')).bytes);
  assert.equal(push.status, 400);
  assert.match(push.statusText, /larger than a package may be/);
});

test('a release takes no more files when it is older than the gallery wants', async (t) => {
  const aging = await startGallery(t, { HOLDFAST_PYTHON_RELEASE_AGE_MAX_DAYS: '14' });
  const wheel = await makeWheel({ name: 'aging', version: '1.0' });
  const sdist = await makeSdist({ name: 'aging', version: '1.0' });
  const more = await makeWheel({ name: 'aging', version: '1.0', tag: 'py2-none-any' });
  assert.equal((await uploadPython(aging, wheel)).status, 200);
  assert.equal((await uploadPython(aging, sdist)).status, 200, 'it is young');
  const db = new DatabaseSync(join(aging.dataDir, 'catalogue', 'holdfast.sqlite'), { timeout: 5_000 });
  db.prepare('update versions set created_at = created_at - ?').run(14 * dayMs + 1_000);
  db.close();
  const refused = await uploadPython(aging, more);
  assert.equal(refused.status, 400);
  assert.match(refused.statusText, /aging 1\.0 is older than 14 days and takes no more files/);
  assert.equal((await uploadPython(aging, wheel)).status, 200, 'the same file again is no new one');
  assert.equal((await uploadPython(aging, await makeWheel({ name: 'aging', version: '1.1' }))).status, 200);
});

test('a file that was damaged on its way is told so, and not that it is no archive', async () => {
  const wheel = await makeWheel({ name: 'damaged', version: '1.0' });
  const half = { filename: wheel.filename, bytes: wheel.bytes.subarray(0, 500) };
  const sha256 = createHash('sha256').update(wheel.bytes).digest('hex');
  const refused = await uploadPython(gallery, half, { fields: { sha256_digest: sha256 } });
  assert.equal(refused.status, 400);
  assert.match(refused.statusText, /but sha256_digest promised/);
});

test('a file that is sent as a picture is refused', async () => {
  const form = pythonForm({ filename: 'demo-1.0-py3-none-any.whl', bytes: await zip([]) });
  form.set('content', new Blob(['x'], { type: 'image/png' }), 'demo-1.0-py3-none-any.whl');
  const headers = { authorization: `Bearer ${gallery.token}` };
  const refused = await fetch(`${gallery.url}/legacy/`, { method: 'POST', headers, body: form });
  assert.equal(refused.status, 400);
  assert.match(refused.statusText, /sent as an image/);
});
