/**
 * The main promise: with the database file gone and the write and work processes dead, pip, dotnet and old NuGet clients go on
 * installing from public and private feeds, also who has nothing cached; publishing is refused quickly and in words, and resumes by itself.
 * The tests of this file are one story and run in order.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, temporaryFolder, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeWheel } from '../packages/wheel.ts';
import { requireOrSkip } from './runners/available.ts';
import { prepareDotnet } from './runners/dotnet.ts';
import { prepareNuget } from './runners/nuget.ts';
import { preparePip } from './runners/pip.ts';
import { ask, basic, type Place, publishNupkg, publishWheel } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';
import { prepareTwine } from './runners/twine.ts';

/** A client would wait this long without giving up; the gallery answers in a fraction of it. */
const quickMs = 5_000;
const unavailable = 'Publishing and pages are unavailable for the moment; installing works. Try again shortly.';

let gallery: TestGallery;
let everybody: Place;
let team: Place;
let catalogue: string;
let hidingPlace: string;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  everybody = { url: gallery.url, token: gallery.token };
  const { stdout } = await gallery.command('feed', 'create', 'team', '--private');
  const reader = await gallery.command('token', 'create', '--feed', 'team', '--scope', 'read');
  team = { url: stdout.trim(), token: reader.stdout.trim() };
  for (const url of [everybody.url, team.url]) {
    const place = { url, token: gallery.token };
    await publishWheel(place, { name: 'demo-needed', version: '1.0.0' });
    await publishWheel(place, { name: 'demo-py', version: '1.0.0', requiresDist: ['demo-needed'], sizeBytes: 200_000 });
    await publishNupkg(place, { id: 'Demo.Needed', version: '1.0.0' });
    const dependencies = [{ id: 'Demo.Needed', range: '1.0.0' }];
    await publishNupkg(place, { id: 'Demo.Lib', version: '1.0.0', dependencies, sizeBytes: 200_000 });
  }
  catalogue = join(gallery.dataDir, 'catalogue');
  hidingPlace = join(await temporaryFolder(t as TestContext), 'catalogue');
  await takeDatabaseAway();
});

test('pip installs from the public and from the private feed', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const withToken = team.url.replace('://', `://__token__:${team.token}@`);
  for (const url of [everybody.url, withToken]) {
    await using pip = await preparePip({ indexUrl: `${url}/simple/` });
    succeeded(await pip.install(['demo-py']));
    assert.deepEqual(await pip.installedPackages(), ['demo_needed-1.0.0', 'demo_py-1.0.0']);
    assert.match(succeeded(await pip.indexVersions('demo-py')).stdout, /Available versions: 1\.0\.0/);
  }
  assertStillAway();
});

test('dotnet restores and adds from the public and from the private feed', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  const credentials = { username: 'anybody', password: team.token };
  for (const options of [
    { source: `${everybody.url}/v3/index.json` },
    { source: `${team.url}/v3/index.json`, credentials },
  ]) {
    await using dotnet = await prepareDotnet(options);
    succeeded(await dotnet.addPackage('Demo.Lib'));
    assert.deepEqual(await dotnet.restoredPackages(), ['demo.lib/1.0.0', 'demo.needed/1.0.0']);
    succeeded(await dotnet.clearCaches());
    succeeded(await dotnet.restore({ 'Demo.Lib': '1.0.0' }));
    assert.deepEqual(await dotnet.restoredPackages(), ['demo.lib/1.0.0', 'demo.needed/1.0.0']);
  }
  assertStillAway();
});

test('dotnet restores and adds over v2 as well', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (const options of v2Sources()) {
    await using dotnet = await prepareDotnet(options);
    succeeded(await dotnet.addPackage('Demo.Lib'));
    assert.deepEqual(await dotnet.restoredPackages(), ['demo.lib/1.0.0', 'demo.needed/1.0.0']);
  }
  assertStillAway();
});

for (const version of ['2.8.7', '5.8'] as const) {
  test(`nuget ${version} installs over v2 from the public and from the private feed`, async (t) => {
    if (!requireOrSkip(t, `nuget ${version}`)) return;
    for (const options of v2Sources()) {
      await using nuget = await prepareNuget(version, options);
      for (const more of [[], ['-Version', '1.0.0']]) {
        succeeded(await nuget.install('Demo.Lib', ...more));
        assert.deepEqual(await nuget.installedPackages(), ['Demo.Lib.1.0.0', 'Demo.Needed.1.0.0']);
        await nuget.forgetInstalled();
      }
    }
    assertStillAway();
  });
}

test('the private feed stays closed, and what does not exist is still told from what cannot be said', async () => {
  const [page, versions] = ['/simple/demo-py/', "/api/v2/Packages(Id='Demo.Lib',Version='1.0.0')"];
  for (const path of [page, versions]) {
    assert.equal((await ask(`${team.url}${path}`)).status, 401);
    assert.equal((await ask(`${team.url}${path}`, { headers: { Authorization: basic('wrong') } })).status, 401);
  }
  const headers = { Authorization: basic(team.token) };
  for (const path of ['/simple/nowhere/', versions.replace('Lib', 'Nowhere')]) {
    assert.equal((await ask(`${team.url}${path}`, { headers })).status, 404, path);
    assert.equal((await ask(`${everybody.url}${path}`)).status, 404, path);
  }
  assertStillAway();
});

test('read workers that start without the database serve both feeds at once', async () => {
  const earlier = gallery.processes();
  for (const role of ['read-1', 'read-2']) process.kill(earlier.get(role) ?? assert.fail(role), 'SIGKILL');
  await waitFor(async () => (await ask(`${everybody.url}/simple/demo-py/`)).status === 200);
  const headers = { Authorization: basic(team.token) };
  const nupkg = '/v3/flat/demo.lib/1.0.0/demo.lib.1.0.0.nupkg';
  for (const path of ['/simple/demo-py/', nupkg, "/api/v2/FindPackagesById()?id='Demo.Lib'"]) {
    assert.equal((await ask(`${everybody.url}${path}`)).status, 200, path);
    assert.equal((await ask(`${team.url}${path}`, { headers })).status, 200, path);
    assert.equal((await ask(`${team.url}${path}`)).status, 401, path);
  }
  assertStillAway();
});

test('an upload of any size is refused quickly, in words, and with a time to come back', async () => {
  const addresses = [
    ['PUT', '/v3/package'],
    ['PUT', '/api/v2/package/'],
    ['POST', '/legacy/'],
    ['GET', '/api/health'],
  ] as const;
  for (const body of [Buffer.alloc(100), Buffer.alloc(20_000_000)]) {
    for (const [method, path] of addresses) {
      const startedAt = performance.now();
      const headers = { Authorization: basic(gallery.token), 'Content-Type': 'application/octet-stream' };
      const answer = await ask(`${gallery.url}${path}`, { method, headers, ...(method === 'GET' ? {} : { body }) });
      assert.equal(answer.status, 503, `${method} ${path}`);
      assert.equal(answer.reasonPhrase, unavailable);
      assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
      assert.ok(performance.now() - startedAt < quickMs, `${method} ${path} with ${body.length} bytes`);
    }
  }
  assertStillAway();
});

test('who uploads with twine or dotnet reads that installing works and publishing will', async (t) => {
  if (!requireOrSkip(t, 'twine', 'dotnet')) return;
  await using twine = await prepareTwine();
  await using dotnet = await prepareDotnet({ source: `${gallery.url}/v3/index.json` });
  const wheel = await twine.addFile(await makeWheel({ name: 'demo-late', version: '1.0.0', sizeBytes: 10_000_000 }));
  const nupkg = await dotnet.addFile(await makeNupkg({ id: 'Demo.Late', version: '1.0.0', sizeBytes: 10_000_000 }));

  const signIn = { url: `${gallery.url}/legacy/`, username: '__token__', password: gallery.token };
  for (const refused of [await twine.upload([wheel], signIn), await dotnet.push(nupkg, { apiKey: gallery.token })]) {
    assert.equal(refused.exitCode, 1, describeResult(refused));
    assert.ok(
      `${refused.stdout}${refused.stderr}`.replaceAll(/\s+/g, ' ').includes(unavailable),
      describeResult(refused),
    );
  }
  assertStillAway();
});

test('once the database is back, publishing resumes by itself, with all that was there', async () => {
  await rename(hidingPlace, catalogue);
  // Until a worker has noticed, it goes on saying "try again shortly"; whoever does gets through.
  await waitFor(async () => (await publishWheel(everybody, { name: 'demo-py', version: '1.1.0' })) !== undefined);
  await waitFor(async () => (await publishNupkg(everybody, { id: 'Demo.Lib', version: '1.1.0' })) !== undefined);

  const page = (await ask(`${gallery.url}/simple/demo-py/`)).body.toString();
  assert.match(page, /demo_py-1\.0\.0-py3-none-any\.whl/);
  assert.match(page, /demo_py-1\.1\.0-py3-none-any\.whl/);
  const versions = JSON.parse((await ask(`${gallery.url}/v3/flat/demo.lib/index.json`)).body.toString());
  assert.deepEqual(versions, { versions: ['1.0.0', '1.1.0'] });
  const checked = await gallery.command('verify');
  assert.equal(checked.exitCode, 0, `${checked.stdout}${checked.stderr}`);
});

/** Both feeds, as sources of NuGet v2. */
function v2Sources() {
  const credentials = { username: 'anybody', password: team.token };
  return [{ source: `${everybody.url}/api/v2` }, { source: `${team.url}/api/v2`, credentials }];
}

/** Moves the database away, kills who has it open, and waits until their successors have failed for want of it. */
async function takeDatabaseAway(): Promise<void> {
  await rename(catalogue, hidingPlace);
  for (const role of ['write', 'work']) process.kill(gallery.processes().get(role) ?? assert.fail(role), 'SIGKILL');
  const attempts = () =>
    gallery.output().split('holdfast.sqlite is missing although this data folder has been in use').length - 1;
  await waitFor(() => attempts() >= 4);
}

/** What a test found held without the database: nobody made another one meanwhile. */
function assertStillAway(): void {
  assert.ok(!existsSync(catalogue), 'the database came back in the middle of the test');
}

function succeeded(result: RunResult): RunResult {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
