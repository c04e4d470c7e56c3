/**
 * What both archive readers ask of a file: exact byte ranges, whether its bytes could also be read as the other kind of archive,
 * and whose fault an error of the reading libraries is: the archive's (a refusal) or the machine's (thrown).
 */
import type { FileHandle } from 'node:fs/promises';
import { type Refusal, refuse } from '../../std/refusals.ts';

/** Up to here, small archives of easily packed text may unpack to as much as they like. */
export const ratioFreeBytes = 64 * 1024 * 1024;
const tarBlockBytes = 512;
const endRecordBytes = 22;
const commentBytesMax = 0xffff;
/** Where the end record of a zip archive must stand, counted from the end of the file. */
export const zipTailBytesMax = endRecordBytes + commentBytesMax;

/** @returns exactly so many bytes from an offset, both in bytes. Throws when the file is shorter: the caller knows its size. */
export async function readRange(file: FileHandle, offset: number, sizeBytes: number): Promise<Buffer> {
  const bytes = Buffer.alloc(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { bytesRead } = await file.read(bytes, filled, sizeBytes - filled, offset + filled);
    if (bytesRead === 0) throw new Error(`The file ends at byte ${offset + filled}, before ${offset + sizeBytes}.`);
    filled += bytesRead;
  }
  return bytes;
}

/**
 * Finds the last zip end record (APPNOTE 4.3.16) in a file's last bytes.
 * @param tail the last 64 KiB and 22 bytes of the file, or all of it
 * @returns where it starts in `tail` and whether its comment ends exactly where the file ends; undefined when there is none
 */
export function findZipEnd(tail: Buffer): { readonly at: number; readonly isAtEnd: boolean } | undefined {
  for (let at = tail.length - endRecordBytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== 0x06054b50) continue;
    return { at, isAtEnd: at + endRecordBytes + tail.readUInt16LE(at + 20) === tail.length };
  }
  return undefined;
}

/** Reads as much of the end of a file as `findZipEnd` needs. */
export async function readTail(file: FileHandle, fileBytes: number): Promise<Buffer> {
  const sizeBytes = Math.min(fileBytes, zipTailBytesMax);
  return readRange(file, fileBytes - sizeBytes, sizeBytes);
}

/** The sum that a tar header's own checksum must have: all bytes of the block, the checksum field taken as blanks. */
export function tarChecksum(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < tarBlockBytes; at += 1) if (at < 148 || at >= 156) sum += block[at]!;
  return sum;
}

/** Tells whether a file that starts so would be taken for an uncompressed tar archive, which tools try before zip and gzip. */
export function startsAsTar(head: Buffer): boolean {
  if (head.length < tarBlockBytes) return false;
  const field = /^ *([0-7]+)[ \0]*$/.exec(head.toString('latin1', 148, 156));
  return field !== null && Number.parseInt(field[1]!, 8) === tarChecksum(head);
}

/**
 * Turns what yauzl and zlib throw about a bad archive into a refusal; anything else (disk, memory, our own bugs) is thrown on.
 * @param what the kind of archive, for the sentence
 */
export function refuseUnreadable(error: unknown, what: string): Refusal {
  if (!(error instanceof Error) || error.constructor !== Error || 'syscall' in error) throw error;
  const code = 'code' in error ? error.code : undefined;
  if (code !== undefined && code !== 'Z_DATA_ERROR' && code !== 'Z_BUF_ERROR' && code !== 'Z_NEED_DICT') throw error;
  return refuse('archive-unreadable', `The file is not a readable ${what}: ${error.message.replace(/[.\s]+$/, '')}.`);
}
