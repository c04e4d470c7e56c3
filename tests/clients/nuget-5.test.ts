/** nuget.exe 5.8 under mono, against a running gallery, as a v3 source and as a v2 source: what works in one way works in the other. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makePdb, makeSnupkg } from '../packages/snupkg.ts';
import { requestsDuring } from './runners/access-lines.ts';
import { requireOrSkip } from './runners/available.ts';
import { type Nuget, prepareNuget } from './runners/nuget.ts';
import { ask, basic, publishNupkg } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  // One read worker writes one log, in order.
  gallery = await startGallery(t as TestContext, { HOLDFAST_READ_WORKERS: '1' });
});

const roots = { v3: '/v3/index.json', v2: '/api/v2' } as const;
type Protocol = keyof typeof roots;
const protocols = Object.keys(roots) as Protocol[];

const prepare = (protocol: Protocol): Promise<Nuget> =>
  prepareNuget('5.8', { source: `${gallery.url}${roots[protocol]}` });

for (const protocol of protocols) {
  const idOf = (name: string) => `Demo.${name}.${protocol}`;

  test(`nuget.exe pushes a package, and symbols beside it where a source can take them (${protocol})`, async (t) => {
    if (!requireOrSkip(t, 'nuget 5.8')) return;
    await using nuget = await prepare(protocol);
    const id = idOf('Pushed');
    const made = await makeNupkg({ id, version: '1.0.0' });
    const guid = (protocol === 'v3' ? 'a' : 'b').repeat(32);
    const symbols = await makeSnupkg({ id, version: '1.0.0', files: { 'lib/net10.0/demo.pdb': makePdb(guid) } });
    const file = await nuget.addFile(made);
    await nuget.addFile(symbols);

    const requests = await requestsDuring(gallery, async () => {
      const said = succeeded(await nuget.push(file, { apiKey: gallery.token }));
      assertSays(said, 'Your package was pushed.');
      assertSays(said, 'WARNING: The package has no readme; add one, so that people can see what it is for.');
    });
    assert.deepEqual(
      requests,
      protocol === 'v3'
        ? ['GET /v3/index.json 200', 'PUT /v3/package/ 201', 'PUT /v3/symbolpackage/ 201']
        : ['PUT /api/v2/ 201'],
    );
    const folder = `${gallery.url}/v3/flat/${id.toLowerCase()}/1.0.0/${id.toLowerCase()}.1.0.0`;
    assert.deepEqual((await ask(`${folder}.nupkg`)).body, made.bytes);
    assert.equal((await ask(`${folder}.snupkg`)).status, protocol === 'v3' ? 200 : 404);
  });

  test(`a refused push shows the sentence of the gallery, and a duplicate can be skipped (${protocol})`, async (t) => {
    if (!requireOrSkip(t, 'nuget 5.8')) return;
    await using nuget = await prepare(protocol);
    const id = idOf('Twice');
    await publishNupkg(gallery, { id, version: '1.0.0' });
    const changed = await makeNupkg({ id, version: '1.0.0', description: 'Changed after the fact' });
    const broken = await makeNupkg({ id: idOf('Broken'), version: '1.0.0', icon: Buffer.from('GIF89a, not a PNG') });
    const duplicate = await nuget.addFile(changed);
    const apiKey = gallery.token;
    for (const [file, key, says] of [
      [
        duplicate,
        apiKey,
        `409 (${id} 1.0.0 already exists in this feed; what was published never changes, publish a new version.)`,
      ],
      [
        duplicate,
        `${apiKey}x`,
        '403 (Invalid or non-existent authentication information: the API key is wrong, revoked or expired.)',
      ],
      [await nuget.addFile(broken), apiKey, '400 (The embedded icon is neither a PNG nor a JPEG image.)'],
    ] as const) {
      const said = refused(await nuget.push(file, { apiKey: key }));
      assertSays(said, `Response status code does not indicate success: ${says}.`);
    }
    const skipped = await nuget.push(duplicate, { apiKey, options: ['-SkipDuplicate'] });
    assertSays(succeeded(skipped), 'already exists at feed');
  });

  test(`nuget.exe installs the newest version, an exact one, a prerelease, and what a package needs (${protocol})`, async (t) => {
    if (!requireOrSkip(t, 'nuget 5.8')) return;
    await using nuget = await prepare(protocol);
    const [id, app] = [idOf('Lib'), idOf('App')];
    for (const version of ['1.2.0', '1.10.0', '2.0.0-beta.1']) await publishNupkg(gallery, { id, version });
    await publishNupkg(gallery, { id: app, version: '1.0.0', dependencies: [{ id, range: '[1.2.0, 2.0.0)' }] });

    for (const [args, installed] of [
      [[id], [`${id}.1.10.0`]],
      [[id.toUpperCase(), '-Version', '1.2.0'], [`${id}.1.2.0`]],
      [[id, '-Prerelease'], [`${id}.2.0.0-beta.1`]],
      [[app], [`${app}.1.0.0`, `${id}.1.2.0`]],
      [
        [app, '-DependencyVersion', 'Highest'],
        [`${app}.1.0.0`, `${id}.1.10.0`],
      ],
    ] as const) {
      const [asked, ...options] = args;
      succeeded(await nuget.install(asked, ...options));
      const found = await nuget.installedPackages();
      assert.deepEqual(found.map(lower), installed.map(lower).sort(), args.join(' '));
      await nuget.forgetInstalled();
    }
    assertSays(refused(await nuget.install(idOf('Nowhere'))), `Unable to find package '${idOf('Nowhere')}'`);
    assertSays(refused(await nuget.install(id, '-Version', '7.0.0')), `Package '${id} 7.0.0' is not found`);
  });

  test(`an install asks about packages by their names, and never searches (${protocol})`, async (t) => {
    if (!requireOrSkip(t, 'nuget 5.8')) return;
    await using nuget = await prepare(protocol);
    const [needed, asking] = [idOf('Needed'), idOf('Asking')];
    await publishNupkg(gallery, { id: needed, version: '1.0.0' });
    await publishNupkg(gallery, { id: asking, version: '1.0.0', dependencies: [{ id: needed, range: '1.0.0' }] });

    const newest = await requestsDuring(gallery, async () => succeeded(await nuget.install(asking)));
    await nuget.forgetInstalled();
    const exact = await requestsDuring(gallery, async () =>
      succeeded(await nuget.install(needed, '-Version', '1.0.0')),
    );
    // It downloads two packages at once, in either order.
    const { asked, files, askedForOne } = expectedRequests[protocol](asking, needed);
    assert.deepEqual(newest.slice(0, -2), asked);
    assert.deepEqual(newest.slice(-2).sort(), files.toSorted());
    assert.deepEqual(exact, askedForOne);
  });

  test(`nuget.exe lists what it is asked for (${protocol})`, async (t) => {
    if (!requireOrSkip(t, 'nuget 5.8')) return;
    await using nuget = await prepare(protocol);
    const id = idOf('Listed');
    for (const version of ['1.0.0', '1.1.0', '2.0.0-beta']) await publishNupkg(gallery, { id, version });
    await searchShows(id, '2.0.0-beta');

    assert.deepEqual(linesOf(await nuget.list(id)), [`${id} 1.1.0`]);
    assert.deepEqual(linesOf(await nuget.list(id, '-Prerelease')), [`${id} 2.0.0-beta`]);
    assert.deepEqual(linesOf(await nuget.list(id, '-AllVersions')).sort(), [`${id} 1.0.0`, `${id} 1.1.0`]);
    assert.deepEqual(
      linesOf(await nuget.list(id, '-AllVersions', '-Prerelease')).sort(),
      ['1.0.0', '1.1.0', '2.0.0-beta'].map((version) => `${id} ${version}`),
    );
    assert.deepEqual(linesOf(await nuget.list(idOf('Nowhere'))), ['No packages found.']);
  });

  test(`nuget.exe deletes a version, which its list then passes by (${protocol})`, async (t) => {
    if (!requireOrSkip(t, 'nuget 5.8')) return;
    await using nuget = await prepare(protocol);
    const id = idOf('Unlisted');
    for (const version of ['1.0.0', '1.1.0']) await publishNupkg(gallery, { id, version });
    const apiKey = gallery.token;

    assertSays(refused(await nuget.delete(id, '1.1.0', { apiKey: `${apiKey}x` })), '403 (Invalid or non-existent');
    assertSays(refused(await nuget.delete(id, '7.0.0', { apiKey })), `404 (There is no ${id} 7.0.0 here.)`);
    assertSays(succeeded(await nuget.delete(id, '1.1.0', { apiKey })), `${id} 1.1.0 was deleted successfully.`);
    await searchShows(id, '1.0.0');
    assert.deepEqual(linesOf(await nuget.list(id)), [`${id} 1.0.0`]);
    // Its install takes the newest version, listed or not (InstallCommand.cs, `includeUnlisted: true`).
    succeeded(await nuget.install(id));
    assert.deepEqual(await nuget.installedPackages(), [`${id}.1.1.0`]);
  });

  test(`nuget.exe reads a private feed with credentials, and not without (${protocol})`, async (t) => {
    if (!requireOrSkip(t, 'nuget 5.8')) return;
    const [team, id] = [`team-${protocol}`, idOf('Team')];
    const url = (await gallery.command('feed', 'create', team, '--private')).stdout.trim();
    const reader = (await gallery.command('token', 'create', '--feed', team, '--scope', 'read')).stdout.trim();
    await publishNupkg({ url, token: gallery.token }, { id, version: '1.0.0' });
    await searchShows(id, '1.0.0', url, { Authorization: basic(reader) });
    const source = `${url}${roots[protocol]}`;
    await using user = await prepareNuget('5.8', { source, credentials: { username: 'anybody', password: reader } });
    await using stranger = await prepareNuget('5.8', { source });

    assert.deepEqual(linesOf(await user.list(id)), [`${id} 1.0.0`]);
    succeeded(await user.install(id));
    assert.deepEqual(await user.installedPackages(), [`${id}.1.0.0`]);
    assertSays(
      refused(await stranger.install(id)),
      '401 (This feed is private: give a token as the password, with any user name.)',
    );
    assert.deepEqual(await stranger.installedPackages(), []);
  });
}

test('the lines of the README work as they stand there', async (t) => {
  if (!requireOrSkip(t, 'nuget 5.8')) return;
  await using nuget = await prepare('v2');
  // A source that people add goes into their own configuration, which the runner's would hide.
  await rm(nuget.workspace.path('NuGet.Config'));
  const { filename, bytes } = await makeNupkg({ id: 'Demo.Readme', version: '1.0.0' });
  const file = await nuget.addFile({ filename: `out/${filename}`, bytes });

  succeeded(await nuget.run('sources', 'Add', '-Name', 'Holdfast', '-Source', `${gallery.url}/api/v2`));
  succeeded(await nuget.run('push', file, gallery.token, '-Source', 'Holdfast'));
  succeeded(await nuget.run('install', 'Demo.Readme', '-Source', 'Holdfast', '-OutputDirectory', 'packages'));
  assert.ok(existsSync(nuget.workspace.path('packages', 'Demo.Readme.1.0.0', 'Demo.Readme.1.0.0.nupkg')));
});

const expectedRequests = {
  v3: (asking: string, needed: string) => {
    const registration = (id: string) => `GET /v3/registration-semver2/${lower(id)}/index.json 200`;
    const file = (id: string) => `GET /v3/flat/${lower(id)}/1.0.0/${lower(id)}.1.0.0.nupkg 200`;
    return {
      asked: ['GET /v3/index.json 200', registration(asking), registration(needed)],
      files: [file(asking), file(needed)],
      // Even without a cache of packages it remembers the service index, for forty minutes.
      askedForOne: [registration(needed), file(needed)],
    };
  },
  v2: (asking: string, needed: string) => {
    const versions = (id: string) => `GET /api/v2/FindPackagesById()?id='${id}'&semVerLevel=2.0.0 200`;
    const file = (id: string) => `GET /api/v2/package/${id}/1.0.0 200`;
    return {
      asked: ['GET /api/v2 200', versions(asking), versions(needed)],
      files: [file(asking), file(needed)],
      askedForOne: ['GET /api/v2 200', `GET /api/v2/Packages(Id='${needed}',Version='1.0.0') 200`, file(needed)],
    };
  },
};

/** Search follows a publish by a moment. */
async function searchShows(id: string, version: string, url = gallery.url, headers = {}): Promise<void> {
  const address = `${url}/v3/search?q=${id}&prerelease=true&semVerLevel=2.0.0`;
  await waitFor(async () => {
    const { data } = JSON.parse((await ask(address, { headers })).body.toString()) as {
      data: { id: string; version: string }[];
    };
    return data.some((found) => found.id === id && found.version === version);
  });
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** @returns what a list printed, line by line, without the line ends of Windows and lines about requests */
function linesOf(result: RunResult): string[] {
  succeeded(result);
  const lines = result.stdout.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^(?:GET|OK|NotFound) http/.test(line));
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
