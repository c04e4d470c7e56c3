/** A mirror that follows the catalog has what the gallery has, byte for byte, whatever happens in it meanwhile. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { type MadeNupkg, makeNupkg } from '../packages/nupkg.ts';
import { callApi, pushNupkg } from '../publish/upload.ts';
import { NugetMirror } from './runners/nuget-mirror.ts';
import { ask, basic, publishNupkg } from './runners/publish.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const source = (feed = '') => `${gallery.url}${feed}/v3/index.json`;

const settled = () =>
  waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });

const api = async (method: string, path: string, body?: unknown) => {
  const answer = await callApi(gallery, method, `/api/feeds/main/nupkg/${path}`, body);
  assert.equal(answer.status, 200, path);
};

test('a mirror copies the gallery while packages are published, and then takes only what is new', async () => {
  const published = new Map<string, MadeNupkg>();
  const publish = async (id: string, version: string) => {
    published.set(`${id.toLowerCase()}/${version}`, await publishNupkg(gallery, { id, version, readme: `# ${id}\n` }));
  };
  const mirror = new NugetMirror(source());
  let isDone = false;
  const publishing = Promise.all(
    ['Demo.One', 'Demo.Two', 'Demo.Three'].map(async (id) => {
      for (let minor = 0; minor < 8; minor += 1) await publish(id, `1.${minor}.0`);
    }),
  ).finally(() => {
    isDone = true;
  });
  let runs = 0;
  for (; !isDone; runs += 1) await mirror.synchronise();
  await publishing;
  await settled();
  await mirror.synchronise();
  assert.ok(runs > 1, 'the mirror must have run while packages were published');
  const agrees = () => {
    assert.deepEqual([...mirror.versions.keys()].sort(), [...published.keys()].sort());
    for (const [name, { bytes }] of published) assert.ok(mirror.versions.get(name)?.bytes.equals(bytes), name);
  };
  agrees();
  assert.equal(mirror.downloads.length, published.size, 'nothing is downloaded twice');
  assert.deepEqual(await mirror.synchronise(), []);

  await publish('Demo.One', '2.0.0');
  await api('POST', 'demo.two/1.3.0/unlist', { reason: 'too old' });
  await api('DELETE', 'demo.two/1.0.0');
  await api('DELETE', 'demo.three');
  for (const name of [...published.keys()]) {
    if (name.startsWith('demo.three/') || name === 'demo.two/1.0.0') published.delete(name);
  }
  await settled();
  const minors = Array.from({ length: 8 }, (_, minor) => minor);
  assert.deepEqual(await mirror.synchronise(), [
    'details demo.one/2.0.0',
    'details demo.two/1.3.0',
    'delete demo.two/1.0.0',
    ...minors.map((minor) => `delete demo.three/1.${minor}.0`),
  ]);
  agrees();
  assert.deepEqual(mirror.downloads.slice(-1), ['demo.one/2.0.0'], 'an unlisted version is not downloaded again');
  const { leaf } = mirror.versions.get('demo.two/1.3.0')!;
  assert.deepEqual([leaf.listed, leaf.published], [false, '1900-01-01T00:00:00+00:00']);

  const fresh = new NugetMirror(source());
  await fresh.synchronise();
  assert.deepEqual([...fresh.versions.keys()].sort(), [...published.keys()].sort(), 'a mirror that begins now agrees');
});

test('a leaf tells all that mirrors need', async () => {
  const version = '1.0-Beta+build.7';
  const dependencies = [{ id: 'Demo.Needed', range: '[1.0.0, 2.0.0)', targetFramework: 'net10.0' }];
  const licenseFile = 'Do as you like.\n';
  await publishNupkg(gallery, { id: 'Demo.Leaf', version, title: 'A leaf', tags: 'x y', dependencies, licenseFile });
  await settled();
  const mirror = new NugetMirror(source());
  await mirror.synchronise();
  const { leaf, bytes } = mirror.versions.get('demo.leaf/1.0.0-beta')!;
  const { created, published, lastEdited, ...rest } = leaf;
  for (const time of [created, published, lastEdited]) assert.ok(!Number.isNaN(Date.parse(String(time))));
  const flat = `${gallery.url}/v3/flat/demo.leaf/1.0.0-beta`;
  assert.deepEqual(
    { ...rest, '@id': '', 'catalog:commitId': '', 'catalog:commitTimeStamp': '', packageHash: '' },
    {
      '@id': '',
      '@type': ['PackageDetails', 'catalog:Permalink'],
      'catalog:commitId': '',
      'catalog:commitTimeStamp': '',
      id: 'Demo.Leaf',
      version: '1.0.0-Beta+build.7',
      verbatimVersion: version,
      isPrerelease: true,
      listed: true,
      packageContent: `${flat}/demo.leaf.1.0.0-beta.nupkg#1.0.0-Beta`,
      packageHash: '',
      packageHashAlgorithm: 'SHA512',
      packageSize: bytes.length,
      title: 'A leaf',
      authors: 'Test Author',
      description: 'Test package Demo.Leaf',
      tags: ['x', 'y'],
      licenseFile: 'LICENSE.txt',
      licenseUrl: `${flat}/license`,
      requireLicenseAcceptance: false,
      dependencyGroups: [
        {
          '@type': 'PackageDependencyGroup',
          targetFramework: 'net10.0',
          dependencies: [{ '@type': 'PackageDependency', id: 'Demo.Needed', range: '[1.0.0, 2.0.0)' }],
        },
      ],
    },
  );
});

test('what is in quarantine is deleted at the mirror, and comes back with the package', async () => {
  for (const version of ['1.0.0', '1.1.0']) await publishNupkg(gallery, { id: 'Demo.Doubtful', version });
  await settled();
  const mirror = new NugetMirror(source());
  await mirror.synchronise();
  const status = (wanted: string) => api('POST', 'demo.doubtful/status', { status: wanted, reason: 'looked at' });
  await status('deprecated');
  await status('quarantined');
  await api('POST', 'demo.doubtful/1.0.0/unlist', {});
  await settled();
  assert.deepEqual(await mirror.synchronise(), ['delete demo.doubtful/1.0.0', 'delete demo.doubtful/1.1.0']);
  assert.ok(!mirror.versions.has('demo.doubtful/1.0.0'));
  await status('active');
  await settled();
  assert.deepEqual(await mirror.synchronise(), ['details demo.doubtful/1.0.0', 'details demo.doubtful/1.1.0']);
  assert.equal(mirror.versions.get('demo.doubtful/1.0.0')?.leaf.listed, false, 'it was unlisted meanwhile');
  assert.equal(mirror.versions.get('demo.doubtful/1.1.0')?.leaf.listed, true);
});

test('the catalog of a private feed is for its readers', async () => {
  assert.equal((await gallery.command('feed', 'create', 'team', '--private')).exitCode, 0);
  assert.equal((await ask(`${gallery.url}/feeds/team/v3/catalog/index.json`)).status, 401);
  const headers = { Authorization: basic(gallery.token) };
  const mirror = new NugetMirror(source('/feeds/team'), headers);
  assert.deepEqual(await mirror.synchronise(), [], 'an empty feed has an empty catalog');
  const made = await makeNupkg({ id: 'Demo.Inside', version: '1.0.0' });
  assert.equal((await pushNupkg(gallery, made.bytes, { feed: 'team' })).status, 201);
  await settled();
  assert.deepEqual(await mirror.synchronise(), ['details demo.inside/1.0.0']);
  const outside = new NugetMirror(source());
  await outside.synchronise();
  assert.ok(!outside.versions.has('demo.inside/1.0.0'));
});

/** Documents of the catalog, by path: their text. */
function storedCatalog(): Map<string, string> {
  const folder = join(gallery.dataDir, 'store', 'l1', 'public', 'd1', 'v3', 'catalog');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [path, gunzipSync(readFileSync(path)).toString()]));
}

test('a catalog that is missing or damaged is made again without being asked', async () => {
  const sound = storedCatalog();
  const paths = [...sound.keys()];
  const index = paths.find((path) => path.endsWith('/catalog/index.json.gz'))!;
  const lastPage = paths.filter((path) => path.includes('/page/')).at(-1)!;
  // As in a gallery that was in use before there were catalogs: the write role sees to it when it starts.
  for (const path of paths) rmSync(path);
  process.kill(gallery.processes().get('write')!, 'SIGTERM');
  await waitFor(async () => (await ask(`${gallery.url}/v3/catalog/index.json`)).status === 200);
  await settled();
  assert.deepEqual(storedCatalog(), sound);

  for (const spoil of [() => rmSync(lastPage), () => writeFileSync(index, 'no catalog')]) {
    spoil();
    await publishNupkg(gallery, { id: 'Demo.Again', version: `1.${Math.floor(performance.now())}.0` });
    await settled();
    const mirror = new NugetMirror(source());
    await mirror.synchronise();
    assert.equal((await gallery.command('verify', '--quick')).exitCode, 0);
  }
});

test('what is published while everything is rebuilt is in the catalog, and stays there', async () => {
  let isDone = false;
  const rebuilt = gallery.command('rebuild').finally(() => {
    isDone = true;
  });
  const published: string[] = [];
  for (let minor = 0; !isDone; minor += 1) {
    await publishNupkg(gallery, { id: 'Demo.Meanwhile', version: `1.${minor}.0` });
    published.push(`demo.meanwhile/1.${minor}.0`);
  }
  assert.equal((await rebuilt).exitCode, 0);
  await settled();
  const mirror = new NugetMirror(source());
  await mirror.synchronise();
  const mirrored = [...mirror.versions.keys()].filter((name) => name.startsWith('demo.meanwhile/'));
  assert.deepEqual(mirrored.sort(), published.sort());
  const verified = await gallery.command('verify', '--quick');
  assert.equal(verified.exitCode, 0, verified.stdout);
});

test('pages fill up and then never change; whatever is damaged, rebuild makes the very same catalog again', async () => {
  const names = Array.from({ length: 8 }, (_, index) => `Demo.Busy${index}`);
  for (const id of names) await publishNupkg(gallery, { id, version: '1.0.0' });
  await settled();
  const mirror = new NugetMirror(source());
  await mirror.synchronise();
  const rounds = 32;
  await Promise.all(
    names.map(async (name) => {
      for (let round = 0; round < rounds; round += 1) {
        for (const action of ['unlist', 'relist']) await api('POST', `${name.toLowerCase()}/1.0.0/${action}`, {});
      }
    }),
  );
  await settled();
  const first = [...storedCatalog().keys()].find((path) => path.endsWith('/page/0.json.gz'))!;
  const { mtimeMs, ino } = statSync(first);
  assert.equal((await mirror.synchronise()).length, names.length * rounds * 2);
  await publishNupkg(gallery, { id: 'Demo.Busy0', version: '1.1.0' });
  await settled();
  assert.deepEqual(
    [statSync(first).mtimeMs, statSync(first).ino],
    [mtimeMs, ino],
    'the full page was not written again',
  );
  assert.deepEqual(await mirror.synchronise(), ['details demo.busy0/1.1.0']);

  const verify = async () => {
    const { stdout } = await gallery.command('verify', '--json');
    return (JSON.parse(stdout) as { findings: { kind: string; key: string }[] }).findings;
  };
  assert.deepEqual(await verify(), []);
  const sound = storedCatalog();
  const paths = [...sound.keys()];
  const leaf = (number: number) =>
    paths.find((path) => path.endsWith(`/${number}.json.gz`) && path.includes('/data/'))!;
  rmSync(leaf(3));
  writeFileSync(leaf(4), readFileSync(leaf(5)));
  writeFileSync(first, readFileSync(first).subarray(0, 1_000));
  writeFileSync(first.replace('/0.json.gz', '/99.json.gz'), readFileSync(leaf(5)));
  const found = (await verify()).map(({ kind, key }) => `${kind} ${key.replace(/^.*v3\/catalog\//, '')}`);
  assert.deepEqual(found.sort(), [
    'missing data/0/3.json.gz',
    'surplus page/99.json.gz',
    'wrong data/0/4.json.gz',
    'wrong page/0.json.gz',
  ]);
  const rebuilt = await gallery.command('rebuild');
  assert.equal(rebuilt.exitCode, 0, rebuilt.stderr);
  assert.deepEqual(storedCatalog(), sound);
  assert.deepEqual(await verify(), []);
});
