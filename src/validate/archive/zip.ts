/**
 * Reads zip archives that nobody vouches for (wheels, .nupkg). What opens here unpacks to one and the same tree with every
 * common tool, inside its folder, within the limits; and every byte that is read has its checksum.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import { watchBody } from '../../std/memory.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { ArchiveLimits } from '../candidate.ts';
import { EntryPaths, shownName } from './entry-names.ts';
import { ratioFreeBytes, refuseUnreadable, startsAsTar } from './file-bytes.ts';
import { ZipBytes } from './zip-bytes.ts';
import { type EndRecord, readEndRecord } from './zip-end-record.ts';
import { checkLocalHeaders, type DirectoryEntry, hasChecksum, readDirectoryEntry } from './zip-entries.ts';

export interface ZipEntry {
  /** As in the archive, with `/`; folders end with it. */
  readonly name: string;
  /** Unpacked. */
  readonly sizeBytes: number;
  readonly isFolder: boolean;
}

/** What is kept of each entry while the archive is open, at most. In bytes of the central directory. */
const directoryBytesMax = 32 * 1024 * 1024;
const directoryEntryBytes = 46;
const options = { autoClose: false, decodeStrings: false, validateEntrySizes: true };

/** An open archive that has passed every check of `openZip`. */
export class ZipArchive {
  readonly entries: readonly ZipEntry[];
  readonly #zip: ZipFile;
  readonly #file: FileHandle;
  readonly #byName: ReadonlyMap<string, DirectoryEntry>;
  readonly #limits: ArchiveLimits;

  constructor(zip: ZipFile, file: FileHandle, entries: readonly DirectoryEntry[], limits: ArchiveLimits) {
    this.entries = entries.map(({ name, sizeBytes, isFolder }) => ({ name, sizeBytes, isFolder }));
    this.#zip = zip;
    this.#file = file;
    this.#byName = new Map(entries.map((entry) => [entry.name, entry]));
    this.#limits = limits;
  }

  /** @param name exactly as in the archive */
  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * Unpacks one entry into memory and checks its CRC-32.
   * @param name an entry that is there: ask `has` first
   * @returns its bytes; or `archive-too-large` above `extractBytesMax`, `archive-unreadable` when it is damaged
   */
  async read(name: string): Promise<Uint8Array | Refusal> {
    const entry = this.#byName.get(name);
    if (entry === undefined) throw new Error(`The zip archive has no entry ${shownName(name)}.`);
    const { extractBytesMax } = this.#limits;
    if (entry.sizeBytes > extractBytesMax) {
      return refuse('archive-too-large', `${shownName(name)} unpacks to more than ${extractBytesMax} bytes.`);
    }
    const chunks: Buffer[] = [];
    try {
      // yauzl ends the stream with an error as soon as it yields more bytes than the directory says.
      for await (const chunk of await this.#zip.openReadStreamPromise(entry.source)) chunks.push(chunk as Buffer);
    } catch (error) {
      return refuseUnreadable(error, 'zip archive');
    }
    const bytes = Buffer.concat(chunks);
    if (bytes.length === entry.sizeBytes && hasChecksum(bytes, entry)) return bytes;
    return refuse('archive-unreadable', `${shownName(name)} is damaged: its bytes do not have their checksum.`);
  }

  /**
   * Unpacks one entry into a file, as a stream, and checks its CRC-32.
   * @param name an entry that is there
   * @param path of a file that is not there yet; whatever comes of it, removing it is the caller's
   * @returns the SHA-256 of its bytes, hexadecimal; or `archive-unreadable` when it is damaged
   */
  async unpack(name: string, path: string): Promise<string | Refusal> {
    const entry = this.#byName.get(name);
    if (entry === undefined) throw new Error(`The zip archive has no entry ${shownName(name)}.`);
    const sha256 = createHash('sha256');
    const watch = watchBody();
    let checksum = 0;
    let sizeBytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        sizeBytes += chunk.length;
        checksum = crc32(chunk, checksum);
        sha256.update(chunk);
        watch(chunk.length);
        done(null, chunk);
      },
    });
    try {
      const packed = await this.#zip.openReadStreamPromise(entry.source);
      await pipeline(packed, measure, createWriteStream(path, { flags: 'wx', highWaterMark: 256 * 1024 }));
    } catch (error) {
      return refuseUnreadable(error, 'zip archive');
    }
    if (sizeBytes === entry.sizeBytes && checksum === entry.source.crc32) return sha256.digest('hex');
    return refuse('archive-unreadable', `${shownName(name)} is damaged: its bytes do not have their checksum.`);
  }

  /** Settles when the file is closed. Call it once. */
  async close(): Promise<void> {
    await closeZip(this.#zip);
    await this.#file.close();
  }
}

/**
 * Opens a zip archive and checks all of it but the content of its files (APPNOTE 6.3.10; the rules are PyPI's and uv's).
 * @param path of the file
 * @param limits in bytes and entries
 * @returns the open archive, to be closed by the caller; or `archive-unreadable`, `archive-unsafe`, `archive-too-large`
 */
export async function openZip(path: string, limits: ArchiveLimits): Promise<ZipArchive | Refusal> {
  const file = await open(path, 'r');
  let archive: ZipArchive | Refusal | undefined;
  try {
    archive = await openFile(file, limits);
    return archive;
  } finally {
    if (!(archive instanceof ZipArchive)) await file.close();
  }
}

async function openFile(file: FileHandle, limits: ArchiveLimits): Promise<ZipArchive | Refusal> {
  const bytes = new ZipBytes(file, (await file.stat()).size);
  const end = await readEndRecord(bytes);
  if (isRefusal(end)) return end;
  if (startsAsTar(await bytes.range(0, Math.min(bytes.sizeBytes, 512)))) {
    return refuse('archive-unsafe', 'The file is a zip archive and a tar archive at once.');
  }
  if (end.entryCount > limits.entriesMax) {
    return refuse('archive-too-large', `The zip archive has more than ${limits.entriesMax} entries.`);
  }
  if (end.directoryBytes > directoryBytesMax) {
    return refuse('archive-too-large', `The directory of the zip archive is larger than ${directoryBytesMax} bytes.`);
  }
  return openChecked(file, bytes, end, limits);
}

async function openChecked(
  file: FileHandle,
  bytes: ZipBytes,
  end: EndRecord,
  limits: ArchiveLimits,
): Promise<ZipArchive | Refusal> {
  let zip: ZipFile;
  try {
    zip = await fromRandomAccessReaderPromise(bytes, bytes.sizeBytes, options);
  } catch (error) {
    return refuseUnreadable(error, 'zip archive');
  }
  let archive: ZipArchive | undefined;
  try {
    const entries = await readDirectory(zip, end);
    if (isRefusal(entries)) return entries;
    const problem =
      sizeProblem(entries, bytes.sizeBytes, limits) ??
      pathProblem(entries) ??
      (await checkLocalHeaders(zip, bytes, entries, end.directoryOffset));
    if (problem !== undefined) return problem;
    archive = new ZipArchive(zip, file, entries, limits);
    return archive;
  } finally {
    if (archive === undefined) await closeZip(zip);
  }
}

async function readDirectory(zip: ZipFile, end: EndRecord): Promise<DirectoryEntry[] | Refusal> {
  const entries: DirectoryEntry[] = [];
  let directoryBytes = 0;
  try {
    for await (const source of zip.eachEntry()) {
      const entry = readDirectoryEntry(source);
      if (isRefusal(entry)) return entry;
      const { fileNameLength, extraFieldLength, fileCommentLength } = source;
      directoryBytes += directoryEntryBytes + fileNameLength + extraFieldLength + fileCommentLength;
      entries.push(entry);
    }
  } catch (error) {
    return refuseUnreadable(error, 'zip archive');
  }
  if (directoryBytes === end.directoryBytes) return entries;
  return refuse('archive-unsafe', 'The directory of the zip archive is longer or shorter than its entries.');
}

function sizeProblem(
  entries: readonly DirectoryEntry[],
  fileBytes: number,
  limits: ArchiveLimits,
): Refusal | undefined {
  let unpackedBytes = 0;
  for (const entry of entries) {
    unpackedBytes += entry.sizeBytes;
    if (unpackedBytes > limits.unpackedBytesMax) {
      return refuse('archive-too-large', `The archive unpacks to more than ${limits.unpackedBytesMax} bytes.`);
    }
  }
  if (unpackedBytes <= ratioFreeBytes || unpackedBytes <= limits.ratioMax * fileBytes) return undefined;
  return refuse('archive-too-large', `The archive unpacks to more than ${limits.ratioMax} times its own size.`);
}

function pathProblem(entries: readonly DirectoryEntry[]): Refusal | undefined {
  const paths = new EntryPaths();
  for (const { name, isFolder } of entries) {
    const problem = paths.add(isFolder ? name.slice(0, -1) : name, isFolder);
    if (problem !== undefined) return refuse('archive-unsafe', `The entry ${shownName(name)} ${problem}.`);
  }
  const file = paths.findFileUsedAsFolder();
  if (file === undefined) return undefined;
  return refuse('archive-unsafe', `The entry ${shownName(file)} is a file, but other entries lie below it.`);
}

async function closeZip(zip: ZipFile): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    zip.once('close', resolve);
    zip.once('error', reject);
  });
  zip.close();
  await closed;
}
