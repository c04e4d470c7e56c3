/**
 * Writes zip and gzipped tar archives into memory. The same entries give the same bytes on every run: order, time stamps and
 * modes are fixed. Padding is bytes that no compression makes smaller, the same for the same seed.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';

/** A file to put into an archive: its path, with `/`, and its content. */
export interface ArchiveEntry {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** False stores it as it is; for content that does not compress. Only zip looks at it. Default true. */
  readonly compress?: boolean;
}

/** Extra files of a package: path inside the archive to content. */
export type FileContents = Readonly<Record<string, string | Uint8Array>>;

const fileMode = 0o100644;

/** @returns the bytes of a zip archive with these entries in this order, all stamped 2024-01-01 00:00. */
export async function zip(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  // Zip keeps local time, so the date is made from local parts; forceDosTimestamp leaves out the second, absolute stamp.
  const mtime = new Date(2024, 0, 1);
  const archive = new ZipFile();
  for (const entry of entries) {
    const options = { mtime, mode: fileMode, forceDosTimestamp: true, compress: entry.compress ?? true };
    archive.addBuffer(asBuffer(entry.content), entry.path, options);
  }
  archive.end();
  return buffer(archive.outputStream);
}

/** @returns the bytes of a .tar.gz with these entries in this order, all stamped 2024-01-01 00:00 UTC, owned by 0:0. */
export async function tarGz(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const mtime = new Date(Date.UTC(2024, 0, 1));
  const archive = pack();
  for (const entry of entries) {
    archive.entry({ name: entry.path, mtime, mode: 0o644, uid: 0, gid: 0 }, asBuffer(entry.content));
  }
  archive.finalize();
  return gzipSync(await buffer(archive));
}

/**
 * @param seed the same seed gives the same bytes
 * @param sizeBytes how many bytes, from 0
 */
export function padding(seed: string, sizeBytes: number): Buffer {
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(seed).digest(), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(sizeBytes));
}

/** @returns the entries of a package's extra files, in the order given. */
export function entriesOf(files: FileContents, folder = ''): ArchiveEntry[] {
  return Object.entries(files).map(([path, content]) => ({ path: folder + path, content }));
}

/** @returns the content as a Buffer; text as UTF-8. */
export function asBuffer(content: string | Uint8Array): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
}
