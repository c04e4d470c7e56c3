/** The long description: which file it is taken from, how much of it, and how it gets into a document. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { blobKey } from '../../src/blobs/keys.ts';
import { completeText } from '../../src/documents/complete-text.ts';
import type { Document } from '../../src/documents/output.ts';
import type { FileView, VersionView } from '../../src/documents/package-view.ts';
import { descriptionInlay, descriptionLengthMax, readDescription } from '../../src/protocols/pypi/description.ts';
import { memoryStore } from '../contract/memory-store.ts';

const metadata = (rest: string) => Buffer.from(`Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n${rest}`);

test('the description is the body of the metadata, or the old field with its indentation taken away', () => {
  assert.equal(readDescription(metadata('\n# Demo\n')), '# Demo\n');
  assert.equal(readDescription(metadata('Description: One\n        Two\n')), 'One\nTwo');
  assert.equal(readDescription(metadata('')), '');
  assert.equal(readDescription(metadata('Description: UNKNOWN\n')), '');
});

test('metadata that nobody could read any more has no description, and is no error', () => {
  assert.equal(readDescription(Buffer.from('no metadata')), '');
  assert.equal(readDescription(Buffer.from([0xff, 0xfe])), '');
});

test('a description at the limit is whole; one character more, and it is cut where a line ends', () => {
  const full = `${'a'.repeat(descriptionLengthMax - 1)}\n`;
  assert.equal(readDescription(metadata(`\n${full}`)), full);
  const notice = '\n\n[The description goes on; all of it is in the package.]\n';
  assert.equal(readDescription(metadata(`\nfirst\n${full}`)), `first${notice}`);
  // Without any line end the cut may fall between the halves of a pair.
  const cut = readDescription(metadata(`\na${'😀'.repeat(descriptionLengthMax)}`));
  assert.ok(cut.isWellFormed());
  assert.equal(cut.length, descriptionLengthMax + notice.length);
});

test('the file that was published first describes the version, whatever the files are called', () => {
  const file = (filename: string, uploadedAt: number, extract?: FileView['extracts'][number]['name']): FileView =>
    ({
      filename,
      uploadedAt,
      extracts: extract === undefined ? [] : [{ name: extract, sha256: `digest of ${filename}` }],
    }) as unknown as FileView;
  const first = (...files: FileView[]) => descriptionInlay({ files } as unknown as VersionView, 5)?.sha256;
  assert.equal(first(file('a.whl', 2, 'core-metadata'), file('b.tar.gz', 1, 'pkg-info')), 'digest of b.tar.gz');
  assert.equal(first(file('a.whl', 2, 'core-metadata'), file('b.tar.gz', 1)), 'digest of a.whl');
  assert.equal(first(file('b.whl', 1, 'core-metadata'), file('a.whl', 1, 'core-metadata')), 'digest of a.whl');
  assert.equal(first(file('a.whl', 1)), undefined);
});

test('the text of a blob takes its place as a JSON string; where the blob is missing, the place stays empty', async () => {
  const store = memoryStore();
  const bytes = metadata('\nSays "hello"\n');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const text = '{"info":{"description":"","summary":"\\"description\\":\\"\\""}}';
  const document: Document = {
    type: 'document',
    path: 'pypi/demo/index.json',
    rank: 'index',
    text,
    inlay: { at: '{"info":{"description":'.length, sha256, read: readDescription },
  };
  assert.equal(await completeText(store, document), text);
  await store.put(blobKey(sha256), bytes);
  assert.deepEqual(JSON.parse(await completeText(store, document)), {
    info: { description: 'Says "hello"\n', summary: '"description":""' },
  });
  await assert.rejects(completeText(store, { ...document, inlay: { ...document.inlay!, at: 3 } }), /empty JSON string/);
});
