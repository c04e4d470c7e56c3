/** Deprecated versions of a running gallery: what is taken, what is refused, and where it shows. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { publishNupkg, publishWheel } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { callApi } from './upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const call = (path: string, body: unknown, token = gallery.token) =>
  callApi({ ...gallery, token }, 'POST', `/api/feeds/main/nupkg/${path}`, body);

async function json<T = Record<string, unknown>>(path: string): Promise<T> {
  const answer = await fetch(`${gallery.url}${path}`);
  assert.equal(answer.status, 200, path);
  return (await answer.json()) as T;
}

interface Told {
  readonly reasons: string[];
  readonly message?: string;
  readonly alternatePackage?: { readonly id: string; readonly range: string };
}

async function deprecationOf(id: string, version: string, hive = 'registration-semver2'): Promise<Told | undefined> {
  const { deprecation } = await json<{ deprecation?: Told }>(`/v3/${hive}/${id.toLowerCase()}/${version}.json`);
  return deprecation;
}

test('a deprecated version says so in every hive and in search, and stays listed', async () => {
  for (const version of ['1.0.0', '1.1.0']) await publishNupkg(gallery, { id: 'Dep.Lib', version });
  const alternatePackage = { id: 'Dep.New', range: '2.0' };
  const body = { reasons: ['legacy', 'Other', 'Legacy'], message: ' Use another. ', alternatePackage };
  assert.equal((await call('dep.LIB/1.1/deprecate', body)).status, 200);
  for (const hive of ['registration', 'registration-semver2']) {
    const told = await deprecationOf('Dep.Lib', '1.1.0', hive);
    assert.deepEqual(told?.reasons, ['Legacy', 'Other']);
    assert.equal(told?.message, 'Use another.');
    assert.deepEqual([told?.alternatePackage?.id, told?.alternatePackage?.range], ['Dep.New', '[2.0.0, )']);
    assert.equal(await deprecationOf('Dep.Lib', '1.0.0', hive), undefined);
  }
  const found = async () => (await json<{ data: { deprecation?: Told }[] }>('/v3/search?q=packageid:dep.lib')).data[0];
  const expected = {
    reasons: ['Legacy', 'Other'],
    message: 'Use another.',
    alternatePackage: { id: 'Dep.New', range: '[2.0.0, )' },
  };
  await waitFor(async () => JSON.stringify((await found())?.deprecation) === JSON.stringify(expected));
  assert.equal((await call('Dep.Lib/1.1.0/undeprecate', {})).status, 200);
  assert.equal(await deprecationOf('Dep.Lib', '1.1.0'), undefined);
  await waitFor(async () => (await found())?.deprecation === undefined);
});

test('several versions at once, or all there are', async () => {
  for (const version of ['1.0.0', '1.1.0', '2.0.0']) await publishNupkg(gallery, { id: 'Dep.Many', version });
  const deprecated = async () => {
    const told = await Promise.all(['1.0.0', '1.1.0', '2.0.0'].map((version) => deprecationOf('Dep.Many', version)));
    return told.map((deprecation) => deprecation?.reasons.join());
  };
  assert.equal(
    (await call('Dep.Many/deprecate', { reasons: ['Legacy'], versions: ['1.0', '1.1.0', '1.1'] })).status,
    200,
  );
  assert.deepEqual(await deprecated(), ['Legacy', 'Legacy', undefined]);
  assert.equal((await call('Dep.Many/deprecate', { reasons: ['CriticalBugs'] })).status, 200);
  assert.deepEqual(await deprecated(), ['CriticalBugs', 'CriticalBugs', 'CriticalBugs']);
  // One that is not there leaves the others as they were.
  assert.equal((await call('Dep.Many/undeprecate', { versions: ['1.0.0', '3.0.0'] })).status, 404);
  assert.deepEqual(await deprecated(), ['CriticalBugs', 'CriticalBugs', 'CriticalBugs']);
  assert.equal((await call('Dep.Many/undeprecate', { versions: ['1.0.0', '2.0.0'] })).status, 200);
  assert.deepEqual(await deprecated(), [undefined, 'CriticalBugs', undefined]);
  await publishNupkg(gallery, { id: 'Dep.Many', version: '3.0.0' });
  assert.equal(await deprecationOf('Dep.Many', '3.0.0'), undefined, 'later versions are their own matter');
  await waitFor(async () => {
    const health = await json<Record<string, number>>('/api/health');
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
  assert.equal((await gallery.command('verify')).exitCode, 0);
});

test('what cannot be understood is refused, in words', async () => {
  await publishNupkg(gallery, { id: 'Dep.Strict', version: '1.0.0' });
  const alternate = (alternatePackage: unknown) => ({ reasons: ['Legacy'], alternatePackage });
  const refusals: [unknown, RegExp][] = [
    [{}, /"reasons" must name one or more of Legacy, CriticalBugs, Other/],
    [{ reasons: [] }, /"reasons" must name/],
    [{ reasons: ['Old'] }, /"Old" is no reason/],
    [{ reasons: ['Other'] }, /the reason "Other" needs a message/],
    [{ reasons: ['Legacy'], message: 'x'.repeat(1_001) }, /at most 1000 characters/],
    [{ reasons: ['Legacy'], message: 7 }, /"message" must be text/],
    [alternate({ id: 'no name' }), /"alternatePackage\.id"/],
    [alternate('Dep.New'), /"alternatePackage\.id"/],
    [alternate({ id: 'Dep.New', range: '1.*' }), /"alternatePackage\.range"/],
    [alternate({ id: 'Dep.New', range: 1 }), /"alternatePackage\.range"/],
  ];
  for (const [body, reason] of refusals) {
    const answer = await call('Dep.Strict/1.0.0/deprecate', body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(((await answer.json()) as { message: string }).message, reason);
  }
  const some = { reasons: ['Legacy'] };
  assert.equal((await call('Dep.Strict/deprecate', { ...some, versions: '1.0.0' })).status, 400);
  assert.equal((await call('Dep.Strict/deprecate', { ...some, versions: [] })).status, 400);
  for (const path of ['Dep.Strict/2.0.0', 'Dep.Strict/nonsense', 'Dep.Nowhere/1.0.0', 'Dep.Nowhere']) {
    assert.equal((await call(`${path}/deprecate`, some)).status, 404, path);
  }
  await publishWheel(gallery, { name: 'dep-py', version: '1.0' });
  assert.equal((await callApi(gallery, 'POST', '/api/feeds/main/python/dep-py/1.0/deprecate', some)).status, 404);
  assert.equal(await deprecationOf('Dep.Strict', '1.0.0'), undefined);
});

test('who may unlist may deprecate, and nobody else', async () => {
  await publishNupkg(gallery, { id: 'Dep.Owned', version: '1.0.0' });
  const token = async (...options: string[]) => (await gallery.command('token', 'create', ...options)).stdout.trim();
  const body = { reasons: ['Legacy'] };
  for (const options of [
    ['--scope', 'push-version'],
    ['--scope', 'unlist', '--package', 'Other.*'],
  ]) {
    assert.equal(
      (await call('Dep.Owned/1.0.0/deprecate', body, await token(...options))).status,
      403,
      options.join(' '),
    );
  }
  assert.equal((await call('Dep.Owned/1.0.0/deprecate', body, 'nonsense')).status, 403);
  assert.equal((await call('Dep.Owned/1.0.0/deprecate', body, await token('--scope', 'unlist'))).status, 200);
  assert.ok(await deprecationOf('Dep.Owned', '1.0.0'));
});
