/** poetry, the real one, against a running gallery: it publishes, says what it is refused for, locks and installs. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { requireOrSkip } from './runners/available.ts';
import { preparePoetry } from './runners/poetry.ts';
import { ask, publishWheel, unlist } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const author = () => ({ publishUrl: `${gallery.url}/legacy/`, password: gallery.token });

test('poetry publishes a wheel and an sdist that it built, with the README as long description', async (t) => {
  if (!requireOrSkip(t, 'poetry')) return;
  await using poetry = await preparePoetry(author());
  await poetry.writeProject({ name: 'demo-poem', version: '1.0.0' });

  succeeded(await poetry.publish());
  const { info, urls } = await released('demo-poem');
  assert.deepEqual(
    urls.map((file) => file.filename),
    ['demo_poem-1.0.0-py3-none-any.whl', 'demo_poem-1.0.0.tar.gz'],
  );
  assert.match(info.description, /^# demo-poem\n\nWritten for poetry\.\n/);
  assert.equal(info.author_email, 'ann@example.org');
});

test('poetry may publish the very same files again; other bytes are refused, and can be skipped', async (t) => {
  if (!requireOrSkip(t, 'poetry')) return;
  await using poetry = await preparePoetry(author());
  await poetry.writeProject({ name: 'demo-repeat', version: '1.0.0' });
  succeeded(await poetry.publish());
  succeeded(await poetry.publish());

  await poetry.writeProject({ name: 'demo-repeat', version: '1.0.0', summary: 'Changed after the fact.' });
  const refused = await poetry.publish();
  assert.equal(refused.exitCode, 1, describeResult(refused));
  // poetry prints the reason phrase, and behind a bar the body.
  assert.match(
    refused.stderr,
    /HTTP Error 400: File already exists \('demo_repeat-1\.0\.0-py3-none-any\.whl', .*\| b"File/,
  );
  assert.match(refused.stderr, /A published file never changes: publish the new bytes under a new version\./);
  const skipped = succeeded(await poetry.publish('--skip-existing'));
  assert.match(skipped.stderr, /demo_repeat-1\.0\.0-py3-none-any\.whl File exists\. Skipping/);
});

test('poetry is told why its token is not enough', async (t) => {
  if (!requireOrSkip(t, 'poetry')) return;
  await using poetry = await preparePoetry({ ...author(), password: `${gallery.token}x` });
  await poetry.writeProject({ name: 'demo-intruder', version: '1.0.0' });

  const refused = await poetry.publish();
  assert.equal(refused.exitCode, 1, describeResult(refused));
  assert.match(refused.stderr, /HTTP Error 403: Invalid or non-existent authentication information/);
});

test('poetry adds a package with its dependency, locks their digests, and installs from the lock elsewhere', async (t) => {
  if (!requireOrSkip(t, 'poetry')) return;
  const needed = await publishWheel(gallery, { name: 'demo-needed', version: '1.5' });
  const library = await publishWheel(gallery, { name: 'Demo.Lib', version: '2.0', requiresDist: ['demo-needed>=1'] });
  const bad = await publishWheel(gallery, { name: 'Demo.Lib', version: '2.1', requiresDist: ['demo-needed>=1'] });
  await unlist(gallery, 'python', 'demo-lib', '2.1', 'broken');
  const sourceUrl = `${gallery.url}/simple/`;
  await using poetry = await preparePoetry({ sourceUrl });
  await poetry.writeProject({ name: 'demo-app', version: '1.0.0' });

  succeeded(await poetry.add('demo-lib'));
  assert.deepEqual(await poetry.installedPackages(), ['demo_lib-2.0', 'demo_needed-1.5']);
  const lock = await readFile(poetry.workspace.path('poetry.lock'), 'utf8');
  for (const { bytes, filename } of [needed, library]) {
    assert.ok(lock.includes(`{file = "${filename}", hash = "sha256:${sha256(bytes)}"}`), lock);
  }
  assert.ok(!lock.includes(bad.filename), 'a yanked version is passed by');

  await using other = await preparePoetry({ sourceUrl });
  await other.writeProject({ name: 'demo-app', version: '1.0.0' });
  for (const file of ['pyproject.toml', 'poetry.lock']) {
    await other.workspace.write(file, await readFile(poetry.workspace.path(file)));
  }
  succeeded(await other.run('install'));
  assert.deepEqual(
    (await other.installedPackages()).filter((name) => !name.startsWith('demo_app')),
    ['demo_lib-2.0', 'demo_needed-1.5'],
  );
});

test('poetry publishes to a private feed and adds from it, and without a token finds nothing', async (t) => {
  if (!requireOrSkip(t, 'poetry')) return;
  await gallery.command('feed', 'create', 'team', '--private');
  const feedUrl = `${gallery.url}/feeds/team`;
  await using publisher = await preparePoetry({ ...author(), publishUrl: `${feedUrl}/legacy/` });
  await publisher.writeProject({ name: 'demo-secret', version: '1.0.0' });
  succeeded(await publisher.publish());

  await using member = await preparePoetry({ sourceUrl: `${feedUrl}/simple/`, sourcePassword: gallery.token });
  await member.writeProject({ name: 'demo-app', version: '1.0.0' });
  succeeded(await member.add('demo-secret'));
  assert.deepEqual(await member.installedPackages(), ['demo_secret-1.0.0']);
  await using stranger = await preparePoetry({ sourceUrl: `${feedUrl}/simple/` });
  await stranger.writeProject({ name: 'demo-app', version: '1.0.0' });
  const refused = await stranger.add('demo-secret');
  assert.notEqual(refused.exitCode, 0, describeResult(refused));
});

interface Release {
  readonly info: { readonly description: string; readonly author_email: string };
  readonly urls: readonly { readonly filename: string }[];
}

async function released(name: string): Promise<Release> {
  const answer = await ask(`${gallery.url}/pypi/${name}/json`);
  assert.equal(answer.status, 200);
  return JSON.parse(answer.body.toString());
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function succeeded(result: RunResult): RunResult {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}
