/**
 * NuGet 2.8.7 as Debian has it, against a running gallery: it knows v2 alone. What it sends is in the README of that protocol; here
 * it is held to that.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { requestsDuring } from './runners/access-lines.ts';
import { requireOrSkip } from './runners/available.ts';
import { type Nuget, prepareNuget } from './runners/nuget.ts';
import { ask, publishNupkg } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  // One read worker writes one log, in order.
  gallery = await startGallery(t as TestContext, { HOLDFAST_READ_WORKERS: '1' });
});

const prepare = (root = '/api/v2'): Promise<Nuget> => prepareNuget('2.8.7', { source: `${gallery.url}${root}` });

test('nuget pushes to whatever address people give it, and its bytes are stored as they are', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  for (const [index, root] of ['', '/', '/api/v2', '/api/v2/', '/api/v2/package', '/nuget', '/nuget/'].entries()) {
    const made = await makeNupkg({ id: 'Demo.Pushed', version: `1.0.${index}` });
    const file = await nuget.addFile(made);
    const result = await nuget.push(file, { apiKey: gallery.token, source: `${gallery.url}${root}` });
    assert.match(succeeded(result), /Your package was pushed\./, root);
    const stored = await ask(`${gallery.url}/v3/flat/demo.pushed/1.0.${index}/demo.pushed.1.0.${index}.nupkg`);
    assert.deepEqual(stored.body, made.bytes, root);
  }
});

test('the lines of the README work as they stand there', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  // A source that people add goes into their own configuration, which the runner's would hide.
  await rm(nuget.workspace.path('NuGet.Config'));
  const { filename, bytes } = await makeNupkg({ id: 'Demo.Readme', version: '1.0.0' });
  const file = await nuget.addFile({ filename: `out/${filename}`, bytes });

  succeeded(await nuget.run('sources', 'Add', '-Name', 'Holdfast', '-Source', `${gallery.url}/api/v2`));
  succeeded(await nuget.run('push', file, gallery.token, '-Source', 'Holdfast'));
  succeeded(await nuget.run('install', 'Demo.Readme', '-Source', 'Holdfast', '-OutputDirectory', 'packages'));
  assert.ok(existsSync(nuget.workspace.path('packages', 'Demo.Readme.1.0.0', 'Demo.Readme.1.0.0.nupkg')));
});

test('a push asks who the source is, and then sends the package', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  const file = await nuget.addFile(await makeNupkg({ id: 'Demo.Sent', version: '1.0.0' }));
  const requests = await requestsDuring(gallery, async () =>
    succeeded(await nuget.push(file, { apiKey: gallery.token, source: gallery.url })),
  );
  assert.deepEqual(requests, ['GET / 200', 'PUT /api/v2/package/ 201']);
});

test('a refused push shows the sentence of the gallery', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  await publishNupkg(gallery, { id: 'Demo.Twice', version: '1.0.0' });
  const changed = await makeNupkg({ id: 'Demo.Twice', version: '1.0.0', description: 'Changed after the fact' });
  const broken = await makeNupkg({ id: 'Demo.Broken', version: '1.0.0', icon: Buffer.from('GIF89a, not a PNG') });
  const duplicate = await nuget.addFile(changed);
  for (const [file, apiKey, sentence] of [
    [
      duplicate,
      gallery.token,
      'Demo.Twice 1.0.0 already exists in this feed; what was published never changes, publish a new version.',
    ],
    [
      duplicate,
      `${gallery.token}x`,
      'Invalid or non-existent authentication information: the API key is wrong, revoked or expired.',
    ],
    [await nuget.addFile(broken), gallery.token, 'The embedded icon is neither a PNG nor a JPEG image.'],
  ] as const) {
    for (const source of [gallery.url, `${gallery.url}/api/v2`]) {
      assertSays(refused(await nuget.push(file, { apiKey, source })), `Failed to process request. '${sentence}'.`);
    }
  }
});

test('nuget deletes a version, which unlists it, and says what could not be deleted', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  for (const version of ['1.0.0', '1.1.0']) await publishNupkg(gallery, { id: 'Demo.Unlisted', version });
  const apiKey = gallery.token;

  assertSays(
    refused(await nuget.delete('Demo.Unlisted', '1.1.0', { apiKey: `${apiKey}x` })),
    "Failed to process request. 'Invalid or non-existent authentication information",
  );
  assertSays(
    refused(await nuget.delete('Demo.Unlisted', '7.0.0', { apiKey })),
    "Failed to process request. 'There is no Demo.Unlisted 7.0.0 here.'.",
  );
  assertSays(
    succeeded(await nuget.delete('Demo.Unlisted', '1.1.0', { apiKey })),
    'Demo.Unlisted 1.1.0 was deleted successfully.',
  );
  succeeded(await nuget.install('Demo.Unlisted'));
  succeeded(await nuget.install('Demo.Unlisted', '-Version', '1.1.0'));
  assert.deepEqual(await nuget.installedPackages(), ['Demo.Unlisted.1.0.0', 'Demo.Unlisted.1.1.0']);
});

test('nuget installs the newest version, an exact one, a prerelease, and what a package needs', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  for (const version of ['1.2.0', '1.10.0', '2.0.0-beta']) await publishNupkg(gallery, { id: 'Demo.Lib', version });
  // What only clients with SemVer 2 understand is not for this one.
  await publishNupkg(gallery, { id: 'Demo.Lib', version: '3.0.0-beta.1' });
  await publishNupkg(gallery, { id: 'Demo.Lib', version: '1.99.0+build.7' });
  const dependencies = [{ id: 'Demo.Lib', range: '[1.2.0, 2.0.0)' }];
  await publishNupkg(gallery, { id: 'Demo.App', version: '1.0.0', dependencies });

  for (const [args, installed] of [
    [['Demo.Lib'], ['Demo.Lib.1.10.0']],
    [['demo.LIB', '-Version', '1.2'], ['Demo.Lib.1.2.0']],
    [['Demo.Lib', '-Prerelease'], ['Demo.Lib.2.0.0-beta']],
    [['Demo.App'], ['Demo.App.1.0.0', 'Demo.Lib.1.2.0']],
    [
      ['Demo.App', '-ExcludeVersion'],
      ['Demo.App', 'Demo.Lib'],
    ],
  ] as const) {
    const [id, ...options] = args;
    succeeded(await nuget.install(id, ...options));
    assert.deepEqual(await nuget.installedPackages(), installed, args.join(' '));
    await nuget.forgetInstalled();
  }
  assertSays(refused(await nuget.install('Demo.Nowhere')), "Unable to find package 'Demo.Nowhere'.");
  assertSays(
    refused(await nuget.install('Demo.Lib', '-Version', '7.0.0')),
    "Unable to find version '7.0.0' of package 'Demo.Lib'.",
  );
});

test('an install asks about packages by their names, and never searches', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await publishNupkg(gallery, { id: 'Demo.Needed', version: '1.0.0' });
  const dependencies = [{ id: 'Demo.Needed', range: '1.0.0' }];
  await publishNupkg(gallery, { id: 'Demo.Asking', version: '1.0.0', dependencies });
  await using nuget = await prepare();

  const requests = await requestsDuring(gallery, async () => succeeded(await nuget.install('Demo.Asking')));
  assert.deepEqual(requests, [
    'GET /api/v2 200',
    "GET /api/v2/FindPackagesById()?$filter=IsLatestVersion&$orderby=Version%20desc&$top=1&id='Demo.Asking' 200",
    'GET /api/v2/Packages(Id=%27Demo.Asking%27,Version=%271.0.0%27) 200',
    'GET /api/v2/$metadata 200',
    "GET /api/v2/FindPackagesById()?id='Demo.Needed' 200",
    'GET /api/v2/package/Demo.Needed/1.0.0 200',
    'GET /api/v2/package/Demo.Asking/1.0.0 200',
  ]);
});

test('nuget lists the newest versions, prereleases where it is asked to, and all versions', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  for (const version of ['1.0.0', '1.1.0', '2.0.0-beta']) await publishNupkg(gallery, { id: 'Demo.Listed', version });
  await publishNupkg(gallery, { id: 'Demo.Listed.Beta', version: '1.0.0-beta' });
  await searchShows('Demo.Listed', '2.0.0-beta');
  await searchShows('Demo.Listed.Beta', '1.0.0-beta');

  assert.deepEqual(linesOf(await nuget.list('demo.listed')), ['Demo.Listed 1.1.0']);
  assert.deepEqual(linesOf(await nuget.list('demo.listed', '-Prerelease')), [
    'Demo.Listed 2.0.0-beta',
    'Demo.Listed.Beta 1.0.0-beta',
  ]);
  assert.deepEqual(linesOf(await nuget.list('demo.listed', '-AllVersions')).sort(), [
    'Demo.Listed 1.0.0',
    'Demo.Listed 1.1.0',
  ]);
  assert.deepEqual(linesOf(await nuget.list('demo.listed', '-AllVersions', '-Prerelease')).sort(), [
    'Demo.Listed 1.0.0',
    'Demo.Listed 1.1.0',
    'Demo.Listed 2.0.0-beta',
    'Demo.Listed.Beta 1.0.0-beta',
  ]);
  assert.deepEqual(linesOf(await nuget.list('nothing-has-this-word')), ['No packages found.']);
});

test('nuget lists more packages than it asks for at once', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  const ids = Array.from({ length: 70 }, (_, index) => `Demo.Long${index + 10}`);
  for (const id of ids) await publishNupkg(gallery, { id, version: '1.0.0', tags: 'longlist' });
  await searchShows(ids.at(-1) ?? '', '1.0.0');
  await using nuget = await prepare();

  let listed: string[] = [];
  const requests = await requestsDuring(gallery, async () => {
    listed = linesOf(await nuget.list('longlist'));
  });
  assert.deepEqual(
    listed,
    ids.map((id) => `${id} 1.0.0`),
  );
  const search = (skip: number) =>
    `GET /api/v2/Search()?$filter=IsLatestVersion&$orderby=Id&$skip=${skip}&$top=30&searchTerm='longlist'&targetFramework=''&includePrerelease=false 200`;
  assert.deepEqual(requests, ['GET /api/v2 200', 'GET /api/v2/$metadata 200', ...[0, 30, 60].map(search)]);
});

test('nuget reads a private feed with credentials, and not without', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  const url = (await gallery.command('feed', 'create', 'team', '--private')).stdout.trim();
  const reader = (await gallery.command('token', 'create', '--feed', 'team', '--scope', 'read')).stdout.trim();
  await publishNupkg({ url, token: gallery.token }, { id: 'Team.Lib', version: '1.0.0' });
  const source = `${url}/api/v2`;
  await using user = await prepareNuget('2.8.7', { source, credentials: { username: 'anybody', password: reader } });
  await using stranger = await prepareNuget('2.8.7', { source });

  succeeded(await user.install('Team.Lib'));
  assert.deepEqual(await user.installedPackages(), ['Team.Lib.1.0.0']);
  assertSays(refused(await stranger.install('Team.Lib')), `Please provide credentials for: ${source}`);
  assert.deepEqual(await stranger.installedPackages(), []);
});

/** Search follows a publish by a moment. */
async function searchShows(id: string, version: string): Promise<void> {
  const address = `${gallery.url}/v3/search?q=id:${id}&prerelease=true&semVerLevel=2.0.0`;
  await waitFor(async () => {
    const { data } = JSON.parse((await ask(address)).body.toString()) as { data: { id: string; version: string }[] };
    return data.some((found) => found.id === id && found.version === version);
  });
}

/** @returns what a list printed, line by line */
function linesOf(result: RunResult): string[] {
  succeeded(result);
  return result.stdout.split(/\r*\n/).filter((line) => line !== '');
}

/** @returns what the client printed, on one line */
function refused(result: RunResult): string {
  assert.equal(result.exitCode, 1, describeResult(result));
  return printed(result);
}

function succeeded(result: RunResult): string {
  assert.equal(result.exitCode, 0, describeResult(result));
  return printed(result);
}

function printed({ stdout, stderr }: RunResult): string {
  return `${stdout}${stderr}`.replaceAll(/\s+/g, ' ');
}

function assertSays(text: string, sentence: string): void {
  assert.ok(text.includes(sentence), `${sentence} is not in ${text}`);
}
