/**
 * The end of a zip archive: its end record, the zip64 forms of it, and where the central directory lies. Nothing may stand
 * between directory and end records or behind them, and every value that is written twice must agree, or two tools would
 * find two different directories.
 */
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { findZipEnd, zipTailBytesMax } from './file-bytes.ts';
import type { ZipBytes } from './zip-bytes.ts';

export interface EndRecord {
  readonly entryCount: number;
  /** From the start of the file. */
  readonly directoryOffset: number;
  readonly directoryBytes: number;
}

const locatorBytes = 20;
const zip64RecordBytes = 56;

/**
 * Reads the end records (APPNOTE 4.3.14 to 4.3.16).
 * @returns where the directory is; or `archive-unreadable` when the file is not a zip archive, `archive-unsafe` when bytes stand
 * where none may or two records disagree
 */
export async function readEndRecord(file: ZipBytes): Promise<EndRecord | Refusal> {
  const fileBytes = file.sizeBytes;
  if (fileBytes === 0) return refuse('archive-unreadable', 'The file is empty.');
  const tailBytes = Math.min(fileBytes, zipTailBytesMax);
  const tail = await file.range(fileBytes - tailBytes, tailBytes);
  const end = findZipEnd(tail);
  if (end === undefined) return refuse('archive-unreadable', 'The file is not a zip archive, or it was cut off.');
  if (!end.isAtEnd) return refuse('archive-unsafe', 'The zip archive has other data behind its end record.');
  const record = tail.subarray(end.at);
  // The comment is free text; one that holds an end record of its own has two readings.
  if (record.includes('PK\x05\x06', 4, 'latin1')) {
    return refuse('archive-unsafe', 'The comment of the zip archive holds a second end record.');
  }
  const recordOffset = fileBytes - tail.length + end.at;
  const plain = {
    entryCount: record.readUInt16LE(10),
    directoryBytes: record.readUInt32LE(12),
    directoryOffset: record.readUInt32LE(16),
  };
  if (record.readUInt16LE(8) !== plain.entryCount && record.readUInt16LE(8) !== 0xffff) return severalDisks();
  const zip64 = await readZip64(file, recordOffset, plain);
  if (isRefusal(zip64)) return zip64;
  if (zip64 === undefined && (record.readUInt16LE(4) !== 0 || record.readUInt16LE(6) !== 0)) return severalDisks();
  const { directoryEnd, ...found } = zip64 ?? { ...plain, directoryEnd: recordOffset };
  if (found.directoryOffset + found.directoryBytes !== directoryEnd) {
    return refuse('archive-unsafe', 'The zip archive has data before its first entry or behind its directory.');
  }
  return found;
}

/** @returns undefined when the archive is not zip64. Readers know it by the locator right before the end record. */
async function readZip64(
  file: ZipBytes,
  recordOffset: number,
  plain: EndRecord,
): Promise<(EndRecord & { directoryEnd: number }) | Refusal | undefined> {
  const locatorOffset = recordOffset - locatorBytes;
  if (locatorOffset < 0) return undefined;
  const locator = await file.range(locatorOffset, locatorBytes);
  if (locator.readUInt32LE(0) !== 0x07064b50) return undefined;
  const directoryEnd = locatorOffset - zip64RecordBytes;
  if (directoryEnd < 0 || locator.readBigUInt64LE(8) !== BigInt(directoryEnd)) {
    return refuse('archive-unsafe', 'The zip64 records of the zip archive do not follow each other.');
  }
  const record = await file.range(directoryEnd, zip64RecordBytes);
  if (record.readUInt32LE(0) !== 0x06064b50 || record.readBigUInt64LE(4) !== BigInt(zip64RecordBytes - 12)) {
    return refuse('archive-unreadable', 'The zip64 end record of the zip archive is damaged.');
  }
  if (record.readUInt32LE(16) !== 0 || record.readUInt32LE(20) !== 0) return severalDisks();
  if (record.readBigUInt64LE(24) !== record.readBigUInt64LE(32)) return severalDisks();
  const [entryCount, directoryBytes, directoryOffset] = [32, 40, 48].map((at) => Number(record.readBigUInt64LE(at)));
  const found = { entryCount: entryCount!, directoryBytes: directoryBytes!, directoryOffset: directoryOffset! };
  const agrees =
    (plain.entryCount === 0xffff || plain.entryCount === found.entryCount) &&
    (plain.directoryBytes === 0xffffffff || plain.directoryBytes === found.directoryBytes) &&
    (plain.directoryOffset === 0xffffffff || plain.directoryOffset === found.directoryOffset);
  if (!agrees) return refuse('archive-unsafe', 'The two end records of the zip archive disagree.');
  return { ...found, directoryEnd };
}

function severalDisks(): Refusal {
  return refuse('archive-unreadable', 'The zip archive is one part of several; upload it whole.');
}
