/**
 * Reclaims what nothing needs: temporary files of uploads that never ended, and blobs that no package refers to (a publish
 * that failed after its blob was put, or a version that was deleted). Only what is older than an hour, so that nothing under
 * way is touched.
 */
import { existsSync } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { blobsFolder, digestOfBlobKey } from '../blobs/keys.ts';
import { unfinishedFolder } from '../blobs/local.ts';
import type { Gallery } from '../gallery.ts';

export const keepAgeMs = 60 * 60_000;

export interface CleanUpReport {
  readonly temporaryFiles: number;
  readonly blobs: number;
}

/** @param ageMs how old a thing must be, in milliseconds */
export async function cleanUp(gallery: Gallery, ageMs: number = keepAgeMs): Promise<CleanUpReport> {
  const olderThan = gallery.clock.now() - ageMs;
  let temporaryFiles = 0;
  for (const folder of [gallery.folders.incoming, join(gallery.folders.store, unfinishedFolder)]) {
    temporaryFiles += await removeOld(folder, olderThan);
  }
  let blobs = 0;
  const needed = await digestsInUse(gallery);
  for await (const blob of gallery.store.list(blobsFolder)) {
    if (blob.modifiedAt > olderThan || needed.has(digestOfBlobKey(blob.key))) continue;
    await gallery.store.delete(blob.key);
    blobs += 1;
  }
  return { temporaryFiles, blobs };
}

/** @returns how many files were removed */
async function removeOld(folder: string, olderThan: number): Promise<number> {
  let removed = 0;
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (!found || found.mtimeMs > olderThan) continue;
    await unlink(path);
    removed += 1;
  }
  return removed;
}

/** Digests of all files and of everything taken out of them, symbols included. */
export async function digestsInUse(gallery: Gallery): Promise<Set<string>> {
  const needed = new Set<string>();
  for await (const row of gallery.db.selectFrom('files').select(['sha256', 'extracts']).stream()) {
    needed.add(row.sha256);
    for (const extract of JSON.parse(row.extracts) as { sha256: string }[]) needed.add(extract.sha256);
  }
  for await (const { sha256 } of gallery.db.selectFrom('symbols').select('sha256').stream()) needed.add(sha256);
  return needed;
}
