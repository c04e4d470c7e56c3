/** Symbols from `dotnet pack` to a debugger, with the real SDK: both packages in one push, and what a refusal says. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makePdb, makeSnupkg } from '../packages/snupkg.ts';
import { requireOrSkip } from './runners/available.ts';
import { readSymbolName } from './runners/debugger.ts';
import { type Dotnet, prepareDotnet } from './runners/dotnet.ts';
import { ask, publishNupkg } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const prepare = (): Promise<Dotnet> => prepareDotnet({ source: `${gallery.url}/v3/index.json` });

test('dotnet pushes symbols with their package, and a debugger finds what belongs to the assembly it restored', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using author = await prepare();
  await using user = await prepare();
  const packed = succeeded(await author.pack({ id: 'Demo.Symbols', version: '1.0.0', hasSymbols: true }));
  const [nupkg = '', snupkg = ''] = packed.files;
  assert.match(snupkg, /\.snupkg$/);
  succeeded(await author.push(nupkg, { apiKey: gallery.token }));

  succeeded(await user.restore({ 'Demo.Symbols': '1.0.0' }));
  const assembly = onlyFile(user.workspace.path('packages', 'demo.symbols', '1.0.0', '**', '*.dll'));
  const { name, key } = readSymbolName(readFileSync(assembly));
  // As debuggers do, which say what the bytes must hash to and take any server's answer.
  const found = await ask(`${gallery.url}/v3/symbols/${name}/${key}/${name}`, {
    headers: { SymbolChecksum: 'SHA256:00' },
  });
  assert.equal(found.status, 200, `${name} ${key}`);
  const built = onlyFile(author.workspace.path('projects', '**', 'bin', 'Release', '**', '*.pdb'));
  assert.deepEqual(found.body, readFileSync(built));
  const mirrored = await ask(`${gallery.url}/v3/flat/demo.symbols/1.0.0/demo.symbols.1.0.0.snupkg`);
  assert.deepEqual(mirrored.body, readFileSync(snupkg));
});

test('symbols can be pushed later, and again, on their own', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepare();
  const { nupkg, first, second } = await twoSymbolPackages('Demo.Later');
  const path = await dotnet.addFile(nupkg);
  succeeded(await dotnet.push(path, { apiKey: gallery.token }));
  const symbols = await dotnet.addFile(first);
  succeeded(await dotnet.push(symbols, { apiKey: gallery.token }));
  assert.deepEqual((await ask(first.address)).body, first.pdb);

  // dotnet 10 goes by the symbols beside a package that it skipped as a duplicate, so they are named.
  const later = await dotnet.addFile(second);
  const skipped = succeeded(await dotnet.push(path, { apiKey: gallery.token, skipDuplicate: true }));
  assert.match(skipped.stdout, /already exists at feed/);
  assert.equal((await ask(second.address)).status, 404);
  succeeded(await dotnet.push(later, { apiKey: gallery.token, skipDuplicate: true }));
  assert.deepEqual((await ask(second.address)).body, second.pdb);
  assert.equal((await ask(first.address)).status, 404);
});

test('dotnet says why symbols were not taken', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using dotnet = await prepare();
  const push = async (files: Record<string, Uint8Array>) => {
    const file = await dotnet.addFile(await makeSnupkg({ id: 'Demo.Why', version: '1.0.0', files }));
    const result = await dotnet.push(file, { apiKey: gallery.token });
    assert.equal(result.exitCode, 1, describeResult(result));
    return `${result.stdout}${result.stderr}`.replaceAll(/\s+/g, ' ');
  };
  const pdb = makePdb('1'.repeat(32));
  assert.match(await push({ 'lib/a.pdb': pdb }), /404 \(There is no Demo\.Why 1\.0\.0 here; push the package before/);
  await publishNupkg(gallery, { id: 'Demo.Why', version: '1.0.0' });
  assert.match(await push({ 'lib/a.pdb': pdb, 'lib/a.dll': pdb }), /400 \(A symbol package holds \.pdb files only/);
});

/** A package, and two symbol packages for it that have nothing in common. */
async function twoSymbolPackages(id: string) {
  const nupkg = await makeNupkg({ id, version: '1.0.0' });
  const [first, second] = await Promise.all(['a', 'b'].map((digit) => symbolsOf(id, digit.repeat(32))));
  return { nupkg, first: first!, second: second! };
}

async function symbolsOf(id: string, guid: string) {
  const pdb = makePdb(guid);
  const made = await makeSnupkg({ id, version: '1.0.0', files: { 'lib/net10.0/later.pdb': pdb } });
  return { ...made, pdb, address: `${gallery.url}/v3/symbols/later.pdb/${guid}ffffffff/later.pdb` };
}

function onlyFile(pattern: string): string {
  const found = globSync(pattern);
  assert.equal(found.length, 1, pattern);
  return found[0]!;
}

function succeeded<T extends RunResult>(result: T): T {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
