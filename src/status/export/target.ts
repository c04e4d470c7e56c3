/**
 * A place where the page lies as static files, and the steps of putting it there. Two things hold at every moment, also when a step
 * fails or the process dies between two: a page never leads to a file that has not been put yet, and nothing is overwritten or
 * removed that this service did not put there itself.
 */
import assert from 'node:assert/strict';
import pLimit from 'p-limit';
import type { PublishedFile } from '../publication/published-file.ts';

/** A list of what was put, kept beside it: only these files are ever replaced or removed. */
export const manifestName = '.holdfast-files.json';

export interface ExportTarget {
  /** For people: the folder, or bucket and prefix. */
  readonly name: string;
  /** How many files may be under way at once. */
  readonly atOnce: number;
  /** Makes ready for one round; what it returns is used for that round alone. Rejects when the place cannot be used at all. */
  begin(signal: AbortSignal): Promise<ExportRound>;
}

export interface ExportRound {
  /** @returns the paths that were noted last; none when there is no list yet */
  readManifest(): Promise<readonly string[]>;
  writeManifest(paths: readonly string[]): Promise<void>;
  /** @returns whether there is such a file with other bytes */
  holdsOther(file: PublishedFile): Promise<boolean>;
  /** Puts the file whole or not at all, unless it is there already. */
  put(file: PublishedFile): Promise<void>;
  /** Removing what is not there succeeds. */
  remove(path: string): Promise<void>;
}

/** Something that the owner of the place has to put right. */
export class ExportError extends Error {}

const pathCharactersMax = 500;

/** @returns whether the path stays below the place: plain names with single slashes between them, and none of ours */
export function isPathInside(path: string): boolean {
  return (
    path.length <= pathCharactersMax &&
    path
      .split('/')
      .every((name) => /^[\w.~-]+$/.test(name) && !/^\.{1,2}$/.test(name) && !name.startsWith('.holdfast-'))
  );
}

/** What pages lead to is put before pages, and the first page last. */
function rankOf({ path }: PublishedFile): number {
  if (path === 'index.html') return 2;
  return path.endsWith('.html') ? 1 : 0;
}

/** Brings the place to what the files are. Rejects at the first thing that fails; the next call goes on from there. */
export async function exportFiles(
  target: ExportTarget,
  files: readonly PublishedFile[],
  signal: AbortSignal,
): Promise<void> {
  const paths = files.map(({ path }) => path).toSorted();
  for (const path of paths) assert.ok(isPathInside(path), `"${path}" leads out of the export`);
  assert.equal(new Set(paths).size, paths.length, 'a file is published twice');
  const round = await target.begin(signal);
  const ours = new Set((await round.readManifest()).filter(isPathInside));
  const each = (some: readonly PublishedFile[], work: (file: PublishedFile) => Promise<void>) =>
    eachUntilFailure(target.atOnce, some, signal, work);
  const added = files.filter(({ path }) => !ours.has(path));
  await each(added, async (file) => {
    if (await round.holdsOther(file))
      throw new ExportError(`"${file.path}" is there already, and was not put there by this service`);
  });
  if (added.length > 0) await round.writeManifest([...new Set([...ours, ...paths])].toSorted());
  for (const rank of [0, 1, 2])
    await each(
      files.filter((file) => rankOf(file) === rank),
      (file) => round.put(file),
    );
  const published = new Set(paths);
  const surplus = [...ours].filter((path) => !published.has(path));
  for (const path of surplus) await round.remove(path);
  if (surplus.length > 0) await round.writeManifest(paths);
}

/** Begins nothing more after a failure, and rejects with it only when nothing is under way any more. */
async function eachUntilFailure<T>(
  atOnce: number,
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const limit = pLimit(atOnce);
  const failures: unknown[] = [];
  await limit.map(items, async (item) => {
    if (failures.length > 0) return;
    try {
      signal.throwIfAborted();
      await work(item);
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
}

/** @returns the paths in a manifest; a file that is none is an error, because without it nobody knows whose files these are */
export function parseManifest(text: string): readonly string[] {
  const problem = new ExportError(`${manifestName} cannot be read; when all files there may be replaced, remove it`);
  try {
    const { files } = JSON.parse(text) as { files: unknown };
    if (Array.isArray(files) && files.every((path) => typeof path === 'string')) return files;
  } catch {
    throw problem;
  }
  throw problem;
}

export function manifestText(paths: readonly string[]): string {
  return `${JSON.stringify({ files: paths }, null, 1)}\n`;
}
