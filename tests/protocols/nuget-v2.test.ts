/** NuGet v2 as HTTP: validators, compression, methods, private feeds, several roots, and search that is switched off. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makePsModule } from '../packages/psmodule.ts';
import { makePsScript } from '../packages/psscript.ts';
import { pushNupkg } from '../publish/upload.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  const made = [
    await makeNupkg({ id: 'Demo.Lib', version: '1.0.0', tags: 'colour' }),
    await makeNupkg({ id: 'Demo.Lib', version: '1.1.0-beta', tags: 'colour' }),
    await makePsModule({ id: 'Demo.Tools', version: '2.0.0', functions: ['Get-Demo'], tags: ['colour'] }),
    await makePsScript({ id: 'Demo-Script', version: '3.0.0', tags: ['colour'] }),
  ];
  for (const { bytes } of made) assert.equal((await pushNupkg(gallery, bytes)).status, 201);
  await waitFor(async () => (await names('/api/v2/Search()')).length === 3);
});

/** `Id Version` of each entry, sorted. */
async function names(address: string, headers: Record<string, string> = {}): Promise<string[]> {
  const answer = await fetch(`${gallery.url}${address}`, { headers });
  assert.equal(answer.status, 200, `${address}: ${answer.status} ${answer.statusText}`);
  const text = await answer.text();
  return [...text.matchAll(/<d:Id>([^<]*)<\/d:Id><d:Version>([^<]*)</g)]
    .map(([, id, version]) => `${id} ${version}`)
    .sort();
}

test('each root finds what it is for, across packages', async () => {
  const latest = 'Search()?$filter=IsLatestVersion';
  assert.deepEqual(await names(`/api/v2/${latest}`), ['Demo-Script 3.0.0', 'Demo.Lib 1.0.0', 'Demo.Tools 2.0.0']);
  assert.deepEqual(await names(`/nuget/${latest}`), ['Demo-Script 3.0.0', 'Demo.Lib 1.0.0', 'Demo.Tools 2.0.0']);
  assert.deepEqual(await names(`/powershell/api/v2/${latest}`), ['Demo-Script 3.0.0', 'Demo.Tools 2.0.0']);
  assert.deepEqual(await names(`/powershellgallery.com/api/v2/${latest}`), ['Demo.Tools 2.0.0']);
  assert.deepEqual(await names(`/powershellgallery.com/api/v2/items/psscript/${latest}`), ['Demo-Script 3.0.0']);
  const fromPowerShellGet = { PSGalleryClientVersion: '1.1' };
  assert.deepEqual(await names(`/powershell/api/v2/${latest}`, fromPowerShellGet), ['Demo.Tools 2.0.0']);
  assert.deepEqual(await names(`/api/v2/items/psscript/${latest}`, fromPowerShellGet), ['Demo-Script 3.0.0']);
});

test('terms, tags, commands and filters find, and prereleases are for who wants them', async () => {
  assert.deepEqual(await names("/api/v2/Search()?searchTerm='tag:PSCommand_Get-Demo'&$filter=IsLatestVersion"), [
    'Demo.Tools 2.0.0',
  ]);
  assert.deepEqual(
    await names("/powershell/api/v2/Search()?$filter=IsLatestVersion+and+substringof('PSScript',+Tags)+eq+true"),
    ['Demo-Script 3.0.0'],
  );
  assert.deepEqual(await names("/api/v2/Search()?searchTerm='*.lib'&$filter=IsLatestVersion"), ['Demo.Lib 1.0.0']);
  assert.deepEqual(
    await names("/api/v2/Search()?searchTerm='lib'&$filter=IsAbsoluteLatestVersion&includePrerelease=true"),
    ['Demo.Lib 1.1.0-beta'],
  );
  assert.deepEqual(await names("/api/v2/Packages()?$filter=substringof('colour',Tags)&$orderby=Id&$top=2&$skip=1"), [
    'Demo.Lib 1.0.0',
    'Demo.Lib 1.1.0-beta',
  ]);
  const count = await fetch(`${gallery.url}/api/v2/Packages()/$count`);
  assert.equal(await count.text(), '4');
});

test('a search for one id shows what any search shows: prereleases to who wants them, and nothing unlisted', async () => {
  const byId = "/api/v2/Search()?$filter=Id+eq+'Demo.Lib'";
  assert.deepEqual(await names(byId), ['Demo.Lib 1.0.0']);
  assert.deepEqual(await names(`${byId}&includePrerelease=true`), ['Demo.Lib 1.0.0', 'Demo.Lib 1.1.0-beta']);
  assert.deepEqual(await names(`${byId}+and+IsAbsoluteLatestVersion`), ['Demo.Lib 1.1.0-beta']);
  assert.deepEqual(await names(`${byId}&searchTerm='other.*'`), []);
  assert.deepEqual(await names(`${byId}&searchTerm='demo.*'`), ['Demo.Lib 1.0.0']);
  assert.deepEqual(await names("/api/v2/Packages()?$filter=Id+eq+'Demo.Lib'"), [
    'Demo.Lib 1.0.0',
    'Demo.Lib 1.1.0-beta',
  ]);
  const { url, token } = gallery;
  const version = `${url}/api/v2/package/Demo.Lib/1.1.0-beta`;
  const headers = { 'X-NuGet-ApiKey': token };
  assert.ok((await fetch(version, { method: 'DELETE', headers })).ok);
  assert.deepEqual(await names(`${byId}&includePrerelease=true`), ['Demo.Lib 1.0.0']);
  assert.ok((await fetch(version, { method: 'POST', headers })).ok);
  assert.deepEqual(await names(`${byId}&includePrerelease=true`), ['Demo.Lib 1.0.0', 'Demo.Lib 1.1.0-beta']);
});

test('an address that is for reading says so to every other method', async () => {
  const reading = ['FindPackagesById()', 'Search()', 'Packages()', 'GetUpdates()', '$metadata', 'package-ids'];
  for (const root of ['api/v2', 'powershell/api/v2', 'nuget']) {
    for (const address of [...reading, "Packages(Id='Demo.Lib',Version='1.0.0')"]) {
      const answer = await fetch(`${gallery.url}/${root}/${address}`, { method: 'POST' });
      assert.equal(answer.status, 405, `${root}/${address}`);
      assert.match(answer.headers.get('allow') ?? '', /GET/);
    }
  }
  for (const address of ['', '/', '/package', '/package/']) {
    assert.equal((await fetch(`${gallery.url}/api/v2${address}`, { method: 'PUT' })).status, 401, address);
  }
});

test('an answer has validators and is compressed for who takes that; HEAD has no body', async () => {
  const address = `${gallery.url}/api/v2/FindPackagesById()?id='Demo.Lib'`;
  const plain = await fetch(address, { headers: { 'Accept-Encoding': 'identity' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  const body = await plain.text();
  const tag = plain.headers.get('etag') ?? '';
  const again = await fetch(address, { headers: { 'Accept-Encoding': 'identity', 'If-None-Match': tag } });
  assert.equal(again.status, 304);
  const compressed = await fetch(address, { headers: { 'Accept-Encoding': 'gzip' } });
  assert.equal(compressed.headers.get('content-encoding'), 'gzip');
  assert.equal(await compressed.text(), body);
  const head = await fetch(address, { method: 'HEAD', headers: { 'Accept-Encoding': 'identity' } });
  assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(body)));
  assert.match(plain.headers.get('vary') ?? '', /PSGalleryClientVersion/);
  assert.match(plain.headers.get('surrogate-key') ?? '', /package\/main\/nupkg\/demo\.lib/);
});

test('addresses in an answer are those by which the client came', async () => {
  const { hostname, port } = new URL(gallery.url);
  assert.equal(hostname, '127.0.0.1');
  const answer = await fetch(`http://localhost:${port}/api/v2/FindPackagesById()?id='demo.lib'`);
  const text = await answer.text();
  assert.match(
    text,
    new RegExp(`<content type="application/zip" src="http://localhost:${port}/api/v2/package/Demo.Lib/1.0.0"/>`),
  );
});

test('a push address says what it is for to who looks at it, and refuses what is no PowerShell package where only these are', async () => {
  const looked = await fetch(`${gallery.url}/powershell/api/v2/package/`);
  assert.equal(looked.status, 405);
  assert.match(looked.statusText, /takes packages/);
  const { bytes } = await makeNupkg({ id: 'Demo.Other', version: '1.0.0' });
  const pushed = await fetch(`${gallery.url}/powershell/api/v2/package/`, {
    method: 'PUT',
    headers: { 'X-NuGet-ApiKey': gallery.token },
    body: new Uint8Array(bytes),
  });
  assert.equal(pushed.status, 400);
  assert.match(pushed.statusText, /PowerShell|manifest|module/);
});

test('a private feed is shown to who may read it, by query and across packages', async () => {
  await gallery.command('feed', 'create', 'team', '--private');
  const { bytes } = await makePsModule({ id: 'Team.Tools', version: '1.0.0', functions: ['Get-Team'] });
  const pushed = await fetch(`${gallery.url}/feeds/team/powershell/api/v2/package/`, {
    method: 'PUT',
    headers: { 'X-NuGet-ApiKey': gallery.token },
    body: new Uint8Array(bytes),
  });
  assert.equal(pushed.status, 201, pushed.statusText);
  const authorization = `Basic ${Buffer.from(`any:${gallery.token}`).toString('base64')}`;
  for (const query of ["FindPackagesById()?id='Team.Tools'", 'Search()?$filter=IsLatestVersion']) {
    const address = `/feeds/team/powershell/api/v2/${query}`;
    const stranger = await fetch(`${gallery.url}${address}`);
    assert.equal(stranger.status, 401, address);
    assert.match(stranger.headers.get('www-authenticate') ?? '', /^Basic /);
    await waitFor(async () => (await names(address, { authorization })).length === 1);
    assert.deepEqual(await names(address, { authorization }), ['Team.Tools 1.0.0']);
  }
});

test('with search switched off, queries across packages are refused in words and installs do not notice', async (t) => {
  const off = await startGallery(t, { HOLDFAST_SEARCH_OFF: 'search' });
  const { bytes } = await makeNupkg({ id: 'Demo.Lib', version: '1.0.0' });
  assert.equal((await pushNupkg(off, bytes)).status, 201);
  const search = await fetch(`${off.url}/api/v2/Search()?$filter=IsLatestVersion`);
  assert.equal(search.status, 503);
  assert.match(search.statusText, /switched search off/);
  assert.match(await search.text(), /^<\?xml .*<m:error .*switched search off/);
  assert.ok(Number(search.headers.get('retry-after')) > 0);
  for (const address of [
    "FindPackagesById()?id='Demo.Lib'",
    "Packages(Id='Demo.Lib',Version='1.0.0')",
    "Packages()?$filter=Id%20eq%20'Demo.Lib'",
    "GetUpdates()?packageIds='Demo.Lib'&versions='0.1'",
    'package/Demo.Lib/1.0.0',
  ]) {
    assert.equal((await fetch(`${off.url}/api/v2/${address}`)).status, 200, address);
  }
});
