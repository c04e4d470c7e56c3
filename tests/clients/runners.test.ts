/** Proves the makers of test packages with the real tools and no gallery: what they make is a valid package. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fromBufferPromise } from 'yauzl';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { requireOrSkip } from './runners/available.ts';
import { prepareDotnet } from './runners/dotnet.ts';
import { preparePip } from './runners/pip.ts';
import { describeResult, runCommand } from './runners/run.ts';
import { prepareTwine } from './runners/twine.ts';
import { openWorkspace } from './runners/workspace.ts';

test('the same arguments make the same packages, byte for byte', async () => {
  const python = { name: 'Demo.Py', version: '1.0.0', sizeBytes: 10_000 };
  const nuget = { id: 'Demo.Lib', version: '1.0.0', sizeBytes: 10_000 };
  assert.deepEqual(await makeWheel(python), await makeWheel(python));
  assert.deepEqual(await makeSdist(python), await makeSdist(python));
  assert.deepEqual(await makeNupkg(nuget), await makeNupkg(nuget));
  assert.notDeepEqual((await makeWheel(python)).bytes, (await makeWheel({ ...python, version: '1.0.1' })).bytes);
});

test('zip entries carry one fixed stamp, whatever the time and the time zone', async () => {
  const wheel = await makeWheel({ name: 'demo-py', version: '1.0.0' });
  const nupkg = await makeNupkg({ id: 'Demo.Lib', version: '1.0.0' });
  for (const { bytes } of [wheel, nupkg]) {
    const year = 2024 - 1980;
    assert.equal(bytes.readUInt16LE(10), 0, 'time of the first entry');
    assert.equal(bytes.readUInt16LE(12), (year << 9) | (1 << 5) | 1, 'date of the first entry');
    const archive = await fromBufferPromise(bytes);
    for await (const entry of archive.eachEntry()) {
      assert.equal(entry.extraFieldLength, 0, `${entry.fileName}: an extra field could hold another stamp`);
    }
  }
});

test('a made NuGet package has a type for every part and relationships that lead to parts', async () => {
  const files = { 'content/a file.txt': 'text', 'content/plain': 'text' };
  const { bytes, nuspec } = await makeNupkg({ id: 'Demo.Lib', version: '1.0.0', files });
  const parts = await readZip(bytes);
  const types = parts.get('[Content_Types].xml')!.toString();
  for (const path of parts.keys()) {
    if (path === '[Content_Types].xml') continue;
    const extension = path.split('/').at(-1)!.split('.').at(-1)!;
    const isTyped = types.includes(`Extension="${extension}"`) || types.includes(`PartName="/${path}"`);
    assert.ok(isTyped, `${path} has no content type`);
  }
  const relationships = [
    ...parts
      .get('_rels/.rels')!
      .toString()
      .matchAll(/Type="([^"]*)" Target="\/([^"]*)"/g),
  ];
  const target = (type: string) => parts.get(relationships.find((found) => found[1]!.endsWith(type))![2]!);
  assert.deepEqual(target('.microsoft.com/packaging/2010/07/manifest'), nuspec);
  assert.match(target('/metadata/core-properties')!.toString(), /<dc:identifier>Demo\.Lib</);
});

test('a size in bytes makes a package at least that large and little larger', async () => {
  const sizeBytes = 3 * 1024 * 1024;
  const made = [
    await makeWheel({ name: 'large', version: '1', sizeBytes }),
    await makeSdist({ name: 'large', version: '1', sizeBytes }),
    await makeNupkg({ id: 'Large', version: '1.0.0', sizeBytes }),
  ];
  for (const { filename, bytes } of made) {
    assert.ok(bytes.length >= sizeBytes && bytes.length < sizeBytes + 8192, `${filename}: ${bytes.length} bytes`);
  }
});

test('pip installs a made wheel and its dependency from a folder', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  await using shelf = await openWorkspace('shelf');
  const needed = await makeWheel({ name: 'demo-needed', version: '2.0', requiresPython: '>=3.7' });
  const wheel = await makeWheel({
    name: 'Demo.Py',
    version: '1.0.0',
    requiresDist: ['demo-needed>=1'],
    files: { 'demo_py/data, with comma.txt': 'text' },
    sizeBytes: 5000,
  });
  for (const { filename, bytes } of [needed, wheel]) await shelf.write(filename, bytes);
  await using pip = await preparePip({ findLinks: shelf.folder });

  const installed = await pip.install(['demo-py']);
  assert.equal(installed.exitCode, 0, describeResult(installed));
  assert.deepEqual(await pip.installedPackages(), ['demo_needed-2.0', 'demo_py-1.0.0']);

  // pip does not compare RECORD with the files; the standard library's reader of it does see sizes and hashes.
  const check = `
import base64, hashlib, importlib.metadata as m, sys
files = m.distribution('Demo.Py').files
assert any('comma' in str(f) for f in files)
for f in files:
    if f.hash:
        digest = base64.urlsafe_b64encode(hashlib.sha256(f.read_binary()).digest()).rstrip(b'=').decode()
        assert digest == f.hash.value and f.size == len(f.read_binary()), f
import demo_py; print(demo_py.__version__)`;
  const environment = { ...pip.workspace.environment, PYTHONPATH: pip.targetFolder, PATH: process.env.PATH ?? '' };
  const imported = await runCommand('python3', ['-c', check], { folder: pip.workspace.folder, environment });
  assert.equal(imported.stdout, '1.0.0\n', describeResult(imported));
});

test('pip holds a made wheel to its hash', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  await using shelf = await openWorkspace('shelf');
  const wheel = await makeWheel({ name: 'demo-py', version: '1.0.0' });
  await shelf.write(wheel.filename, wheel.bytes);
  await using pip = await preparePip({ findLinks: shelf.folder });
  const digest = createHash('sha256').update(wheel.bytes).digest('hex');

  const wrong = await pip.install([], { requirementsWithHashes: [`demo-py==1.0.0 --hash=sha256:${'0'.repeat(64)}`] });
  assert.notEqual(wrong.exitCode, 0);
  assert.match(wrong.stderr, /DO NOT MATCH THE HASHES/);
  const right = await pip.install([], { requirementsWithHashes: [`demo-py==1.0.0 --hash=sha256:${digest}`] });
  assert.equal(right.exitCode, 0, describeResult(right));
});

test('pip downloads and resolves from a folder', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  await using shelf = await openWorkspace('shelf');
  const wheel = await makeWheel({ name: 'demo-py', version: '1.0.0' });
  await shelf.write(wheel.filename, wheel.bytes);
  await using pip = await preparePip({ findLinks: shelf.folder });

  const downloaded = await pip.download('demo-py');
  assert.equal(downloaded.exitCode, 0, describeResult(downloaded));
  assert.deepEqual(await pip.downloadedFiles(), [wheel.filename]);
  const resolved = await pip.resolveLazily('demo-py');
  assert.equal(resolved.exitCode, 0, describeResult(resolved));
  assert.match(resolved.stdout, /Would install demo-py-1\.0\.0/);
});

test('twine finds a made wheel and sdist in order', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  await using twine = await prepareTwine();
  const described = { name: 'Demo.Py', version: '1.0.0', requiresPython: '>=3.9', requiresDist: ['demo-needed'] };
  const wheel = await twine.addFile(await makeWheel(described));
  const sdist = await twine.addFile(await makeSdist(described));

  const checked = await twine.check(wheel, sdist);
  assert.equal(checked.exitCode, 0, describeResult(checked));
  assert.equal(checked.stdout.match(/PASSED/g)?.length, 2, describeResult(checked));
});

test('dotnet restores a made package and its dependency from a folder', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using shelf = await openWorkspace('shelf');
  const needed = await makeNupkg({ id: 'Demo.Needed', version: '2.0.0' });
  const library = await makeNupkg({
    id: 'Demo.Lib',
    version: '1.0.0',
    dependencies: [{ id: 'Demo.Needed', range: '[1.0.0, 3.0.0)', targetFramework: '.NETStandard2.0' }],
    readme: '# Demo',
    icon: Buffer.from('not looked at here'),
    licenseExpression: 'MIT OR Apache-2.0',
    tags: 'demo & more',
    files: { 'content/a file.txt': 'text' },
    sizeBytes: 5000,
  });
  for (const { filename, bytes } of [needed, library]) await shelf.write(filename, bytes);
  await using dotnet = await prepareDotnet({ source: shelf.folder });

  const restored = await dotnet.restore({ 'Demo.Lib': '1.0.0' });
  assert.equal(restored.exitCode, 0, describeResult(restored));
  assert.deepEqual(await dotnet.restoredPackages(), ['demo.lib/1.0.0', 'demo.needed/2.0.0']);
  const added = await dotnet.addPackage('Demo.Lib');
  assert.equal(added.exitCode, 0, describeResult(added));
});

test('dotnet installs and runs a made tool', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using shelf = await openWorkspace('shelf');
  const tool = await makeNupkg({ id: 'Demo.Tool', version: '1.2.0', tool: true });
  await shelf.write(tool.filename, tool.bytes);
  await using dotnet = await prepareDotnet({ source: shelf.folder });

  const installed = await dotnet.toolInstall('Demo.Tool');
  assert.equal(installed.exitCode, 0, describeResult(installed));
  const ran = await dotnet.runTool('demo.tool');
  assert.equal(ran.stdout, 'Demo.Tool 1.2.0\n', describeResult(ran));
});

test('dotnet packs a project and pushes it to a folder', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await using shelf = await openWorkspace('shelf');
  await using dotnet = await prepareDotnet({ source: shelf.folder });

  const packed = await dotnet.pack({ id: 'Demo.Packed', version: '1.1.0', hasSymbols: true });
  assert.equal(packed.exitCode, 0, describeResult(packed));
  const names = packed.files.map((file) => file.split('/').at(-1));
  assert.deepEqual(names, ['Demo.Packed.1.1.0.nupkg', 'Demo.Packed.1.1.0.snupkg']);
  const pushed = await dotnet.push(packed.files[0]!);
  assert.equal(pushed.exitCode, 0, describeResult(pushed));
  const restored = await dotnet.restore({ 'Demo.Packed': '1.1.0' });
  assert.equal(restored.exitCode, 0, describeResult(restored));
});

test('a command that does not end is ended with all that it started', { timeout: 30_000 }, async () => {
  await using workspace = await openWorkspace('run');
  const { folder, environment } = workspace;
  // The child keeps no pipe open, so that only being killed can end it.
  const script = 'sleep 60 >/dev/null 2>&1 & echo $!; wait';
  const result = await runCommand('sh', ['-c', script], { folder, environment, timeoutMs: 500 });
  assert.equal(result.hasTimedOut, true);
  assert.equal(result.exitCode, null);
  while (isRunning(result.stdout.trim())) await setTimeout(20);
});

async function readZip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const parts = new Map<string, Buffer>();
  const archive = await fromBufferPromise(bytes);
  for await (const entry of archive.eachEntry()) {
    parts.set(entry.fileName, await buffer(await archive.openReadStreamPromise(entry)));
  }
  return parts;
}

/** A killed process whose parent has not asked for it yet is no longer running: state Z. */
function isRunning(pid: string): boolean {
  assert.match(pid, /^\d+$/);
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
