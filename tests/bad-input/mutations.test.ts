/**
 * Thousands of made uploads against a real gallery: whatever is sent, the answer is one of the documented ones, the gallery goes
 * on, and what it takes can be fetched as exactly the bytes that were sent. HOLDFAST_SEED replays a run, HOLDFAST_CASES makes
 * it longer.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { basic } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery, waitFor } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import { pushNupkg, uploadPython } from '../publish/upload.ts';
import { applied, byteChanges, formChanges, nameLike, tarGzChanges, versionLike, zipChanges } from './mutations.ts';
import { formOf, formRequest, pythonParts } from './packages.ts';
import { settings } from './settings.ts';
import { converse } from './socket.ts';

const seed = Number(process.env.HOLDFAST_SEED ?? randomInt(2 ** 31 - 1));
const cases = Number(process.env.HOLDFAST_CASES ?? 100);

/** What an upload may be answered: taken, refused, there already, gone for good, too large. Never that the gallery has failed. */
const documented = new Set([200, 201, 400, 409, 410, 413]);

let gallery: TestGallery;
let credentials = '';
let made = 0;
let taken = 0;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
  credentials = `Authorization: ${basic(gallery.token)}\r\n`;
});

async function holds<T>(
  t: TestContext,
  values: fc.Arbitrary<T>,
  property: (value: T) => Promise<void>,
  numRuns = cases,
): Promise<void> {
  t.diagnostic(`HOLDFAST_SEED=${seed} HOLDFAST_CASES=${cases}`);
  taken = 0;
  await fc.assert(fc.asyncProperty(values, property), { seed, numRuns });
  t.diagnostic(`${taken} of ${cases} were taken`);
}

/** A name that nothing had before, so that nothing is refused for being there. */
function freshName(): string {
  made += 1;
  return `Made.${made}`;
}

function assertDocumented(answer: Response): void {
  assert.ok(documented.has(answer.status), `${answer.status} ${answer.statusText}`);
}

/** What was taken comes back as it was sent. */
async function assertNupkgServed(id: string, version: string, bytes: Buffer): Promise<void> {
  taken += 1;
  const address = `${gallery.url}/v3/flat/${encodeURIComponent(id)}/${encodeURIComponent(version)}/${encodeURIComponent(`${id}.${version}.nupkg`)}`;
  const answer = await fetch(address);
  assert.equal(answer.status, 200, address);
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes), 'the bytes that were sent');
}

async function assertPythonServed(name: string, filename: string, bytes: Buffer): Promise<void> {
  taken += 1;
  const page = await fetch(`${gallery.url}/simple/${name}/`, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  });
  assert.equal(page.status, 200, name);
  const { files } = (await page.json()) as { files: { filename: string; url: string }[] };
  const file = files.find((one) => one.filename === filename);
  assert.ok(file, `${filename} is on the page of ${name}`);
  const answer = await fetch(new URL(file.url, `${gallery.url}/simple/${name}/`));
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes), 'the bytes that were sent');
}

test('changed nupkgs are refused, or served as they are', async (t) => {
  await holds(t, zipChanges, async (changes) => {
    const id = freshName();
    const good = await makeNupkg({
      id,
      version: '1.0.0',
      readme: '# Read',
      licenseFile: 'Licence',
      files: { 'lib/a.txt': 'a'.repeat(200) },
    });
    const bytes = applied(good.bytes, changes);
    const answer = await pushNupkg(gallery, bytes);
    assertDocumented(answer);
    if (answer.status === 201) await assertNupkgServed(id, '1.0.0', bytes);
  });
});

test('changed wheels are refused, or served as they are', async (t) => {
  await holds(t, zipChanges, async (changes) => {
    const name = freshName();
    const { filename, bytes: good } = await makeWheel({ name, version: '1.0.0', files: { 'a/b.py': 'b'.repeat(200) } });
    const bytes = applied(good, changes);
    const answer = await uploadPython(gallery, { filename, bytes });
    assertDocumented(answer);
    if (answer.status === 200) await assertPythonServed(name.replace('.', '-').toLowerCase(), filename, bytes);
  });
});

test('changed source distributions are refused, or served as they are', async (t) => {
  await holds(t, tarGzChanges, async (changes) => {
    const name = freshName();
    const { filename, bytes: good } = await makeSdist({ name, version: '1.0.0', files: { 'a/b.py': 'b'.repeat(600) } });
    const bytes = applied(good, changes);
    const answer = await uploadPython(gallery, { filename, bytes });
    assertDocumented(answer);
    if (answer.status === 200) await assertPythonServed(name.replace('.', '-').toLowerCase(), filename, bytes);
  });
});

/** The writer of zip archives refuses some names itself, such as `../x`; zip-rows.ts has those. */
function unwritable(error: unknown): undefined {
  assert.match(String(error), /absolute path|invalid relative path|invalid characters in path/);
}

test('any id and version of a nupkg are refused, or served under their name', async (t) => {
  await holds(t, fc.tuple(nameLike, versionLike), async ([id, version]) => {
    const nupkg = await makeNupkg({ id, version }).catch(unwritable);
    if (nupkg === undefined) return;
    const { bytes } = nupkg;
    const answer = await pushNupkg(gallery, bytes);
    assertDocumented(answer);
    if (answer.status === 201) await assertNupkgServed(id.trim(), version.trim().replace(/\+.*$/, ''), bytes);
  });
});

test('any name and version of a wheel are refused, or served under their name', async (t) => {
  await holds(t, fc.tuple(nameLike, versionLike), async ([name, version]) => {
    const wheel = await makeWheel({ name, version }).catch(unwritable);
    if (wheel === undefined) return;
    const { filename, bytes } = wheel;
    const answer = await uploadPython(gallery, { filename, bytes }, { fields: { name, version } });
    assertDocumented(answer);
    if (answer.status === 200) {
      await assertPythonServed(
        name
          .trim()
          .replace(/[-_.]+/g, '-')
          .toLowerCase(),
        filename,
        bytes,
      );
    }
  });
});

test('changed forms are refused, or their file is served', async (t) => {
  await holds(t, fc.tuple(formChanges, fc.option(byteChanges)), async ([changes, bytesChanged]) => {
    const name = freshName();
    const { filename, bytes } = await makeWheel({ name, version: '1.0.0' });
    const parts = changes.reduce((changed, change) => change(changed), pythonParts('wheel', bytes, name, filename));
    const form = applied(formOf(parts), bytesChanged ?? []);
    const steps = formRequest('wheel', form, credentials);
    const [answer] = (await converse(gallery.port, steps, { answersMax: 1 })).answers;
    assert.ok(answer !== undefined && documented.has(answer.status), `${answer?.status} ${answer?.reason}`);
    if (answer.status === 200) await assertPythonServed(name.replace('.', '-').toLowerCase(), filename, bytes);
  });
});

test('changed requests are answered, or their connection ends', async (t) => {
  // Many of them wait for what never comes, so this gallery is impatient, and they wait together.
  const impatient = await startGallery(t, settings);
  const token = `Authorization: ${basic(impatient.token)}\r\n`;
  const { filename, bytes } = await makeWheel({ name: 'Made.Request', version: '1.0.0' });
  const parts = pythonParts('wheel', bytes, 'Made.Request', filename);
  const [head, form] = formRequest('wheel', formOf(parts), token) as [string, Buffer];
  const allowed = new Set([...documented, 100, 204, 401, 403, 404, 405, 408, 414, 415, 417, 431, 501, 505]);
  const seen = new Set<number>();
  const chunked = head.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked');
  const request = fc
    .tuple(byteChanges, fc.boolean())
    .map(([changes, isHead]) =>
      isHead ? [applied(Buffer.from(head), changes), form] : [chunked, applied(inChunks(form), changes)],
    );
  for (const unchanged of [
    [head, form],
    [chunked, inChunks(form)],
  ]) {
    const [answer] = (await converse(impatient.port, unchanged, { answersMax: 1 })).answers;
    assert.equal(answer?.status, 200, 'without a change it gets through');
  }
  await holds(
    t,
    fc.array(request, { minLength: together, maxLength: together }),
    async (requests) => {
      const talks = requests.map((steps) => converse(impatient.port, steps, { answersMax: 1 }));
      for (const { answers } of await Promise.all(talks)) for (const { status } of answers) seen.add(status);
      assert.deepEqual(
        [...seen].filter((status) => !allowed.has(status)),
        [],
      );
    },
    Math.ceil(cases / together),
  );
  t.diagnostic(`answers: ${[...seen].sort()}`);
  assert.ok(seen.has(400), 'some are so far from it that they are refused');
  assert.equal((await impatient.command('verify')).exitCode, 0);
  assert.doesNotMatch(impatient.output(), /"level":[56]0/);
});

const together = 20;

function inChunks(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += 200) {
    const piece = body.subarray(at, at + 200);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

test('after all of it nothing is left over, and the gallery is well', async () => {
  await waitFor(() => readdirSync(join(gallery.dataDir, 'incoming')).length === 0);
  assert.equal((await fetch(`${gallery.url}/api/health`)).status, 200);
  const verified = await gallery.command('verify');
  assert.equal(verified.exitCode, 0, verified.stdout + verified.stderr);
  assert.doesNotMatch(gallery.output(), /"level":[56]0/);
});
