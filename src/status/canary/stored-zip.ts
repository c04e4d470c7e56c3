/** Writes a zip archive of a few small files, uncompressed: all that a canary needs (APPNOTE.TXT 4.3). Same files, same bytes. */
import { crc32 } from 'node:zlib';

export interface ZipEntry {
  /** With `/` between folders; ASCII. */
  readonly path: string;
  readonly content: Buffer;
}

const versionNeeded = 20;
/** 1 January 2024, 00:00, as DOS writes it: years since 1980, month, day. */
const dosDate = ((2024 - 1980) << 9) | (1 << 5) | 1;

/** @returns the archive's bytes, entries in the order given */
export function storedZip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content } of entries) {
    const name = Buffer.from(path, 'ascii');
    const shared = sharedFields(name, content);
    const file = Buffer.concat([signature('PK\x03\x04'), shared, name, content]);
    files.push(file);
    directory.push(directoryEntry(shared, name, offset));
    offset += file.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, listed, signature('PK\x05\x06'), end]);
}

/** What the local header and the central directory say alike: version, flags, method, date, checksum, sizes, lengths. */
function sharedFields(name: Buffer, content: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(versionNeeded, 0);
  fields.writeUInt16LE(dosDate, 8);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(content.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function directoryEntry(shared: Buffer, name: Buffer, offset: number): Buffer {
  const madeBy = Buffer.alloc(2);
  madeBy.writeUInt16LE(versionNeeded);
  // Length of the comment, disk number, attributes inside and outside, and where the file begins.
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([signature('PK\x01\x02'), madeBy, shared, rest, name]);
}

function signature(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
