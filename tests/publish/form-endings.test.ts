/**
 * How a form may end: as the standard has it, with line feeds alone as NuGet 2.8 under mono writes it, and not at all. The tests of
 * this file run in order: the first upload of a process is the one that once waited for ever.
 */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { before, type TestContext, test } from 'node:test';
import { mendEnding } from '../../src/upload/mend-ending.ts';
import { ask } from '../clients/runners/publish.ts';
import { startGallery, type TestGallery } from '../gallery.ts';
import { makeNupkg } from '../packages/nupkg.ts';

const boundary = '----8df47fa54553de4';
const contentType = `multipart/form-data; boundary=${boundary}`;
const partHead =
  'Content-Disposition: form-data; name="package"; filename="package"\r\nContent-Type: application/octet-stream\r\n\r\n';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const formWith = (bytes: Buffer, ending: string): Buffer =>
  Buffer.concat([Buffer.from(`--${boundary}\r\n${partHead}`), bytes, Buffer.from(ending)]);

const push = (body: Buffer) =>
  ask(`${gallery.url}/api/v2/package/`, {
    method: 'PUT',
    headers: { 'X-NuGet-ApiKey': gallery.token, 'Content-Type': contentType },
    body,
  });

test('a form that breaks off is refused at once, also when it is the first upload of a process', async () => {
  const { bytes } = await makeNupkg({ id: 'Demo.Ending', version: '1.0.0' });
  for (const ending of ['', '\r\n', `\r\n--${boundary}`, `\r\n--${boundary}-`, `\n--${boundary}\n`]) {
    const answer = await push(formWith(bytes, ending));
    assert.equal(answer.status, 400, JSON.stringify(ending));
    assert.match(answer.reasonPhrase, /^The upload ended before it was complete, or its form is broken/);
  }
});

test('a form that ends in line feeds alone is taken, with the bytes as they were sent', async () => {
  for (const [version, ending] of [
    ['1.0.0', `\n--${boundary}--\n`],
    ['1.0.1', `\n--${boundary}--`],
    ['1.0.2', `\r\n--${boundary}--\r\n`],
    ['1.0.3', `\r\n--${boundary}--`],
  ] as const) {
    const { bytes } = await makeNupkg({ id: 'Demo.Ending', version });
    const answer = await push(formWith(bytes, ending));
    assert.equal(answer.status, 201, `${JSON.stringify(ending)}: ${answer.reasonPhrase}`);
    const stored = await ask(`${gallery.url}/v3/flat/demo.ending/${version}/demo.ending.${version}.nupkg`);
    assert.deepEqual(stored.body, bytes);
  }
});

test('an ending is mended however the body is cut, and nothing else is changed', async () => {
  const text = Buffer.from(`some\r\ntext\n--${boundary}\nwith lines\n`);
  const whole = formWith(text, `\r\n--${boundary}--\r\n`);
  for (const [sent, expected] of [
    [formWith(text, `\n--${boundary}--\n`), formWith(text, `\r\n--${boundary}--\n`)],
    [formWith(text, `\n--${boundary}--\r\n`), whole],
    [formWith(text, `\n--${boundary}--`), formWith(text, `\r\n--${boundary}--`)],
    [whole, whole],
    [formWith(text, ''), formWith(text, '')],
    [formWith(text, `\n--${boundary}--\n and more`), formWith(text, `\n--${boundary}--\n and more`)],
    [Buffer.alloc(0), Buffer.alloc(0)],
  ] as const) {
    for (let length = 1; length <= sent.length + 1; length += 1) {
      const pieces: Buffer[] = [];
      for (let start = 0; start < sent.length; start += length) pieces.push(sent.subarray(start, start + length));
      for (const header of [contentType, `multipart/form-data; boundary="${boundary}"`]) {
        const mended = await buffer(Readable.from(pieces).pipe(mendEnding(header)));
        assert.equal(mended.toString(), expected.toString(), `pieces of ${length} bytes`);
      }
    }
  }
});
