/** Package types: a nuspec may name several, a request filters by one, in any letter case and under either of its names. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { publishNupkg } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';

let gallery: TestGallery;

interface Item {
  readonly id: string;
  readonly version: string;
  readonly packageTypes: readonly { readonly name: string }[];
}

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  await publishNupkg(gallery, { id: 'Typed.None', version: '1.0.0' });
  await publishNupkg(gallery, {
    id: 'Typed.Tool',
    version: '1.0.0',
    tool: true,
    packageTypes: ['McpServer', 'DotnetTool'],
  });
  await publishNupkg(gallery, { id: 'Typed.Both', version: '1.0.0', packageTypes: ['Template', 'Dependency'] });
  // What a version is, not what an older one was.
  await publishNupkg(gallery, { id: 'Typed.Changed', version: '1.0.0', tool: true });
  await publishNupkg(gallery, { id: 'Typed.Changed', version: '2.0.0', packageTypes: ['Contoso.Special'] });
  await waitFor(async () => (await search('')).length === 4);
  await waitFor(async () => (await search('q=packageid:typed.changed'))[0]?.version === '2.0.0');
});

async function search(query: string): Promise<readonly Item[]> {
  const answer = await fetch(`${gallery.url}/v3/search?${query}`);
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { data: Item[] }).data;
}

const idsOf = async (query: string) => (await search(query)).map(({ id }) => id).sort();

test('a package is found by each of its types, and shows them all', async () => {
  assert.deepEqual(await idsOf('packageType=McpServer'), ['Typed.Tool']);
  assert.deepEqual(await idsOf('packageType=DotnetTool'), ['Typed.Tool']);
  assert.deepEqual(await idsOf('packageType=Template'), ['Typed.Both']);
  const [tool] = await search('packageType=mcpserver');
  assert.deepEqual(tool?.packageTypes, [{ name: 'McpServer' }, { name: 'DotnetTool' }]);
});

test('a package that names no type is a dependency, and one that names others is none unless it says so', async () => {
  assert.deepEqual(await idsOf('packageType=Dependency'), ['Typed.Both', 'Typed.None']);
});

test('a type of any name is found; one that nobody has, or that none can have, finds nothing', async () => {
  assert.deepEqual(await idsOf('packageType=contoso.SPECIAL'), ['Typed.Changed']);
  for (const type of [
    'Nobody',
    'contoso',
    'special',
    '%7C',
    'Dotnet%25',
    '*',
    'dotnettool%7Cmcpserver',
    "'%3B",
    'x'.repeat(5_000),
  ]) {
    assert.deepEqual(await idsOf(`packageType=${type}`), [], type);
  }
});

test('clients name the filter in two ways, and an empty one filters nothing', async () => {
  assert.deepEqual(await idsOf('packageTypeFilter=DOTNETTOOL'), ['Typed.Tool']);
  assert.deepEqual(await idsOf('packageType=&packageTypeFilter=DotnetTool'), ['Typed.Tool']);
  assert.equal((await idsOf('packageType=')).length, 4);
  assert.equal((await idsOf('packageTypeFilter=')).length, 4);
});

test('dotnet tool search finds tools by word, and only tools', async () => {
  const query = 'semVerLevel=2.0.0&packageType=dotnettool&prerelease=False&skip=0&take=20';
  assert.deepEqual(await idsOf(`q=typed&${query}`), ['Typed.Tool']);
  assert.deepEqual(await idsOf(`q=none&${query}`), []);
  const completed = await fetch(`${gallery.url}/v3/autocomplete?q=typed&packageType=DotnetTool`);
  assert.deepEqual(((await completed.json()) as { data: string[] }).data, ['Typed.Tool']);
});
