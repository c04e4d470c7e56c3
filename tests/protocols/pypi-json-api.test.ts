/** PyPI's JSON API, RSS and its oldest addresses, as a running gallery answers them. */
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { requireOrSkip } from '../clients/runners/available.ts';
import { preparePip } from '../clients/runners/pip.ts';
import { ask, publishWheel, unlist } from '../clients/runners/publish.ts';
import { freePort, startGallery, startRole, type TestGallery, temporaryFolder, waitFor } from '../gallery.ts';
import { makeSdist } from '../packages/sdist.ts';
import { callApi, uploadPython } from '../publish/upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

async function json(path: string) {
  const answer = await ask(`${gallery.url}${path}`);
  assert.equal(answer.status, 200, `${path}: ${answer.status}`);
  assert.equal(answer.headers['content-type'], 'application/json');
  return { ...JSON.parse(answer.body.toString()), header: Number(answer.headers['x-pypi-last-serial']) };
}

test('the newest version is the highest that is neither yanked nor a pre-release', async () => {
  for (const version of ['1.0', '1.10', '1.9', '2.0rc1']) await publishWheel(gallery, { name: 'demo-latest', version });
  const latest = async () => (await json('/pypi/demo-latest/json')).info.version;
  assert.equal(await latest(), '1.10');
  await unlist(gallery, 'python', 'demo-latest', '1.10', 'broken');
  assert.equal(await latest(), '1.9');
  for (const version of ['1.9', '1.0']) await unlist(gallery, 'python', 'demo-latest', version);
  assert.equal(await latest(), '2.0rc1');
  await unlist(gallery, 'python', 'demo-latest', '2.0rc1');
  const { info } = await json('/pypi/demo-latest/json');
  assert.deepEqual([info.version, info.yanked, info.yanked_reason], ['1.10', true, 'broken']);
});

test('a version is told under any spelling of its number, and changes when it is yanked or gets a file', async () => {
  const name = 'Demo.Spelt';
  await publishWheel(gallery, { name, version: '1.0rc1', description: 'First words.\n' });
  await publishWheel(gallery, { name, version: '1.0', description: 'Last words.\n' });
  const first = await json('/pypi/demo-spelt/1.0rc1/json');
  assert.equal(first.info.description, 'First words.\n');
  assert.equal(first.releases, undefined, 'only the project lists all of its versions');
  for (const spelling of ['1.0-RC.1/json', 'v1.0c1/json/', '1.0rc1/json/']) {
    assert.deepEqual(await json(`/pypi/demo-spelt/${spelling}`), first);
  }
  await unlist(gallery, 'python', 'demo-spelt', '1.0rc1', 'no candidate');
  const yanked = await json('/pypi/demo-spelt/1.0rc1/json');
  assert.deepEqual([yanked.info.yanked, yanked.info.yanked_reason], [true, 'no candidate']);
  assert.equal(yanked.last_serial, yanked.header);
  assert.ok(yanked.last_serial > first.last_serial);
  const sdist = await makeSdist({ name, version: '1.0rc1', description: 'Other words.\n' });
  assert.equal((await uploadPython(gallery, sdist)).status, 200);
  const second = await json('/pypi/demo-spelt/1.0rc1/json');
  assert.equal(second.urls.length, 2);
  assert.equal(second.info.description, 'First words.\n', 'a version is described by what was published first');
  const project = await json('/pypi/demo-spelt/json');
  assert.equal(project.info.description, 'Last words.\n');
  assert.deepEqual([project.last_serial, project.header], [second.last_serial, second.last_serial]);
  assert.deepEqual(project.releases['1.0rc1'], second.urls);
});

test('an sdist whose metadata is too old to be served is still described', async () => {
  const sdist = await makeSdist({ name: 'demo-old', version: '1.0', metadataVersion: '2.1', description: 'Old.\n' });
  assert.equal((await uploadPython(gallery, sdist)).status, 200);
  const { info, urls } = await json('/pypi/demo-old/json');
  assert.equal(info.description, 'Old.\n');
  assert.equal(urls[0]['core-metadata'], false);
  assert.equal((await ask(`${urls[0].url}.metadata`)).status, 404);
});

test('a description of more than 256 KiB is cut at the end of a line, and says so', async () => {
  const line = `${'☃'.repeat(99)}\n`;
  await publishWheel(gallery, { name: 'demo-long', version: '1.0', description: line.repeat(4_000) });
  const { description } = (await json('/pypi/demo-long/json')).info;
  assert.ok(description.startsWith(line.repeat(2_621)));
  assert.equal(description.slice(line.length * 2_621), '\n[The description goes on; all of it is in the package.]\n');
});

test('a description that looks like our own JSON, or holds marks and controls, stays text', async () => {
  const description = '"}},"info":{"description":""} \u2028 </script> \u0001 \\ ☃\n{"info":{"description":""\n';
  await publishWheel(gallery, { name: 'demo-quoted', version: '1.0', description, summary: '"","description":""' });
  const { info } = await json('/pypi/demo-quoted/json');
  assert.deepEqual([info.description, info.summary], [description, '"","description":""']);
});

test('a deleted version leaves the JSON; with the last one the project is gone from it', async () => {
  for (const version of ['1.0', '2.0']) await publishWheel(gallery, { name: 'demo-gone', version });
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/python/demo-gone/2.0')).status, 200);
  assert.equal((await ask(`${gallery.url}/pypi/demo-gone/2.0/json`)).status, 404);
  const { info, releases } = await json('/pypi/demo-gone/json');
  assert.deepEqual([info.version, Object.keys(releases)], ['1.0', ['1.0']]);
  assert.equal((await callApi(gallery, 'DELETE', '/api/feeds/main/python/demo-gone/1.0')).status, 200);
  assert.equal((await ask(`${gallery.url}/pypi/demo-gone/json`)).status, 404);
});

test('news are on RSS: of a project at once, of the feed when the job has run', async () => {
  const named = { name: 'Demo.News', headers: [['Author-email', 'Ann <ann@example.org>']] as const };
  await publishWheel(gallery, { ...named, version: '1.0', summary: 'Fast & <safe>' });
  await publishWheel(gallery, { ...named, version: '1.1' });
  const items = async (path: string) => {
    const answer = await ask(`${gallery.url}${path}`);
    assert.equal(answer.headers['content-type'], 'text/xml; charset=utf-8');
    return [...answer.body.toString().matchAll(/<item>([\s\S]*?)<\/item>/g)].map(([, item = '']) => item);
  };
  const own = await items('/rss/project/demo-news/releases.xml');
  assert.deepEqual(own.map(titleOf), ['1.1', '1.0']);
  assert.match(own[1]!, /<description>Fast &amp; &lt;safe&gt;<\/description>\s*<author>ann@example\.org<\/author>/);
  const link = /<link>([^<]+)<\/link>/.exec(own[0]!)?.[1];
  assert.equal((await ask(link!)).status, 200, 'a link leads somewhere');

  await waitFor(async () => (await items('/rss/updates.xml')).map(titleOf).includes('Demo.News 1.1'));
  assert.deepEqual((await items('/rss/updates.xml')).map(titleOf).slice(0, 2), ['Demo.News 1.1', 'Demo.News 1.0']);
  assert.equal(titleOf((await items('/rss/packages.xml'))[0]!), 'Demo.News was added');
  const redirected = await ask(`${gallery.url}/rss/project/Demo.News/releases.xml`);
  assert.deepEqual([redirected.status, redirected.headers.location], [301, '/rss/project/demo-news/releases.xml']);
});

test('another feed tells of its own packages, with its own addresses', async () => {
  await gallery.command('feed', 'create', 'side');
  const feed = { url: `${gallery.url}/feeds/side`, token: gallery.token };
  await publishWheel(feed, { name: 'demo-side', version: '1.0+local.1' });
  const { urls, info } = await json('/feeds/side/pypi/demo-side/json');
  assert.ok(urls[0].url.startsWith(`${feed.url}/packages/`));
  assert.equal((await ask(urls[0].url)).status, 200);
  assert.equal((await ask(info.release_url)).status, 200);
  assert.equal((await ask(`${gallery.url}/pypi/demo-side/json`)).status, 404);
  const moved = await ask(`${feed.url}/pypi/Demo_Side/1.0+LOCAL-1/json`);
  assert.equal(moved.headers.location, '/feeds/side/pypi/demo-side/1.0%2Blocal.1/json');
});

test('the oldest address of PyPI says where things went, also to who speaks XML-RPC', async (t) => {
  for (const path of ['/pypi?:action=submit', '/pypi/?:action=doc_upload', '/feeds/main2/pypi']) {
    const answer = await ask(`${gallery.url}${path}`, { method: 'POST', body: 'name=demo' });
    assert.equal(answer.status, 410);
    assert.match(answer.reasonPhrase, /Upload to \/legacy\//);
  }
  if (!requireOrSkip(t, 'pip')) return;
  await using pip = await preparePip({ indexUrl: `${gallery.url}/simple/` });
  const searched = await pip.run('search', '--index', `${gallery.url}/pypi`, 'demo');
  assert.notEqual(searched.exitCode, 0);
  assert.match(searched.stderr, /RuntimeError: This address took uploads and searches long ago/);
});

test('all of it is answered by a read worker alone, without database and write service', async (t) => {
  await publishWheel(gallery, { name: 'demo-alone', version: '1.0', description: 'Alone.\n' });
  const port = await freePort();
  const environment = { ...gallery.environment, HOLDFAST_PORT: String(port) };
  const shelf = await temporaryFolder(t);
  for (const kept of ['store', 'installation-key']) {
    await cp(join(gallery.dataDir, kept), join(shelf, kept), { recursive: true });
  }
  startRole(t, 'read', [], { ...environment, HOLDFAST_DATA_DIR: shelf });
  const alone = `http://127.0.0.1:${port}`;
  await waitFor(async () => (await ask(`${alone}/simple/demo-alone/`)).status === 200);
  for (const path of ['/pypi/demo-alone/json', '/pypi/demo-alone/1.0/json']) {
    const { info, urls } = JSON.parse((await ask(`${alone}${path}`)).body.toString());
    assert.equal(info.description, 'Alone.\n');
    assert.ok(urls[0].url.startsWith(`${alone}/packages/`), 'at the address that the client came by');
    assert.equal((await ask(urls[0].url)).status, 200);
  }
  for (const path of ['/rss/project/demo-alone/releases.xml', '/rss/updates.xml', '/rss/packages.xml']) {
    assert.equal((await ask(`${alone}${path}`)).status, 200);
  }
  assert.equal((await ask(`${alone}/pypi`, { method: 'POST', body: 'x' })).status, 503);
});

test('everything that was told here is what the catalogue says', async () => {
  await waitFor(async () => {
    const health = JSON.parse((await ask(`${gallery.url}/api/health`)).body.toString());
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
  const { stdout, exitCode } = await gallery.command('verify');
  assert.equal(exitCode, 0, stdout);
});

function titleOf(item: string): string {
  return /<title>([^<]*)<\/title>/.exec(item)?.[1] ?? '';
}
