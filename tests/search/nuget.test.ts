/** NuGet's search and autocomplete on a running gallery: what they find, for whom, and what the real dotnet makes of it. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { requireOrSkip } from '../clients/runners/available.ts';
import { prepareDotnet } from '../clients/runners/dotnet.ts';
import { ask, basic, publishNupkg, publishWheel, unlist } from '../clients/runners/publish.ts';
import { describeResult, type RunResult } from '../clients/runners/run.ts';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { callApi } from '../publish/upload.ts';

let gallery: TestGallery;

interface Found {
  readonly totalHits: number;
  readonly data: readonly {
    readonly id: string;
    readonly version: string;
    readonly registration: string;
    readonly versions: readonly { readonly version: string; readonly '@id': string; readonly downloads: number }[];
    readonly [field: string]: unknown;
  }[];
}

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  for (const version of ['1.0.0', '1.1.0', '2.0.0-beta', '2.0.0-rc.1', '3.0.0+build.5']) {
    await publishNupkg(gallery, { id: 'Demo.Lib', version, tags: `demo v${version[0]}`, title: `Demo ${version}` });
  }
  await publishNupkg(gallery, { id: 'Demo.Tool', version: '1.0.0', tool: true });
  await publishNupkg(gallery, { id: 'Demo.Early', version: '0.1.0-alpha' });
  await publishNupkg(gallery, { id: 'Other.Thing', version: '1.0.0', description: 'Needs no demo at all' });
  await publishWheel(gallery, { name: 'demo-py', version: '1.0.0' });
  await settled();
});

async function settled(): Promise<void> {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as { waitingJobs: number };
    return health.waitingJobs === 0;
  });
}

async function search(query: string, path = 'search', url = gallery.url): Promise<Found> {
  const answer = await fetch(`${url}/v3/${path}?${query}`);
  assert.equal(answer.status, 200, await answer.clone().text());
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  return (await answer.json()) as Found;
}

const idsOf = (found: Found) => found.data.map(({ id }) => id);

test('a package is found about a second after it was published, and no more when it is unlisted', async () => {
  const startedAt = performance.now();
  await publishNupkg(gallery, { id: 'Fresh.Package', version: '1.0.0' });
  await waitFor(async () => idsOf(await search('q=fresh')).length === 1);
  // Not a measurement: it fails when search only follows at the next start or the next hour.
  assert.ok(performance.now() - startedAt < 20_000);
  await publishNupkg(gallery, { id: 'Fresh.Package', version: '1.1.0' });
  await waitFor(async () => (await search('q=fresh')).data[0]?.version === '1.1.0');
  await unlist(gallery, 'nupkg', 'fresh.package', '1.1.0');
  await waitFor(async () => (await search('q=fresh')).data[0]?.version === '1.0.0');
  assert.deepEqual(
    (await search('q=fresh')).data[0]?.versions.map(({ version }) => version),
    ['1.0.0'],
  );
  await unlist(gallery, 'nupkg', 'fresh.package', '1.0.0');
  await waitFor(async () => (await search('q=fresh')).totalHits === 0);
  assert.deepEqual((await search('id=Fresh.Package', 'autocomplete')).data, []);
  await callApi(gallery, 'POST', '/api/feeds/main/nupkg/fresh.package/1.0.0/relist', {});
  await waitFor(async () => (await search('q=fresh')).totalHits === 1);
  await callApi(gallery, 'DELETE', '/api/feeds/main/nupkg/fresh.package');
  await waitFor(async () => (await search('q=fresh')).totalHits === 0);
});

test('who asks decides which versions there are: prereleases, SemVer 2, both, or neither', async () => {
  const versions = async (query: string) => {
    const found = (await search(`q=packageid:demo.lib&${query}`)).data[0];
    return { newest: found?.version, title: found?.title, all: found?.versions.map(({ version }) => version) };
  };
  assert.deepEqual(await versions(''), { newest: '1.1.0', title: 'Demo 1.1.0', all: ['1.0.0', '1.1.0'] });
  const beta = ['1.0.0', '1.1.0', '2.0.0-beta'];
  assert.deepEqual(await versions('prerelease=True'), { newest: '2.0.0-beta', title: 'Demo 2.0.0-beta', all: beta });
  const stable = ['1.0.0', '1.1.0', '3.0.0+build.5'];
  const title = 'Demo 3.0.0+build.5';
  assert.deepEqual(await versions('semVerLevel=2.0.0'), { newest: '3.0.0+build.5', title, all: stable });
  const all = [...beta, '2.0.0-rc.1', '3.0.0+build.5'];
  const everything = await versions('prerelease=true&semVerLevel=2.0.0');
  assert.deepEqual(everything, { newest: '3.0.0+build.5', title, all });
  assert.deepEqual(await versions('prerelease=1&semVerLevel=x'), await versions(''));
});

test('tags are those of the version that is shown', async () => {
  assert.deepEqual(idsOf(await search('q=tags:v1')), ['Demo.Lib']);
  assert.deepEqual(idsOf(await search('q=tags:v1&semVerLevel=2.0.0')), []);
  assert.deepEqual(idsOf(await search('q=tags:v3&semVerLevel=2.0.0')), ['Demo.Lib']);
});

test('every address in an answer leads somewhere, and shows what the asker may see', async () => {
  for (const level of ['1.0.0', '2.0.0']) {
    const [found] = (await search(`q=packageid:Demo.Lib&prerelease=true&semVerLevel=${level}`)).data;
    assert.ok(found);
    assert.equal((await fetch(found.registration)).status, 200, found.registration);
    for (const { '@id': leaf, version } of found.versions) {
      const entry = (await (await fetch(leaf)).json()) as { version: string };
      assert.equal(entry.version, version, leaf);
    }
  }
});

test('pages, limits and types', async () => {
  const all = 'prerelease=true&semVerLevel=2.0.0';
  const everything = idsOf(await search(all));
  assert.deepEqual(everything, ['Demo.Early', 'Demo.Lib', 'Demo.Tool', 'Other.Thing']);
  assert.deepEqual(idsOf(await search(`${all}&skip=1&take=2`)), everything.slice(1, 3));
  for (const query of ['skip=2999', 'skip=99999999999999', 'take=0']) {
    assert.deepEqual(await search(`${all}&${query}`), { totalHits: 4, data: [] }, query);
  }
  for (const query of ['skip=-1', 'take=x', 'take=100000', 'skip=', 'colour=red&includeDelisted=true', 'q=&q=tool']) {
    assert.equal((await search(`${all}&${query}`)).data.length, 4, query);
  }
  assert.deepEqual(idsOf(await search('packageType=dotnettool')), ['Demo.Tool']);
  assert.deepEqual(idsOf(await search('packageTypeFilter=DotnetTool')), ['Demo.Tool']);
  assert.deepEqual(idsOf(await search('packageType=Dependency&q=demo')), ['Demo.Lib', 'Other.Thing']);
  assert.deepEqual(idsOf(await search('packageType=Nonsense')), []);
  assert.equal((await search('packageType=')).totalHits, 3);
  const [tool] = (await search('packageType=DotnetTool')).data;
  assert.deepEqual(tool?.packageTypes, [{ name: 'DotnetTool' }]);
  assert.deepEqual([tool?.owners, tool?.totalDownloads, tool?.verified], [['admin'], 0, false]);
});

test('autocomplete gives ids that begin so, and the versions of one', async () => {
  const names = async (query: string) => (await search(query, 'autocomplete')).data;
  assert.deepEqual(await names('q=dem'), ['Demo.Lib', 'Demo.Tool']);
  assert.deepEqual(await names('q=thi'), ['Other.Thing']);
  assert.deepEqual(await names('q=needs'), []);
  assert.deepEqual(await names('q=demo&take=1'), ['Demo.Lib']);
  assert.deepEqual(await names('id=demo.LIB'), ['1.0.0', '1.1.0']);
  assert.deepEqual(await names('id=demo.lib&prerelease=true'), ['1.0.0', '1.1.0', '2.0.0-beta']);
  assert.deepEqual(await names('id=demo.lib&semVerLevel=2.0.0'), ['1.0.0', '1.1.0', '3.0.0']);
  assert.deepEqual(await names('id=nowhere'), []);
});

test('the service index names both under every type that clients look for', async () => {
  const index = (await (await fetch(`${gallery.url}/v3/index.json`)).json()) as {
    resources: { '@id': string; '@type': string }[];
  };
  for (const version of ['', '/3.0.0-beta', '/3.0.0-rc', '/3.5.0']) {
    for (const [type, path] of [
      ['SearchQueryService', 'search'],
      ['SearchAutocompleteService', 'autocomplete'],
    ]) {
      const resource = index.resources.find((one) => one['@type'] === `${type}${version}`);
      assert.equal(resource?.['@id'], `${gallery.url}/v3/${path}`, `${type}${version}`);
    }
  }
});

test('odd requests have plain answers', async () => {
  const odd = ['q=%22', 'q=NEAR(a%20b)', 'q=%00%ff%', 'q=id:%22', 'q=*', `q=${'x'.repeat(7_000)}`, '?&&=&q', 'q=a?b'];
  for (const query of odd) assert.ok(Array.isArray((await search(query)).data), query);
  const head = await fetch(`${gallery.url}/v3/search?q=demo`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  const options = await fetch(`${gallery.url}/v3/search`, { method: 'OPTIONS' });
  assert.equal(options.status, 204);
  assert.equal((await fetch(`${gallery.url}/v3/search`, { method: 'POST' })).status, 404);
  assert.equal((await fetch(`${gallery.url}/feeds/nowhere/v3/search`)).status, 404);
});

test('a private feed is searched with its token only, and shows nothing of it elsewhere', async () => {
  await gallery.command('feed', 'create', 'team', '--private');
  const team = `${gallery.url}/feeds/team`;
  const token = async (...options: string[]) => (await gallery.command('token', 'create', ...options)).stdout.trim();
  const reader = await token('--feed', 'team', '--scope', 'read');
  const publisherOnly = await token('--feed', 'team', '--scope', 'push-new');
  const elsewhere = await token('--feed', 'main', '--scope', 'read');
  await publishNupkg({ url: team, token: gallery.token }, { id: 'Team.Secret', version: '1.0.0' });
  const get = (path: string, secret?: string) =>
    ask(`${team}/v3/${path}`, secret === undefined ? {} : { headers: { Authorization: basic(secret) } });
  const read = async (path: string) => JSON.parse((await get(path, reader)).body.toString()) as Found;
  await waitFor(async () => (await read('search?q=secret')).totalHits === 1);

  for (const path of ['search?q=secret', 'autocomplete?q=team', 'autocomplete?id=Team.Secret']) {
    for (const secret of [undefined, 'wrong', elsewhere, publisherOnly]) {
      const answer = await get(path, secret);
      assert.equal(answer.status, 401, path);
      assert.match(answer.headers['www-authenticate'] ?? '', /^Basic realm=/);
      assert.doesNotMatch(answer.body.toString(), /secret/i);
    }
    assert.notEqual((await read(path)).data.length, 0, path);
    assert.equal((await search(path.split('?')[1] ?? '', path.split('?')[0])).data.length, 0, path);
  }
  const [found] = (await read('search')).data;
  assert.equal(found?.registration, `${team}/v3/registration/team.secret/index.json`);
  assert.deepEqual(idsOf(await read('search?q=demo')), [], 'nothing of the public feed');
});

test('dotnet searches: by word, exactly, with prereleases, as JSON', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepareDotnet({ source: `${gallery.url}/v3/index.json` });
  const found = async (text: string, ...options: string[]) => {
    const result = succeeded(await dotnet.search(text, '--format', 'json', ...options));
    const { searchResult } = JSON.parse(result.stdout) as {
      searchResult: { packages: { id: string; latestVersion?: string; version?: string }[] }[];
    };
    const packages = searchResult.flatMap((source) => source.packages);
    return packages.map((one) => `${one.id} ${one.latestVersion ?? one.version}`).sort();
  };
  assert.deepEqual(await found('demo'), ['Demo.Lib 3.0.0', 'Demo.Tool 1.0.0', 'Other.Thing 1.0.0']);
  assert.deepEqual(await found('demo.ea', '--prerelease'), ['Demo.Early 0.1.0-alpha']);
  assert.deepEqual(await found('demo.ea'), []);
  assert.equal((await found('demo', '--take', '1', '--skip', '1')).length, 1);
  assert.deepEqual(await found('tags:v3'), ['Demo.Lib 3.0.0']);
  assert.deepEqual(await found('demo.tool', '--exact-match'), ['Demo.Tool 1.0.0']);
  assert.deepEqual(await found('nowhere'), []);
  assert.match(succeeded(await dotnet.search('demo')).stdout, /Demo\.Lib\s+\|\s+3\.0\.0/);
});

function succeeded(result: RunResult): RunResult {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
