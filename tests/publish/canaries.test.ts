/** Canaries: packages that the status service publishes and installs. Who names one gets it; nobody meets one who did not. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { before, type TestContext, test } from 'node:test';
import { openGallery } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { cleanUp } from '../../src/upkeep/clean-up.ts';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makePsModule } from '../packages/psmodule.ts';
import { makeWheel } from '../packages/wheel.ts';
import { callApi, pushNupkg, uploadPython } from './upload.ts';

let gallery: TestGallery;
/** The gallery, for whoever has the token of canaries. */
let prober: { url: string; token: string };

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  prober = { url: gallery.url, token: readFileSync(join(gallery.dataDir, 'canary-token'), 'utf8').trim() };
});

const lists = [
  'simple/',
  'rss/updates.xml',
  'rss/packages.xml',
  'stats/',
  'v3/search?prerelease=true&semVerLevel=2.0.0',
  'v3/search?q=holdfast-canary-1',
  'v3/autocomplete?q=holdfast',
  'api/v2/Packages()',
  "api/v2/Search()?searchTerm='holdfast'&targetFramework=''&includePrerelease=true",
  "powershell/api/v2/Search()?searchTerm=''&targetFramework=''&includePrerelease=true",
  'v3/catalog/index.json',
  'v3/catalog/page/0.json',
];

async function textOf(path: string, accept = '*/*'): Promise<string> {
  const answer = await fetch(`${gallery.url}/${path}`, { headers: { accept } });
  assert.ok([200, 404].includes(answer.status), `${path}: ${answer.status}`);
  return answer.text();
}

async function settled(): Promise<void> {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
}

/** Publishes and unlists one canary of each ecosystem. */
async function publishCanaries(version: string): Promise<void> {
  const wheel = await makeWheel({ name: 'holdfast-canary-1', version });
  assert.equal((await uploadPython(prober, wheel)).status, 200);
  const nupkg = await makeNupkg({ id: 'Holdfast-Canary-1', version });
  const module = await makePsModule({ id: 'holdfast-canary-ps-1', version });
  for (const { bytes } of [nupkg, module]) {
    const pushed = await pushNupkg(prober, bytes);
    assert.equal(pushed.status, 201, await pushed.text());
  }
}

const canaries = ['python/holdfast-canary-1', 'nupkg/Holdfast-Canary-1', 'nupkg/holdfast-canary-ps-1'];

test('a canary is there for whoever names it, and in no list', async () => {
  await uploadPython(gallery, await makeWheel({ name: 'ordinary', version: '1.0.0' }));
  await pushNupkg(gallery, (await makeNupkg({ id: 'Ordinary.Lib', version: '1.0.0' })).bytes);
  await settled();
  const accepts = ['*/*', 'application/vnd.pypi.simple.v1+json'];
  const read = () => Promise.all(lists.flatMap((path) => accepts.map((accept) => textOf(path, accept))));
  const before = await read();
  await publishCanaries('1.0.0');
  for (const path of canaries) {
    const unlisted = await callApi(prober, 'POST', `/api/feeds/main/${path}/1.0.0/unlist`);
    assert.equal(unlisted.status, 200, path);
  }
  await settled();
  assert.deepEqual(await read(), before, 'publishing and unlisting canaries must change no list');
  // Other packages have the lists made again, canaries and all that might be among them.
  await uploadPython(gallery, await makeWheel({ name: 'ordinary', version: '1.0.1' }));
  await pushNupkg(gallery, (await makeNupkg({ id: 'Ordinary.Lib', version: '1.0.1' })).bytes);
  await settled();
  for (const [index, text] of (await read()).entries()) assert.doesNotMatch(text, /canary/i, lists[index >> 1] ?? '');
  assert.match(await textOf('v3/catalog/page/0.json'), /1\.0\.1/);
  for (const path of [
    'simple/holdfast-canary-1/',
    'v3/flat/holdfast-canary-1/1.0.0/holdfast-canary-1.1.0.0.nupkg',
    'v3/registration-semver2/holdfast-canary-1/index.json',
    "api/v2/FindPackagesById()?id='Holdfast-Canary-1'",
    "powershell/api/v2/FindPackagesById()?id='holdfast-canary-ps-1'",
  ]) {
    const answer = await fetch(`${gallery.url}/${path}`);
    assert.equal(answer.status, 200, path);
    assert.match(await answer.text(), /./);
  }
});

test('publishing, unlisting and deleting a canary enqueues no job', async (t) => {
  await settled();
  const pausing = gallery.processes().get('work') ?? 0;
  process.kill(pausing, 'SIGSTOP');
  t.after(() => process.kill(pausing, 'SIGCONT'));
  await publishCanaries('1.1.0');
  for (const path of canaries) {
    assert.equal((await callApi(prober, 'POST', `/api/feeds/main/${path}/1.1.0/unlist`)).status, 200);
    assert.equal((await callApi(prober, 'DELETE', `/api/feeds/main/${path}/1.1.0`)).status, 200);
  }
  const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
  assert.equal(health.waitingJobs, 0);
});

test('verify is content with canaries, and rebuild makes the same gallery', async () => {
  await settled();
  assert.equal((await gallery.command('verify')).exitCode, 0);
  const before = await Promise.all(lists.map((path) => textOf(path)));
  const rebuilt = await gallery.command('rebuild');
  assert.equal(rebuilt.exitCode, 0, rebuilt.stderr);
  assert.match(rebuilt.stdout, / 0 surplus/);
  assert.deepEqual(
    (await Promise.all(lists.map((path) => textOf(path)))).map(withoutSerial),
    before.map(withoutSerial),
  );
  assert.equal((await gallery.command('verify')).exitCode, 0);
});

/** The list of names tells up to which event it is complete. */
const withoutSerial = (text: string) => text.replaceAll(/SERIAL \d+|"_last-serial":\d+/g, '');

test('the token of canaries publishes, unlists and deletes canaries of the default feed, and nothing else', async () => {
  assert.equal(statSync(join(gallery.dataDir, 'canary-token')).mode & 0o777, 0o600);
  await gallery.command('feed', 'create', 'team', '--private');
  const other = await makeWheel({ name: 'other', version: '1.0.0' });
  const canary = await makeWheel({ name: 'holdfast-canary-2', version: '1.0.0' });
  assert.equal((await uploadPython(prober, other)).status, 403);
  assert.equal((await uploadPython(prober, canary, { feed: 'team' })).status, 403);
  assert.equal((await pushNupkg(prober, (await makeNupkg({ id: 'Other', version: '1.0.0' })).bytes)).status, 403);
  for (const [method, path] of [
    ['GET', '/api/tokens'],
    ['POST', '/api/feeds'],
    ['DELETE', '/api/feeds/main/python/ordinary'],
    ['POST', '/api/feeds/main/python/ordinary/1.0.0/yank'],
    ['POST', '/api/feeds/main/python/holdfast-canary-1/1.0.0/files/x.whl/yank'],
  ] as const) {
    const answer = await callApi(prober, method, path);
    assert.ok([403, 404].includes(answer.status), `${method} ${path}: ${answer.status}`);
  }
  const quarantine = { status: 'quarantined', reason: '' };
  const path = '/api/feeds/main/python/holdfast-canary-1/status';
  assert.equal((await callApi(prober, 'POST', path, quarantine)).status, 403);
  // Canaries of somebody else are not its own.
  assert.equal((await uploadPython(gallery, canary)).status, 200);
  assert.equal((await callApi(prober, 'DELETE', '/api/feeds/main/python/holdfast-canary-2')).status, 403);
  assert.equal((await fetch(`${gallery.url}/feeds/team/simple/`, { headers: bearer(prober.token) })).status, 401);
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test('whoever publishes packages but administers nothing deletes its canaries only', async () => {
  await uploadPython(gallery, await makeWheel({ name: 'holdfast-canary-3', version: '1.0.0' }));
  await uploadPython(gallery, await makeWheel({ name: 'kept', version: '1.0.0' }));
  const { stdout } = await gallery.command('token', 'create', '--scope', 'unlist');
  const holder = { url: gallery.url, token: stdout.trim() };
  assert.equal((await callApi(holder, 'DELETE', '/api/feeds/main/python/kept')).status, 403);
  assert.equal((await callApi(holder, 'DELETE', '/api/feeds/main/python/Holdfast_Canary.3')).status, 200);
});

test('deleting canary projects gives their bytes back, and may be asked for twice', async () => {
  for (const path of canaries) {
    for (const attempt of ['first', 'second']) {
      const deleted = await callApi(prober, 'DELETE', `/api/feeds/main/${path}`);
      assert.equal(deleted.status, 200, `${path}, ${attempt}: ${await deleted.text()}`);
    }
  }
  await callApi(gallery, 'DELETE', '/api/feeds/main/python/holdfast-canary-2');
  await settled();
  await gallery.stop();
  const config = loadConfig({ ...gallery.environment, HOLDFAST_LOG_LEVEL: 'silent' }, gallery.dataDir);
  assert.ok(!('problems' in config));
  const opened = await openGallery(config, 'command');
  await cleanUp(opened, 0);
  await opened.close();
  const left = readdirSync(join(gallery.dataDir, 'store'), { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    left.filter((path) => /canary/i.test(path) && statSync(join(gallery.dataDir, 'store', path)).isFile()),
    [],
  );
  assert.equal((await gallery.command('verify')).exitCode, 0);
});

test('a token of canaries that was taken away is not made again', async (t) => {
  const file = join(gallery.dataDir, 'catalogue', 'holdfast.sqlite');
  const tokens = () => {
    const db = new DatabaseSync(file, { readOnly: true });
    const rows = db
      .prepare("select t.id, revoked_at from tokens t join principals p on p.id = principal_id where name like 'hold%'")
      .all();
    db.close();
    return rows;
  };
  const [made] = tokens();
  await gallery.command('token', 'revoke', String(made?.id));
  const again = await startGallery(t, {}, gallery.dataDir);
  await again.stop();
  assert.equal(tokens().length, 1);
  assert.notEqual(tokens()[0]?.revoked_at, null);
});
