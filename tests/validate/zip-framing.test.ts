/** Zip archives whose parts do not fit together, so that two tools would unpack different things, are refused. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'node:test';
import { ZipFile } from 'yazl';
import { isRefusal } from '../../src/std/refusals.ts';
import {
  assertOpens,
  assertRefused,
  changed,
  endOf,
  openBytes,
  places,
  two,
  withExtra,
  withInserted,
  zipOf,
} from './zip-by-hand.ts';

test('data around the archive is refused', async () => {
  const junk = Buffer.from('#!/bin/sh\n');
  await assertRefused(Buffer.concat([two, junk]), 'archive-unsafe', /behind its end record/);
  await assertRefused(Buffer.concat([junk, two]), 'archive-unsafe', /before its first entry/);
  await assertRefused(withInserted(two, 0, junk), 'archive-unsafe', /before its first entry/);
  const empty = await zipOf([]);
  await assertRefused(withInserted(empty, 0, junk), 'archive-unsafe', /before its first entry/);
  await (await assertOpens(empty)).close();
});

test('data between two entries, or before the directory, is refused', async () => {
  const [, second] = places(two);
  const hidden = Buffer.from('hidden data!');
  await assertRefused(
    withInserted(two, second!.local, hidden),
    'archive-unsafe',
    /hidden data behind the entry 'one.txt'/,
  );
  await assertRefused(withInserted(two, endOf(two), hidden), 'archive-unsafe', /behind its directory/);
  const beforeDirectory = withInserted(two, places(two)[0]!.central, hidden);
  await assertRefused(beforeDirectory, 'archive-unsafe', /hidden data behind the entry 'two.txt'/);
});

test('a data descriptor that promises something else is refused', async () => {
  const zip = new ZipFile();
  zip.addReadStream(Readable.from([Buffer.from('streamed')]), 'a.txt');
  zip.end();
  const streamed = await buffer(zip.outputStream);
  await (await assertOpens(streamed)).close();
  const descriptor = streamed.indexOf('PK\x07\x08', 0, 'latin1');
  assert.ok(descriptor > 0);
  const lying = changed(streamed, (bytes) => bytes.writeUInt32LE(1234, descriptor + 12));
  await assertRefused(lying, 'archive-unsafe', /hidden data/);
});

test('an entry that defers its sizes may leave the descriptor out, but hides nothing instead of it', async () => {
  const deferred = changed(two, (bytes, [first]) => {
    for (const at of [first!.central + 8, first!.local + 6]) bytes.writeUInt16LE(bytes.readUInt16LE(at) | 8, at);
  });
  await (await assertOpens(deferred)).close();
  for (const hiddenBytes of [4, 8, 12, 16, 24, 32]) {
    const hidden = withInserted(deferred, places(deferred)[1]!.local, Buffer.alloc(hiddenBytes));
    await assertRefused(hidden, 'archive-unsafe', /hidden data/);
  }
  // Right but for its signature.
  const [first] = places(two);
  const descriptor = Buffer.alloc(16, 1);
  for (const at of [0, 4, 8]) descriptor.writeUInt32LE(two.readUInt32LE(first!.local + 14 + at), 4 + at);
  const unsigned = withInserted(deferred, places(deferred)[1]!.local, descriptor);
  await assertRefused(unsigned, 'archive-unsafe', /hidden data/);
  descriptor.write('PK\x07\x08', 'latin1');
  await (await assertOpens(withInserted(deferred, places(deferred)[1]!.local, descriptor))).close();
});

test('sizes in zip64 fields of the local header count, but only one such field may be there', async () => {
  const one = await zipOf([['one.txt', 'first']]);
  const sizes = Buffer.alloc(16);
  sizes.writeBigUInt64LE(5n, 0);
  sizes.writeBigUInt64LE(5n, 8);
  const large = (bytes: Buffer): Buffer => changed(bytes, (copy) => copy.fill(0xff, 18, 26));
  await (await assertOpens(large(withExtra(one, 'local', [1, sizes])))).close();
  await assertRefused(large(one), 'archive-unsafe', /another size or checksum/);
  const both = large(withExtra(one, 'local', [1, sizes], [1, sizes]));
  await assertRefused(both, 'archive-unsafe', /another size or checksum/);
  await assertRefused(withExtra(one, 'central', [1, sizes], [1, sizes]), 'archive-unsafe', /two zip64 sizes/);
});

test('a second name in a Unicode Path field is refused unless it is the same', async () => {
  const one = await zipOf([['one.txt', 'first']]);
  const path = (name: string): Buffer => Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), Buffer.from(name)]);
  await (await assertOpens(withExtra(one, 'central', [0x7075, path('one.txt')]))).close();
  await assertRefused(withExtra(one, 'central', [0x7075, path('two.txt')]), 'archive-unsafe', /second, different name/);
});

test('a second end record in the comment is refused', async () => {
  const comment = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(10)]);
  const end = Buffer.from(two.subarray(endOf(two)));
  end.writeUInt16LE(comment.length, 20);
  const bytes = Buffer.concat([two.subarray(0, endOf(two)), end, comment]);
  await assertRefused(bytes, 'archive-unsafe', /second end record/);
});

test('a file that is a zip and a tar archive at once is refused', async () => {
  const extra = Buffer.alloc(600);
  extra.writeUInt16LE(0xcafe, 0);
  extra.writeUInt16LE(596, 2);
  const one = await zipOf([['one.txt', 'first']]);
  const both = withInserted(one, 30 + 'one.txt'.length, extra);
  both.writeUInt16LE(extra.length, 28);
  await (await assertOpens(both)).close();
  const sum = both.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  both.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  await assertRefused(both, 'archive-unsafe', /tar archive at once/);
});

test('overlapping entries are refused', async () => {
  const same = changed(two, (bytes, [first, second]) => bytes.writeUInt32LE(first!.local, second!.central + 42));
  await assertRefused(same, 'archive-unsafe', /overlaps/);
  const beyond = changed(two, (bytes, [, second]) => bytes.writeUInt32LE(0x7fffffff, second!.central + 42));
  await assertRefused(beyond, 'archive-unsafe', /overlaps/);
  const longer = changed(two, (bytes, [first]) => {
    for (const at of [first!.central + 20, first!.central + 24, first!.local + 18, first!.local + 22])
      bytes.writeUInt32LE(9, at);
  });
  await assertRefused(longer, 'archive-unsafe', /overlaps/);
});

test('a local header that disagrees with the directory is refused', async () => {
  const cases: readonly (readonly [change: (bytes: Buffer, local: number) => void, words: RegExp])[] = [
    [(bytes, local) => bytes.write('0', local + 30), /another name/],
    [(bytes, local) => bytes.writeUInt16LE(8, local + 8), /another compression method/],
    [(bytes, local) => bytes.writeUInt16LE(0x0808, local + 6), /other flags/],
    [(bytes, local) => bytes.writeUInt32LE(1, local + 14), /another size or checksum/],
    [(bytes, local) => bytes.writeUInt32LE(1, local + 18), /another size or checksum/],
    [(bytes, local) => bytes.writeUInt32LE(1, local + 22), /another size or checksum/],
    [(bytes, local) => bytes.writeUInt32LE(0, local), /./],
  ];
  for (const [index, [change, words]] of cases.entries()) {
    const lying = changed(two, (bytes, [, second]) => change(bytes, second!.local));
    await assertRefused(lying, index === 6 ? 'archive-unreadable' : 'archive-unsafe', words);
  }
});

test('end records that disagree, or point nowhere, are refused', async () => {
  const large = await zipOf([['one.txt', 'first']], { forceZip64Format: true });
  const record = large.indexOf('PK\x06\x06', 0, 'latin1');
  const locator = large.indexOf('PK\x06\x07', 0, 'latin1');
  assert.ok(record > 0 && locator > 0);
  await (await assertOpens(large)).close();
  const huge = 0x7fff_ffff_ffff_ffffn;
  const cases: readonly (readonly [change: (bytes: Buffer) => void, words: RegExp])[] = [
    [(bytes) => bytes.writeBigUInt64LE(huge, locator + 8), /do not follow each other/],
    [(bytes) => bytes.writeUInt32LE(0, record), /damaged/],
    [(bytes) => bytes.writeBigUInt64LE(45n, record + 4), /damaged/],
    [(bytes) => bytes.writeUInt32LE(1, record + 16), /one part of several/],
    [(bytes) => bytes.writeUInt32LE(1, record + 20), /one part of several/],
    [(bytes) => bytes.writeBigUInt64LE(2n, record + 32), /one part of several/],
    [(bytes) => bytes.writeBigUInt64LE(huge, record + 48), /before its first entry/],
    [(bytes) => bytes.writeBigUInt64LE(huge, record + 40), /behind its directory/],
    [(bytes) => bytes.writeUInt16LE(0, endOf(bytes) + 10), /disagree/],
  ];
  for (const [change, words] of cases) {
    const bytes = Buffer.from(large);
    change(bytes);
    const archive = await openBytes(bytes);
    assert.match(isRefusal(archive) ? archive.message : 'opened', words);
  }
  for (const at of [4, 6, 8]) {
    const part = changed(two, (bytes) => bytes.writeUInt16LE(1, endOf(bytes) + at));
    await assertRefused(part, 'archive-unreadable', /one part of several/);
  }
  const fewer = changed(two, (bytes) => {
    bytes.writeUInt16LE(1, endOf(bytes) + 8);
    bytes.writeUInt16LE(1, endOf(bytes) + 10);
  });
  await assertRefused(fewer, 'archive-unsafe', /longer or shorter than its entries/);
});
