/**
 * The headers of tar archives, read strictly: what Python's tarfile, GNU tar and libarchive read in different ways is refused.
 * That is why this is our own and not tar-stream, which reads on behind the end mark and keeps headers of any length.
 */
import { type Refusal, refuse } from '../../std/refusals.ts';
import { decodeUtf8, shownName } from './entry-names.ts';
import { tarChecksum } from './file-bytes.ts';

export const tarBlockBytes = 512;

/** What an entry is; `extended` kinds only tell something about the entry behind them. */
export type TarKind =
  | 'file'
  | 'folder'
  | 'hard-link'
  | 'symbolic-link'
  | 'pax'
  | 'global-pax'
  | 'long-name'
  | 'long-link';

export interface TarHeader {
  readonly name: string;
  readonly kind: TarKind;
  readonly sizeBytes: number;
  /** Empty when there is none. */
  readonly linkTarget: string;
}

const kinds: { readonly [typeflag: string]: TarKind } = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hard-link',
  '2': 'symbolic-link',
  '5': 'folder',
  x: 'pax',
  g: 'global-pax',
  L: 'long-name',
  K: 'long-link',
};
const refusedKinds: { readonly [typeflag: string]: string } = {
  '3': 'a device',
  '4': 'a device',
  '6': 'a pipe',
  S: 'a sparse file',
};

/**
 * Reads one header block (POSIX.1-1988 ustar, GNU, and the older format without a magic).
 * @param block 512 bytes, not all of them zero
 * @returns the header; or `archive-unreadable`, `archive-unsafe`
 */
export function readTarHeader(block: Buffer): TarHeader | Refusal {
  if (readNumber(block, 148, 8) !== tarChecksum(block)) return damaged('a header does not have its checksum');
  const name = readName(block);
  const linkTarget = readText(block, 157, 100);
  if (name === undefined || linkTarget === undefined) {
    return refuse('archive-unsafe', 'An entry of the tar archive has a name that is not UTF-8.');
  }
  const typeflag = String.fromCharCode(block[156]!);
  const refused = refusedKinds[typeflag];
  if (refused !== undefined) {
    return refuse(
      'archive-unsafe',
      `The entry ${shownName(name)} of the tar archive is ${refused}, not a file or folder.`,
    );
  }
  const kind = kinds[typeflag];
  if (kind === undefined) {
    return refuse('archive-unsafe', `The entry ${shownName(name)} of the tar archive is of an unknown kind.`);
  }
  const sizeBytes = readNumber(block, 124, 12);
  if (sizeBytes === undefined) return damaged(`the size of ${shownName(name)} is not a number`);
  // Where a link or folder has a size, some tools skip that many bytes and some do not.
  const hasBody = kind !== 'folder' && kind !== 'hard-link' && kind !== 'symbolic-link';
  if (!hasBody && sizeBytes !== 0) {
    return refuse('archive-unsafe', `The entry ${shownName(name)} of the tar archive is no file, but has content.`);
  }
  return { name, kind, sizeBytes, linkTarget };
}

/** @returns undefined when the name is not UTF-8, or stands partly where only some tools look for it. */
function readName(block: Buffer): string | undefined {
  const name = readText(block, 0, 100);
  const prefix = readText(block, 345, 155);
  if (name === undefined || prefix === undefined || prefix === '') return name;
  // GNU tar keeps times where ustar keeps the prefix, and Python takes it for a prefix all the same.
  if (block.toString('latin1', 257, 263) !== 'ustar\0') return undefined;
  return `${prefix}/${name}`;
}

function readText(block: Buffer, at: number, fieldBytes: number): string | undefined {
  const field = block.subarray(at, at + fieldBytes);
  const zero = field.indexOf(0);
  return decodeUtf8(zero === -1 ? field : field.subarray(0, zero));
}

/** Octal digits, or a big-endian number marked by its first bit. An empty field counts as 0. */
function readNumber(block: Buffer, at: number, fieldBytes: number): number | undefined {
  const field = block.subarray(at, at + fieldBytes);
  if (field[0] === 0x80) {
    const value = BigInt(`0x${field.toString('hex', 1)}`);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
  }
  const text = field.toString('latin1');
  if (/^[ \0]*$/.test(text)) return 0;
  const digits = /^ *([0-7]+) *(?:\0.*)?$/s.exec(text);
  return digits === null ? undefined : Number.parseInt(digits[1]!, 8);
}

/** What a pax header may change about the entry behind it. */
export interface PaxRecords {
  readonly path: string | undefined;
  readonly linkpath: string | undefined;
  readonly size: string | undefined;
}

/**
 * Reads the records of a pax header (POSIX.1-2001): `length key=value\n`, the length counting itself.
 * @returns what matters of it; or `archive-unreadable`, `archive-unsafe` for sparse files and keys that are there twice
 */
export function readPaxRecords(bytes: Buffer): PaxRecords | Refusal {
  const values = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const blank = bytes.indexOf(0x20, at);
    const lengthText = blank === -1 ? '' : bytes.toString('latin1', at, blank);
    const end = at + Number.parseInt(lengthText, 10);
    const equals = bytes.indexOf(0x3d, blank);
    const isRecord = /^[1-9][0-9]{0,8}$/.test(lengthText) && end <= bytes.length && bytes[end - 1] === 0x0a;
    if (!isRecord || equals === -1 || equals >= end) return damaged('an extended header has no proper records');
    const key = bytes.toString('latin1', blank + 1, equals);
    if (key.startsWith('GNU.sparse.')) return refuse('archive-unsafe', 'The tar archive holds a sparse file.');
    if (key === 'path' || key === 'linkpath' || key === 'size') {
      const value = decodeUtf8(bytes.subarray(equals + 1, end - 1));
      if (value === undefined || value.includes('\0') || values.has(key)) {
        return refuse(
          'archive-unsafe',
          `An extended header of the tar archive has two values for '${key}', or no valid one.`,
        );
      }
      values.set(key, value);
    }
    at = end;
  }
  return { path: values.get('path'), linkpath: values.get('linkpath'), size: values.get('size') };
}

function damaged(how: string): Refusal {
  return refuse('archive-unreadable', `The file is not a readable tar archive: ${how}.`);
}
