/** The page as files in a folder: whole at every moment, whatever fails, and nothing touched that is somebody else's. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { folderTarget } from '../../../src/status/export/folder.ts';
import { exportFiles, isPathInside, manifestName } from '../../../src/status/export/target.ts';
import type { PublishedFile } from '../../../src/status/publication/published-file.ts';
import { type Disk, systemDisk } from '../../../src/std/disk.ts';
import { temporaryFolder } from '../../gallery.ts';

const signal = new AbortController().signal;

/** Pages lead to the other files of their version by name, as real ones lead to styles and incidents. */
function filesOf(version: number, names: readonly string[] = ['style', 'chart']): PublishedFile[] {
  const linked = names.map((name) => `assets/${name}-${version}.css`);
  const file = (path: string, text: string): PublishedFile => ({
    path,
    contentType: 'text/plain',
    body: Buffer.from(text),
    maxAgeSeconds: 60,
    status: 200,
  });
  return [
    file('index.html', `version ${version} leads to history/index.html ${linked.join(' ')}`),
    file('history/index.html', `version ${version} leads to ${linked.join(' ')}`),
    ...linked.map((path) => file(path, `${path} is whole`)),
    file('api/v2/status.json', `{"version":${version}}`),
  ];
}

async function contentOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.sort().map(async (path) => [path, await readFile(path, 'utf8')] as const));
  return new Map(texts.map(([path, text]) => [path.slice(folder.length + 1), text]));
}

const expected = (files: readonly PublishedFile[]) =>
  Object.fromEntries(files.map(({ path, body }) => [path, body.toString()]).sort());

async function published(folder: string): Promise<Record<string, string>> {
  const content = await contentOf(folder);
  assert.ok(content.delete(manifestName));
  content.delete('.holdfast-unfinished');
  return Object.fromEntries(content);
}

const put = (folder: string, files: readonly PublishedFile[], disk: Disk = systemDisk) =>
  exportFiles(folderTarget(folder, disk), files, signal);

test('a folder becomes what is published, keeps what did not change, and loses what is no longer published', async (t) => {
  const folder = join(await temporaryFolder(t), 'below', 'status');
  await put(folder, filesOf(1));
  assert.deepEqual(await published(folder), expected(filesOf(1)));
  const stateOf = async (path: string) => (await stat(join(folder, path), { bigint: true })).ino;
  const before = [await stateOf('assets/style-1.css'), await stateOf('index.html')];
  const changed = filesOf(1).map((file) =>
    file.path === 'index.html' ? { ...file, body: Buffer.from('version 1, later') } : file,
  );
  await put(folder, changed);
  assert.equal(await stateOf('assets/style-1.css'), before[0]);
  assert.notEqual(await stateOf('index.html'), before[1]);
  await put(folder, filesOf(2, ['style']));
  assert.deepEqual(await published(folder), expected(filesOf(2, ['style'])));
  await writeFile(join(folder, 'index.html'), 'somebody wrote into it');
  await put(folder, filesOf(2, ['style']));
  assert.deepEqual(await published(folder), expected(filesOf(2, ['style'])));
});

test('files of others in the folder are neither replaced nor removed', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'robots.txt'), 'mine');
  await put(folder, filesOf(1));
  await put(folder, filesOf(2));
  assert.equal(await readFile(join(folder, 'robots.txt'), 'utf8'), 'mine');
  const other = await temporaryFolder(t);
  await writeFile(join(other, 'index.html'), 'my own page');
  await assert.rejects(put(other, filesOf(1)), /"index.html" is there already, and was not put there by this service/);
  assert.deepEqual([...(await contentOf(other))], [['index.html', 'my own page']]);
});

test('nothing is put outside of the folder, by path or by link', async (t) => {
  const bad = [
    '',
    '/etc/x',
    '../x',
    'a/../../x',
    'a//b',
    './x',
    'a/.',
    'a\\b',
    'a\0b',
    'ü',
    '.holdfast-files.json',
    'a/',
  ];
  assert.deepEqual(bad.filter(isPathInside), []);
  assert.ok(['index.html', 'api/v2/incidents/a1.json', '.well-known/x', 'a..b'].every(isPathInside));
  const above = await temporaryFolder(t);
  const folder = join(above, 'status');
  await mkdir(folder);
  const [file] = filesOf(1);
  await assert.rejects(put(folder, [{ ...file!, path: '../x' }]), /leads out of the export/);
  const elsewhere = await temporaryFolder(t);
  await symlink(elsewhere, join(folder, 'assets'));
  await assert.rejects(put(folder, filesOf(1)), /"assets" in .* is a link to another place/);
  assert.deepEqual(await readdir(elsewhere), []);
  // A list that was tampered with names nothing outside either.
  await writeFile(join(folder, manifestName), JSON.stringify({ files: ['../kept', 'index.html'] }));
  await writeFile(join(above, 'kept'), 'mine');
  await put(folder, [file!]);
  assert.equal(await readFile(join(above, 'kept'), 'utf8'), 'mine');
});

test('when any step fails, pages lead only to files that are there, and the next round mends everything', async (t) => {
  let steps = 0;
  for (let failing = 1; ; failing++) {
    const folder = await temporaryFolder(t);
    await put(folder, filesOf(1));
    const failed = await put(folder, filesOf(2), failingDisk(failing)).then(
      () => false,
      () => true,
    );
    const content = await contentOf(folder);
    for (const page of ['index.html', 'history/index.html'])
      for (const path of content.get(page)!.split('leads to ')[1]!.split(' '))
        assert.ok(content.has(path), `${page} leads to ${path} after step ${failing} failed`);
    for (const [path, text] of content)
      if (path.startsWith('assets/')) assert.equal(text, `${path} is whole`, `after step ${failing}`);
    await put(folder, filesOf(2));
    assert.deepEqual(await published(folder), expected(filesOf(2)));
    if (!failed) break;
    steps = failing;
  }
  assert.ok(steps > 20, `${steps} steps failed`);
});

/** The real disk; from the given step on that changes something, every step fails, the first of them after half of its work. */
function failingDisk(failingStep: number): Disk {
  let step = 0;
  const check = async (half?: () => Promise<unknown>) => {
    step += 1;
    if (step < failingStep) return;
    if (step === failingStep) await half?.();
    throw new Error('the disk is full');
  };
  return {
    ...systemDisk,
    async writeDurably(path, bytes) {
      await check(() => systemDisk.writeDurably(path, bytes.subarray(0, bytes.length / 2)));
      await systemDisk.writeDurably(path, bytes);
    },
    async rename(from, to) {
      await check();
      await systemDisk.rename(from, to);
    },
    async remove(path) {
      await check();
      return systemDisk.remove(path);
    },
    async makeFolder(path) {
      await check();
      await systemDisk.makeFolder(path);
    },
  };
}
