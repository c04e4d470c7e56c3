/**
 * Brings files of a tree into the gallery as far as uploads are when their archive has been read: hashed, inspected, their blobs
 * durable. What is hashed is what is kept: the bytes are read once, or copied first. The tree itself is never changed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { NewObject } from '../blobs/store.ts';
import type { FileToPublish } from '../catalogue/publish-file.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Digests } from '../documents/package-view.ts';
import type { Gallery } from '../gallery.ts';
import { isRefusal, type Refusal, type RefusalCode, refuse } from '../std/refusals.ts';
import { startDigests } from '../upload/digests.ts';
import { blobsOf } from '../upload/put-blobs.ts';
import { archiveLimits, type Candidate } from '../validate/candidate.ts';
import { inspectNupkg } from '../validate/nupkg/inspect.ts';
import { inspectPythonFile } from '../validate/python/inspect.ts';
import { pythonRules } from '../validate/python/rules.ts';
import type { FoundFile } from './walk.ts';

export interface FilesToStage {
  readonly feed: FeedRow;
  readonly files: readonly FoundFile[];
  /** False to look only, and put nothing into the store. */
  readonly keeps: boolean;
}

/** What is published, but for who does it. */
export type StagedFile = Omit<FileToPublish, 'principalId' | 'limits'>;

export type Staged = { readonly name: string } & (
  | { readonly state: 'ready'; readonly file: StagedFile }
  | { readonly state: 'there' }
  | { readonly state: 'refused'; readonly code: RefusalCode; readonly message: string }
);

/** Up to so many bytes a file is read at once, and looked up before anything is written. */
const readAtOnceBytesMax = 1024 * 1024;
/** What was taken out of archives and waits to be put, in bytes. */
const waitingBytesMax = 32 * 1024 * 1024;

interface Copy {
  /** In `incoming/`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly digests: Digests;
}

/** @returns one result for each of the files, in their order; of those that are ready, all blobs are on stable storage */
export async function stageFiles(gallery: Gallery, { feed, files, keeps }: FilesToStage): Promise<Staged[]> {
  const results: Staged[] = [];
  const waiting = new Map<string, NewObject>();
  const copies: string[] = [];
  let waitingBytes = 0;
  const put = async () => {
    await gallery.store.putAll([[...waiting.values()]]);
    waiting.clear();
    waitingBytes = 0;
  };
  try {
    for (const found of files) {
      const { staged, objects } = await stageOne(gallery, feed, found, copies);
      results.push(staged);
      for (const object of keeps ? objects : []) {
        waiting.set(object.key, object);
        waitingBytes += 'bytes' in object ? object.bytes.length : 0;
      }
      if (waitingBytes >= waitingBytesMax) await put();
    }
    if (waiting.size > 0) await put();
  } finally {
    // The store has taken those that it was given.
    for (const path of copies) rmSync(path, { force: true });
  }
  return results;
}

/** @param copies gets the path of what is to be removed in the end */
async function stageOne(
  gallery: Gallery,
  feed: FeedRow,
  found: FoundFile,
  copies: string[],
): Promise<{ staged: Staged; objects: readonly NewObject[] }> {
  const { name } = found;
  const refused = ({ code, message }: Refusal) => ({
    staged: { name, state: 'refused' as const, code, message },
    objects: [],
  });
  const copy = await takeIn(gallery, feed, found, copies);
  if (copy === 'there') return { staged: { name, state: 'there' }, objects: [] };
  if (isRefusal(copy)) return refused(copy);
  const candidate = await inspect(gallery, found, copy.path);
  if (isRefusal(candidate)) return refused(candidate);
  const { objects, extracts } = blobsOf(copy, candidate);
  const { sizeBytes, digests } = copy;
  // What was taken out of it is a blob by now, and need not travel between threads.
  const file = { feed, candidate: { ...candidate, extracts: [] }, sizeBytes, digests, extracts };
  return { staged: { name, state: 'ready', file }, objects };
}

/**
 * Copies a file into `incoming/` and hashes what was copied.
 * @param copies gets the path of what is to be removed in the end
 * @returns the copy, or `there` when the feed has the same bytes under the same name
 */
export async function takeIn(
  gallery: Gallery,
  feed: FeedRow,
  found: FoundFile,
  copies: string[],
): Promise<Copy | 'there' | Refusal> {
  try {
    return await copyIn(gallery, feed, found, copies);
  } catch (error) {
    const { path, code } = error as NodeJS.ErrnoException;
    // Trouble with our own folders is no fault of the file.
    if (code === undefined || path !== found.path) throw error;
    return refuse('file-unreadable', `The file cannot be read (${code}).`);
  }
}

async function copyIn(
  gallery: Gallery,
  feed: FeedRow,
  found: FoundFile,
  copies: string[],
): Promise<Copy | 'there' | Refusal> {
  const { uploadBytesMax } = gallery.config;
  const { size: sizeBytes } = statSync(found.path);
  if (sizeBytes > uploadBytesMax) {
    return refuse('upload-too-large', `The file is larger than this gallery takes (${uploadBytesMax} bytes).`);
  }
  const path = join(gallery.folders.incoming, randomUUID());
  const bytes = sizeBytes <= readAtOnceBytesMax ? readFileSync(found.path) : undefined;
  const sha256 = bytes ? createHash('sha256').update(bytes).digest('hex') : await sha256Of(found.path);
  if (await isThere(gallery, feed, found, sha256)) return 'there';
  copies.push(path);
  if (bytes) writeFileSync(path, bytes, { flag: 'wx' });
  else await copyFile(found.path, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const digests = await startDigests();
  if (bytes) digests.update(bytes);
  else for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) digests.update(chunk as Buffer);
  return { path, sizeBytes: bytes?.length ?? statSync(path).size, digests: digests.finish() };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The same bytes under the same name, published and acknowledged. Python files are known by name; NuGet's by what is in them. */
async function isThere({ db }: Gallery, feed: FeedRow, { path, form }: FoundFile, sha256: string): Promise<boolean> {
  const rows = await db
    .selectFrom('files')
    .innerJoin('packages', 'packages.id', 'files.package_id')
    .select(['files.filename', 'files.kind'])
    .where('files.sha256', '=', sha256)
    .where('packages.feed_id', '=', feed.id)
    .where('files.is_acknowledged', '=', 1n)
    .execute();
  return rows.some(({ filename, kind }) => (form === 'python' ? filename === basename(path) : kind === form));
}

async function inspect({ config }: Gallery, { path, form }: FoundFile, copy: string): Promise<Candidate | Refusal> {
  const limits = archiveLimits(config);
  if (form === 'nupkg') return inspectNupkg(copy, limits);
  return inspectPythonFile(copy, basename(path), limits, pythonRules(config.pythonRefuse, config.pythonAllow));
}
