/** `import` loads a tree of packages, beside a running gallery or without one, and goes on where it was ended. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { storedPath, symbolFile } from '../../src/protocols/nuget-v3/keys.ts';
import { requireOrSkip } from '../clients/runners/available.ts';
import { prepareDotnet } from '../clients/runners/dotnet.ts';
import { preparePip } from '../clients/runners/pip.ts';
import { describeResult } from '../clients/runners/run.ts';
import {
  freePort,
  galleryEnvironment,
  projectFolder,
  runCommand,
  startGallery,
  type TestGallery,
  temporaryFolder,
  waitFor,
} from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makePdb, makeSnupkg } from '../packages/snupkg.ts';
import { makeWheel } from '../packages/wheel.ts';
import { pushNupkg, uploadPython } from '../publish/upload.ts';
import { addVersions, emptyTree } from './tree.ts';

const exitSomeRefused = 65;

function storedFiles(dataDir: string): Map<string, number> {
  const store = join(dataDir, 'store');
  const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(store, path), statSync(path).mtimeMs]));
}

async function settled(gallery: TestGallery): Promise<void> {
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
}

async function findingsOf(gallery: TestGallery): Promise<unknown[]> {
  await settled(gallery);
  const { stdout } = await gallery.command('verify', '--json');
  return (JSON.parse(stdout) as { findings: unknown[] }).findings.slice(0, 5);
}

async function versionsOf(gallery: TestGallery, id: string, feed = ''): Promise<string[]> {
  const headers = { authorization: `Basic ${btoa(`any:${gallery.token}`)}` };
  const answer = await fetch(`${gallery.url}${feed}/v3/flat/${id}/index.json`, { headers });
  return answer.ok ? ((await answer.json()) as { versions: string[] }).versions : [];
}

test('a tree goes into a fresh data folder, and pip and dotnet install from it', async (t) => {
  const tree = await emptyTree(t);
  await addVersions(tree, 3);
  const again = await makeNupkg({ id: 'tree.First', version: '1.0.0', description: 'other bytes' });
  tree.add('z-again/tree.First.1.0.0.nupkg', again.bytes);
  const twice = await makeWheel({ name: 'tree-py', version: '1.1.0' });
  tree.add(`z-twice/${twice.filename}`, twice.bytes);
  tree.add('broken/Broken.1.0.0.nupkg', 'this is no archive');
  tree.add('broken/not_a_wheel.whl', twice.bytes);
  tree.add('broken/empty-1.0.tar.gz', '');
  const guid = '0123456789abcdef0123456789abcdef';
  const files = { 'lib/net8.0/first.pdb': makePdb(guid) };
  // Before the package in the order of names.
  tree.add('a/First.snupkg', (await makeSnupkg({ id: 'tree.First', version: '1.0.0', files })).bytes);
  tree.add('a/Orphan.snupkg', (await makeSnupkg({ id: 'Orphan', version: '1.0.0', files })).bytes);
  tree.add('notes/README.md', 'not a package');
  const dataDir = await temporaryFolder(t);
  const port = await freePort();
  const environment = galleryEnvironment(dataDir, port);

  const imported = await runCommand(environment, dataDir, ['import', tree.folder]);
  assert.equal(imported.exitCode, exitSomeRefused, imported.stderr);
  assert.match(imported.stdout, /^13 imported, 1 already there, 5 refused/);
  assert.match(imported.stdout, /\.md: 1\n {2}notes\/README\.md/);
  const refusals = readFileSync(join(dataDir, 'logs', 'import-refusals.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const codes = refusals.map((line) => JSON.parse(line) as { path: string; code: string; message: string });
  assert.deepEqual(Object.fromEntries(codes.map(({ path, code }) => [path, code])), {
    'a/Orphan.snupkg': 'not-found',
    'broken/Broken.1.0.0.nupkg': 'archive-unreadable',
    'broken/empty-1.0.tar.gz': 'archive-unreadable',
    'broken/not_a_wheel.whl': 'filename-invalid',
    'z-again/tree.First.1.0.0.nupkg': 'file-exists',
  });

  const gallery = await startGallery(t, { HOLDFAST_PORT: String(port) }, dataDir);
  assert.deepEqual(await versionsOf(gallery, 'tree.first'), ['1.0.0', '1.1.0', '1.2.0']);
  const symbols = await fetch(`${gallery.url}/${storedPath(symbolFile('first.pdb', guid))}`, {
    headers: { SymbolChecksum: 'SHA256:' },
  });
  assert.equal(symbols.status, 200);
  await symbols.arrayBuffer();
  assert.deepEqual(await findingsOf(gallery), []);
  if (requireOrSkip(t, 'pip')) {
    await using pip = await preparePip({ indexUrl: `${gallery.url}/simple/` });
    const installed = await pip.install(['tree-py==1.1.0']);
    assert.equal(installed.exitCode, 0, describeResult(installed));
    assert.deepEqual(await pip.installedPackages(), ['tree_py-1.1.0']);
  }
  if (requireOrSkip(t, 'dotnet')) {
    await using dotnet = await prepareDotnet({ source: `${gallery.url}/v3/index.json` });
    const restored = await dotnet.restore({ 'tree.First': '1.2.0' });
    assert.equal(restored.exitCode, 0, describeResult(restored));
    assert.deepEqual(await dotnet.restoredPackages(), ['tree.first/1.2.0']);
  }
});

test('the same import again changes nothing, and a dry run even less', async (t) => {
  const tree = await emptyTree(t);
  const files = await addVersions(tree, 4);
  const gallery = await startGallery(t);
  const tried = await gallery.command('import', tree.folder, '--dry-run');
  assert.match(tried.stdout, new RegExp(`^${files} would be imported, 0 already there, 0 refused`));
  assert.deepEqual(await versionsOf(gallery, 'tree.first'), []);

  const first = await gallery.command('import', tree.folder, '--at-once', '1');
  assert.match(first.stdout, new RegExp(`^${files} imported, 0 already there, 0 refused`));
  await settled(gallery);
  const before = storedFiles(gallery.dataDir);
  const second = await gallery.command('import', tree.folder);
  assert.match(second.stdout, new RegExp(`^0 imported, ${files} already there, 0 refused`));
  await settled(gallery);
  assert.deepEqual(storedFiles(gallery.dataDir), before);
  assert.deepEqual(readdirSync(join(gallery.dataDir, 'incoming')), []);
  assert.deepEqual(await findingsOf(gallery), []);
});

test('beside a running gallery, publishes go on, and both are there in the end', async (t) => {
  const tree = await emptyTree(t);
  const files = await addVersions(tree, 60);
  const gallery = await startGallery(t);
  await gallery.command('feed', 'create', 'team', '--private');
  let isDone = false;
  const importing = gallery.command('import', tree.folder, '--feed', 'team').finally(() => {
    isDone = true;
  });
  let published = 0;
  while (!isDone) {
    const made = await makeNupkg({ id: 'Beside.It', version: `1.${published}.0` });
    // Into the feed and the very package that the import is at, too.
    for (const url of [gallery.url, `${gallery.url}/feeds/team`]) {
      const answer = await pushNupkg({ url, token: gallery.token }, made.bytes);
      assert.equal(answer.status, 201);
    }
    assert.ok((await versionsOf(gallery, 'beside.it')).includes(`1.${published}.0`), 'visible at once');
    published += 1;
  }
  const { exitCode, stdout, stderr } = await importing;
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, new RegExp(`^${files} imported`));
  assert.ok(published > 0);
  assert.equal((await versionsOf(gallery, 'tree.second', '/feeds/team')).length, 60);
  assert.deepEqual(await versionsOf(gallery, 'tree.second'), [], 'nothing went into another feed');
  const stranger = await fetch(`${gallery.url}/feeds/team/v3/flat/tree.second/index.json`);
  assert.notEqual(stranger.status, 200);
  assert.deepEqual(await findingsOf(gallery), []);
});

test('an import that is killed again and again goes on, and leaves nothing half done', async (t) => {
  const tree = await emptyTree(t);
  const files = await addVersions(tree, 80);
  const dataDir = await temporaryFolder(t);
  const port = await freePort();
  const environment = galleryEnvironment(dataDir, port);
  const seed = Number(process.env.HOLDFAST_TEST_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`HOLDFAST_TEST_SEED=${seed}`);
  let killed = 0;
  for (let turn = 0; turn < 6; turn += 1) {
    const child = spawn(join(projectFolder, 'holdfast'), ['import', tree.folder], {
      env: environment,
      stdio: 'ignore',
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    // From before the founding to somewhere in the middle.
    const waitMs = 300 + ((seed * (turn + 7)) % 2_000);
    await Promise.race([wait(waitMs), ended]);
    if (child.kill('SIGKILL')) killed += 1;
    await ended;
  }
  assert.ok(killed > 0, 'one at least was ended before it was done');
  const last = await runCommand(environment, dataDir, ['import', tree.folder]);
  assert.equal(last.exitCode, 0, last.stdout + last.stderr);
  const [, imported = '', there = ''] = /^(\d+) imported, (\d+) already there, 0 refused/.exec(last.stdout) ?? [];
  assert.equal(Number(imported) + Number(there), files, last.stdout);

  // Complete before any gallery looks after what is owed.
  const verified = JSON.parse((await runCommand(environment, dataDir, ['verify', '--json'])).stdout) as {
    findings: unknown[];
    outstandingEvents: number;
  };
  assert.deepEqual([verified.findings.slice(0, 5), verified.outstandingEvents], [[], 0]);
  const gallery = await startGallery(t, { HOLDFAST_PORT: String(port) }, dataDir);
  assert.equal((await versionsOf(gallery, 'tree.first')).length, 80);
  const project = await fetch(`${gallery.url}/simple/tree-py/`, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  });
  assert.equal(((await project.json()) as { files: unknown[] }).files.length, 160);
  assert.deepEqual(await findingsOf(gallery), []);
});

test('what cannot begin says why', async (t) => {
  const tree = await emptyTree(t);
  await addVersions(tree, 1);
  const gallery = await startGallery(t);
  const wrongFeed = await gallery.command('import', tree.folder, '--feed', 'nowhere');
  assert.equal(wrongFeed.exitCode, 1);
  assert.match(wrongFeed.stderr, /There is no feed "nowhere"/);
  const wrongOwner = await gallery.command('import', tree.folder, '--owner', 'nobody');
  assert.equal(wrongOwner.exitCode, 1);
  assert.match(wrongOwner.stderr, /There is no principal "nobody"/);
  const wrongFolder = await gallery.command('import', join(tree.folder, 'not-there'));
  assert.equal(wrongFolder.exitCode, 64);
  assert.match(wrongFolder.stderr, /is no folder/);
  await uploadPython(gallery, await makeWheel({ name: 'after-all', version: '1.0.0' }));
});
