/** A package in quarantine: nothing of it is offered any more, nothing of it is lost, and restoring brings back every byte. */
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { callApi, pushNupkg, uploadPython } from './upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as never, { HOLDFAST_READ_WORKERS: '2' });
  await gallery.command('feed', 'create', 'team', '--private');
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A connection each, so that the system spreads them over the workers; all must agree. */
async function askEveryWorker(path: string, accept = '*/*'): Promise<Answer> {
  const authorization = `Bearer ${gallery.token}`;
  const answers = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const answer = await fetch(`${gallery.url}${path}`, { headers: { accept, authorization, connection: 'close' } });
      return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()).toString('latin1') };
    }),
  );
  for (const answer of answers) assert.deepEqual(answer, answers[0], path);
  return answers[0]!;
}

const jsonType = 'application/vnd.pypi.simple.v1+json';
const withoutSerials = (text: string) => text.replaceAll(/"(_last-serial|last_serial)":\d+|<!--SERIAL \d+-->/g, '');

async function setStatus(path: string, status: string, reason = ''): Promise<void> {
  const answer = await callApi(gallery, 'POST', `${path}/status`, { status, reason });
  assert.equal(answer.status, 200, await answer.text());
}

async function settled(): Promise<void> {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
}

async function verifyIsClean(): Promise<void> {
  await settled();
  const verified = await gallery.command('verify');
  assert.equal(verified.exitCode, 0, verified.stdout);
}

for (const feed of ['main', 'team']) {
  test(`a quarantined project of the feed ${feed} offers nothing to anybody, and comes back as it was`, async () => {
    const root = feed === 'main' ? '' : `/feeds/${feed}`;
    const options = feed === 'main' ? {} : { feed };
    for (const version of ['1.0.0', '2.0.0']) {
      assert.equal((await uploadPython(gallery, await makeWheel({ name: 'Bad.Py', version }), options)).status, 200);
    }
    const sdist = await makeSdist({ name: 'Bad.Py', version: '2.0.0' });
    assert.equal((await uploadPython(gallery, sdist, options)).status, 200);
    await callApi(gallery, 'POST', `/api/feeds/${feed}/python/bad-py/1.0.0/yank`, { reason: 'old' });
    await callApi(gallery, 'POST', `/api/feeds/${feed}/python/bad-py/2.0.0/files/${sdist.filename}/yank`);
    const page = `${root}/simple/bad-py/`;
    const { files } = JSON.parse((await askEveryWorker(page, jsonType)).body) as { files: { url: string }[] };
    const documents = [
      `${root}/pypi/bad-py/json`,
      `${root}/pypi/bad-py/2.0.0/json`,
      `${root}/rss/project/bad-py/releases.xml`,
    ];
    const addresses = [...files.flatMap(({ url }) => [url, `${url}.metadata`]), ...documents];
    const everything = async () => [
      await askEveryWorker(page, jsonType),
      await askEveryWorker(page, 'text/html'),
      ...(await Promise.all(addresses.map((address) => askEveryWorker(address)))),
    ];
    const before = await everything();
    assert.ok(
      before.every((answer) => answer.status === 200),
      JSON.stringify(before.map((answer) => answer.status)),
    );
    await verifyIsClean();
    assert.match((await askEveryWorker(`${root}/simple/`)).body, /bad-py/);
    assert.match((await askEveryWorker(`${root}/rss/updates.xml`)).body, /Bad\.Py/);
    assert.match((await askEveryWorker(`${root}/rss/packages.xml`)).body, /Bad\.Py/);

    await setStatus(`/api/feeds/${feed}/python/bad-py`, 'quarantined', 'reported <as> "malware"');
    for (const address of addresses) assert.equal((await askEveryWorker(address)).status, 404, address);
    const closed = JSON.parse((await askEveryWorker(page, jsonType)).body) as Record<string, unknown>;
    assert.deepEqual(closed.files, []);
    assert.deepEqual(closed.versions, ['1.0.0', '2.0.0']);
    assert.deepEqual(closed['project-status'], { status: 'quarantined', reason: 'reported <as> "malware"' });
    const html = await askEveryWorker(page, 'text/html');
    assert.equal(html.status, 200);
    assert.match(html.body, /<meta name="pypi:project-status" content="quarantined">/);
    assert.match(
      html.body,
      /<meta name="pypi:project-status-reason" content="reported &lt;as&gt; &quot;malware&quot;">/,
    );
    assert.doesNotMatch(html.body, /<a /);
    const refused = await uploadPython(gallery, await makeWheel({ name: 'bad-py', version: '3.0.0' }), options);
    assert.equal(refused.status, 403);
    assert.match(refused.statusText, /"Bad\.Py" is quarantined and takes no uploads: reported <as> "malware"/);
    await verifyIsClean();
    for (const list of ['simple/', 'rss/updates.xml', 'rss/packages.xml', 'stats/']) {
      assert.doesNotMatch((await askEveryWorker(`${root}/${list}`)).body, /bad.py/i, list);
    }
    assert.equal((await gallery.command('rebuild')).exitCode, 0);
    for (const address of addresses) assert.equal((await askEveryWorker(address)).status, 404, address);
    await verifyIsClean();

    await setStatus(`/api/feeds/${feed}/python/bad-py`, 'active', 'a false alarm');
    const after = await everything();
    for (const [index, answer] of after.entries()) {
      assert.deepEqual(withoutSerials(answer.body), withoutSerials(before[index]!.body), addresses[index - 2] ?? page);
      assert.equal(answer.status, 200);
    }
    await verifyIsClean();
    assert.match((await askEveryWorker(`${root}/simple/`)).body, /bad-py/);
    assert.equal(
      (await uploadPython(gallery, await makeWheel({ name: 'bad-py', version: '3.0.0' }), options)).status,
      200,
    );
  });
}

test('a quarantined NuGet package is in no document, no search and no push, and comes back', async () => {
  for (const version of ['1.0.0', '2.0.0-beta.1']) {
    await pushNupkg(gallery, (await makeNupkg({ id: 'Bad.Lib', version, readme: 'read me' })).bytes);
  }
  const addresses = [
    '/v3/flat/bad.lib/index.json',
    '/v3/flat/bad.lib/1.0.0/bad.lib.1.0.0.nupkg',
    '/v3/flat/bad.lib/1.0.0/bad.lib.nuspec',
    '/v3/flat/bad.lib/1.0.0/readme',
    '/v3/registration/bad.lib/index.json',
    '/v3/registration-semver2/bad.lib/2.0.0-beta.1.json',
  ];
  const hits = async () => {
    const answer = await fetch(`${gallery.url}/v3/search?q=bad.lib&prerelease=true&semVerLevel=2.0.0`);
    return ((await answer.json()) as { totalHits: number }).totalHits;
  };
  const before = await Promise.all(addresses.map((address) => askEveryWorker(address)));
  assert.ok(before.every(({ status }) => status === 200));
  await waitFor(async () => (await hits()) === 1);
  await setStatus('/api/feeds/main/nupkg/Bad.Lib', 'quarantined', 'reported');
  for (const address of addresses) assert.equal((await askEveryWorker(address)).status, 404, address);
  await waitFor(async () => (await hits()) === 0);
  const push = await pushNupkg(gallery, (await makeNupkg({ id: 'Bad.Lib', version: '3.0.0' })).bytes);
  assert.equal(push.status, 403);
  assert.match(push.statusText, /"Bad\.Lib" is quarantined and takes no uploads: reported/);
  await verifyIsClean();
  await setStatus('/api/feeds/main/nupkg/Bad.Lib', 'active');
  assert.deepEqual(await Promise.all(addresses.map((address) => askEveryWorker(address))), before);
  await waitFor(async () => (await hits()) === 1);
  await verifyIsClean();
});

test('what happens to a project in quarantine shows when it is out again', async () => {
  const path = '/api/feeds/main/python/changing';
  const doomed = await makeWheel({ name: 'changing', version: '1.0.0' });
  await uploadPython(gallery, doomed);
  await uploadPython(gallery, await makeWheel({ name: 'changing', version: '2.0.0' }));
  const address = /href="([^"#]*1\.0\.0[^"#]*)/.exec((await askEveryWorker('/simple/changing/')).body)?.[1] ?? '';
  await setStatus(path, 'quarantined');
  await callApi(gallery, 'DELETE', `${path}/1.0.0`);
  await callApi(gallery, 'POST', `${path}/2.0.0/yank`, { reason: 'broken' });
  await verifyIsClean();
  await setStatus(path, 'archived', 'let it rest');
  const page = JSON.parse((await askEveryWorker('/simple/changing/', jsonType)).body) as {
    'project-status': object;
    files: { yanked: string }[];
  };
  assert.deepEqual(page['project-status'], { status: 'archived', reason: 'let it rest' });
  assert.deepEqual(
    page.files.map(({ yanked }) => yanked),
    ['broken'],
  );
  assert.equal((await askEveryWorker(address)).status, 404);
  await verifyIsClean();
  await setStatus(path, 'quarantined');
  await callApi(gallery, 'DELETE', path);
  assert.equal((await askEveryWorker('/simple/changing/')).status, 404);
  await verifyIsClean();
});

test('statistics tell the largest projects in the form that is asked for', async () => {
  const large = await makeWheel({ name: 'Large.One', version: '1.0.0', sizeBytes: 200_000 });
  await uploadPython(gallery, large);
  await settled();
  const json = await fetch(`${gallery.url}/stats/`, { headers: { accept: 'application/json' } });
  assert.equal(json.headers.get('content-type'), 'application/json');
  assert.match(json.headers.get('vary') ?? '', /Accept/);
  const stats = (await json.json()) as { top_packages: Record<string, { size: number }>; total_packages_size: number };
  assert.deepEqual(Object.entries(stats.top_packages)[0], ['Large.One', { size: large.bytes.length }]);
  const sum = Object.values(stats.top_packages).reduce((total, { size }) => total + size, 0);
  assert.equal(stats.total_packages_size, sum);
  for (const accept of ['*/*', 'text/html,application/xhtml+xml,*/*;q=0.8']) {
    const html = await fetch(`${gallery.url}/stats`, { headers: { accept } });
    assert.match(html.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(await html.text(), new RegExp(`Large\\.One</a></td><td>${large.bytes.length}</td>`));
  }
});
