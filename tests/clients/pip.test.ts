/** pip, the real one, against a running gallery: finding, choosing, downloading and installing. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { callApi } from '../publish/upload.ts';
import { accessLines } from './runners/access-lines.ts';
import { requireOrSkip } from './runners/available.ts';
import { preparePip } from './runners/pip.ts';
import { ask, publishWheel, unlist } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;
let indexUrl: string;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  indexUrl = `${gallery.url}/simple/`;
});

test('pip downloads a wheel byte for byte as it was uploaded', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const wheel = await publishWheel(gallery, { name: 'demo-download', version: '1.0.0', sizeBytes: 300_000 });
  await using pip = await preparePip({ indexUrl });

  succeeded(await pip.download('demo-download'));
  assert.deepEqual(await pip.downloadedFiles(), [wheel.filename]);
  assert.deepEqual(readFileSync(join(pip.downloadFolder, wheel.filename)), wheel.bytes);
});

test('pip installs a package with what it depends on', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  await publishWheel(gallery, { name: 'demo-needed', version: '1.0.0' });
  await publishWheel(gallery, { name: 'demo-needed', version: '2.0.0' });
  await publishWheel(gallery, { name: 'demo-app', version: '1.0.0', requiresDist: ['demo-needed<2'] });
  await using pip = await preparePip({ indexUrl });

  succeeded(await pip.install(['demo-app']));
  assert.deepEqual(await pip.installedPackages(), ['demo_app-1.0.0', 'demo_needed-1.0.0']);
});

test('pip installs with hashes, and only what has the right one', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const wheel = await publishWheel(gallery, { name: 'demo-hashed', version: '1.0.0' });
  const digest = createHash('sha256').update(wheel.bytes).digest('hex');
  await using pip = await preparePip({ indexUrl });

  const wrong = await pip.install([], {
    requirementsWithHashes: [`demo-hashed==1.0.0 --hash=sha256:${'0'.repeat(64)}`],
  });
  assert.equal(wrong.exitCode, 1, describeResult(wrong));
  assert.match(wrong.stderr, /DO NOT MATCH THE HASHES/);
  succeeded(await pip.install([], { requirementsWithHashes: [`demo-hashed==1.0.0 --hash=sha256:${digest}`] }));
  assert.deepEqual(await pip.installedPackages(), ['demo_hashed-1.0.0']);
});

test('pip lists the versions, pre-releases only when asked for', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  for (const version of ['1.0.0', '1.10.0', '1.9.0', '2.0.0rc1'])
    await publishWheel(gallery, { name: 'demo-many', version });
  await using pip = await preparePip({ indexUrl });

  const listed = succeeded(await pip.indexVersions('demo-many'));
  assert.match(listed.stdout, /^demo-many \(1\.10\.0\)\nAvailable versions: 1\.10\.0, 1\.9\.0, 1\.0\.0$/m);
  succeeded(await pip.install(['demo-many'], { hasPrereleases: true }));
  assert.deepEqual(await pip.installedPackages(), ['demo_many-2.0.0rc1']);
});

test('pip finds a package under every spelling of its name', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  await publishWheel(gallery, { name: 'Demo.Odd_Name', version: '1.0.0' });
  await using pip = await preparePip({ indexUrl });

  succeeded(await pip.install(['DEMO-odd.name']));
  assert.deepEqual(await pip.installedPackages(), ['demo_odd_name-1.0.0']);
  // pip itself asks for the normal spelling only; other tools and people do not.
  const asked = await fetch(`${indexUrl}Demo.Odd_Name`);
  assert.equal(asked.url, `${indexUrl}demo-odd-name/`);
  assert.equal(asked.status, 200);
  assert.match(await asked.text(), /demo_odd_name-1\.0\.0-py3-none-any\.whl/);
});

test('pip passes a yanked release by, and installs it with a warning when it is pinned', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  await publishWheel(gallery, { name: 'demo-yanked', version: '1.0.0' });
  await publishWheel(gallery, { name: 'demo-yanked', version: '1.1.0' });
  await unlist(gallery, 'python', 'demo-yanked', '1.1.0', 'eats files & <more>');
  await using unpinned = await preparePip({ indexUrl });
  await using pinned = await preparePip({ indexUrl });

  succeeded(await unpinned.install(['demo-yanked']));
  assert.deepEqual(await unpinned.installedPackages(), ['demo_yanked-1.0.0']);
  const warned = succeeded(await pinned.install(['demo-yanked==1.1.0']));
  assert.deepEqual(await pinned.installedPackages(), ['demo_yanked-1.1.0']);
  assert.match(warned.stderr, /yanked version: 'demo-yanked' candidate \(version 1\.1\.0/);
  assert.match(warned.stderr, /Reason for being yanked: eats files & <more>/);
});

test('pip leaves alone what is not for its Python', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  await publishWheel(gallery, { name: 'demo-modern', version: '1.0.0', requiresPython: '>=3.6' });
  await publishWheel(gallery, { name: 'demo-modern', version: '2.0.0', requiresPython: '>=99' });
  await using pip = await preparePip({ indexUrl });

  succeeded(await pip.install(['demo-modern']));
  assert.deepEqual(await pip.installedPackages(), ['demo_modern-1.0.0']);
  const pinned = await pip.install(['demo-modern==2.0.0']);
  assert.equal(pinned.exitCode, 1);
  assert.match(pinned.stderr, /2\.0\.0 Requires-Python >=99/);
});

test('pip resolves from the metadata file that the index offers', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const wheel = await publishWheel(gallery, { name: 'demo-metadata', version: '1.0.0', sizeBytes: 2_000_000 });
  await using pip = await preparePip({ indexUrl });

  const resolved = succeeded(await pip.resolveLazily('demo-metadata'));
  assert.match(resolved.stdout, /Would install demo-metadata-1\.0\.0/);
  const asked = await linesAbout('demo-metadata', (lines) => lines.length >= 2);
  assert.ok(
    asked.some((line) => line.url.endsWith(`${wheel.filename}.metadata`) && line.status === 200),
    JSON.stringify(asked),
  );
  assert.ok(
    asked.every((line) => line.range === undefined),
    'no part of the wheel was needed',
  );
});

test('pip resolves from parts of a wheel where it finds no metadata file', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const wheel = await publishWheel(gallery, { name: 'demo-lazy', version: '1.0.0', sizeBytes: 2_000_000 });
  const { files } = JSON.parse(
    (await ask(`${indexUrl}demo-lazy/?format=application/vnd.pypi.simple.v1%2Bjson`)).body.toString(),
  );
  await using pip = await preparePip({});
  const page = await pip.workspace.write(
    'page.html',
    `<!doctype html><a href="${new URL(files[0].url, indexUrl)}">${wheel.filename}</a>\n`,
  );

  const resolved = succeeded(await pip.run('install', ...lazily, '--no-index', '--find-links', page, 'demo-lazy'));
  assert.match(resolved.stdout, /Would install demo-lazy-1\.0\.0/);
  const asked = await linesAbout('demo-lazy', (lines) => lines.some((line) => line.range !== undefined));
  const parts = asked.filter((line) => line.range !== undefined);
  assert.ok(
    parts.every((line) => line.status === 206 && line.bytes < 100_000),
    JSON.stringify(parts),
  );
});

test('pip takes another file of a release when one of its files is yanked', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const bad = await publishWheel(gallery, { name: 'demo-one-file', version: '1.0.0' });
  const good = await publishWheel(gallery, { name: 'demo-one-file', version: '1.0.0', tag: 'py2.py3-none-any' });
  const path = `/api/feeds/main/python/demo-one-file/1.0.0/files/${bad.filename}/yank`;
  assert.equal((await callApi(gallery, 'POST', path, { reason: 'built on the wrong machine' })).status, 200);
  await using pip = await preparePip({ indexUrl });

  const { stderr } = succeeded(await pip.download('demo-one-file'));
  assert.deepEqual(await pip.downloadedFiles(), [good.filename]);
  assert.doesNotMatch(stderr, /yanked/);
  await unlist(gallery, 'python', 'demo-one-file', '1.0.0', 'wrong licence');
  assert.equal((await pip.download('demo-one-file')).exitCode, 1);
  const named = succeeded(await pip.download('demo-one-file==1.0.0'));
  assert.match(named.stderr, /yanked version: 'demo-one-file'/);
  assert.match(named.stderr, /Reason for being yanked: wrong licence/);
});

test('pip finds nothing of a quarantined project, and installs it again when it is restored', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  await publishWheel(gallery, { name: 'demo-quarantined', version: '1.0.0' });
  const path = '/api/feeds/main/python/demo-quarantined/status';
  await callApi(gallery, 'POST', path, { status: 'quarantined', reason: 'reported as malware' });
  await using pip = await preparePip({ indexUrl, hasHttpCache: true });

  const refused = await pip.install(['demo-quarantined==1.0.0']);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /No matching distribution found for demo-quarantined==1\.0\.0/);
  await callApi(gallery, 'POST', path, { status: 'active' });
  succeeded(await pip.install(['demo-quarantined==1.0.0']));
  assert.deepEqual(await pip.installedPackages(), ['demo_quarantined-1.0.0']);
});

test('pip says that there is no such package, and goes on to its next index', async (t) => {
  if (!requireOrSkip(t, 'pip')) return;
  const { stdout } = await gallery.command('feed', 'create', 'other');
  const other = { url: stdout.trim(), token: gallery.token };
  await publishWheel(other, { name: 'demo-elsewhere', version: '1.0.0' });
  await using pip = await preparePip({ indexUrl });

  const missing = await pip.install(['demo-elsewhere']);
  assert.equal(missing.exitCode, 1);
  assert.match(missing.stderr, /No matching distribution found for demo-elsewhere/);
  succeeded(await pip.install(['--extra-index-url', `${other.url}/simple/`, 'demo-elsewhere']));
  assert.deepEqual(await pip.installedPackages(), ['demo_elsewhere-1.0.0']);
});

const lazily = ['--dry-run', '--ignore-installed', '--only-binary', ':all:', '--use-feature=fast-deps'];

/** Access lines are written a moment after the answers. */
async function linesAbout(name: string, isComplete: (lines: ReturnType<typeof accessLines>) => boolean) {
  const read = () => accessLines(gallery).filter((line) => line.package === name && line.agent.startsWith('pip/'));
  await waitFor(async () => isComplete(read()));
  return read();
}

function succeeded(result: RunResult): RunResult {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
