/** dotnet, the real one, with the gallery as a v2 source: what works over v3 works over v2. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { requestsDuring } from './runners/access-lines.ts';
import { requireOrSkip } from './runners/available.ts';
import { type Dotnet, prepareDotnet } from './runners/dotnet.ts';
import { ask, publishNupkg } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  // One read worker writes one log, in order.
  gallery = await startGallery(t as TestContext, { HOLDFAST_READ_WORKERS: '1' });
});

const prepare = (root = '/api/v2'): Promise<Dotnet> => prepareDotnet({ source: `${gallery.url}${root}` });

test('what dotnet pushes to a v2 source, dotnet restores from it', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using author = await prepare();
  await using user = await prepare();
  const made = await makeNupkg({ id: 'Demo.Pushed', version: '1.1.0' });
  const file = await author.addFile(made);

  const requests = await requestsDuring(gallery, async () =>
    succeeded(await author.push(file, { apiKey: gallery.token })),
  );
  assert.deepEqual(requests, ['PUT /api/v2/ 201']);
  const stored = await ask(`${gallery.url}/v3/flat/demo.pushed/1.1.0/demo.pushed.1.1.0.nupkg`);
  assert.deepEqual(stored.body, made.bytes);
  succeeded(await user.restore({ 'Demo.Pushed': '1.1.0' }));
  assert.deepEqual(await user.restoredPackages(), ['demo.pushed/1.1.0']);
});

test('a restore asks for the versions of a package and for its file, and never searches', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await publishNupkg(gallery, { id: 'Demo.Needed', version: '1.0.0' });
  await publishNupkg(gallery, { id: 'Demo.Needed', version: '2.0.0' });
  const dependencies = [{ id: 'Demo.Needed', range: '[1.0.0, 2.0.0)' }];
  await publishNupkg(gallery, { id: 'Demo.App', version: '1.0.0', dependencies });
  await using dotnet = await prepare();

  const requests = await requestsDuring(gallery, async () => succeeded(await dotnet.restore({ 'Demo.App': '1.0.0' })));
  assert.deepEqual(await dotnet.restoredPackages(), ['demo.app/1.0.0', 'demo.needed/1.0.0']);
  assert.deepEqual(requests, [
    "GET /api/v2/FindPackagesById()?id='Demo.App'&semVerLevel=2.0.0 200",
    'GET /api/v2/package/Demo.App/1.0.0 200',
    "GET /api/v2/FindPackagesById()?id='Demo.Needed'&semVerLevel=2.0.0 200",
    'GET /api/v2/package/Demo.Needed/1.0.0 200',
  ]);
});

test('a package with more versions than a page holds is restored, whichever version is asked for', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (let patch = 0; patch <= 120; patch += 1) {
    await publishNupkg(gallery, { id: 'Demo.Many', version: `1.0.${patch}` });
  }
  for (const version of ['1.0.0', '1.0.120']) {
    await using dotnet = await prepare();
    const requests = await requestsDuring(gallery, async () =>
      succeeded(await dotnet.restore({ 'Demo.Many': `[${version}]` })),
    );
    assert.deepEqual(await dotnet.restoredPackages(), [`demo.many/${version}`]);
    assert.deepEqual(requests, [
      "GET /api/v2/FindPackagesById()?id='Demo.Many'&semVerLevel=2.0.0 200",
      "GET /api/v2/FindPackagesById()?id='Demo.Many'&semVerLevel=2.0.0&$skip=100 200",
      `GET /api/v2/package/Demo.Many/${version} 200`,
    ]);
  }
});

test('dotnet adds the newest version, or the one it is told, and finds an id in any letter case', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (const version of ['1.2.0', '1.10.0', '2.0.0-beta.1']) await publishNupkg(gallery, { id: 'Demo.Added', version });
  await using dotnet = await prepare();

  const requests = await requestsDuring(gallery, async () => succeeded(await dotnet.addPackage('Demo.Added')));
  assert.deepEqual(requests, [
    'GET /api/v2 200',
    "GET /api/v2/FindPackagesById()?id='Demo.Added'&semVerLevel=2.0.0 200",
    "GET /api/v2/FindPackagesById()?id='Demo.Added'&semVerLevel=2.0.0 200",
    'GET /api/v2/package/Demo.Added/1.10.0 200',
  ]);
  assert.deepEqual(await dotnet.restoredPackages(), ['demo.added/1.10.0']);
  succeeded(await dotnet.addPackage('DEMO.added', { version: '1.2.0' }));
  assert.deepEqual(await dotnet.restoredPackages(), ['demo.added/1.10.0', 'demo.added/1.2.0']);
  succeeded(await dotnet.addPackage('Demo.Added', { hasPrereleases: true }));
  assert.deepEqual(await dotnet.restoredPackages(), [
    'demo.added/1.10.0',
    'demo.added/1.2.0',
    'demo.added/2.0.0-beta.1',
  ]);
});

test('dotnet searches, with and without prereleases, and by the exact name', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (const version of ['1.0.0', '1.1.0', '2.0.0-beta']) {
    await publishNupkg(gallery, { id: 'Demo.Sought', version, description: 'An aardvark' });
  }
  await publishNupkg(gallery, { id: 'Demo.Sought.More', version: '0.1.0', tags: 'aardvark' });
  await searchShows('aardvark', ['Demo.Sought 3', 'Demo.Sought.More 1']);
  await using dotnet = await prepare();

  assert.deepEqual(await found(dotnet, 'aardvark'), ['Demo.Sought 1.1.0', 'Demo.Sought.More 0.1.0']);
  assert.deepEqual(await found(dotnet, 'aardvark', '--prerelease'), [
    'Demo.Sought 2.0.0-beta',
    'Demo.Sought.More 0.1.0',
  ]);
  assert.equal((await found(dotnet, 'aardvark', '--take', '1')).length, 1);
  assert.deepEqual(await found(dotnet, 'Demo.Sought', '--exact-match'), ['Demo.Sought 1.0.0', 'Demo.Sought 1.1.0']);
  assert.deepEqual(await found(dotnet, 'nothing-has-this-word'), []);
});

test('a version that was deleted over v2 is passed by, and still restored by who names it', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (const version of ['1.0.0', '1.1.0']) await publishNupkg(gallery, { id: 'Demo.Unlisted', version });
  await using author = await prepare();
  await using user = await prepare();

  const intruder = refused(await author.delete('Demo.Unlisted', '1.1.0', { apiKey: `${gallery.token}x` }));
  assert.match(intruder, /403 \(.*the API key is wrong, revoked or expired\.\)/);
  assert.match(
    refused(await author.delete('Demo.Unlisted', '7.0.0', { apiKey: gallery.token })),
    /404 \(There is no Demo\.Unlisted 7\.0\.0 here\.\)/,
  );
  succeeded(await author.delete('Demo.Unlisted', '1.1.0', { apiKey: gallery.token }));
  succeeded(await user.addPackage('Demo.Unlisted'));
  assert.deepEqual(await user.restoredPackages(), ['demo.unlisted/1.0.0']);
  succeeded(await user.restore({ 'Demo.Unlisted': '[1.1.0]' }));
  assert.deepEqual(await user.restoredPackages(), ['demo.unlisted/1.0.0', 'demo.unlisted/1.1.0']);
});

test('dotnet says over v2 too that there is no such package, and no such version', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await publishNupkg(gallery, { id: 'Demo.Single', version: '1.0.0' });
  await using dotnet = await prepare();

  const result = await dotnet.restore({ 'Demo.Nowhere': '1.0.0', 'Demo.Single': '3.0.0' });
  assert.equal(result.exitCode, 1, describeResult(result));
  assert.match(result.stdout, /NU1101: Unable to find package Demo\.Nowhere/);
  assert.match(result.stdout, /NU1102: Unable to find package Demo\.Single with version \(>= 3\.0\.0\)/);
});

test('dotnet shows what the gallery remarks about a package that it took', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepare();
  const bare = await makeNupkg({ id: 'Demo.Bare', version: '1.0.0' });
  const whole = await makeNupkg({ id: 'Demo.Whole', version: '1.0.0', readme: '# Whole\n' });
  const [warned, silent] = [
    succeeded(await dotnet.push(await dotnet.addFile(bare), { apiKey: gallery.token })),
    succeeded(await dotnet.push(await dotnet.addFile(whole), { apiKey: gallery.token })),
  ];
  const warning = 'warn : The package has no readme; add one, so that people can see what it is for.';
  assert.ok(warned.stdout.split('\n').includes(warning), describeResult(warned));
  assert.doesNotMatch(silent.stdout, /warn/);
});

test('a refused push shows the sentence of the gallery, and --skip-duplicate passes a duplicate by', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepare();
  await publishNupkg(gallery, { id: 'Demo.Twice', version: '1.0.0' });
  const changed = await makeNupkg({ id: 'Demo.Twice', version: '1.0.0', description: 'Changed after the fact' });
  const file = await dotnet.addFile(changed);

  assert.match(refused(await dotnet.push(file, { apiKey: gallery.token })), /409 \(Demo\.Twice 1\.0\.0 already exists/);
  const skipped = succeeded(await dotnet.push(file, { apiKey: gallery.token, skipDuplicate: true }));
  assert.match(skipped.stdout, /already exists at feed/);
  assert.match(refused(await dotnet.push(file)), /401 \(This needs an API key/);
});

test('dotnet restores from a private feed over v2 with credentials, and not without', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  const team = (await gallery.command('feed', 'create', 'team', '--private')).stdout.trim();
  const reader = (await gallery.command('token', 'create', '--feed', 'team', '--scope', 'read')).stdout.trim();
  const dependencies = [{ id: 'Team.Needed', range: '1.0.0' }];
  const place = { url: team, token: gallery.token };
  await publishNupkg(place, { id: 'Team.Needed', version: '1.0.0' });
  await publishNupkg(place, { id: 'Team.Lib', version: '1.0.0', dependencies });
  const source = `${team}/api/v2`;
  await using user = await prepareDotnet({ source, credentials: { username: 'anybody', password: reader } });
  await using stranger = await prepareDotnet({ source });

  succeeded(await user.restore({ 'Team.Lib': '1.0.0' }));
  assert.deepEqual(await user.restoredPackages(), ['team.lib/1.0.0', 'team.needed/1.0.0']);
  const failed = await stranger.restore({ 'Team.Lib': '1.0.0' });
  assert.equal(failed.exitCode, 1);
  assert.match(failed.stdout, /NU1301.*401 \(This feed is private: give a token as the password/s);
});

/** Search follows a publish by a moment. */
async function searchShows(text: string, idsAndCounts: readonly string[]): Promise<void> {
  const address = `${gallery.url}/v3/search?q=${text}&prerelease=true&semVerLevel=2.0.0`;
  await waitFor(async () => {
    const { data } = JSON.parse((await ask(address)).body.toString()) as {
      data: { id: string; versions: unknown[] }[];
    };
    const shown = data.map(({ id, versions }) => `${id} ${versions.length}`).sort();
    return shown.join() === idsAndCounts.join();
  });
}

interface SearchOutput {
  readonly searchResult: readonly {
    readonly packages: readonly { readonly id: string; readonly latestVersion?: string; readonly version?: string }[];
  }[];
}

async function found(dotnet: Dotnet, text: string, ...options: string[]): Promise<string[]> {
  const { stdout } = succeeded(await dotnet.search(text, '--format', 'json', ...options));
  const { searchResult } = JSON.parse(stdout) as SearchOutput;
  return searchResult.flatMap(({ packages }) =>
    packages.map(({ id, latestVersion, version }) => `${id} ${latestVersion ?? version}`).sort(),
  );
}

/** @returns what dotnet printed, on one line */
function refused(result: RunResult): string {
  assert.equal(result.exitCode, 1, describeResult(result));
  return `${result.stdout}${result.stderr}`.replaceAll(/\s+/g, ' ');
}

function succeeded<T extends RunResult>(result: T): T {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
