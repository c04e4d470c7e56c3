/** PowerShell packages on a running gallery: what a client leaves out of the nuspec is there for whoever asks, however long it is. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makePsModule, type PsModuleOptions, psModuleManifest, psModuleNuspec } from '../packages/psmodule.ts';
import { makePsScript } from '../packages/psscript.ts';
import { pushNupkg } from './upload.ts';

let gallery: TestGallery;
before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

interface CatalogEntry {
  readonly tags: readonly string[];
  readonly projectUrl?: string;
  readonly dependencyGroups?: readonly {
    readonly dependencies: readonly { readonly id: string; readonly range: string }[];
  }[];
}

async function push(nupkg: Promise<{ bytes: Buffer }>): Promise<Response> {
  return pushNupkg(gallery, (await nupkg).bytes);
}

async function registered(id: string): Promise<CatalogEntry> {
  const answer = await fetch(`${gallery.url}/v3/registration-semver2/${id.toLowerCase()}/index.json`);
  assert.equal(answer.status, 200);
  const index = (await answer.json()) as { items: { items: { catalogEntry: CatalogEntry }[] }[] };
  return index.items[0]!.items[0]!.catalogEntry;
}

async function found(query: string): Promise<string[]> {
  const answer = await fetch(`${gallery.url}/v3/search?q=${encodeURIComponent(query)}`);
  return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
}

test('a module is found by its commands, also when its client told none', async () => {
  const nuspec = psModuleNuspec({ id: 'Demo.Told', version: '1.0.0' });
  const module: PsModuleOptions = {
    id: 'Demo.Told',
    version: '1.0.0',
    functions: ['Get-Told'],
    requiredModules: [{ ModuleName: 'Base', ModuleVersion: '2.0' }],
    projectUri: 'https://example.org/told',
    nuspec,
  };
  assert.equal((await push(makePsModule(module))).status, 201);
  const entry = await registered('Demo.Told');
  assert.deepEqual(entry.tags, ['PSModule', 'PSIncludes_Function', 'PSFunction_Get-Told', 'PSCommand_Get-Told']);
  assert.equal(entry.projectUrl, 'https://example.org/told');
  assert.deepEqual(
    entry.dependencyGroups?.[0]?.dependencies.map(({ id, range }) => [id, range]),
    [['Base', '[2.0.0, )']],
  );
  await waitFor(async () => (await found('tag:PSCommand_Get-Told')).length === 1);
  assert.deepEqual(await found('tag:PSCommand_Get-Tol'), []);
});

test('a script is found by its functions', async () => {
  assert.equal((await push(makePsScript({ id: 'Start-Told', version: '1.0.0', functions: ['Get-Own'] }))).status, 201);
  await waitFor(async () => (await found('tag:PSFunction_Get-Own')).includes('Start-Told'));
});

test('tags of sixty thousand characters are taken, shown and found', async () => {
  const cmdlets = Array.from({ length: 1_000 }, (_, index) => `Get-ServiceThing${index}`);
  assert.equal((await push(makePsModule({ id: 'Demo.Vast', version: '1.0.0', cmdlets }))).status, 201);
  const { tags } = await registered('Demo.Vast');
  assert.equal(tags.length, 2_002);
  assert.ok(tags.join(' ').length > 50_000);
  await waitFor(async () => (await found('tag:PSCommand_Get-ServiceThing999')).length === 1);
});

test('a module whose manifest is code is refused in a sentence that names the place', async () => {
  const manifest = psModuleManifest({ id: 'Demo.Code', version: '1.0.0' }).replace(
    /Author = .*/,
    'Author = Get-Content x',
  );
  const answer = await push(makePsModule({ id: 'Demo.Code', version: '1.0.0', manifest }));
  const says =
    /^'Demo\.Code\.psd1' could not be read as a module manifest \(line 6, column 10: the word Get-Content stands/;
  assert.deepEqual([answer.status, says.test(answer.statusText)], [400, true], answer.statusText);
});

test('afterwards the gallery is well', async () => {
  const verified = await gallery.command('verify');
  assert.equal(verified.exitCode, 0, verified.stdout + verified.stderr);
  assert.doesNotMatch(gallery.output(), /"level":[56]0/);
});
