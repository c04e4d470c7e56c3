/**
 * The bytes of a zip archive on disk, read in blocks that are kept while they are looked at: a directory and its local headers are many
 * small pieces close to each other, and each piece read for itself would be a trip to the disk.
 */
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { LRUCache } from 'lru-cache';
import { RandomAccessReader } from 'yauzl';
import { readRange } from './file-bytes.ts';

const blockBytes = 128 * 1024;
const blocksMax = 8;
/** Longer ranges are streamed past the blocks. */
const wholeBytesMax = 2 * blockBytes;

/** What yauzl reads an archive through. Closing it leaves the file open: it belongs to who opened it. */
export class ZipBytes extends RandomAccessReader {
  readonly sizeBytes: number;
  readonly #file: FileHandle;
  readonly #blocks = new LRUCache<number, Promise<Buffer>>({ max: blocksMax });

  /** @param sizeBytes of the file */
  constructor(file: FileHandle, sizeBytes: number) {
    super();
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  /** @returns exactly so many bytes from an offset. Throws when the file is shorter: the caller knows its size. */
  async range(offset: number, sizeBytes: number): Promise<Buffer> {
    if (sizeBytes > wholeBytesMax || offset + sizeBytes > this.sizeBytes) {
      return readRange(this.#file, offset, sizeBytes);
    }
    const pieces: Buffer[] = [];
    for (let at = offset; at < offset + sizeBytes; ) {
      const number = Math.floor(at / blockBytes);
      const start = at - number * blockBytes;
      const piece = (await this.#block(number)).subarray(start, start + offset + sizeBytes - at);
      pieces.push(piece);
      at += piece.length;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  #block(number: number): Promise<Buffer> {
    const known = this.#blocks.get(number);
    if (known) return known;
    const start = number * blockBytes;
    const block = readRange(this.#file, start, Math.min(blockBytes, this.sizeBytes - start));
    this.#blocks.set(number, block);
    return block;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const available = Math.max(0, Math.min(length, this.sizeBytes - position));
    this.range(position, available).then(
      (bytes) => process.nextTick(callback, null, bytes.copy(buffer, offset)),
      (error: Error) => process.nextTick(callback, error),
    );
  }

  /** @param end the first byte that is not wanted */
  override _readStreamForRange(start: number, end: number): Readable {
    if (end - start > wholeBytesMax) return this.#file.createReadStream({ start, end: end - 1, autoClose: false });
    return Readable.from(this.#wholeRange(start, end));
  }

  async *#wholeRange(start: number, end: number): AsyncGenerator<Buffer> {
    if (end > start) yield await this.range(start, end - start);
  }

  override close(callback: (error: Error | null) => void): void {
    process.nextTick(callback, null);
  }
}
