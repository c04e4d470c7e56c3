/**
 * Reads from a portable PDB the one thing a symbol server must know: its id, which the assembly's debug directory names too. The
 * file is ECMA-335 metadata (partition II, 24.2) with a stream `#Pdb`, whose first 20 bytes are the id (Portable PDB v1.0). No more
 * than the few bytes that lead there are read, whatever the file's size.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { type Refusal, refuse } from '../../std/refusals.ts';
import { readRange } from '../archive/file-bytes.ts';

const metadataSignature = 0x424a5342;
const windowsSignature = 'Microsoft C/C++ ';
/** Signature, two version numbers, four reserved bytes, length of the version text. */
const rootBytes = 16;
const versionTextBytesMax = 256;
/** Portable PDBs have six. */
const streamsMax = 32;
const streamNameBytesMax = 32;
const idBytes = 20;
/** Id, entry point, referenced tables. */
const pdbStreamBytesMin = idBytes + 12;

/**
 * @param path of the unpacked file
 * @param shownName how messages call it
 * @returns the GUID of the id as symbol servers write it: 32 lower-case hexadecimal digits; or `metadata-invalid`
 */
export async function readPdbGuid(path: string, shownName: string): Promise<string | Refusal> {
  const file = await open(path, 'r');
  try {
    const fileBytes = (await file.stat()).size;
    const guid = await findGuid(file, fileBytes);
    if (guid !== undefined) return guid;
    const head = await readRange(file, 0, Math.min(fileBytes, windowsSignature.length));
    const isWindows = head.toString('latin1') === windowsSignature;
    const what = isWindows ? 'a Windows PDB; only portable ones are taken' : 'not a portable PDB';
    return refuse('metadata-invalid', `${shownName} is ${what}.`);
  } finally {
    await file.close();
  }
}

/** @returns undefined when the file is not what it should be */
async function findGuid(file: FileHandle, fileBytes: number): Promise<string | undefined> {
  const headBytes = Math.min(fileBytes, rootBytes + versionTextBytesMax + 4 + streamsMax * (8 + streamNameBytesMax));
  const head = await readRange(file, 0, headBytes);
  if (head.length < rootBytes || head.readUInt32LE(0) !== metadataSignature) return undefined;
  const versionBytes = head.readUInt32LE(12);
  if (versionBytes > versionTextBytesMax || versionBytes % 4 !== 0) return undefined;
  const stream = findPdbStream(head, rootBytes + versionBytes);
  if (stream === undefined || stream.sizeBytes < pdbStreamBytesMin) return undefined;
  if (stream.offset + stream.sizeBytes > fileBytes) return undefined;
  return writeGuid(await readRange(file, stream.offset, idBytes));
}

/** @param at where the flags and the number of streams stand */
function findPdbStream(head: Buffer, at: number): { offset: number; sizeBytes: number } | undefined {
  if (head.length < at + 4) return undefined;
  const count = head.readUInt16LE(at + 2);
  if (count > streamsMax) return undefined;
  let next = at + 4;
  for (let index = 0; index < count; index += 1) {
    const end = head.indexOf(0, next + 8);
    if (head.length < next + 8 || end < 0 || end - next - 8 >= streamNameBytesMax) return undefined;
    const name = head.toString('latin1', next + 8, end);
    if (name === '#Pdb') return { offset: head.readUInt32LE(next), sizeBytes: head.readUInt32LE(next + 4) };
    // Names end with a zero byte and are filled up to four bytes.
    next += 8 + Math.ceil((name.length + 1) / 4) * 4;
  }
  return undefined;
}

/** A GUID is one number of four bytes, two of two, all little-endian, and eight bytes. */
function writeGuid(id: Buffer): string {
  const numbers = [id.readUInt32LE(0), id.readUInt16LE(4), id.readUInt16LE(6)];
  const digits = numbers.map((value, index) => value.toString(16).padStart(index === 0 ? 8 : 4, '0'));
  return `${digits.join('')}${id.toString('hex', 8, 16)}`;
}
