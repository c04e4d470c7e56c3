/**
 * A blob store in a local folder. A write goes to a temporary name, is forced to disk, gets its final name, and the folder is
 * forced to disk: after a power cut there is the old object or the new one, whole.
 */
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Disk, isSystemError, systemDisk } from '../std/disk.ts';
import { durableFolders } from './durable-folders.ts';
import type { BlobStore, Key } from './store.ts';

/** Temporary names begin with this and are never listed; `clean-up` removes old ones. */
export const temporaryPrefix = '.tmp-';

/**
 * @param root the folder; made when missing
 * @param disk the file system, replaced in crash tests
 */
export function localStore(root: string, disk: Disk = systemDisk): BlobStore {
  const folders = durableFolders(root, disk);
  const pathOf = (key: Key) => join(root, assertKey(key));

  /** Runs `make` to create a temporary file beside `path`, then moves it into place durably. */
  async function place(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
    const folder = dirname(path);
    const temporary = join(folder, `${temporaryPrefix}${randomUUID()}`);
    await folders.within(folder, () => make(temporary));
    try {
      await disk.rename(temporary, path);
    } catch (error) {
      await disk.remove(temporary);
      throw error;
    }
    // Renaming over another name of the same file does nothing and leaves the temporary name behind (rename(2)).
    await disk.remove(temporary);
    await disk.syncFolder(folder);
  }

  async function* walk(folder: string, key: Key): AsyncGenerator<{ key: Key; sizeBytes: number; modifiedAt: number }> {
    for (const entry of await disk.list(folder)) {
      const entryKey = `${key}/${entry.name}`;
      if (entry.isFolder) {
        yield* walk(join(folder, entry.name), entryKey);
      } else if (!entry.name.startsWith(temporaryPrefix)) {
        const state = await disk.state(join(folder, entry.name));
        if (state) yield { key: entryKey, sizeBytes: state.sizeBytes, modifiedAt: state.modifiedAtMs };
      }
    }
  }

  return {
    put: (key, bytes) => place(pathOf(key), (temporary) => disk.writeDurably(temporary, bytes)),
    async putFile(key, file) {
      const path = pathOf(key);
      await disk.syncFile(file);
      await folders.within(dirname(path), () => disk.rename(file, path));
      await disk.syncFolder(dirname(path));
    },
    async link(key, existing) {
      const source = pathOf(existing);
      if ((await disk.state(source)) === undefined)
        throw new Error(`cannot link ${key}: ${existing} is not in the store`);
      await place(pathOf(key), (temporary) => linkOrCopy(disk, source, temporary));
    },
    async state(key) {
      const state = await disk.state(pathOf(key));
      return state && { sizeBytes: state.sizeBytes, modifiedAt: state.modifiedAtMs, identity: state.identity };
    },
    get: (key) => disk.read(pathOf(key)),
    stream: (key, range) => disk.stream(pathOf(key), range),
    async delete(key) {
      const removed = await disk.remove(pathOf(key));
      if (removed) await disk.syncFolder(dirname(pathOf(key)));
      return removed;
    },
    list: (folder) => walk(pathOf(folder), folder),
    async names(folder) {
      const entries = await disk.list(pathOf(folder));
      return entries.map((entry) => entry.name).filter((name) => !name.startsWith(temporaryPrefix));
    },
  };
}

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
