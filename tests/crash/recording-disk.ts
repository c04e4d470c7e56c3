/**
 * A disk that does everything on the real file system and keeps a journal of the steps whose order decides what a power cut
 * leaves. One kind of forcing can be left out of the journal, as if the program had forgotten it.
 */
import { readFile } from 'node:fs/promises';
import { type Disk, systemDisk } from '../../src/std/disk.ts';

/** Steps stand in the journal when they are done; a folder's sync also when it begins, since it promises nothing for later. */
export type Step =
  | { readonly did: 'write'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly did: 'sync file'; readonly path: string }
  | { readonly did: 'begin to sync folder'; readonly path: string; readonly sync: number }
  | { readonly did: 'sync folder'; readonly path: string; readonly sync: number; readonly forces: 'all' | 'files' }
  | { readonly did: 'rename'; readonly from: string; readonly to: string }
  | { readonly did: 'link'; readonly existing: string; readonly path: string }
  | { readonly did: 'remove'; readonly path: string }
  | { readonly did: 'make folder'; readonly path: string }
  | { readonly did: 'acknowledge'; readonly number: number };

export type Omission = 'file sync' | 'folder sync' | 'folder making';

/**
 * @param journal where the steps go
 * @param omission what the program is made to forget
 */
export function recordingDisk(journal: Step[], omission?: Omission): Disk {
  let syncs = 0;
  const forceFile = (path: string) => {
    if (omission !== 'file sync') journal.push({ did: 'sync file', path });
  };
  return {
    ...systemDisk,
    async writeDurably(path, bytes) {
      await systemDisk.writeDurably(path, bytes);
      journal.push({ did: 'write', path, bytes: Buffer.from(bytes) });
      forceFile(path);
    },
    async syncFile(path) {
      // An upload was written by upload/receive.ts, past this adapter: until now its bytes may be nowhere but in memory.
      journal.push({ did: 'write', path, bytes: await readFile(path) });
      await systemDisk.syncFile(path);
      forceFile(path);
    },
    async syncFolder(path) {
      const sync = syncs++;
      journal.push({ did: 'begin to sync folder', path, sync });
      await systemDisk.syncFolder(path);
      const forces = omission === 'folder making' ? 'files' : 'all';
      if (omission !== 'folder sync') journal.push({ did: 'sync folder', path, sync, forces });
    },
    async rename(from, to) {
      await systemDisk.rename(from, to);
      journal.push({ did: 'rename', from, to });
    },
    async link(existing, path) {
      await systemDisk.link(existing, path);
      journal.push({ did: 'link', existing, path });
    },
    async copyDurably(from, to) {
      await systemDisk.copyDurably(from, to);
      journal.push({ did: 'write', path: to, bytes: await readFile(to) });
      forceFile(to);
    },
    async remove(path) {
      const isRemoved = await systemDisk.remove(path);
      if (isRemoved) journal.push({ did: 'remove', path });
      return isRemoved;
    },
    async makeFolder(path) {
      await systemDisk.makeFolder(path);
      journal.push({ did: 'make folder', path });
    },
  };
}
