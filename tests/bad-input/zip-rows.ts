/** Zip archives that are not what they seem: each is a good wheel and a good nupkg but for one thing. */
import { type Content, changed, endOf, places, renamed, withInserted, zipOf } from '../validate/zip-by-hand.ts';
import { contentsOf, fileRows, packageZip } from './packages.ts';
import { type Bound, type Row, usual } from './row.ts';
import { archiveEntriesMax, archiveUnpackedBytesMax } from './settings.ts';

type ZipKind = 'wheel' | 'nupkg';
type Make = (kind: ZipKind) => Promise<Buffer> | Buffer;

const kinds = ['wheel', 'nupkg'] as const;
const mebibyte = 1024 * 1024;

const row = (heading: string, name: string, make: Make, says: string, bound: Bound = usual): Row[] =>
  fileRows(heading, kinds, name, make, 400, says, bound);

/** Changes bytes of the headers of one more entry. */
function withEntry(more: Content, change: (bytes: Buffer, central: number, local: number) => void): Make {
  return async (kind) =>
    changed(await packageZip(kind, [more]), (bytes, entries) => {
      const last = entries.at(-1)!;
      change(bytes, last.central, last.local);
    });
}

const withFlag = (flag: number): Make =>
  withEntry(['one.txt', 'text', { compress: true }], (bytes, central, local) => {
    for (const at of [central + 8, local + 6]) bytes.writeUInt16LE(bytes.readUInt16LE(at) | flag, at);
  });

/** One more entry, whose name is written over with another of the same length. */
function withName(name: string | Buffer): Make {
  const stand = 'x'.repeat(Buffer.byteLength(name));
  return async (kind) => renamed(await packageZip(kind, [[stand, 'text']]), stand, name);
}

const withBytes =
  (change: (bytes: Buffer) => Buffer | undefined, more: readonly Content[] = [['one.txt', 'text']]): Make =>
  async (kind) => {
    const bytes = Buffer.from(await packageZip(kind, more));
    return change(bytes) ?? bytes;
  };

/** The metadata is packed as it should be, but for what its headers say. */
const withPackedMetadata =
  (text: string, change: (bytes: Buffer, central: number, local: number) => void): Make =>
  async (kind) => {
    const packed = contentsOf(kind, text).map(([name, content]): Content => [name, content, { compress: true }]);
    return changed(await zipOf(packed), (bytes, [first]) => change(bytes, first!.central, first!.local));
  };

const bombs = (name: string, make: Make, says: string) => row('Bombs and absurd counts', name, make, says);
const names = (name: string, make: Make, says: string) => row('Names in zip archives', name, make, says);
const frames = (name: string, make: Make, says: string) => row('Zip archives with two readings', name, make, says);
const damages = (name: string, make: Make, says: string) => row('Damaged and odd zip archives', name, make, says);

const zeros: Content = ['zeros.bin', '\0'.repeat(65 * mebibyte), { compress: true }];

/** An end record that promises what nobody could hold; the directory need not be there. */
function endRecord(count: number, directoryBytes: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  for (const at of [8, 10]) end.writeUInt16LE(count, at);
  end.writeUInt32LE(directoryBytes, 12);
  return end;
}

const unlike = 'The directory of the zip archive is longer or shorter than its entries.';

export const zipRows: readonly Row[] = [
  ...bombs(
    'an entry of 65 MiB zeros, packed into 65 KiB',
    (kind) => packageZip(kind, [zeros]),
    'The archive unpacks to more than 50 times its own size.',
  ),
  ...bombs(
    'an entry that says it unpacks to 4 GiB',
    withEntry(['large.bin', 'text', { compress: true }], (bytes, central, local) => {
      for (const at of [central + 24, local + 22]) bytes.writeUInt32LE(0xfffffffe, at);
    }),
    `The archive unpacks to more than ${archiveUnpackedBytesMax} bytes.`,
  ),
  ...bombs(
    'metadata that unpacks to more than its header says',
    withPackedMetadata(' '.repeat(8 * mebibyte), (bytes, central, local) => {
      for (const at of [central + 24, local + 22]) bytes.writeUInt32LE(100, at);
    }),
    'The file is not a readable zip archive: too many bytes in the stream. expected 100. got at least …',
  ),
  ...bombs(
    'more entries than are allowed',
    (kind) =>
      packageZip(
        kind,
        Array.from({ length: archiveEntriesMax }, (_, index): Content => [`${index}`, '']),
      ),
    `The zip archive has more than ${archiveEntriesMax} entries.`,
  ),
  ...bombs(
    'an end record that counts 65,534 entries, and no entry',
    () => endRecord(65_534, 0),
    `The zip archive has more than ${archiveEntriesMax} entries.`,
  ),
  ...bombs(
    'an end record whose directory is 4 GiB long',
    () => endRecord(1, 0xfffffffe),
    'The zip archive has data before its first entry or behind its directory.',
  ),
  ...names(
    '`../`',
    withName('../etc/x'),
    "The entry '../etc/x' of the zip archive climbs out of its folder with '..'.",
  ),
  ...names(
    '`..` in the middle',
    withName('a/../../b'),
    "The entry 'a/../../b' of the zip archive climbs out of its folder with '..'.",
  ),
  ...names(
    'an absolute path',
    withName('/etc/passwd'),
    "The entry '/etc/passwd' of the zip archive has an absolute path.",
  ),
  ...names('a drive letter', withName('C:/x'), "The entry 'C:/x' of the zip archive has a drive letter in its name."),
  ...names(
    'backslashes',
    withName('..\\..\\x'),
    "The entry '..\\..\\x' of the zip archive has a backslash in its name.",
  ),
  ...names(
    'a zero byte',
    withName('one\0.txt'),
    "The entry 'one?.txt' of the zip archive has a control character in its name.",
  ),
  ...names(
    'a line end',
    withName('one\n.txt'),
    "The entry 'one?.txt' of the zip archive has a control character in its name.",
  ),
  ...names(
    'bytes that are not UTF-8',
    withName(Buffer.from('gr\xfcn.txt', 'latin1')),
    'An entry of the zip archive has a name that is not UTF-8.',
  ),
  ...names(
    'letters beyond ASCII without the UTF-8 mark',
    withEntry(['grün.txt', 'text'], (bytes, central, local) => {
      for (const at of [central + 8, local + 6]) bytes.writeUInt16LE(bytes.readUInt16LE(at) & ~0x0800, at);
    }),
    "The entry 'gr?n.txt' of the zip archive has a name beyond ASCII that is not marked as UTF-8.",
  ),
  ...names(
    '1,025 bytes',
    (kind) => packageZip(kind, [['a'.repeat(1025), '']]),
    'An entry of the zip archive has a name of more than 1024 bytes.',
  ),
  ...names(
    '65 folders deep',
    (kind) => packageZip(kind, [[`${'a/'.repeat(65)}b`, '']]),
    'The entry … of the zip archive lies more than 64 folders deep.',
  ),
  ...names(
    'two entries of one name',
    async (kind) =>
      renamed(
        await packageZip(kind, [
          ['aaa', '1'],
          ['bbb', '2'],
        ]),
        'bbb',
        'aaa',
      ),
    "The entry 'aaa' is there twice.",
  ),
  ...names(
    'a file that other entries lie below',
    async (kind) =>
      renamed(
        await packageZip(kind, [
          ['bbb/c', '1'],
          ['aaa', '2'],
        ]),
        'bbb',
        'aaa',
      ),
    "The entry 'aaa' is a file, but other entries lie below it.",
  ),
  ...names(
    'a symbolic link',
    (kind) => packageZip(kind, [['link', '/etc/passwd', { mode: 0o120777 }]]),
    "The entry 'link' of the zip archive is a symbolic link.",
  ),
  ...names(
    'a device',
    (kind) => packageZip(kind, [['disk', '', { mode: 0o060644 }]]),
    "The entry 'disk' of the zip archive is a device or another special file.",
  ),
  ...frames(
    'a script before the archive',
    withBytes((bytes) => Buffer.concat([Buffer.from('#!/bin/sh\n'), bytes])),
    'The zip archive has data before its first entry or behind its directory.',
  ),
  ...frames(
    'a script before the archive, all offsets moved',
    withBytes((bytes) => withInserted(bytes, 0, Buffer.from('#!/bin/sh\n'))),
    'The zip archive has data before its first entry.',
  ),
  ...frames(
    'data behind the archive',
    withBytes((bytes) => Buffer.concat([bytes, Buffer.from('more')])),
    'The zip archive has other data behind its end record.',
  ),
  ...frames(
    'two archives, one behind the other',
    withBytes((bytes) => Buffer.concat([bytes, bytes])),
    'The zip archive has data before its first entry or behind its directory.',
  ),
  ...frames(
    'data between two entries',
    withBytes((bytes) => withInserted(bytes, places(bytes).at(-1)!.local, Buffer.from('hidden data!'))),
    'The zip archive has hidden data behind the entry ….',
  ),
  ...frames(
    'an archive in the comment of another',
    withBytes((bytes) => {
      const comment = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(10)]);
      bytes.writeUInt16LE(comment.length, endOf(bytes) + 20);
      return Buffer.concat([bytes, comment]);
    }),
    'The comment of the zip archive holds a second end record.',
  ),
  ...frames(
    'a tar archive as well',
    withBytes((bytes) => {
      const extra = Buffer.alloc(600);
      extra.writeUInt16LE(0xcafe, 0);
      extra.writeUInt16LE(596, 2);
      const both = withInserted(bytes, 30 + bytes.readUInt16LE(26), extra);
      both.writeUInt16LE(extra.length, 28);
      const sum = both.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
      both.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
      return both;
    }),
    'The file is a zip archive and a tar archive at once.',
  ),
  ...frames(
    'two entries on the same bytes',
    withBytes((bytes) => {
      const [one, two] = places(bytes).slice(-2);
      bytes.writeUInt32LE(one!.local, two!.central + 42);
      return undefined;
    }),
    'The entry … of the zip archive overlaps another part of the archive.',
  ),
  ...frames(
    'an entry that reaches into the directory',
    withEntry(['one.txt', 'text'], (bytes, central, local) => {
      const toDirectory = places(bytes)[0]!.central - (local + 30 + bytes.readUInt16LE(local + 26));
      for (const at of [central + 20, central + 24, local + 18, local + 22]) bytes.writeUInt32LE(toDirectory + 10, at);
    }),
    "The entry 'one.txt' of the zip archive overlaps another part of the archive.",
  ),
  ...frames(
    'another name in the local header',
    withEntry(['one.txt', 'text'], (bytes, _central, local) => bytes.write('two', local + 30)),
    "The entry 'one.txt' of the zip archive has another name in its local header.",
  ),
  ...frames(
    'another size in the local header',
    withEntry(['one.txt', 'text'], (bytes, _central, local) => bytes.writeUInt32LE(3, local + 22)),
    "The entry 'one.txt' of the zip archive has another size or checksum in its local header.",
  ),
  ...frames(
    'an end record that counts one entry less',
    withBytes((bytes) => {
      for (const at of [8, 10]) bytes.writeUInt16LE(places(bytes).length - 1, endOf(bytes) + at);
      return undefined;
    }),
    unlike,
  ),
  ...frames(
    'a zip64 record that disagrees with the plain one',
    async (kind) => {
      const bytes = await packageZip(kind, [], { forceZip64Format: true });
      bytes.writeUInt16LE(1000, endOf(bytes) + 8);
      bytes.writeUInt16LE(1000, endOf(bytes) + 10);
      return bytes;
    },
    'The two end records of the zip archive disagree.',
  ),
  ...damages('0 bytes', () => Buffer.alloc(0), 'The file is empty.'),
  ...damages('no zip archive', () => Buffer.from('hello'), 'The file is not a zip archive, or it was cut off.'),
  ...damages(
    'cut off at its half',
    withBytes((bytes) => bytes.subarray(0, bytes.length / 2)),
    'The file is not a zip archive, or it was cut off.',
  ),
  ...damages(
    'cut off by one byte',
    withBytes((bytes) => bytes.subarray(0, -1)),
    'The file is not a zip archive, or it was cut off.',
  ),
  ...damages(
    'a central directory of zeros',
    withBytes((bytes) => bytes.fill(0, places(bytes)[0]!.central, endOf(bytes))),
    'The file is not a readable zip archive: invalid central directory file header signature: 0x0.',
  ),
  ...damages(
    'a zip64 locator that leads nowhere',
    async (kind) => {
      const bytes = await packageZip(kind, [], { forceZip64Format: true });
      bytes.writeBigUInt64LE(0x7fff_ffff_ffff_ffffn, bytes.indexOf('PK\x06\x07', 0, 'latin1') + 8);
      return bytes;
    },
    'The zip64 records of the zip archive do not follow each other.',
  ),
  ...damages(
    'one part of several',
    withBytes((bytes) => {
      bytes.writeUInt16LE(1, endOf(bytes) + 4);
      return undefined;
    }),
    'The zip archive is one part of several; upload it whole.',
  ),
  ...[
    [9, 'Deflate64'],
    [12, 'bzip2'],
    [14, 'LZMA'],
    [93, 'Zstandard'],
  ].flatMap(([method, shown]) =>
    damages(
      `compression method ${method} (${shown})`,
      withEntry(['one.txt', 'text'], (bytes, central, local) => {
        bytes.writeUInt16LE(Number(method), central + 10);
        bytes.writeUInt16LE(Number(method), local + 8);
      }),
      `The entry 'one.txt' of the zip archive uses compression method ${method}; only stored and deflate can be unpacked.`,
    ),
  ),
  ...damages('an encrypted entry', withFlag(1), "The entry 'one.txt' of the zip archive is encrypted."),
  ...damages(
    'an entry that is a patch',
    withFlag(0x20),
    "The entry 'one.txt' of the zip archive is a patch and not a file.",
  ),
  ...damages(
    'metadata with a wrong checksum',
    async (kind) =>
      changed(await packageZip(kind), (bytes, [first]) => {
        for (const at of [first!.central + 16, first!.local + 14]) bytes.writeUInt32LE(1, at);
      }),
    '… is damaged: its bytes do not have their checksum.',
  ),
  ...damages(
    'metadata whose packed bytes are damaged',
    withPackedMetadata('abcdefgh'.repeat(5000), (bytes, _central, local) => {
      const data = local + 30 + bytes.readUInt16LE(local + 26);
      bytes.fill(0xff, data, data + 10);
    }),
    'The file is not a readable zip archive: …',
  ),
];
