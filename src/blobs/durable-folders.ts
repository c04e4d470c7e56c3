/**
 * Folders of a local store whose names are on stable storage before anything in them counts: a file that is forced to disk in
 * a folder whose own name is not would be gone after a power cut.
 */
import { dirname } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type Disk, isSystemError } from '../std/disk.ts';

const knownFoldersMax = 100_000;

export interface DurableFolders {
  /** Runs the work with the folder in place; makes it first, and once more if somebody removed it meanwhile. */
  within(folder: string, work: () => Promise<void>): Promise<void>;
}

/** @param root the store's folder, which is there and durable itself */
export function durableFolders(root: string, disk: Disk): DurableFolders {
  const known = new LRUCache<string, true>({ max: knownFoldersMax });
  let queue: Promise<void> = Promise.resolve();

  /** One at a time: whoever finds a parent already there may rely on its name being on stable storage. */
  function ensure(folder: string): Promise<void> {
    const made = queue.then(() => ensureOne(folder));
    queue = made.catch(() => undefined);
    return made;
  }

  /** A process that was killed may have made a folder and not forced its name to disk, so what is found is forced once. */
  async function ensureOne(folder: string): Promise<void> {
    const first = await disk.ensureFolder(folder);
    const found = first === undefined ? folder : dirname(first);
    for (let at = found; at.length > root.length && !known.has(at); at = dirname(at)) {
      await disk.syncFolder(dirname(at));
      known.set(at, true);
    }
  }

  return {
    async within(folder, work) {
      if (!known.has(folder)) await ensure(folder);
      known.set(folder, true);
      try {
        await work();
      } catch (error) {
        if (!isSystemError(error, 'ENOENT')) throw error;
        await ensure(folder);
        await work();
      }
    },
  };
}
