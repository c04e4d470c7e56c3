/** Packages over the API: their state, yanks of releases and of files, deletions, and what is refused, all of it in JSON. */
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { callApi, pushNupkg, uploadPython } from '../publish/upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as never);
  await gallery.command('feed', 'create', 'team', '--private');
});

interface State {
  readonly serial: number;
  readonly status: string;
  readonly statusReason: string;
  readonly versions: readonly {
    readonly normalizedVersion: string;
    readonly isListed: boolean;
    readonly unlistedReason: string;
    readonly files: readonly {
      readonly filename: string;
      readonly isListed: boolean;
      readonly unlistedReason: string;
    }[];
  }[];
}

/** Calls, wants 200 unless told otherwise, and wants JSON in any case. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  status = 200,
  token = gallery.token,
): Promise<unknown> {
  const answer = await callApi({ ...gallery, token }, method, path, body);
  const text = await answer.text();
  assert.equal(answer.status, status, `${method} ${path}: ${text}`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  const told = JSON.parse(text) as { code?: string; message?: string };
  if (status !== 200) assert.ok(told.code !== undefined && told.message !== undefined, text);
  return told;
}

const stateOf = async (path: string) => (await call('GET', path)) as State;

async function publishBoth(name: string, version = '1.0.0', feed?: string) {
  const wheel = await makeWheel({ name, version });
  const sdist = await makeSdist({ name, version });
  const options = feed === undefined ? {} : { feed };
  for (const file of [wheel, sdist]) assert.equal((await uploadPython(gallery, file, options)).status, 200);
  return { wheel, sdist };
}

interface Page {
  readonly versions: string[];
  readonly files: readonly { filename: string; url: string; yanked: boolean | string }[];
}

async function simplePage(name: string): Promise<Page> {
  const accept = 'application/vnd.pypi.simple.v1+json';
  return (await (await fetch(`${gallery.url}/simple/${name}/`, { headers: { accept } })).json()) as Page;
}

const yanks = async (name: string) =>
  Object.fromEntries((await simplePage(name)).files.map((file) => [file.filename, file.yanked]));

test('a release and each of its files are yanked and taken back by themselves, each with its reason', async () => {
  const { wheel, sdist } = await publishBoth('api-yank');
  const version = '/api/feeds/main/python/Api.Yank/v1.0.0';
  const file = `${version}/files/${wheel.filename}`;
  await call('POST', `${file}/yank`, { reason: 'wrong machine' });
  assert.deepEqual(await yanks('api-yank'), { [wheel.filename]: 'wrong machine', [sdist.filename]: false });
  await call('POST', `${version}/unlist`, { reason: 'wrong licence' });
  assert.deepEqual(await yanks('api-yank'), { [wheel.filename]: 'wrong licence', [sdist.filename]: 'wrong licence' });
  const [state] = (await stateOf('/api/feeds/main/python/api-yank')).versions;
  assert.deepEqual([state?.isListed, state?.unlistedReason], [false, 'wrong licence']);
  assert.deepEqual(
    state?.files.map(({ filename, isListed, unlistedReason }) => [filename, isListed, unlistedReason]),
    [
      [wheel.filename, false, 'wrong machine'],
      [sdist.filename, true, ''],
    ],
  );
  await call('POST', `${version}/unyank`);
  assert.deepEqual(await yanks('api-yank'), { [wheel.filename]: 'wrong machine', [sdist.filename]: false });
  await call('POST', `${file}/relist`);
  assert.deepEqual(await yanks('api-yank'), { [wheel.filename]: false, [sdist.filename]: false });
});

test('what is so already is 200 again and adds no event; another reason takes the place of the first', async () => {
  const { wheel } = await publishBoth('api-again');
  const path = '/api/feeds/main/python/api-again';
  const calls: readonly (readonly [string, string, object?])[] = [
    ['POST', `${path}/1.0.0/yank`, { reason: 'broken' }],
    ['POST', `${path}/1.0.0/files/${wheel.filename}/yank`],
    ['POST', `${path}/status`, { status: 'archived', reason: 'done' }],
    ['DELETE', `${path}/1.0.0/files/${wheel.filename}`],
  ];
  for (const [method, address, body] of calls) {
    await call(method, address, body);
    const { serial } = await stateOf(path);
    await call(method, address, body);
    assert.equal((await stateOf(path)).serial, serial, `${method} ${address}`);
  }
  await call('POST', `${path}/1.0.0/yank`, { reason: 'broken on 3.13' });
  assert.equal((await stateOf(path)).versions[0]?.unlistedReason, 'broken on 3.13');
  for (const address of [`${path}/1.0.0`, path]) {
    await call('DELETE', address);
    await call('DELETE', address);
  }
  await call('GET', path, undefined, 404);
  await call('DELETE', `${path}-never`, undefined, 404);
});

test('a deleted file is gone with its metadata, its name is held, and the rest of the release stays', async () => {
  const { wheel, sdist } = await publishBoth('api-file');
  const path = '/api/feeds/main/python/api-file/1.0.0';
  const doomed = (await simplePage('api-file')).files.find(({ filename }) => filename === wheel.filename)?.url ?? '';
  assert.equal((await fetch(`${gallery.url}${doomed}.metadata`)).status, 200);
  await call('DELETE', `${path}/files/${wheel.filename}`);
  assert.deepEqual(
    (await simplePage('api-file')).files.map(({ filename }) => filename),
    [sdist.filename],
  );
  for (const address of [doomed, `${doomed}.metadata`]) {
    assert.equal((await fetch(`${gallery.url}${address}`)).status, 404, address);
  }
  const json = (await (await fetch(`${gallery.url}/pypi/api-file/1.0.0/json`)).json()) as {
    urls: { filename: string }[];
  };
  assert.deepEqual(
    json.urls.map(({ filename }) => filename),
    [sdist.filename],
  );
  for (const description of ['', 'other bytes']) {
    const again = await uploadPython(gallery, await makeWheel({ name: 'api-file', version: '1.0.0', description }));
    assert.equal(again.status, 400);
    assert.match(await again.text(), /previously used by a file that has since been deleted/);
  }
  const other = await makeWheel({ name: 'api-file', version: '1.0.0', tag: 'py2-none-any' });
  assert.equal((await uploadPython(gallery, other)).status, 200, 'the release is still open');
});

test('with its last file a release goes, and is not published again', async () => {
  const { wheel, sdist } = await publishBoth('api-last');
  await publishBoth('api-last', '2.0.0');
  const path = '/api/feeds/main/python/api-last';
  await call('DELETE', `${path}/1.0.0/files/${wheel.filename}`);
  await call('DELETE', `${path}/1.0.0/files/${sdist.filename}`);
  assert.deepEqual((await simplePage('api-last')).versions, ['2.0.0']);
  assert.equal((await fetch(`${gallery.url}/pypi/api-last/1.0.0/json`)).status, 404);
  const again = await uploadPython(
    gallery,
    await makeWheel({ name: 'api-last', version: '1.0.0', tag: 'py2-none-any' }),
  );
  assert.equal(again.status, 400);
  await call('DELETE', `${path}/1.0.0/files/${sdist.filename}`);
});

test('the only file of a NuGet version is the version', async () => {
  for (const version of ['1.0.0', '2.0.0'])
    await pushNupkg(gallery, (await makeNupkg({ id: 'Api.Lib', version })).bytes);
  const path = '/api/feeds/main/nupkg/Api.Lib';
  const file = (await stateOf(path)).versions[0]?.files[0]?.filename ?? '';
  await call('DELETE', `${path}/1.0/files/${file}`);
  assert.deepEqual(
    (await stateOf(path)).versions.map((version) => version.normalizedVersion),
    ['2.0.0'],
  );
  const flat = await fetch(`${gallery.url}/v3/flat/api.lib/index.json`);
  assert.deepEqual(await flat.json(), { versions: ['2.0.0'] });
});

test('what cannot be done is refused in JSON, with a code and a sentence', async () => {
  const { wheel } = await publishBoth('api-refused');
  const path = '/api/feeds/main/python/api-refused';
  const refusals: readonly (readonly [method: string, path: string, body: unknown, status: number, words: RegExp])[] = [
    ['POST', `${path}/9.9/yank`, {}, 404, /no api-refused 9\.9/],
    ['POST', `${path}/1.0.0/files/none.whl/yank`, {}, 404, /has no file none\.whl/],
    ['POST', `${path}/1.0.0/yank`, { reason: 7 }, 400, /reason is a text/],
    ['POST', `${path}/1.0.0/yank`, { reason: 'x'.repeat(1_001) }, 400, /1000 characters/],
    ['POST', `${path}/status`, { status: 'gone' }, 400, /active, archived, deprecated, quarantined/],
    ['POST', `${path}/status`, {}, 400, /is one of/],
    ['DELETE', `${path}/1.0.0/files/none.whl`, undefined, 404, /has no file/],
    ['DELETE', `${path}/7.0`, undefined, 404, /no api-refused 7\.0/],
    ['POST', '/api/feeds/main/cobol/x/1.0/yank', {}, 404, /python and nupkg/],
    ['POST', '/api/feeds/nowhere/python/x/1.0/yank', {}, 404, /no feed/],
    ['GET', '/api/nothing', undefined, 404, /no such address/],
    ['DELETE', '/api/health', undefined, 404, /no such address/],
  ];
  for (const [method, address, body, status, words] of refusals) {
    assert.match(JSON.stringify(await call(method, address, body, status)), words, `${method} ${address}`);
  }
  assert.deepEqual(await yanks('api-refused').then((files) => files[wheel.filename]), false);
});

test('a body that is no JSON is refused, so that no reason is lost', async () => {
  await publishBoth('api-body');
  const url = `${gallery.url}/api/feeds/main/python/api-body/1.0.0/yank`;
  const authorization = `Bearer ${gallery.token}`;
  for (const [type, body] of [
    ['application/x-www-form-urlencoded', 'reason=broken'],
    ['application/json', '{"reason": '],
    ['text/plain', '{"reason": "broken"}'],
  ] as const) {
    const answer = await fetch(url, { method: 'POST', headers: { authorization, 'content-type': type }, body });
    assert.equal(answer.status, 400, type);
    assert.equal(((await answer.json()) as { code: string }).code, 'form-unreadable');
  }
  assert.equal((await stateOf('/api/feeds/main/python/api-body')).versions[0]?.isListed, true);
});

test('the state of a package is for whoever may read its feed', async () => {
  await publishBoth('api-inside', '1.0.0', 'team');
  await publishBoth('api-public');
  const inside = '/api/feeds/team/python/api-inside';
  const bare = (path: string) => fetch(`${gallery.url}${path}`);
  assert.equal((await bare('/api/feeds/main/python/api-public')).status, 200);
  assert.equal((await bare(inside)).status, 401);
  const token = async (...args: string[]) => (await gallery.command('token', 'create', ...args)).stdout.trim();
  const outsider = await token('--feed', 'main');
  const reader = await token('--feed', 'team', '--scope', 'read');
  assert.deepEqual(
    await call('GET', inside, undefined, 403, outsider),
    await call('GET', '/api/feeds/team/python/not-there', undefined, 403, outsider),
  );
  assert.equal(((await call('GET', inside, undefined, 200, reader)) as State).versions.length, 1);
  await call('GET', '/api/feeds/team/python/not-there', undefined, 404, reader);
});

test('owners close their packages, quarantine is for administrators, and each scope is asked for', async () => {
  await publishBoth('api-rights');
  const path = '/api/feeds/main/python/api-rights';
  const token = async (...args: string[]) => (await gallery.command('token', 'create', ...args)).stdout.trim();
  const pusher = await token('--scope', 'push-new,push-version');
  const unlister = await token('--scope', 'unlist');
  const administrator = await token('--scope', 'administer');
  const put = (status: string, expected: number, who: string) =>
    call('POST', `${path}/status`, { status }, expected, who);
  await put('archived', 403, pusher);
  await put('archived', 200, unlister);
  await put('active', 200, unlister);
  await put('quarantined', 403, unlister);
  await put('quarantined', 200, administrator);
  await put('active', 403, unlister);
  await put('archived', 403, unlister);
  await put('active', 200, administrator);
  await call('DELETE', `${path}/1.0.0`, undefined, 403, unlister);
});

test('after all of this the gallery is as its catalogue says', async () => {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
  const verified = await gallery.command('verify');
  assert.equal(verified.exitCode, 0, verified.stdout);
});
