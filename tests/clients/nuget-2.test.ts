/**
 * NuGet 2.8.7 as Debian has it, against a running gallery: it knows v2 alone. What it sends is in the README of that protocol; here
 * it is held to that.
 */
import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { requestsDuring } from './runners/access-lines.ts';
import { requireOrSkip } from './runners/available.ts';
import { type Nuget, prepareNuget } from './runners/nuget.ts';
import { ask, publishNupkg } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  // One read worker writes one log, in order.
  gallery = await startGallery(t as TestContext, { HOLDFAST_READ_WORKERS: '1' });
});

const prepare = (root = '/api/v2'): Promise<Nuget> => prepareNuget('2.8.7', { source: `${gallery.url}${root}` });

test('nuget pushes to whatever address people give it, and its bytes are stored as they are', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  for (const [index, root] of ['', '/', '/api/v2', '/api/v2/', '/api/v2/package', '/nuget', '/nuget/'].entries()) {
    const made = await makeNupkg({ id: 'Demo.Pushed', version: `1.0.${index}` });
    const file = await nuget.addFile(made);
    const result = await nuget.push(file, { apiKey: gallery.token, source: `${gallery.url}${root}` });
    assert.match(succeeded(result), /Your package was pushed\./, root);
    const stored = await ask(`${gallery.url}/v3/flat/demo.pushed/1.0.${index}/demo.pushed.1.0.${index}.nupkg`);
    assert.deepEqual(stored.body, made.bytes, root);
  }
});

test('a push asks who the source is, and then sends the package', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  const file = await nuget.addFile(await makeNupkg({ id: 'Demo.Sent', version: '1.0.0' }));
  const requests = await requestsDuring(gallery, async () =>
    succeeded(await nuget.push(file, { apiKey: gallery.token, source: gallery.url })),
  );
  assert.deepEqual(requests, ['GET / 200', 'PUT /api/v2/package/ 201']);
});

test('a refused push shows the sentence of the gallery', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  await publishNupkg(gallery, { id: 'Demo.Twice', version: '1.0.0' });
  const changed = await makeNupkg({ id: 'Demo.Twice', version: '1.0.0', description: 'Changed after the fact' });
  const broken = await makeNupkg({ id: 'Demo.Broken', version: '1.0.0', icon: Buffer.from('GIF89a, not a PNG') });
  const duplicate = await nuget.addFile(changed);
  for (const [file, apiKey, sentence] of [
    [duplicate, gallery.token, 'Demo.Twice 1.0.0 already exists in this feed; push another version.'],
    [
      duplicate,
      `${gallery.token}x`,
      'Invalid or non-existent authentication information: the API key is wrong, revoked or expired.',
    ],
    [await nuget.addFile(broken), gallery.token, 'The embedded icon is neither a PNG nor a JPEG image.'],
  ] as const) {
    for (const source of [gallery.url, `${gallery.url}/api/v2`]) {
      assertSays(refused(await nuget.push(file, { apiKey, source })), `Failed to process request. '${sentence}'.`);
    }
  }
});

test('nuget deletes a version, which unlists it, and says what could not be deleted', async (t) => {
  if (!requireOrSkip(t, 'nuget 2.8.7')) return;
  await using nuget = await prepare();
  for (const version of ['1.0.0', '1.1.0']) await publishNupkg(gallery, { id: 'Demo.Unlisted', version });
  const apiKey = gallery.token;

  assertSays(
    refused(await nuget.delete('Demo.Unlisted', '1.1.0', { apiKey: `${apiKey}x` })),
    "Failed to process request. 'Invalid or non-existent authentication information",
  );
  assertSays(
    refused(await nuget.delete('Demo.Unlisted', '7.0.0', { apiKey })),
    "Failed to process request. 'There is no Demo.Unlisted 7.0.0 here.'.",
  );
  assertSays(
    succeeded(await nuget.delete('Demo.Unlisted', '1.1.0', { apiKey })),
    'Demo.Unlisted 1.1.0 was deleted successfully.',
  );
});

/** @returns what the client printed, on one line */
function refused(result: RunResult): string {
  assert.equal(result.exitCode, 1, describeResult(result));
  return printed(result);
}

function succeeded(result: RunResult): string {
  assert.equal(result.exitCode, 0, describeResult(result));
  return printed(result);
}

function printed({ stdout, stderr }: RunResult): string {
  return `${stdout}${stderr}`.replaceAll(/\s+/g, ' ');
}

function assertSays(text: string, sentence: string): void {
  assert.ok(text.includes(sentence), `${sentence} is not in ${text}`);
}
