/** twine, the real one, against a running gallery: what it uploads, and what its user reads when the gallery refuses. */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel, type WheelOptions } from '../packages/wheel.ts';
import { requireOrSkip } from './runners/available.ts';
import { ask } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';
import { prepareTwine, type TwineUploadOptions } from './runners/twine.ts';

const uploadBytesMax = 3 * 1024 * 1024;

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext, { HOLDFAST_UPLOAD_BYTES_MAX: String(uploadBytesMax) });
});

const signIn = () => ({ url: `${gallery.url}/legacy/`, username: '__token__', password: gallery.token });

test('twine uploads a wheel and an sdist, and both are on the index when it has ended', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  await using twine = await prepareTwine();
  const described = { name: 'Demo.Both', version: '1.0.0', requiresPython: '>=3.8', requiresDist: ['demo-needed>=1'] };
  const wheel = await makeWheel(described);
  const sdist = await makeSdist({ ...described, hasLegacyName: true });

  succeeded(await twine.upload([await twine.addFile(wheel), await twine.addFile(sdist)], signIn()));
  assert.deepEqual(await filenames('demo-both'), [sdist.filename, wheel.filename].sort());
});

test('twine may upload the very same file again', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  await using twine = await prepareTwine();
  const file = await twine.addFile(await makeWheel({ name: 'demo-again', version: '1.0.0' }));

  succeeded(await twine.upload([file], signIn()));
  succeeded(await twine.upload([file], signIn()));
  assert.equal((await filenames('demo-again')).length, 1);
});

test('other bytes under the same file name are refused in words, and twine can skip them', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  await using twine = await prepareTwine();
  const first = await makeWheel({ name: 'demo-changed', version: '1.0.0' });
  const changed = await makeWheel({ name: 'demo-changed', version: '1.0.0', summary: 'Changed after the fact' });
  const next = await makeWheel({ name: 'demo-changed', version: '1.0.1' });
  succeeded(await twine.upload([await twine.addFile(first)], signIn()));
  const file = await twine.addFile(changed);

  const said = refused(await twine.upload([file], signIn()));
  assert.match(
    said,
    /^400 File already exists \('demo_changed-1\.0\.0-py3-none-any\.whl', with blake2_256 hash '[0-9a-f]{64}'\)/,
  );
  assert.match(said, /A published file never changes: publish the new bytes under a new version\./);
  const skipped = succeeded(await twine.upload([file, await twine.addFile(next)], { ...signIn(), skipExisting: true }));
  assert.match(
    onOneLine(skipped),
    /Skipping demo_changed-1\.0\.0-py3-none-any\.whl because it appears to already exist/,
  );
  assert.deepEqual(await filenames('demo-changed'), [first.filename, next.filename]);
  const stored = await ask(await addressOf('demo-changed', first.filename));
  assert.deepEqual(stored.body, first.bytes);
});

test('a wrong token is refused in words, also when a large file comes with it', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  const wrong = { ...signIn(), password: `${gallery.token}x` };
  const said = await refusalOf({ name: 'demo-intruder', version: '1.0.0', sizeBytes: 2_500_000 }, wrong);
  assert.match(
    said,
    /^403 Invalid or non-existent authentication information: the API key is wrong, revoked or expired\./,
  );
  assert.equal((await ask(`${gallery.url}/simple/demo-intruder/`)).status, 404);
});

test('an upload without any token is told what it needs', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  const said = await refusalOf({ name: 'demo-nobody', version: '1.0.0' }, { ...signIn(), password: '' });
  assert.match(said, /^401 This needs an API key/);
});

test('a token for other packages, or without the right to publish, is refused with the reason', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  const forContoso = await gallery.command('token', 'create', '--package', 'contoso-*');
  const reader = await gallery.command('token', 'create', '--scope', 'read');
  const wheel = { name: 'demo-foreign', version: '1.0.0' };

  const other = await refusalOf(wheel, { ...signIn(), password: forContoso.stdout.trim() });
  assert.match(other, /^403 The API key is not for the package "demo-foreign"; it is for contoso-\*\./);
  const readOnly = await refusalOf(wheel, { ...signIn(), password: reader.stdout.trim() });
  assert.match(
    readOnly,
    /^403 The API key may not publish packages that do not exist yet \(it lacks the scope "push-new"\)\./,
  );
  assert.equal((await ask(`${gallery.url}/simple/demo-foreign/`)).status, 404);
});

test('an upload to a project that is archived or in quarantine is refused with the reason', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  await using twine = await prepareTwine();
  const first = await twine.addFile(await makeWheel({ name: 'demo-closed', version: '1.0.0' }));
  succeeded(await twine.upload([first], signIn()));
  for (const [verb, words] of [
    ['archive', /^403 "demo-closed" is archived and takes no uploads: use demo-next instead/],
    ['quarantine', /^403 "demo-closed" is quarantined and takes no uploads: use demo-next instead/],
  ] as const) {
    const done = await gallery.command('package', verb, 'python/demo-closed', '--reason', 'use demo-next instead');
    assert.equal(done.exitCode, 0, done.stderr);
    assert.match(await refusalOf({ name: 'demo-closed', version: '2.0.0' }), words);
  }
  await gallery.command('package', 'restore', 'python/demo-closed');
  succeeded(
    await twine.upload([await twine.addFile(await makeWheel({ name: 'demo-closed', version: '2.0.0' }))], signIn()),
  );
});

test('an archive that holds one path twice is refused in words', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  const files = { 'demo_twice/__init__.py': 'print("another reading of the same wheel")\n' };
  const said = await refusalOf({ name: 'demo-twice', version: '1.0.0', files });
  assert.match(said, /^400 .*demo_twice\/__init__\.py.*twice/);
  assert.equal((await ask(`${gallery.url}/simple/demo-twice/`)).status, 404);
});

test('a file whose name and metadata disagree is refused in words', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  await using twine = await prepareTwine();
  const { bytes } = await makeWheel({ name: 'demo-renamed', version: '1.0.0' });
  const file = await twine.addFile({ filename: 'demo_renamed-2.0.0-py3-none-any.whl', bytes });

  const said = refused(await twine.upload([file], signIn()));
  assert.match(said, /^400 .*(1\.0\.0.*2\.0\.0|2\.0\.0.*1\.0\.0)/);
  assert.equal((await ask(`${gallery.url}/simple/demo-renamed/`)).status, 404);
});

test('a file above the limit is refused with the limit', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  const said = await refusalOf({ name: 'demo-large', version: '1.0.0', sizeBytes: uploadBytesMax + 1 });
  assert.match(said, /^413 The upload is larger than this gallery takes \(3145728 bytes\)\./);
});

test('the upload address works without its slash, and the address of the index says where uploads go', async (t) => {
  if (!requireOrSkip(t, 'twine')) return;
  await using twine = await prepareTwine();
  const file = await twine.addFile(await makeWheel({ name: 'demo-slash', version: '1.0.0' }));

  const said = refused(await twine.upload([file], { ...signIn(), url: `${gallery.url}/simple/` }));
  assert.match(said, /^405 .*uploads go to \/legacy\//);
  succeeded(await twine.upload([file], { ...signIn(), url: `${gallery.url}/legacy` }));
  assert.equal((await filenames('demo-slash')).length, 1);
});

/** Uploads one wheel, which must be refused. @returns status and sentence, as twine printed them */
async function refusalOf(options: WheelOptions, signedIn: TwineUploadOptions = signIn()): Promise<string> {
  await using twine = await prepareTwine();
  return refused(await twine.upload([await twine.addFile(await makeWheel(options))], signedIn));
}

/** twine prints its own words for the status, the address, and on the next line the reason phrase of the answer. */
function refused(result: RunResult): string {
  assert.equal(result.exitCode, 1, describeResult(result));
  const [, status, sentence] = /HTTPError: (\d+) .* from \S+ (.+)$/.exec(onOneLine(result)) ?? [];
  assert.ok(status !== undefined && sentence !== undefined, describeResult(result));
  return `${status} ${sentence}`;
}

/** twine wraps and indents what it says. */
function onOneLine(result: RunResult): string {
  return `${result.stdout} ${result.stderr}`.replaceAll(/\s+/g, ' ').trim();
}

function succeeded(result: RunResult): RunResult {
  assert.equal(result.exitCode, 0, describeResult(result));
  return result;
}

async function project(name: string): Promise<{ files: { filename: string; url: string }[] }> {
  const accept = { Accept: 'application/vnd.pypi.simple.v1+json' };
  const answer = await ask(`${gallery.url}/simple/${name}/`, { headers: accept });
  assert.equal(answer.status, 200);
  return JSON.parse(answer.body.toString());
}

async function filenames(name: string): Promise<string[]> {
  return (await project(name)).files.map(({ filename }) => filename).sort();
}

async function addressOf(name: string, filename: string): Promise<string> {
  const found = (await project(name)).files.find((file) => file.filename === filename);
  return new URL(found?.url ?? '', gallery.url).href;
}
