/** Packages whose licence dotnet packed as an expression or a file: pushed, told of in the registration and in search. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { requireOrSkip } from './runners/available.ts';
import { type Dotnet, prepareDotnet } from './runners/dotnet.ts';
import type { PackOptions } from './runners/dotnet-files.ts';
import { publishNupkg } from './runners/publish.ts';
import { describeResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

interface Told {
  readonly licenseExpression?: string;
  readonly licenseUrl?: string;
}

async function json<T>(path: string): Promise<T> {
  const answer = await fetch(`${gallery.url}${path}`);
  assert.equal(answer.status, 200, path);
  return (await answer.json()) as T;
}

const leafOf = (id: string) => json<Told>(`/v3/registration-semver2/${id.toLowerCase()}/1.0.0.json`);

async function foundOf(id: string): Promise<Told> {
  const search = () => json<{ data: Told[] }>(`/v3/search?q=packageid:${id}`);
  await waitFor(async () => (await search()).data.length === 1);
  return (await search()).data[0]!;
}

async function packAndPush(dotnet: Dotnet, options: PackOptions): Promise<void> {
  const packed = await dotnet.pack(options);
  assert.equal(packed.exitCode, 0, describeResult(packed));
  const pushed = await dotnet.push(packed.files[0] ?? '', { apiKey: gallery.token });
  assert.equal(pushed.exitCode, 0, describeResult(pushed));
}

test('a licence expression is told as it is, with the address that dotnet pack wrote for it', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepareDotnet({ source: `${gallery.url}/v3/index.json` });
  const PackageLicenseExpression = 'MIT OR (Apache-2.0 WITH LLVM-exception)';
  await packAndPush(dotnet, { id: 'Lic.Expression', version: '1.0.0', properties: { PackageLicenseExpression } });
  const leaf = await leafOf('Lic.Expression');
  assert.equal(leaf.licenseExpression, PackageLicenseExpression);
  assert.equal(decodeURIComponent(new URL(leaf.licenseUrl ?? '').pathname), `/${PackageLicenseExpression}`);
  assert.equal((await foundOf('Lic.Expression')).licenseUrl, leaf.licenseUrl);
});

test('a licence file is served here, and the registration and search lead to it', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepareDotnet({ source: `${gallery.url}/v3/index.json` });
  const packedFiles = { 'LICENCE.md': '# Do as you like\n' };
  const properties = { PackageLicenseFile: 'LICENCE.md' };
  await packAndPush(dotnet, { id: 'Lic.File', version: '1.0.0', properties, packedFiles });
  const leaf = await leafOf('Lic.File');
  assert.deepEqual(
    [leaf.licenseExpression, leaf.licenseUrl],
    [undefined, `${gallery.url}/v3/flat/lic.file/1.0.0/license`],
  );
  assert.equal(await (await fetch(leaf.licenseUrl ?? '')).text(), '# Do as you like\n');
  assert.equal((await foundOf('Lic.File')).licenseUrl, leaf.licenseUrl);
});

test('an expression without an address, as other tools pack it, is told without one', async () => {
  const metadataXml = '<license type="expression">0BSD</license>';
  await publishNupkg(gallery, { id: 'Lic.Bare', version: '1.0.0', metadataXml });
  const leaf = await leafOf('Lic.Bare');
  assert.deepEqual([leaf.licenseExpression, leaf.licenseUrl], ['0BSD', undefined]);
});
