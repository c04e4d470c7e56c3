/** `verify` finds what is missing, wrong and surplus; `rebuild` mends it, while reads go on. */
import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeWheel } from '../packages/wheel.ts';
import { pushNupkg, uploadPython } from '../publish/upload.ts';

async function filledGallery(t: TestContext): Promise<TestGallery> {
  const gallery = await startGallery(t);
  await gallery.command('feed', 'create', 'team', '--private');
  for (const version of ['1.0.0', '1.1.0']) {
    await uploadPython(gallery, await makeWheel({ name: 'demo', version }));
    await uploadPython(gallery, await makeWheel({ name: 'inside', version }), { feed: 'team' });
    await pushNupkg(gallery, (await makeNupkg({ id: 'Demo.Lib', version })).bytes);
  }
  await waitFor(async () => {
    const health = (await (await fetch(`${gallery.url}/api/health`)).json()) as Record<string, number>;
    return health.outstandingEvents === 0 && health.waitingJobs === 0;
  });
  return gallery;
}

function storedFiles(gallery: TestGallery): string[] {
  const store = join(gallery.dataDir, 'store');
  return readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(store, join(entry.parentPath, entry.name)))
    .sort();
}

interface Report {
  findings: { kind: string; key: string; about: string }[];
}

async function verify(gallery: TestGallery): Promise<{ exitCode: number; findings: Report['findings'] }> {
  const { exitCode, stdout } = await gallery.command('verify', '--json');
  return { exitCode, findings: (JSON.parse(stdout) as Report).findings };
}

test('every kind of damage is found and named, and rebuild mends what can be made again', async (t) => {
  const gallery = await filledGallery(t);
  const path = (key: string) => join(gallery.dataDir, 'store', key);
  assert.deepEqual(await verify(gallery), { exitCode: 0, findings: [] });
  const before = new Map(storedFiles(gallery).map((key) => [key, readFileSync(path(key)).toString('base64')]));

  const damage: Record<string, { kind: string; words: RegExp; spoil: (key: string) => void }> = {
    'l1/public/d1/simple/demo/index.json.gz': { kind: 'missing', words: /document/, spoil: (key) => rmSync(path(key)) },
    'l1/public/d1/simple/demo/index.html.gz': {
      kind: 'wrong',
      words: /damaged/,
      spoil: (key) => writeFileSync(path(key), readFileSync(path(key)).subarray(0, -9)),
    },
    'l1/public/d1/v3/flat/demo.lib/index.json.gz': {
      kind: 'wrong',
      words: /not what the catalogue says/,
      spoil: (key) =>
        writeFileSync(path(key), readFileSync(path('l1/public/d1/v3/registration/demo.lib/index.json.gz'))),
    },
    'l1/public/d1/v3/flat/demo.lib/1.0.0/demo.lib.1.0.0.nupkg': {
      kind: 'missing',
      words: /file/,
      spoil: (key) => rmSync(path(key)),
    },
    'l1/public/d1/simple/ghost/index.json.gz': {
      kind: 'surplus',
      words: /nothing in the catalogue/,
      spoil: (key) => {
        rmSync(join(path(key), '..'), { recursive: true, force: true });
        writeFileSync(path('l1/public/d1/simple/ghost.gz'), 'x');
      },
    },
    'l1/catalogue/f1/0000000000000000/0000000000000000007.json': {
      kind: 'missing',
      words: /record/,
      spoil: (key) => rmSync(path(key)),
    },
    'l1/private/team/d1/simple/inside/index.json.gz': {
      kind: 'missing',
      words: /document/,
      spoil: (key) => rmSync(path(key)),
    },
  };
  for (const [key, { spoil }] of Object.entries(damage)) spoil(key);
  const { exitCode, findings } = await verify(gallery);
  assert.equal(exitCode, 1);
  assert.equal(findings.length, Object.keys(damage).length, JSON.stringify(findings, null, 1));
  for (const [key, { kind, words }] of Object.entries(damage)) {
    const expected = key.replace('ghost/index.json.gz', 'ghost.gz');
    const finding = findings.find((one) => one.key === expected);
    assert.equal(finding?.kind, kind, expected);
    assert.match(finding?.about ?? '', words);
  }

  const rebuilt = await gallery.command('rebuild');
  assert.equal(rebuilt.exitCode, 0, rebuilt.stderr);
  assert.match(rebuilt.stdout, /3 packages .* 1 surplus .* 1 missing or wrong record/);
  assert.deepEqual(await verify(gallery), { exitCode: 0, findings: [] });
  const after = storedFiles(gallery);
  assert.deepEqual(after, [...before.keys()]);
  // Made from the same catalogue, documents say the same to the letter.
  const textOf = (bytes: Buffer) => (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('latin1');
  for (const key of after.filter((name) => name.includes('/d1/') && !/simple\/index/.test(name))) {
    assert.equal(textOf(readFileSync(path(key))), textOf(Buffer.from(before.get(key) ?? '', 'base64')), key);
  }
});

test('a blob whose bytes changed is found by its digest, also when its size is the same', async (t) => {
  const gallery = await filledGallery(t);
  const key = storedFiles(gallery).find((name) => name.startsWith('l1/blobs/')) ?? '';
  const path = join(gallery.dataDir, 'store', key);
  const bytes = readFileSync(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const { findings } = await verify(gallery);
  assert.deepEqual(
    findings.map((finding) => [finding.kind, finding.key]),
    [['wrong', key]],
  );
  const quick = await gallery.command('verify', '--quick');
  assert.equal(quick.exitCode, 0);
});

test('while rebuild runs every install document is there', async (t) => {
  const gallery = await filledGallery(t);
  let isDone = false;
  const rebuilt = gallery.command('rebuild').finally(() => {
    isDone = true;
  });
  let reads = 0;
  while (!isDone) {
    for (const path of [
      '/simple/demo/',
      '/v3/flat/demo.lib/index.json',
      '/v3/registration/demo.lib/index.json',
      '/v3/flat/demo.lib/1.0.0/demo.lib.1.0.0.nupkg',
    ]) {
      assert.equal((await fetch(`${gallery.url}${path}`)).status, 200, path);
      reads += 1;
    }
  }
  assert.equal((await rebuilt).exitCode, 0);
  assert.ok(reads > 4);
});

test('surplus in the log folder or elsewhere is none of verify’s business', async (t) => {
  const gallery = await filledGallery(t);
  appendFileSync(join(gallery.dataDir, 'logs', 'note.txt'), 'x');
  assert.equal((await verify(gallery)).exitCode, 0);
});

test('a counter that jumped leaves no gap that verify or rebuild would walk through', async (t) => {
  const gallery = await startGallery(t);
  assert.equal((await uploadPython(gallery, await makeWheel({ name: 'before', version: '1.0.0' }))).status, 200);
  const db = new DatabaseSync(join(gallery.dataDir, 'catalogue', 'holdfast.sqlite'), { timeout: 5_000 });
  db.exec('update serial set value = 9007199254740991');
  db.close();
  assert.equal((await uploadPython(gallery, await makeWheel({ name: 'after', version: '1.0.0' }))).status, 200);
  const verified = await gallery.command('verify');
  assert.equal(verified.exitCode, 0, verified.stdout);
  assert.equal((await gallery.command('rebuild')).exitCode, 0);
});
