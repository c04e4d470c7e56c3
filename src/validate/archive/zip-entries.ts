/**
 * The entries of a zip archive. The central directory and the local headers tell the same things twice, and some tools read the
 * one, some the other: here they agree, and headers with their data fill the file from its first byte to the directory.
 */
import { crc32 } from 'node:zlib';
import { type Entry, type LocalFileHeader, parseExtraFields, type ZipFile } from 'yauzl';
import { type Refusal, refuse } from '../../std/refusals.ts';
import { decodeUtf8, entryNameBytesMax, entryNameProblem, shownName } from './entry-names.ts';
import { refuseUnreadable } from './file-bytes.ts';
import type { ZipBytes } from './zip-bytes.ts';

/** One entry as the central directory tells it. */
export interface DirectoryEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly isFolder: boolean;
  /** As yauzl gives it. */
  readonly source: Entry;
}

const flagEncrypted = 0x0001 | 0x0040 | 0x2000;
const flagPatch = 0x0020;
const flagDescriptor = 0x0008;
const flagUtf8 = 0x0800;
const methods = new Set([0, 8]);
const extraZip64 = 0x0001;
const extraUnicodePath = 0x7075;
const localHeaderBytes = 30;

/**
 * Checks what the central directory says about one entry.
 * @returns the entry; or `archive-unsafe`, or `archive-unreadable` for what no common tool unpacks
 */
export function readDirectoryEntry(source: Entry): DirectoryEntry | Refusal {
  const rawName = source.fileNameRaw;
  if (rawName.length > entryNameBytesMax) {
    return refuse('archive-unsafe', `An entry of the zip archive has a name of more than ${entryNameBytesMax} bytes.`);
  }
  const name = decodeUtf8(rawName);
  if (name === undefined) {
    return refuse('archive-unsafe', 'An entry of the zip archive has a name that is not UTF-8.');
  }
  const problem = entryNameProblem(name) ?? nameEncodingProblem(source, name);
  if (problem !== undefined) return unsafe(name, problem);
  if ((source.generalPurposeBitFlag & flagEncrypted) !== 0) return unsafe(name, 'is encrypted');
  if ((source.generalPurposeBitFlag & flagPatch) !== 0) return unsafe(name, 'is a patch and not a file');
  if (!methods.has(source.compressionMethod)) {
    const method = `compression method ${source.compressionMethod}`;
    return refuse('archive-unreadable', `${entryNamed(name)} uses ${method}; only stored and deflate can be unpacked.`);
  }
  const isFolder = name.endsWith('/');
  const kindProblem = fileKindProblem(source, isFolder);
  if (kindProblem !== undefined) return unsafe(name, kindProblem);
  if (source.extraFields.filter((field) => field.id === extraZip64).length > 1)
    return unsafe(name, 'has two zip64 sizes');
  return { name, sizeBytes: source.uncompressedSize, isFolder, source };
}

/** Python reads a name without the UTF-8 mark as code page 437, .NET as UTF-8, and some the Unicode Path field instead. */
function nameEncodingProblem(source: Entry, name: string): string | undefined {
  const isMarked = (source.generalPurposeBitFlag & flagUtf8) !== 0;
  if (!isMarked && /[^\x20-\x7e]/.test(name)) return 'has a name beyond ASCII that is not marked as UTF-8';
  const paths = source.extraFields.filter((field) => field.id === extraUnicodePath);
  if (paths.some((field) => !field.data.subarray(5).equals(source.fileNameRaw))) return 'has a second, different name';
  return undefined;
}

/** The upper half of the external attributes is the Unix mode, or zero. */
function fileKindProblem(source: Entry, isFolder: boolean): string | undefined {
  const kind = (source.externalFileAttributes >>> 16) & 0o170000;
  if (kind === 0o120000) return 'is a symbolic link';
  if (kind !== 0 && kind !== 0o100000 && kind !== 0o040000) return 'is a device or another special file';
  if ((kind === 0o040000 && !isFolder) || (kind === 0o100000 && isFolder)) {
    return 'is a folder by its name or by its attributes, but not by both';
  }
  if (isFolder && source.uncompressedSize !== 0) return 'is a folder, but has content';
  return undefined;
}

/**
 * Walks over the local headers in the order of the file. Each entry must start where the one before it ended.
 * @param directoryOffset where the central directory starts, in bytes
 * @returns `archive-unsafe` for overlaps, gaps and contradictions; undefined when all is well
 */
export async function checkLocalHeaders(
  zip: ZipFile,
  file: ZipBytes,
  entries: readonly DirectoryEntry[],
  directoryOffset: number,
): Promise<Refusal | undefined> {
  const inOrder = [...entries].sort((a, b) => offsetOf(a) - offsetOf(b));
  const firstOffset = inOrder[0] === undefined ? directoryOffset : offsetOf(inOrder[0]);
  if (inOrder.length === 0 && directoryOffset === 0) return undefined;
  if (inOrder.length === 0 || firstOffset !== 0) {
    return refuse('archive-unsafe', 'The zip archive has data before its first entry.');
  }
  for (const [index, entry] of inOrder.entries()) {
    const following = inOrder[index + 1];
    const next = following === undefined ? directoryOffset : offsetOf(following);
    // Checked before reading, because positions beyond the file are a bug to the reader and not bad input.
    if (next > directoryOffset || offsetOf(entry) + localHeaderBytes > next) return overlaps(entry);
    const problem = await localHeaderProblem(zip, file, entry, next);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

async function localHeaderProblem(
  zip: ZipFile,
  file: ZipBytes,
  entry: DirectoryEntry,
  next: number,
): Promise<Refusal | undefined> {
  const { source, name } = entry;
  let local: LocalFileHeader;
  let sizes: LocalSizes | undefined;
  try {
    local = await zip.readLocalFileHeaderPromise(source);
    sizes = localSizes(local);
  } catch (error) {
    return refuseUnreadable(error, 'zip archive');
  }
  const dataEnd = local.fileDataStart + source.compressedSize;
  if (dataEnd > next) return overlaps(entry);
  if (!local.fileName.equals(source.fileNameRaw)) return unsafe(name, 'has another name in its local header');
  if (local.compressionMethod !== source.compressionMethod) {
    return unsafe(name, 'has another compression method in its local header');
  }
  const meaningfulFlags = flagEncrypted | flagDescriptor | flagUtf8;
  if (((local.generalPurposeBitFlag ^ source.generalPurposeBitFlag) & meaningfulFlags) !== 0) {
    return unsafe(name, 'has other flags in its local header');
  }
  const isDeferred = (source.generalPurposeBitFlag & flagDescriptor) !== 0;
  const agrees =
    sizes !== undefined &&
    agree(sizes.crc32, source.crc32, isDeferred) &&
    agree(sizes.packedBytes, source.compressedSize, isDeferred) &&
    agree(sizes.sizeBytes, source.uncompressedSize, isDeferred);
  if (!agrees) return unsafe(name, 'has another size or checksum in its local header');
  if (next === dataEnd) return undefined;
  if (!isDeferred || !(await isDescriptor(file, dataEnd, next, source))) {
    return refuse('archive-unsafe', `The zip archive has hidden data behind the entry ${shownName(name)}.`);
  }
  return undefined;
}

interface LocalSizes {
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
}

/** @returns undefined when a size is left to a zip64 field that is not there. */
function localSizes(local: LocalFileHeader): LocalSizes | undefined {
  let { compressedSize: packedBytes, uncompressedSize: sizeBytes } = local;
  const zip64 = parseExtraFields(local.extraField).filter((field) => field.id === extraZip64);
  if (zip64.length > 1) return undefined;
  let at = 0;
  const data = zip64[0]?.data ?? Buffer.alloc(0);
  if (sizeBytes === 0xffffffff && data.length >= at + 8) {
    sizeBytes = Number(data.readBigUInt64LE(at));
    at += 8;
  }
  if (packedBytes === 0xffffffff && data.length >= at + 8) packedBytes = Number(data.readBigUInt64LE(at));
  return { crc32: local.crc32, packedBytes, sizeBytes };
}

/** With a data descriptor behind the data, the local header may leave its fields zero. */
function agree(local: number, directory: number, isDeferred: boolean): boolean {
  return local === directory || (isDeferred && local === 0);
}

/** Data descriptors (APPNOTE 4.3.9) come with or without a signature, and with sizes of 4 or 8 bytes. */
async function isDescriptor(file: ZipBytes, start: number, end: number, source: Entry): Promise<boolean> {
  if (![12, 16, 20, 24].includes(end - start)) return false;
  const bytes = await file.range(start, end - start);
  const hasSignature = bytes.length % 8 === 0;
  if (hasSignature && bytes.readUInt32LE(0) !== 0x08074b50) return false;
  const fields = bytes.subarray(hasSignature ? 4 : 0);
  const sizes =
    fields.length === 12
      ? [fields.readUInt32LE(4), fields.readUInt32LE(8)]
      : [Number(fields.readBigUInt64LE(4)), Number(fields.readBigUInt64LE(12))];
  return (
    fields.readUInt32LE(0) === source.crc32 &&
    sizes[0] === source.compressedSize &&
    sizes[1] === source.uncompressedSize
  );
}

/** Tells whether unpacked bytes are what the directory promised. */
export function hasChecksum(bytes: Uint8Array, entry: DirectoryEntry): boolean {
  return crc32(bytes) === entry.source.crc32;
}

function offsetOf(entry: DirectoryEntry): number {
  return entry.source.relativeOffsetOfLocalHeader;
}

function overlaps(entry: DirectoryEntry): Refusal {
  return unsafe(entry.name, 'overlaps another part of the archive');
}

function unsafe(name: string, problem: string): Refusal {
  return refuse('archive-unsafe', `${entryNamed(name)} ${problem}.`);
}

function entryNamed(name: string): string {
  return `The entry ${shownName(name)} of the zip archive`;
}
