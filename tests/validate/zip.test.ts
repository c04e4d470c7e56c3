/** Which zip archives are opened and which are refused for their entries, and how entries are read. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import test from 'node:test';
import fc from 'fast-check';
import { ZipFile } from 'yazl';
import { isRefusal } from '../../src/std/refusals.ts';
import { refuseUnreadable } from '../../src/validate/archive/file-bytes.ts';
import { openZip } from '../../src/validate/archive/zip.ts';
import {
  assertOpens,
  assertRefused,
  changed,
  folder,
  limits,
  openBytes,
  places,
  renamed,
  two,
  zipOf,
} from './zip-by-hand.ts';

/** HOLDFAST_SEED=n repeats a run. */
const seed = Number(process.env.HOLDFAST_SEED ?? randomInt(2 ** 31 - 1));

test('a good archive is listed and read: stored, deflated, streamed, folders, zip64, names beyond ASCII', async () => {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from('stored'), 'a/stored.txt', { compress: false });
  zip.addBuffer(Buffer.from('deflated '.repeat(1000)), 'a/deflated.txt');
  zip.addReadStream(Readable.from([Buffer.from('streamed')]), 'streamed.txt');
  zip.addReadStream(Readable.from([Buffer.from('large')]), 'zip64.txt', { forceZip64Format: true });
  zip.addBuffer(Buffer.from('large'), 'zip64-too.txt', { forceZip64Format: true });
  zip.addBuffer(Buffer.from(''), 'content/a%2Bb.txt');
  zip.addBuffer(Buffer.from('grün'), 'grün.txt');
  zip.addEmptyDirectory('empty');
  zip.end({ comment: 'made by hand', forceZip64Format: true });
  const archive = await assertOpens(await buffer(zip.outputStream));
  assert.deepEqual(
    archive.entries.map(({ name, sizeBytes, isFolder }) => [name, sizeBytes, isFolder]),
    [
      ['a/stored.txt', 6, false],
      ['a/deflated.txt', 9000, false],
      ['streamed.txt', 8, false],
      ['zip64.txt', 5, false],
      ['zip64-too.txt', 5, false],
      ['content/a%2Bb.txt', 0, false],
      ['grün.txt', 5, false],
      ['empty/', 0, true],
    ],
  );
  assert.equal(archive.has('a/stored.txt'), true);
  assert.equal(archive.has('a'), false);
  for (const [name, text] of [
    ['a/stored.txt', 'stored'],
    ['a/deflated.txt', 'deflated '.repeat(1000)],
    ['streamed.txt', 'streamed'],
    ['zip64.txt', 'large'],
    ['content/a%2Bb.txt', ''],
    ['grün.txt', 'grün'],
  ] as const) {
    const bytes = await archive.read(name);
    assert.equal(isRefusal(bytes) ? bytes.message : Buffer.from(bytes).toString(), text);
  }
  await archive.close();
});

test('what is not a zip archive is refused as unreadable', async () => {
  await assertRefused(Buffer.alloc(0), 'archive-unreadable', /empty/);
  await assertRefused(Buffer.from('hello'), 'archive-unreadable', /not a zip archive/);
  await assertRefused(Buffer.alloc(100_000, 1), 'archive-unreadable', /not a zip archive/);
  await assertRefused(two.subarray(0, two.length - 1), 'archive-unreadable', /not a zip archive/);
  await assertRefused(
    changed(two, (bytes) => bytes.fill(0, places(bytes)[1]!.central, places(bytes)[1]!.central + 4)),
    'archive-unreadable',
    /central directory/,
  );
});

test('a file that does not exist is no fault of the archive', async () => {
  await assert.rejects(openZip(join(folder, 'missing.zip'), limits), { code: 'ENOENT' });
});

test('errors of the disk and of our own code are not blamed on the archive', () => {
  assert.ok(isRefusal(refuseUnreadable(new Error('unexpected EOF'), 'zip archive')));
  assert.ok(isRefusal(refuseUnreadable(Object.assign(new Error('bad data'), { code: 'Z_DATA_ERROR' }), 'zip archive')));
  const others = [
    new TypeError('x is not a function'),
    Object.assign(new Error('disk'), { code: 'EIO', syscall: 'read' }),
    Object.assign(new Error('memory'), { code: 'Z_MEM_ERROR' }),
    'text',
  ];
  for (const error of others)
    assert.throws(
      () => refuseUnreadable(error, 'zip archive'),
      (thrown) => thrown === error,
    );
});

test('too many entries are refused before they are read', async () => {
  await (await assertOpens(two, { entriesMax: 2 })).close();
  await assertRefused(two, 'archive-too-large', /more than 1 entries/, { entriesMax: 1 });
});

test('an archive that unpacks to too much is refused', async () => {
  await (await assertOpens(two, { unpackedBytesMax: 11 })).close();
  await assertRefused(two, 'archive-too-large', /more than 10 bytes/, { unpackedBytesMax: 10 });
});

test('a directory that would fill the memory is refused', async () => {
  const directoryBytes = 32 * 1024 * 1024 + 1;
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt32LE(directoryBytes, 12);
  const bytes = Buffer.concat([Buffer.alloc(directoryBytes), end]);
  await assertRefused(bytes, 'archive-too-large', /directory of the zip archive is larger/);
});

test('above 64 MiB, an archive that unpacks to many times its size is refused', async () => {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.alloc(64 * 1024 * 1024 + 1), 'zeros.bin', { compressionLevel: 1 });
  zip.end();
  const bomb = await buffer(zip.outputStream);
  await assertRefused(bomb, 'archive-too-large', /50 times/);
  await (await assertOpens(bomb, { ratioMax: 1000 })).close();
});

test('encrypted entries are refused', async () => {
  const packed = await zipOf([
    ['one.txt', 'first'],
    ['two.txt', 'abcdefgh'.repeat(20), { compress: true }],
  ]);
  for (const flag of [0x0001, 0x2000]) {
    const encrypted = changed(packed, (bytes, [, second]) => {
      for (const at of [second!.central + 8, second!.local + 6]) bytes.writeUInt16LE(bytes.readUInt16LE(at) | flag, at);
    });
    await assertRefused(encrypted, 'archive-unsafe', /encrypted/);
  }
});

test('entries that are patches are refused', async () => {
  const patch = changed(two, (bytes, [, second]) => {
    for (const at of [second!.central + 8, second!.local + 6]) bytes.writeUInt16LE(bytes.readUInt16LE(at) | 0x20, at);
  });
  await assertRefused(patch, 'archive-unsafe', /is a patch/);
});

test('compression methods that common tools do not know are refused', async () => {
  const bzip2 = changed(two, (bytes, [first]) => {
    bytes.writeUInt16LE(12, first!.central + 10);
    bytes.writeUInt16LE(12, first!.local + 8);
  });
  await assertRefused(bzip2, 'archive-unreadable', /compression method 12/);
});

test('names that lead out of the folder, or mean different things to different tools, are refused', async () => {
  const cases: readonly (readonly [name: string | Buffer, words: RegExp])[] = [
    ['../etc/x', /climbs out/],
    ['aa/../bb', /climbs out/],
    ['aaaaa/..', /climbs out/],
    ['/etc/aaa', /absolute/],
    ['C:/aaa/b', /drive letter/],
    ['aaaa\\bbb', /backslash/],
    ['aaaa\0bbb', /control character/],
    ['aaaa\nbbb', /control character/],
    ['aaaa\x7fbbb', /control character/],
    ['aaa//bbb', /empty folder name/],
    ['./aaaaaa', /named '\.'/],
    [Buffer.from('aaaa\xffbbb', 'latin1'), /not UTF-8/],
  ];
  const plain = await zipOf([['aaaabbbb', 'text']]);
  for (const [name, words] of cases) await assertRefused(renamed(plain, 'aaaabbbb', name), 'archive-unsafe', words);
});

test('a name beyond ASCII without the UTF-8 mark is refused, because tools read it differently', async () => {
  const plain = await zipOf([['grün.txt', 'text']]);
  const unmarked = changed(plain, (bytes, [only]) => {
    for (const at of [only!.central + 8, only!.local + 6]) bytes.writeUInt16LE(bytes.readUInt16LE(at) & ~0x0800, at);
  });
  await assertRefused(unmarked, 'archive-unsafe', /not marked as UTF-8/);
});

test('names that are too long or too deep are refused', async () => {
  await assertRefused(await zipOf([['a'.repeat(1025), 'x']]), 'archive-unsafe', /more than 1024 bytes/);
  await assertRefused(await zipOf([['a/'.repeat(64) + 'b', 'x']]), 'archive-unsafe', /more than 64 folders/);
});

test('two entries of one name are refused, names that differ in case are not', async () => {
  const pair = await zipOf([
    ['aaa', 'first'],
    ['bbb', 'second'],
  ]);
  await assertRefused(renamed(pair, 'bbb', 'aaa'), 'archive-unsafe', /'aaa' is there twice/);
  await (await assertOpens(renamed(pair, 'bbb', 'AAA'))).close();
});

test('a file and a folder of one name are refused', async () => {
  const pair = await zipOf([
    ['aaa', 'first'],
    ['bbb/', ''],
  ]);
  await assertRefused(renamed(pair, 'bbb', 'aaa'), 'archive-unsafe', /both as a file and as a folder/);
  const below = await zipOf([
    ['bbb/ccc/d', 'second'],
    ['aaa', 'first'],
  ]);
  await (await assertOpens(below)).close();
  await assertRefused(renamed(below, 'bbb', 'aaa'), 'archive-unsafe', /'aaa' is a file, but other entries lie below/);
});

test('symbolic links and devices are refused', async () => {
  await assertRefused(await zipOf([['link', '/etc/passwd', { mode: 0o120777 }]]), 'archive-unsafe', /symbolic link/);
  await assertRefused(await zipOf([['pipe', '', { mode: 0o010644 }]]), 'archive-unsafe', /special file/);
  await assertRefused(await zipOf([['folder', 'x', { mode: 0o040755 }]]), 'archive-unsafe', /folder by its name/);
  const filled = renamed(await zipOf([['folderX', 'x']]), 'folderX', 'folder/');
  await assertRefused(filled, 'archive-unsafe', /folder by its name/);
  const unmarked = changed(filled, (bytes, [only]) => bytes.writeUInt32LE(0, only!.central + 38));
  await assertRefused(unmarked, 'archive-unsafe', /is a folder, but has content/);
});

test('an entry is read only if it has its checksum', async () => {
  const wrongSum = changed(two, (bytes, [first]) => {
    for (const at of [first!.central + 16, first!.local + 14]) bytes.writeUInt32LE(0x12345678, at);
  });
  const archive = await assertOpens(wrongSum);
  const bytes = await archive.read('one.txt');
  assert.ok(isRefusal(bytes));
  assert.equal(bytes.code, 'archive-unreadable');
  assert.match(bytes.message, /checksum/);
  assert.ok(!isRefusal(await archive.read('two.txt')));
  await archive.close();
});

test('damaged compressed data is refused, and the archive can be closed after it', async () => {
  const packed = await zipOf([['one.txt', 'abcdefgh'.repeat(5000), { compress: true }]]);
  const damaged = changed(packed, (bytes, [first]) => bytes.fill(0xff, first!.local + 37, first!.local + 47));
  const archive = await assertOpens(damaged);
  const bytes = await archive.read('one.txt');
  assert.ok(isRefusal(bytes));
  assert.equal(bytes.code, 'archive-unreadable');
  await archive.close();
});

test('an entry that unpacks to more than it says is not read on', async () => {
  const packed = await zipOf([['one.txt', 'abcdefgh'.repeat(5000), { compress: true }]]);
  const lying = changed(packed, (bytes, [first]) => {
    for (const at of [first!.central + 24, first!.local + 22]) bytes.writeUInt32LE(100, at);
  });
  const archive = await assertOpens(lying);
  const bytes = await archive.read('one.txt');
  assert.ok(isRefusal(bytes));
  assert.match(bytes.message, /too many bytes/);
  await archive.close();
});

test('an entry larger than the limit for memory is not read', async () => {
  const archive = await assertOpens(two, { extractBytesMax: 5 });
  assert.ok(!isRefusal(await archive.read('one.txt')));
  const bytes = await archive.read('two.txt');
  assert.ok(isRefusal(bytes));
  assert.equal(bytes.code, 'archive-too-large');
  await assert.rejects(archive.read('three.txt'), /no entry/);
  await archive.close();
});

test('whatever bytes are changed, the answer is an archive or a refusal', async (context) => {
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const packed = await zipOf(
    [
      ['one.txt', 'abcdefgh'.repeat(20), { compress: true }],
      ['two.txt', 'second'],
      ['folder/', ''],
    ],
    { forceZip64Format: true },
  );
  const change = fc.tuple(fc.nat(packed.length - 1), fc.constantFrom(0, 1, 2, 8, 0x7f, 0x80, 0xff));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
      const bytes = Buffer.from(packed);
      for (const [at, value] of changes) bytes[at] = value;
      const archive = await openBytes(bytes);
      if (isRefusal(archive)) return;
      for (const { name, isFolder } of archive.entries) if (!isFolder) await archive.read(name);
      await archive.close();
    }),
    { seed, numRuns: 400 },
  );
});
