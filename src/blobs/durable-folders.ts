/**
 * Folders of a local store. A name counts only when the folder that holds it was forced to disk, and a folder only when its own
 * name was: so forcing a folder forces, once, the names of all folders above it. Whoever asks for the same folder while it is being
 * forced shares the next turn, which is what lets many publishes at once share the disk's work.
 */
import { dirname } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type Disk, isSystemError } from '../std/disk.ts';

const knownFoldersMax = 100_000;

export interface DurableFolders {
  /** Runs the work with the folder in place; makes it first, and once more if somebody removed it meanwhile. */
  within<T>(folder: string, work: () => Promise<T>): Promise<T>;
  /** When this has resolved, every name that was in the folders when it was called survives a power cut. */
  force(folders: Iterable<string>): Promise<void>;
}

/** @param root the store's folder, which is there and durable itself */
export function durableFolders(root: string, disk: Disk): DurableFolders {
  /** Folders whose own names are on stable storage, and their parents' with them. */
  const known = new LRUCache<string, true>({ max: knownFoldersMax });
  const forceOne = sharedTurns((folder) => disk.syncFolder(folder));

  /** A process that was killed may have made a folder and not forced its name, so what is found is forced once, too. */
  function unknownUpTo(folder: string): string[] {
    const unknown: string[] = [];
    for (let at = folder; at.length > root.length && !known.has(at); at = dirname(at)) unknown.push(at);
    return unknown;
  }

  return {
    async within(folder, work) {
      if (!known.has(folder)) await disk.makeFolder(folder);
      try {
        return await work();
      } catch (error) {
        if (!isSystemError(error, 'ENOENT')) throw error;
        for (let at = folder; at.length > root.length; at = dirname(at)) known.delete(at);
        await disk.makeFolder(folder);
        return work();
      }
    },
    async force(folders) {
      const named = new Set<string>();
      const forced = new Set(folders);
      for (const folder of [...forced]) {
        for (const at of unknownUpTo(folder)) {
          named.add(at);
          forced.add(dirname(at));
        }
      }
      await Promise.all([...forced].map(forceOne));
      for (const folder of named) known.set(folder, true);
    },
  };
}

/**
 * @returns what does the work for a name; a call that comes while it is being done for the same name waits for the next time, which
 * all who came meanwhile share
 */
function sharedTurns(work: (name: string) => Promise<void>): (name: string) => Promise<void> {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();
  const start = (name: string): Promise<void> => {
    const turn = work(name).finally(() => {
      if (running.get(name) === turn) running.delete(name);
    });
    running.set(name, turn);
    return turn;
  };
  return (name) => {
    const waiting = next.get(name);
    if (waiting) return waiting;
    const before = running.get(name);
    if (!before) return start(name);
    const turn = before.then(
      () => undefined,
      () => undefined,
    );
    const mine = turn.then(() => {
      next.delete(name);
      return start(name);
    });
    next.set(name, mine);
    return mine;
  };
}
