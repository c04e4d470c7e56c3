/** What a gallery promises about publishing: who may, what is never replaced, and what an interrupted upload leaves. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { before } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { callApi, pushNupkg, uploadPython } from './upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as never);
});

async function tokenWith(body: object): Promise<string> {
  const answer = await callApi(gallery, 'POST', '/api/tokens', body);
  assert.equal(answer.status, 200, await answer.clone().text());
  return ((await answer.json()) as { token: string }).token;
}

test('the next request after the answer sees the package, on every worker', async () => {
  for (let round = 0; round < 20; round += 1) {
    const wheel = await makeWheel({ name: 'visible', version: `1.0.${round}` });
    assert.equal((await uploadPython(gallery, wheel)).status, 200);
    const pages = await Promise.all(
      // New connections each, so that the system spreads them over the workers.
      Array.from({ length: 8 }, () =>
        fetch(`${gallery.url}/simple/visible/`, { headers: { connection: 'close' } }).then((answer) => answer.text()),
      ),
    );
    for (const page of pages) assert.ok(page.includes(wheel.filename), `round ${round}`);
  }
});

test('the same file sent again is no error, other bytes under its name are refused for ever', async () => {
  const wheel = await makeWheel({ name: 'again', version: '1.0.0' });
  const other = await makeWheel({ name: 'again', version: '1.0.0', description: 'other bytes' });
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
  const refused = await uploadPython(gallery, other);
  assert.equal(refused.status, 400);
  assert.match(refused.statusText, /already exist/);
  assert.match(await refused.text(), /already exist/);
});

test('a version has one source distribution, whatever it is called', async () => {
  const first = await makeSdist({ name: 'one-sdist', version: '1.0.0' });
  const second = await makeSdist({ name: 'one-sdist', version: '1.0.0', hasLegacyName: true, description: 'other' });
  assert.equal((await uploadPython(gallery, first)).status, 200);
  const refused = await uploadPython(gallery, second);
  assert.equal(refused.status, 400);
  // Without the words by which `twine upload --skip-existing` would pass over it in silence.
  assert.equal(
    refused.statusText,
    'one-sdist 1.0.0 has a source distribution, one_sdist-1.0.0.tar.gz; a release has only one.',
  );
});

test('a NuGet version that exists is refused with 409, whatever its bytes and its spelling', async () => {
  const made = await makeNupkg({ id: 'Same.Version', version: '1.0' });
  assert.equal((await pushNupkg(gallery, made.bytes)).status, 201);
  for (const version of ['1.0', '1.0.0', '1.0.0.0', '1.0.0+metadata']) {
    const again = await makeNupkg({ id: 'same.version', version });
    const answer = await pushNupkg(gallery, again.bytes);
    assert.equal(answer.status, 409, version);
    assert.match(answer.statusText, /already exists/);
  }
});

test('packages are taken at every address that clients put them to', async () => {
  for (const [index, path] of [
    '/v3/package',
    '/v3/package/',
    '/api/v2/package',
    '/api/v2/package/',
    '/api/v2/',
    '/api/v2',
    '/',
  ].entries()) {
    const made = await makeNupkg({ id: 'Any.Address', version: `1.0.${index}` });
    assert.equal((await pushNupkg(gallery, made.bytes, { path })).status, 201, path);
  }
});

test('a bare body is taken for a package too, as curl sends it', async () => {
  const made = await makeNupkg({ id: 'Bare.Body', version: '1.0.0' });
  const answer = await fetch(`${gallery.url}/v3/package`, {
    method: 'PUT',
    headers: { 'X-NuGet-ApiKey': gallery.token },
    body: new Uint8Array(made.bytes),
  });
  assert.equal(answer.status, 201);
});

test('a deleted version is gone at once, its name is held for ever, and other versions stay', async () => {
  const kept = await makeWheel({ name: 'deleting', version: '1.0.0' });
  const doomed = await makeWheel({ name: 'deleting', version: '2.0.0' });
  await uploadPython(gallery, kept);
  await uploadPython(gallery, doomed);
  const page = async () => (await fetch(`${gallery.url}/simple/deleting/`)).text();
  const [, href = ''] = /href="([^"#]*deleting-2\.0\.0[^"#]*)/.exec(await page()) ?? [];
  assert.equal((await fetch(`${gallery.url}${href}`)).status, 200);
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/python/deleting/2.0.0')).status, 200);
  assert.ok(!(await page()).includes('2.0.0'));
  assert.ok((await page()).includes('1.0.0'));
  assert.equal((await fetch(`${gallery.url}${href}`)).status, 404);
  for (const description of ['the same name', '']) {
    const again = await makeWheel({ name: 'deleting', version: '2.0.0', description });
    const answer = await uploadPython(gallery, again);
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /deleted/);
  }
});

test('a deleted package takes all of its documents with it and its name is held', async () => {
  const made = await makeNupkg({ id: 'Whole.Package', version: '1.0.0' });
  await pushNupkg(gallery, made.bytes);
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/nupkg/Whole.Package')).status, 200);
  for (const path of [
    'flat/whole.package/index.json',
    'registration/whole.package/index.json',
    'flat/whole.package/1.0.0/whole.package.1.0.0.nupkg',
  ]) {
    assert.equal((await fetch(`${gallery.url}/v3/${path}`)).status, 404, path);
  }
  const again = await pushNupkg(gallery, (await makeNupkg({ id: 'whole.package', version: '3.0.0' })).bytes);
  assert.equal(again.status, 409);
  assert.match(again.statusText, /deleted/);
});

test('without credentials an upload is challenged, with wrong ones refused, and the sentence says why', async () => {
  const wheel = await makeWheel({ name: 'who', version: '1.0.0' });
  const missing = await uploadPython(gallery, wheel, { token: null });
  assert.equal(missing.status, 401);
  assert.match(missing.headers.get('www-authenticate') ?? '', /^Basic/);
  const wrong = await uploadPython(gallery, wheel, { token: 'hold_wrong' });
  assert.equal(wrong.status, 403);
  assert.match(wrong.statusText, /Invalid or non-existent authentication/);
  const key = await pushNupkg(gallery, Buffer.from('x'), { token: 'hold_wrong' });
  assert.equal(key.status, 403);
  assert.match(key.statusText, /API key/);
});

test('scopes and globs decide what a token may publish', async () => {
  const token = await tokenWith({ scopes: ['push-new'], packages: ['Contoso.*'] });
  const versions = await tokenWith({ scopes: ['push-version'] });
  const inside = await makeNupkg({ id: 'Contoso.Tools', version: '1.0.0' });
  const outside = await makeNupkg({ id: 'Fabrikam.Tools', version: '1.0.0' });
  const next = await makeNupkg({ id: 'contoso.tools', version: '1.1.0' });
  assert.equal((await pushNupkg(gallery, inside.bytes, { token: versions })).status, 403);
  assert.equal((await pushNupkg(gallery, outside.bytes, { token })).status, 403);
  assert.equal((await pushNupkg(gallery, inside.bytes, { token })).status, 201);
  const refused = await pushNupkg(gallery, next.bytes, { token });
  assert.equal(refused.status, 403);
  assert.match(refused.statusText, /push-version/);
  assert.equal((await pushNupkg(gallery, next.bytes, { token: versions })).status, 201);
});

test('an upload that breaks off leaves nothing and can be repeated', async () => {
  const wheel = await makeWheel({ name: 'broken-off', version: '1.0.0', sizeBytes: 3_000_000 });
  await new Promise<void>((done) => {
    const half = request(`${gallery.url}/legacy/`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`__token__:${gallery.token}`).toString('base64')}`,
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': '3000000',
      },
    });
    half.on('error', () => undefined).on('close', () => done());
    half.write('--b\r\nContent-Disposition: form-data; name="content"; filename="x.whl"\r\n\r\n');
    half.write(wheel.bytes.subarray(0, 1_000_000), () => setTimeout(() => half.destroy(), 100));
  });
  const { readdirSync } = await import('node:fs');
  await waitFor(() => readdirSync(join(gallery.dataDir, 'incoming')).length === 0);
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
});

test('a push that was never answered may be repeated by the same principal, and by nobody else', async () => {
  const made = await makeNupkg({ id: 'Never.Answered', version: '1.0.0' });
  assert.equal((await pushNupkg(gallery, made.bytes)).status, 201);
  await waitFor(
    async () =>
      ((await (await fetch(`${gallery.url}/api/health`)).json()) as { outstandingEvents: number }).outstandingEvents ===
      0,
  );
  // As it is after a crash between the transaction and the answer.
  const db = new DatabaseSync(join(gallery.dataDir, 'catalogue', 'holdfast.sqlite'), { timeout: 5_000 });
  db.exec(`update files set is_acknowledged = 0 where filename = 'never.answered.1.0.0.nupkg'`);
  db.close();
  assert.equal((await pushNupkg(gallery, made.bytes)).status, 201);
  await waitFor(async () => (await pushNupkg(gallery, made.bytes)).status === 409);
});

test('a file name that leaves no room for its metadata is refused before anything is kept', async () => {
  const wheel = await makeWheel({ name: 'n'.repeat(228), version: '1.0' });
  const refused = await uploadPython(gallery, wheel);
  assert.equal(refused.status, 400);
  assert.match(refused.statusText, /file name is longer than/);
});

test('strangers who send their bodies slowly keep nobody from publishing', async (t) => {
  const slow = Array.from({ length: 80 }, () => {
    const one = request(`${gallery.url}/legacy/`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '100000' },
    });
    one.on('error', () => undefined);
    one.write('--b\r\n');
    return one;
  });
  t.after(() => {
    for (const one of slow) one.destroy();
  });
  const wheel = await makeWheel({ name: 'not-kept-out', version: '1.0.0' });
  assert.equal((await uploadPython(gallery, wheel)).status, 200);
});

test('uploads of one package at the same time all succeed and all are visible', async () => {
  const wheels = await Promise.all(
    Array.from({ length: 12 }, (_, index) => makeWheel({ name: 'together', version: `1.0.${index}` })),
  );
  const answers = await Promise.all(wheels.map((wheel) => uploadPython(gallery, wheel)));
  assert.deepEqual(
    answers.map((answer) => answer.status),
    wheels.map(() => 200),
  );
  const page = await (await fetch(`${gallery.url}/simple/together/`)).text();
  for (const wheel of wheels) assert.ok(page.includes(wheel.filename), wheel.filename);
});

test('of many different files under one name exactly one is published', async () => {
  const rivals = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      makeWheel({ name: 'rivals', version: '1.0.0', description: `rival ${index}` }),
    ),
  );
  const answers = await Promise.all(rivals.map((wheel) => uploadPython(gallery, wheel)));
  const statuses = answers.map((answer) => answer.status).sort();
  assert.deepEqual(statuses, [200, ...Array.from({ length: 7 }, () => 400)]);
});

test('after all of this the gallery is as it ought to be', async () => {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
  const { exitCode, stdout } = await gallery.command('verify');
  assert.equal(exitCode, 0, stdout);
});
