/** Which .tar.gz files are read whole, and which are refused as cut off, too large or more than one archive. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isRefusal } from '../../src/std/refusals.ts';
import { readTarGz } from '../../src/validate/archive/tar-gz.ts';
import {
  assertReads,
  assertRefused,
  endMark,
  folder,
  limits,
  member,
  pax,
  readBytes,
  tarGzOf,
  tarOf,
} from './tar-by-hand.ts';

/** HOLDFAST_SEED=n repeats a run. */
const seed = Number(process.env.HOLDFAST_SEED ?? randomInt(2 ** 31 - 1));

test('a good archive is listed, and its wanted files are read', async () => {
  const longName = `demo-1.0/${'folder/'.repeat(30)}grün.txt`;
  const tar = await tarOf([
    { name: 'demo-1.0/', type: 'directory' },
    { name: 'demo-1.0/wanted', text: 'x'.repeat(1000) },
    { name: 'demo-1.0/other', text: 'y' },
    { name: 'demo-1.0/wanted.not', text: '' },
    { name: longName, text: 'long' },
    { name: 'demo-1.0/link', type: 'symlink', linkname: 'other' },
    { name: 'demo-1.0/hard', type: 'link', linkname: 'demo-1.0/other' },
    { name: 'demo-1.0/sub/wanted', text: 'second' },
  ]);
  const contents = await assertReads(gzipSync(tar));
  assert.deepEqual(
    contents.entries.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes]),
    [
      ['demo-1.0', 'folder', 0],
      ['demo-1.0/wanted', 'file', 1000],
      ['demo-1.0/other', 'file', 1],
      ['demo-1.0/wanted.not', 'file', 0],
      [longName, 'file', 4],
      ['demo-1.0/link', 'symbolic-link', 0],
      ['demo-1.0/hard', 'hard-link', 0],
      ['demo-1.0/sub/wanted', 'file', 6],
    ],
  );
  const files = [...contents.files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
  assert.deepEqual(files, [
    ['demo-1.0/wanted', 'x'.repeat(1000)],
    ['demo-1.0/sub/wanted', 'second'],
  ]);
});

test('names of every tar dialect are read: prefix, GNU long names, pax, git, `./`, the format without a magic', async () => {
  const archive = tarGzOf(
    pax({ comment: '0123456789abcdef' }, 'g'),
    { name: './', type: '5' },
    { name: './demo/', type: '5' },
    { name: 'wanted', prefix: 'demo/prefixed', body: '1' },
    { name: '././@LongLink', type: 'L', body: `demo/${'long/'.repeat(40)}wanted\0` },
    { name: 'demo/cut off', body: '2', magic: 'ustar  \0' },
    pax({ mtime: '1700000000.5', path: 'demo/päx/wanted' }),
    { name: 'demo/ignored', body: '3' },
    { name: './demo/v7/wanted', body: '4', magic: '' },
    { name: 'demo/v7-folder/', magic: '' },
    { name: 'demo/contiguous/wanted', type: '7', body: '5' },
  );
  const { entries, files } = await assertReads(archive);
  assert.deepEqual(
    [...files.keys()],
    [
      'demo/prefixed/wanted',
      `demo/${'long/'.repeat(40)}wanted`,
      'demo/päx/wanted',
      'demo/v7/wanted',
      'demo/contiguous/wanted',
    ],
  );
  assert.equal(Buffer.concat([...files.values()]).toString(), '12345');
  assert.equal(entries.find(({ name }) => name === 'demo/v7-folder')?.kind, 'folder');
});

test('what is not a gzipped tar archive is refused as unreadable', async () => {
  await assertRefused(Buffer.alloc(0), 'archive-unreadable', /empty/);
  await assertRefused(Buffer.from('hello'), 'archive-unreadable', /not gzip data/);
  await assertRefused(gzipSync('hello'), 'archive-unreadable', /no end mark/);
  await assertRefused(gzipSync(Buffer.alloc(512, 'x')), 'archive-unreadable', /checksum/);
  const whole = tarGzOf({ name: 'demo/a' });
  for (const [at, value] of [
    [0, 0x1e],
    [1, 0x8a],
    [2, 7],
    [3, 0x20],
    [3, 0x80],
  ] as const) {
    const damaged = Buffer.from(whole);
    damaged[at] = value;
    await assertRefused(damaged, 'archive-unreadable', /not gzip data/);
  }
  // A header field that goes on to the end of the file: extra bytes, a name.
  for (const flag of [4, 8]) {
    const head = Buffer.from([0x1f, 0x8b, 8, flag, 0, 0, 0, 0, 0, 3, 0xff]);
    await assertRefused(head, 'archive-unreadable', /not gzip data/);
    await assertRefused(Buffer.concat([head, Buffer.alloc(5000, 0xff)]), 'archive-unreadable', /not gzip data/);
  }
  const named = Buffer.concat([whole.subarray(0, 10), Buffer.from('demo.tar\0about\0xx'), whole.subarray(10)]);
  named[3] = 8 | 16 | 2;
  await assertReads(named);
  await assert.rejects(
    readTarGz(join(folder, 'missing.tar.gz'), limits, () => false),
    { code: 'ENOENT' },
  );
});

test('an archive that was cut off anywhere is refused', async () => {
  const whole = tarGzOf({ name: 'demo/a', body: 'some text, and more of it' });
  for (let length = 1; length < whole.length; length += 1) {
    const contents = await readBytes(whole.subarray(0, length));
    assert.ok(isRefusal(contents), `${length} of ${whole.length} bytes`);
    assert.equal(contents.code, 'archive-unreadable');
  }
  const withoutEnd = gzipSync(member({ name: 'demo/a', body: 'text' }));
  await assertRefused(withoutEnd, 'archive-unreadable', /no end mark/);
  const withinHeader = gzipSync(Buffer.concat([member(pax({ path: 'demo/a' })), endMark]));
  await assertRefused(withinHeader, 'archive-unreadable', /ends within an entry/);
});

test('a wrong gzip checksum or size is refused', async () => {
  const whole = tarGzOf({ name: 'demo/a', body: 'text' });
  for (const at of [whole.length - 8, whole.length - 4]) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1;
    await assertRefused(damaged, 'archive-unreadable', /checksum/);
  }
});

test('anything behind the gzip data is refused, also a second gzip member', async () => {
  const whole = tarGzOf({ name: 'demo/a', body: 'text' });
  await assertRefused(Buffer.concat([whole, Buffer.from('x')]), 'archive-unsafe', /behind its end/);
  await assertRefused(Buffer.concat([whole, Buffer.alloc(200_000)]), 'archive-unsafe', /behind its end/);
  await assertRefused(Buffer.concat([whole, whole]), 'archive-unsafe', /behind its end/);
  await assertRefused(Buffer.concat([whole, gzipSync('')]), 'archive-unsafe', /behind its end/);
});

test('entries behind the end mark are refused', async () => {
  const hidden = member({ name: 'demo/hidden', body: 'text' });
  for (const zeros of [512, 1024, 10240]) {
    const archive = tarGzOf({ name: 'demo/a' }, Buffer.alloc(zeros), hidden);
    await assertRefused(archive, 'archive-unsafe', /behind its end mark/);
  }
  await assertReads(tarGzOf({ name: 'demo/a' }, Buffer.alloc(10240)));
});

test('a file that is a tar.gz and a zip archive at once is refused', async () => {
  const endRecord = Buffer.alloc(22);
  endRecord.write('PK\x05\x06', 'latin1');
  // The gzip trailer is the comment of the zip archive.
  endRecord.writeUInt16LE(8, 20);
  const tar = Buffer.concat([member({ name: 'demo/a' }), endMark, endRecord]);
  await assertRefused(gzipSync(tar, { level: 0 }), 'archive-unsafe', /zip archive at once/);
  // The same record anywhere else is just content, as of a zip file inside the archive.
  const inside = member({ name: 'demo/a.zip', body: endRecord });
  await assertReads(gzipSync(Buffer.concat([inside, endMark]), { level: 0 }));
});

test('a file that is gzip data and a bare tar archive at once is refused', async () => {
  const packed = tarGzOf({ name: 'demo/a' });
  const extra = Buffer.alloc(2 + 600);
  extra.writeUInt16LE(600, 0);
  const both = Buffer.concat([packed.subarray(0, 10), extra, packed.subarray(10)]);
  both[3] = 4;
  await assertReads(both);
  const sum = both.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  both.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  await assertRefused(both, 'archive-unsafe', /tar archive at once/);
});

test('too many entries, too many bytes and too large headers are refused', async () => {
  const archive = tarGzOf({ name: 'demo/a' }, { name: 'demo/b', body: 'text' });
  await assertReads(archive, { entriesMax: 2, unpackedBytesMax: 2560 });
  await assertRefused(archive, 'archive-too-large', /more than 1 entries/, { entriesMax: 1 });
  await assertRefused(archive, 'archive-too-large', /more than 2559 bytes/, { unpackedBytesMax: 2559 });
  const globals = tarGzOf(...Array.from({ length: 3 }, () => pax({ comment: 'x' }, 'g')));
  await assertRefused(globals, 'archive-too-large', /more than 2 entries/, { entriesMax: 2 });
  const huge = tarGzOf({ name: 'demo/a', size: '\x80\0\0\0\0\0\xff\0\0\0\0\0' });
  await assertRefused(huge, 'archive-too-large', /bytes/);
  const longHeader = tarGzOf({ name: 'x', type: 'L', body: 'a'.repeat(64 * 1024 + 1) }, { name: 'demo/a' });
  await assertRefused(longHeader, 'archive-too-large', /header/);
});

test('above 64 MiB, an archive that unpacks to many times its size is refused', async () => {
  const bomb = tarGzOf({ name: 'demo/zeros', body: Buffer.alloc(64 * 1024 * 1024) });
  await assertRefused(bomb, 'archive-too-large', /50 times/);
  await assertReads(bomb, { ratioMax: 2000 });
});

test('wanted files larger than the limit for memory are refused, also together', async () => {
  const archive = tarGzOf({ name: 'a/wanted', body: '123' }, { name: 'b/wanted', body: '456' });
  await assertReads(archive, { extractBytesMax: 6 });
  await assertRefused(archive, 'archive-too-large', /more than 5 bytes/, { extractBytesMax: 5 });
});

test('whatever bytes are changed, the answer is an archive or a refusal', async (context) => {
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  const tar = Buffer.concat([
    member(pax({ path: 'demo/b', size: '4' })),
    member({ name: 'demo/a', body: 'text' }),
    member({ name: 'x', type: 'L', body: 'demo/wanted\0' }),
    member({ name: 'demo/c', body: 'text' }),
    member({ name: 'demo/d', type: '2', link: 'c' }),
    endMark,
  ]);
  const packed = gzipSync(tar);
  const change = fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x30, 0x37, 0x7f, 0x80, 0xff));
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(change, { minLength: 1, maxLength: 3 }), async (isPacked, changes) => {
      const bytes = Buffer.from(isPacked ? packed : tar);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      // With the checksums made right again, the changes reach the code behind them.
      if (!isPacked) for (let at = 0; at < bytes.length; at += 512) withChecksum(bytes.subarray(at, at + 512));
      await readBytes(isPacked ? bytes : gzipSync(bytes));
    }),
    { seed, numRuns: 500 },
  );
});

function withChecksum(block: Buffer): void {
  if (!/^[0-7]{6}/.test(block.toString('latin1', 148, 156))) return;
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
