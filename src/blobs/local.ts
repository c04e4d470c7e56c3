/**
 * A blob store in a local folder. A write goes to a temporary name, is forced to disk, gets its final name, and the folder is
 * forced to disk: after a power cut there is the old object or the new one, whole. What is written together is forced together,
 * because a disk takes hardly longer for ten things at once than for one.
 */
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Disk, isSystemError, systemDisk } from '../std/disk.ts';
import { type DurableFolders, durableFolders } from './durable-folders.ts';
import type { BlobStore, Key, NewObject } from './store.ts';

/** Below the root: writes that have not got their names yet. `clean-up` removes what a process that died left here. */
export const unfinishedFolder = 'unfinished';

/** An object whose bytes are on disk, but not yet under its name. */
interface StagedObject {
  readonly key: Key;
  readonly path: string;
  /** Where its bytes are: a temporary file, an upload, or another object. */
  readonly source: string;
  readonly kind: 'temporary' | 'file' | 'link';
}

/**
 * @param root the folder; made when missing
 * @param disk the file system, replaced in crash tests
 */
export function localStore(root: string, disk: Disk = systemDisk): BlobStore {
  const folders = durableFolders(root, disk);
  const pathOf = (key: Key) => join(root, assertKey(key));
  const unfinished = () => join(root, unfinishedFolder, randomUUID());

  async function stage(object: NewObject): Promise<StagedObject> {
    const { key } = object;
    const path = pathOf(key);
    if ('link' in object) return { key, path, source: pathOf(object.link), kind: 'link' };
    if ('file' in object) {
      await disk.syncFile(object.file);
      return { key, path, source: object.file, kind: 'file' };
    }
    const source = unfinished();
    await folders.within(dirname(source), () => disk.writeDurably(source, object.bytes));
    return { key, path, source, kind: 'temporary' };
  }

  async function giveName(staged: StagedObject): Promise<void> {
    const { path, source, kind } = staged;
    await folders.within(dirname(path), () =>
      kind === 'link' ? link(disk, folders, staged, unfinished()) : disk.rename(source, path),
    );
  }

  async function putAll(groups: readonly (readonly NewObject[])[]): Promise<void> {
    const staging = groups.flatMap((group, number) =>
      group.map(async (object) => ({ number, ...(await stage(object)) })),
    );
    try {
      const staged = Map.groupBy(await Promise.all(staging), ({ number }) => number);
      for (const [number] of groups.entries()) {
        const group = staged.get(number) ?? [];
        await Promise.all(group.map(giveName));
        await folders.force(group.map(({ path }) => dirname(path)));
      }
    } catch (error) {
      for (const settled of await Promise.allSettled(staging)) {
        if (settled.status === 'fulfilled' && settled.value.kind === 'temporary')
          await disk.remove(settled.value.source);
      }
      throw error;
    }
  }

  return {
    put: (key, bytes) => putAll([[{ key, bytes }]]),
    putAll,
    async state(key) {
      const state = await disk.state(pathOf(key));
      return state && { sizeBytes: state.sizeBytes, modifiedAt: state.modifiedAtMs, identity: state.identity };
    },
    get: (key) => disk.read(pathOf(key)),
    getStart: async (key, bytesMax) => disk.readStart(pathOf(key), bytesMax),
    stream: (key, range) => disk.stream(pathOf(key), range),
    async delete(key) {
      const removed = await disk.remove(pathOf(key));
      if (removed) await folders.force([dirname(pathOf(key))]);
      return removed;
    },
    list: (folder) => walk(disk, pathOf(folder), folder),
    async names(folder) {
      const entries = await disk.list(pathOf(folder));
      return entries.map((entry) => entry.name);
    },
  };
}

async function* walk(
  disk: Disk,
  folder: string,
  key: Key,
): AsyncGenerator<{ key: Key; sizeBytes: number; modifiedAt: number }> {
  for (const entry of await disk.list(folder)) {
    const entryKey = `${key}/${entry.name}`;
    if (entry.isFolder) {
      yield* walk(disk, join(folder, entry.name), entryKey);
    } else {
      const state = await disk.state(join(folder, entry.name));
      if (state) yield { key: entryKey, sizeBytes: state.sizeBytes, modifiedAt: state.modifiedAtMs };
    }
  }
}

/** In the usual case, one step. A name that leads elsewhere is replaced by way of a temporary one. */
async function link(
  disk: Disk,
  folders: DurableFolders,
  { key, path, source }: StagedObject,
  temporary: string,
): Promise<void> {
  try {
    await disk.link(source, path);
    return;
  } catch (error) {
    const existing = await disk.state(source);
    if (existing === undefined) throw new MissingObjectError(`cannot link ${key}: ${source} is not in the store`);
    // The folder is gone: whoever called makes it again.
    if (isSystemError(error, 'ENOENT')) throw error;
    if ((await disk.state(path))?.identity === existing.identity) return;
  }
  await folders.within(dirname(temporary), () => linkOrCopy(disk, source, temporary));
  await disk.rename(temporary, path);
  // Renaming over another name of the same file does nothing and leaves the temporary name behind (rename(2)).
  await disk.remove(temporary);
}

/** A link was to lead to an object that is not there. */
class MissingObjectError extends Error {}

/** A file system without hard links, or a file with as many names as it allows, gets a copy. */
async function linkOrCopy(disk: Disk, source: string, target: string): Promise<void> {
  try {
    await disk.link(source, target);
  } catch (error) {
    if (!isSystemError(error, 'EMLINK', 'EPERM', 'EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
    await disk.copyDurably(source, target);
  }
}

function assertKey(key: Key): Key {
  const isSafe = key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
  if (!isSafe || key.includes('\0')) throw new Error(`not a store key: ${JSON.stringify(key)}`);
  return key;
}
