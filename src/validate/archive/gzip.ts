/**
 * Unpacks one gzip member that fills its file exactly. Node's own gunzip reads on into further members and ignores what stands
 * behind them, so header and trailer are read here and zlib sees only the deflate data between.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { findZipEnd, readRange, readTail, refuseUnreadable, startsAsTar } from './file-bytes.ts';

/** Name and comment in the header are free text; no build tool writes more than its file's name. In bytes. */
const headerBytesMax = 4096;
const trailerBytes = 8;
const pieceBytes = 64 * 1024;

/**
 * Unpacks a gzip file (RFC 1952), piece by piece.
 * @param path of the file
 * @param receive is given each piece of unpacked bytes, and the size of the file; a refusal from it ends the reading
 * @returns what `receive` refused; or `archive-unreadable` when the data is damaged or cut off, `archive-unsafe` when anything
 * stands behind the data, or the file is a zip or tar archive as well; undefined when all was read
 */
export async function readGzip(
  path: string,
  receive: (piece: Buffer, fileBytes: number) => Refusal | undefined,
): Promise<Refusal | undefined> {
  const file = await open(path, 'r');
  try {
    const fileBytes = (await file.stat()).size;
    if (fileBytes === 0) return refuse('archive-unreadable', 'The file is empty.');
    const head = await readRange(file, 0, Math.min(fileBytes, headerBytesMax));
    const headerBytes = gzipHeaderBytes(head);
    if (headerBytes === undefined || headerBytes + trailerBytes >= fileBytes) {
      return refuse('archive-unreadable', 'The file is not gzip data, or it was cut off.');
    }
    if (startsAsTar(head)) return refuse('archive-unsafe', 'The file is a gzip file and a tar archive at once.');
    if (findZipEnd(await readTail(file, fileBytes))?.isAtEnd) {
      return refuse('archive-unsafe', 'The file is a gzip file and a zip archive at once.');
    }
    const unpacked = await inflate(file, headerBytes, (piece) => receive(piece, fileBytes));
    if (isRefusal(unpacked)) return unpacked;
    return await checkTrailer(file, headerBytes + unpacked.packedBytes, fileBytes, unpacked);
  } finally {
    await file.close();
  }
}

interface Unpacked {
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly checksum: number;
}

async function inflate(
  file: FileHandle,
  start: number,
  receive: (piece: Buffer) => Refusal | undefined,
): Promise<Unpacked | Refusal> {
  // Not the handle's own stream: that one closes the handle, which is still needed for the trailer.
  const source = Readable.from(readPieces(file, start), { objectMode: false });
  const inflater = createInflateRaw({ chunkSize: pieceBytes });
  source.on('error', (error) => inflater.destroy(error));
  source.pipe(inflater);
  let sizeBytes = 0;
  let checksum = 0;
  try {
    for await (const piece of inflater) {
      sizeBytes += piece.length;
      checksum = crc32(piece, checksum);
      const refusal = receive(piece);
      if (refusal !== undefined) return refusal;
    }
  } catch (error) {
    return refuseUnreadable(error, 'gzip file');
  } finally {
    source.unpipe(inflater);
    source.destroy();
  }
  return { packedBytes: inflater.bytesWritten, sizeBytes, checksum };
}

async function* readPieces(file: FileHandle, start: number): AsyncGenerator<Buffer> {
  for (let at = start; ; ) {
    const piece = Buffer.alloc(pieceBytes);
    const { bytesRead } = await file.read(piece, 0, pieceBytes, at);
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
    at += bytesRead;
  }
}

async function checkTrailer(
  file: FileHandle,
  dataEnd: number,
  fileBytes: number,
  { checksum, sizeBytes }: Unpacked,
): Promise<Refusal | undefined> {
  if (dataEnd + trailerBytes > fileBytes) return refuse('archive-unreadable', 'The gzip file was cut off.');
  const trailer = await readRange(file, dataEnd, trailerBytes);
  if (trailer.readUInt32LE(0) !== checksum || trailer.readUInt32LE(4) !== sizeBytes % 2 ** 32) {
    return refuse('archive-unreadable', 'The gzip file is damaged: its content does not have its checksum.');
  }
  if (dataEnd + trailerBytes === fileBytes) return undefined;
  return refuse('archive-unsafe', 'The gzip file has other data behind its end.');
}

/** @returns how long the header is (RFC 1952, 2.3); undefined when it is not one, or longer than what is read of it. */
function gzipHeaderBytes(head: Buffer): number | undefined {
  if (head.length < 10 || head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8) return undefined;
  const flags = head[3]!;
  // The upper bits are reserved: nobody knows what follows then.
  if ((flags & 0xe0) !== 0) return undefined;
  let at = 10;
  if ((flags & 4) !== 0) {
    if (at + 2 > head.length) return undefined;
    at += 2 + head.readUInt16LE(at);
  }
  for (const text of [8, 16]) {
    if ((flags & text) === 0) continue;
    const zero = head.indexOf(0, at);
    if (zero === -1) return undefined;
    at = zero + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  return at <= head.length ? at : undefined;
}
