/**
 * Every row about an upload, against a real gallery: status, sentence as each client shows it, memory, disk, and that nothing of
 * it is there afterwards.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { basic } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery } from '../gallery.ts';
import { Cost } from './cost.ts';
import { packageTar, packageZip, uploadRequest } from './packages.ts';
import { assertSays, type Row } from './row.ts';
import { uploadRows } from './rows.ts';
import { settings, uploadBytesMax } from './settings.ts';
import { converse, type RawAnswer } from './socket.ts';

let gallery: TestGallery;
let credentials = '';
let cost: Cost;
let serialBefore = '';

before(async (t) => {
  gallery = await startGallery(t as TestContext, settings);
  credentials = `Authorization: ${basic(gallery.token)}\r\n`;
  cost = new Cost(gallery);
  // What is loaded and compiled at the first uploads is no part of any row's memory.
  for (let round = 0; round < 20; round += 1) {
    await send('wheel', Buffer.from('hello'));
    await send('sdist', Buffer.from('hello'));
    await send('nupkg', Buffer.from('hello'));
  }
  serialBefore = await serial();
});

async function send(kind: 'wheel' | 'sdist' | 'nupkg', bytes: Buffer): Promise<RawAnswer> {
  const { answers } = await converse(gallery.port, uploadRequest(kind, bytes, credentials), { answersMax: 1 });
  return answers[0]!;
}

async function serial(): Promise<string> {
  return ((await (await fetch(`${gallery.url}/api/health`)).json()) as { serial: string }).serial;
}

/** As uv asks: it prints the `code` of a JSON answer. */
const likeUv = 'Accept: application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7\r\n';

for (const row of uploadRows) {
  test(`${row.heading}: ${row.name} (${row.sentAs})`, async (t) => {
    const { result, diskBytes, memoryMiB } = await cost.watch(async () => answerTo(row, ''));
    assert.equal(result.status, row.status, result.body.toString());
    // dotnet shows the reason phrase and nothing else, twine the reason phrase and the body.
    assertSays(result.reason, row.says, 'reason phrase');
    assert.equal(asReason(result.body.toString()), `${result.reason}\n`, 'body');
    t.diagnostic(`${memoryMiB.toFixed(1)} MiB`);
    assert.ok(memoryMiB < row.bound.memoryMiB, `memory grew by ${memoryMiB.toFixed(1)} MiB`);
    assert.ok(diskBytes <= (row.bound.disk === 'nothing' ? 0 : uploadBytesMax), `${diskBytes} bytes on the disk`);
    if (row.sentAs === 'nupkg') return;
    const shown = JSON.parse((await answerTo(row, likeUv)).body.toString()) as { message: string; code: string };
    assert.equal(asReason(shown.message), result.reason);
    assert.equal(shown.code, `${row.status} ${shown.message}`);
  });
}

/** Letters that a status line cannot hold are question marks there. */
function asReason(text: string): string {
  return text.replaceAll(/[^\n\x20-\x7e\xa0-\xff]+/g, '?');
}

async function answerTo(row: Row, more: string): Promise<RawAnswer> {
  const { answers } = await converse(gallery.port, await row.steps(credentials, more), { answersMax: 1 });
  const [answer, ...others] = answers.filter(({ status }) => status >= 200);
  assert.ok(answer !== undefined, 'an answer came');
  assert.deepEqual(others, []);
  return answer;
}

test('after all of it nothing was published, nothing is left, and the gallery is well', async () => {
  assert.equal(await serial(), serialBefore);
  assert.equal((await fetch(`${gallery.url}/simple/bad-input/`)).status, 404);
  assert.equal((await fetch(`${gallery.url}/v3/flat/bad.input/index.json`)).status, 404);
  assert.deepEqual(readdirSync(join(gallery.dataDir, 'incoming')), []);
  assert.ok(!existsSync(join(gallery.dataDir, 'store', 'l1', 'blobs')), 'not one blob was stored');
  assert.equal((await gallery.command('verify')).exitCode, 0);
  assert.doesNotMatch(gallery.output(), /"level":[56]0/);
});

test('what the bad packages were made from is good', async () => {
  for (const kind of ['wheel', 'nupkg'] as const) {
    const answer = await send(kind, await packageZip(kind, [['one.txt', 'text']]));
    assert.equal(answer.status, kind === 'wheel' ? 200 : 201, answer.reason);
  }
  assert.equal((await send('sdist', packageTar({ name: 'bad_input-1.0.0/a' }))).status, 200);
  assert.equal((await gallery.command('verify')).exitCode, 0);
});
