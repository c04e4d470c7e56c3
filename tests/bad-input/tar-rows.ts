/** Source distributions that are not what they seem: each is a good one but for one thing. */
import { gzipSync } from 'node:zlib';
import { endMark, type Member, member, pax, tarGzOf } from '../validate/tar-by-hand.ts';
import { fileRows, metadata, packageTar } from './packages.ts';
import { type Row, usual } from './row.ts';
import { archiveEntriesMax, archiveUnpackedBytesMax } from './settings.ts';

const mebibyte = 1024 * 1024;
const folder = 'bad_input-1.0.0';

const row = (heading: string, name: string, make: () => Buffer, says: string): Row[] =>
  fileRows(heading, ['sdist'], name, make, 400, says, usual);

const bombs = (name: string, make: () => Buffer, says: string) => row('Bombs and absurd counts', name, make, says);
const names = (name: string, more: Member, says: string) =>
  row('Entries of tar archives', name, () => packageTar(more), `The entry ${says}.`);
const frames = (name: string, make: () => Buffer, says: string) =>
  row('Damaged and odd tar archives', name, make, says);

/** Pieces that each pack well, so that a bomb takes little memory to make. */
const zeros = Buffer.alloc(65 * mebibyte);
const info: Member = { name: `${folder}/PKG-INFO`, body: metadata };
const plain = Buffer.concat([member(info), endMark]);

export const tarRows: readonly Row[] = [
  ...bombs(
    'a member of 65 MiB zeros',
    () => packageTar({ name: `${folder}/zeros.bin`, body: zeros }),
    'The archive unpacks to more than 50 times its own size.',
  ),
  ...bombs(
    'a member that says it is 64 GiB long',
    () => packageTar({ name: `${folder}/large.bin`, size: '\x80\0\0\0\0\0\0\x10\0\0\0\0' }),
    `The archive unpacks to more than ${archiveUnpackedBytesMax} bytes.`,
  ),
  ...bombs(
    'PKG-INFO of 17 MiB',
    () => tarGzOf({ name: `${folder}/PKG-INFO`, body: Buffer.alloc(17 * mebibyte, ' ') }),
    `'${folder}/PKG-INFO' unpacks to more than 16777216 bytes.`,
  ),
  ...bombs(
    'more entries than are allowed',
    () => packageTar(...Array.from({ length: archiveEntriesMax }, (_, index) => ({ name: `${folder}/${index}` }))),
    `The tar archive has more than ${archiveEntriesMax} entries.`,
  ),
  ...bombs(
    'an extended header of 65 KiB',
    () => packageTar({ name: 'x', type: 'x', body: Buffer.alloc(65 * 1024, 'x') }),
    'A header of the tar archive is larger than 65536 bytes.',
  ),
  ...bombs(
    'extended headers of 33 MiB together',
    () => {
      const header = member(pax({ comment: 'x'.repeat(60 * 1024) }, 'g'));
      return packageTar(...Array.from({ length: 564 }, () => header));
    },
    'The extended headers of the tar archive are larger than 33554432 bytes together.',
  ),
  ...names('`../`', { name: '../x' }, "'../x' of the tar archive climbs out of its folder with '..'"),
  ...names(
    '`..` with backslashes',
    { name: `${folder}\\..\\..\\x` },
    "… of the tar archive climbs out of its folder with '..'",
  ),
  ...names('an absolute path', { name: '/etc/passwd' }, "'/etc/passwd' of the tar archive has an absolute path"),
  ...names('a drive letter', { name: 'c:x' }, "'c:x' of the tar archive has a drive letter in its name"),
  ...names('a line end', { name: `${folder}/a\nb` }, '… of the tar archive has a control character in its name'),
  ...names('a name in two places', { name: `${folder}/PKG-INFO` }, '… of the tar archive is there twice'),
  ...names(
    'a symbolic link to an absolute path',
    { name: `${folder}/a`, type: '2', link: '/etc/passwd' },
    '… of the tar archive is a link to an absolute path',
  ),
  ...names(
    'a symbolic link out of the folder',
    { name: `${folder}/a`, type: '2', link: '../../x' },
    '… of the tar archive is a link to a place outside the top folder',
  ),
  ...names(
    'a hard link to what is not there',
    { name: `${folder}/a`, type: '1', link: '/etc/passwd' },
    '… of the tar archive is a hard link to something that is not a file before it in the archive',
  ),
  ...names(
    'a file below a file',
    { name: `${folder}/PKG-INFO/a` },
    '… of the tar archive is no folder, but other entries lie below it',
  ),
  ...names('a device', { name: `${folder}/a`, type: '3' }, '… of the tar archive is a device, not a file or folder'),
  ...names('a pipe', { name: `${folder}/a`, type: '6' }, '… of the tar archive is a pipe, not a file or folder'),
  ...names(
    'a sparse file',
    { name: `${folder}/a`, type: 'S' },
    '… of the tar archive is a sparse file, not a file or folder',
  ),
  ...names('an unknown kind', { name: `${folder}/a`, type: 'V' }, '… of the tar archive is of an unknown kind'),
  ...names(
    'a folder with content',
    { name: `${folder}/a`, type: '5', body: 'text' },
    '… of the tar archive is no file, but has content',
  ),
  ...frames(
    'a second top folder',
    () => packageTar({ name: 'other/a' }),
    'The source distribution must hold one top folder and nothing beside it.',
  ),
  ...frames(
    'a size in two versions',
    () => packageTar(pax({ size: '512' }), { name: `${folder}/a`, body: 'text' }),
    'The entry … of the tar archive has two different sizes.',
  ),
  ...frames(
    'a name in two headers',
    () =>
      packageTar(
        pax({ path: `${folder}/b` }),
        { name: 'x', type: 'L', body: `${folder}/c\0` },
        { name: `${folder}/a` },
      ),
    'An entry of the tar archive has two names.',
  ),
  ...frames(
    'a name that is not UTF-8',
    () =>
      packageTar({ name: 'x', type: 'L', body: Buffer.from(`${folder}/gr\xfcn\0`, 'latin1') }, { name: `${folder}/a` }),
    'An entry of the tar archive has a name that is not UTF-8.',
  ),
  ...frames(
    'entries behind the end mark',
    () => packageTar(endMark, { name: `${folder}/hidden` }),
    'The tar archive has other data behind its end mark.',
  ),
  ...frames('no end mark', () => gzipSync(member(info)), 'The tar archive was cut off: it has no end mark.'),
  ...frames(
    'a size that is not a number',
    () => packageTar({ name: `${folder}/a`, size: '-0000000001\0' }),
    'The file is not a readable tar archive: the size of … is not a number.',
  ),
  ...frames(
    'a header with a wrong checksum',
    () => gzipSync(Buffer.concat([plain.subarray(0, 100), Buffer.from('9'), plain.subarray(101)])),
    'The file is not a readable tar archive: a header does not have its checksum.',
  ),
  ...frames('0 bytes', () => Buffer.alloc(0), 'The file is empty.'),
  ...frames(
    'no gzip data',
    () => Buffer.from('hello, this is no archive'),
    'The file is not gzip data, or it was cut off.',
  ),
  ...frames('a bare tar archive', () => plain, 'The file is not gzip data, or it was cut off.'),
  ...frames(
    'cut off at its half',
    () => gzipSync(plain).subarray(0, 200),
    'The file is not a readable gzip file: unexpected end of file.',
  ),
  ...frames(
    'two gzip members',
    () => Buffer.concat([gzipSync(plain), gzipSync('')]),
    'The gzip file has other data behind its end.',
  ),
  ...frames(
    'data behind the gzip data',
    () => Buffer.concat([gzipSync(plain), Buffer.from('more')]),
    'The gzip file has other data behind its end.',
  ),
  ...frames(
    'a wrong checksum',
    () => {
      const bytes = gzipSync(plain);
      bytes[bytes.length - 8]! ^= 1;
      return bytes;
    },
    'The gzip file is damaged: its content does not have its checksum.',
  ),
  ...frames(
    'a zip archive as well',
    () => {
      const end = Buffer.alloc(22);
      end.write('PK\x05\x06', 'latin1');
      // The gzip trailer is the comment of the zip archive.
      end.writeUInt16LE(8, 20);
      return gzipSync(Buffer.concat([plain, end]), { level: 0 });
    },
    'The file is a gzip file and a zip archive at once.',
  ),
];
