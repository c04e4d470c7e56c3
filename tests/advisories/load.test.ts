/** Advisories of a running gallery: loaded by command and API, shown in documents and search, changed, withdrawn and removed. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { ask, basic, publishNupkg, publishWheel } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { zip } from '../packages/archive.ts';
import { callApi } from '../publish/upload.ts';
import { type OsvOptions, osv } from './osv-files.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

async function json<T = Record<string, unknown>>(path: string): Promise<T> {
  const answer = await fetch(`${gallery.url}${path}`, { headers: { authorization: basic(gallery.token) } });
  assert.equal(answer.status, 200, `${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

async function put(options: OsvOptions): Promise<{ outcome: string; packages: number }> {
  const answer = await callApi(gallery, 'PUT', `/api/advisories/${options.id}`, osv(options));
  const body = await answer.text();
  assert.equal(answer.status, 200, body);
  return JSON.parse(body);
}

const remove = (id: string) => callApi(gallery, 'DELETE', `/api/advisories/${id}`);
const page = () => json('/v3/vulnerabilities/all.json');
const vulnerabilities = async (path: string) => (await json(path)).vulnerabilities;
const isAdvertised = async (prefix = '') => {
  const { resources } = await json<{ resources: { '@type': string; '@id': string }[] }>(`${prefix}/v3/index.json`);
  return resources.some((resource) => resource['@type'] === 'VulnerabilityInfo/6.7.0');
};

async function settled(): Promise<void> {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
}

async function verified(): Promise<void> {
  await settled();
  const report = await gallery.command('verify');
  assert.equal(report.exitCode, 0, report.stdout);
}

test('an advisory is in every feed, and in the documents of the versions that it is about', async () => {
  assert.equal(await isAdvertised(), false, 'without data the resource is left out');
  assert.deepEqual(await page(), {});
  await gallery.command('feed', 'create', 'closed', '--private');
  const closed = { url: `${gallery.url}/feeds/closed`, token: gallery.token };
  for (const version of ['1.0.0', '1.1.0']) {
    await publishNupkg(gallery, { id: 'Demo.Lib', version });
    await publishNupkg(closed, { id: 'Demo.Lib', version });
  }
  const loaded = await put({ id: 'GHSA-1-1-1', severity: 'HIGH' });
  assert.deepEqual(loaded, { outcome: 'new', packages: 2, owed: 0 });

  const url = 'https://advisories.example.org/GHSA-1-1-1';
  assert.deepEqual(await page(), { 'demo.lib': [{ severity: 2, url, versions: '(, 1.1.0)' }] });
  assert.deepEqual(await json('/feeds/closed/v3/vulnerabilities/all.json'), await page());
  const [entry] = await json<Record<string, string>[]>('/v3/vulnerabilities/index.json');
  assert.equal(entry?.['@id'], `${gallery.url}/v3/vulnerabilities/all.json`);
  assert.match(entry?.['@updated'] ?? '', /^20\d\d-.*Z$/);
  for (const prefix of ['', '/feeds/closed']) {
    assert.equal(await isAdvertised(prefix), true);
    for (const hive of ['registration', 'registration-semver2']) {
      const leaf = `${prefix}/v3/${hive}/demo.lib`;
      const [told] = (await vulnerabilities(`${leaf}/1.0.0.json`)) as Record<string, string>[];
      assert.deepEqual([told?.advisoryUrl, told?.severity], [url, '2']);
      assert.equal(await vulnerabilities(`${leaf}/1.1.0.json`), undefined);
    }
  }
  assert.equal((await ask(`${gallery.url}/feeds/closed/v3/vulnerabilities/all.json`)).status, 401);

  // A version that is published later is judged like any other; search shows the newest one.
  await publishNupkg(gallery, { id: 'Demo.Lib', version: '0.9.0' });
  assert.ok(await vulnerabilities('/v3/registration/demo.lib/0.9.0.json'));
  await put({ id: 'GHSA-1-1-1', modified: '2026-01-02T00:00:00Z', events: [{ introduced: '1.1.0' }] });
  await waitFor(async () => {
    const { data } = await json<{ data: { vulnerabilities: unknown[] }[] }>('/v3/search?q=demo.lib');
    return JSON.stringify(data[0]?.vulnerabilities) === JSON.stringify([{ advisoryUrl: url, severity: 2 }]);
  });
  assert.equal(await vulnerabilities('/v3/registration/demo.lib/1.0.0.json'), undefined, 'the newer text counts');
  await verified();
  assert.equal((await remove('GHSA-1-1-1')).status, 200);
  assert.deepEqual(await page(), {});
  assert.equal(await isAdvertised(), false);
  assert.equal(await vulnerabilities('/v3/registration/demo.lib/1.1.0.json'), undefined);
  assert.equal((await remove('GHSA-1-1-1')).status, 404);
  await verified();
});

test("PyPI's JSON API tells of the release that it shows, and of no other", async () => {
  for (const version of ['1.0', '2.0']) await publishWheel(gallery, { name: 'Demo_Py', version });
  const events: Record<string, string>[] = [{ introduced: '0' }, { fixed: '1.5' }];
  events.push({ introduced: '2.0rc1' }, { fixed: '2.0' });
  await put({ id: 'PYSEC-2026-1', ecosystem: 'PyPI', name: 'demo.py', events });
  const told = {
    aliases: ['CVE-2025-12345'],
    details: '# Details\n\nWhat it is about.\n',
    fixed_in: ['1.5', '2.0'],
    id: 'PYSEC-2026-1',
    link: 'https://advisories.example.org/PYSEC-2026-1',
    source: 'osv',
    summary: 'A hole in demo.py',
    withdrawn: null,
  };
  assert.deepEqual(await vulnerabilities('/pypi/demo-py/1.0/json'), [told]);
  assert.deepEqual(await vulnerabilities('/pypi/demo-py/2.0/json'), []);
  assert.deepEqual(await vulnerabilities('/pypi/demo-py/json'), []);
  await publishWheel(gallery, { name: 'Demo_Py', version: '1.1' });
  assert.deepEqual(await vulnerabilities('/pypi/demo-py/1.1/json'), [told]);
  assert.equal(await isAdvertised(), false, 'it is nothing to NuGet');
  await verified();
  await remove('PYSEC-2026-1');
});

test('an older text changes nothing, a newer one does, and a withdrawn one takes it away', async () => {
  await publishNupkg(gallery, { id: 'Demo.Aged', version: '1.0.0' });
  const about = { id: 'AGED-1', name: 'Demo.Aged' };
  const leaf = '/v3/registration/demo.aged/1.0.0.json';
  assert.equal((await put({ ...about, modified: '2026-03-01T00:00:00Z' })).outcome, 'new');
  for (const modified of ['2026-03-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-03-01T00:30:00+01:00']) {
    assert.deepEqual(await put({ ...about, modified, severity: 'LOW' }), {
      outcome: 'unchanged',
      packages: 0,
      owed: 0,
    });
  }
  const touched = await json('/v3/registration/demo.aged/index.json');
  assert.deepEqual(await put({ ...about, modified: '2026-04-01T00:00:00Z' }), {
    outcome: 'changed',
    packages: 0,
    owed: 0,
  });
  assert.deepEqual(
    await json('/v3/registration/demo.aged/index.json'),
    touched,
    'a newer time alone changes no document',
  );
  assert.equal((await put({ ...about, modified: '2026-05-01T00:00:00Z', severity: 'LOW' })).packages, 1);
  assert.equal(((await vulnerabilities(leaf)) as Record<string, string>[])[0]?.severity, '0');
  const withdrawn = { fields: { withdrawn: '2026-06-01T00:00:00Z' }, modified: '2026-06-01T00:00:00Z' };
  assert.equal((await put({ ...about, ...withdrawn })).outcome, 'withdrawn');
  assert.equal(await vulnerabilities(leaf), undefined);
  assert.equal((await put({ ...about, ...withdrawn })).outcome, 'unchanged');
  assert.equal((await put({ id: 'ELSE-1', ecosystem: 'npm' })).outcome, 'elsewhere');
});

test('the command loads files, folders and archives, and says what became of each', async (t) => {
  await publishNupkg(gallery, { id: 'Demo.Filed', version: '1.0.0' });
  const folder = join(gallery.dataDir, 'advisories');
  mkdirSync(join(folder, 'below'), { recursive: true });
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
  write('one.json', osv({ id: 'FILED-1', name: 'Demo.Filed' }));
  write('below/two.json', osv({ id: 'FILED-2', name: 'Not.Here', fields: { database_specific: {} } }));
  write('broken.json', osv({ id: 'FILED-3', name: 'Demo.Filed', events: [{ introduced: '0' }, { fixed: 'soon' }] }));
  write('else.json', osv({ id: 'FILED-4', ecosystem: 'npm' }));
  writeFileSync(join(folder, 'read.me'), 'not an advisory');
  const exported = [5, 6].map((n) => ({ path: `FILED-${n}.json`, content: JSON.stringify(osv({ id: `FILED-${n}` })) }));
  writeFileSync(join(folder, 'below', 'all.zip'), await zip([...exported, { path: 'torn.json', content: '{"id":' }]));
  t.after(() => Promise.all([1, 2, 5, 6].map((n) => remove(`FILED-${n}`))));

  const first = await gallery.command('advisory', 'load', folder);
  assert.equal(first.exitCode, 1, 'something was refused');
  assert.match(
    first.stdout,
    /^7 advisories read: 4 new, 0 changed, 0 withdrawn, 0 here already, 1 about other ecosystems, 2 refused\./,
  );
  assert.match(first.stdout, /1 tell no severity that is understood, and count as moderate/);
  assert.match(first.stderr, /broken\.json: The advisory cannot be used: "soon" is no version of NuGet/);
  assert.match(first.stderr, /all\.zip\/torn\.json: The file is no JSON/);
  assert.deepEqual(Object.keys(await page()).sort(), ['demo.filed', 'demo.lib', 'not.here']);
  const second = await gallery.command('advisory', 'load', join(folder, 'one.json'), join(folder, 'below'));
  assert.match(second.stdout, /^5 advisories read: 0 new, 0 changed, 0 withdrawn, 4 here already, .* 1 refused\./);
  const listed = (await gallery.command('advisory', 'list')).stdout.trim().split('\n');
  assert.deepEqual(
    listed.map((line) => line.split('\t').slice(0, 3)),
    [
      ['FILED-1', 'high', 'nupkg/demo.filed'],
      ['FILED-2', 'moderate', 'nupkg/not.here'],
      ['FILED-5', 'high', 'nupkg/demo.lib'],
      ['FILED-6', 'high', 'nupkg/demo.lib'],
    ],
  );
  assert.equal((await gallery.command('advisory', 'remove', 'FILED-1')).exitCode, 0);
  assert.equal((await gallery.command('advisory', 'remove', 'FILED-1')).exitCode, 1);
  assert.equal((await gallery.command('advisory', 'load')).exitCode, 64);
  assert.equal(await vulnerabilities('/v3/registration/demo.filed/1.0.0.json'), undefined);
  await verified();
});

test('only administrators of the whole gallery see and change advisories by the API', async () => {
  await gallery.command('feed', 'create', 'narrow');
  const token = async (...options: string[]) => (await gallery.command('token', 'create', ...options)).stdout.trim();
  const narrow = await token('--scope', 'administer', '--feed', 'main', '--feed', 'narrow');
  const publisher = await token();
  const call = async (as: string, method: string, path: string, body?: unknown) =>
    (await callApi({ ...gallery, token: as }, method, path, body)).status;
  for (const as of [narrow, publisher]) {
    assert.equal(await call(as, 'PUT', '/api/advisories/API-1', osv({ id: 'API-1' })), 403);
    assert.equal(await call(as, 'DELETE', '/api/advisories/API-1'), 403);
  }
  assert.equal(await call(publisher, 'GET', '/api/advisories'), 403);
  assert.equal((await ask(`${gallery.url}/api/advisories`)).status, 401);
  assert.equal(await call(gallery.token, 'PUT', '/api/advisories/API-1', osv({ id: 'API-2' })), 400);
  const bad = await callApi(gallery, 'PUT', '/api/advisories/API-1', osv({ id: 'API-1', name: 'no name' }));
  assert.deepEqual([bad.status, ((await bad.json()) as { code: string }).code], [400, 'advisory-invalid']);
  await put({ id: 'API-1' });
  const { advisories } = await json<{ advisories: Record<string, unknown>[] }>('/api/advisories');
  const found = advisories.find(({ id }) => id === 'API-1');
  assert.deepEqual(found?.packages, [
    { ecosystem: 'nupkg', name: 'demo.lib', ranges: [{ from: '', to: '1.1.0', includesTo: false }] },
  ]);
  await remove('API-1');
});
