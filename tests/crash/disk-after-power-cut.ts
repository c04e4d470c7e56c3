/**
 * What a disk can hold after a power cut, by the promises of POSIX alone: bytes are there when their file was synced, a name
 * when its folder was synced after the name was given. What was not forced may be there all the same, so a name has several
 * possible files: the forced one, and every later one.
 */
import { dirname } from 'node:path';
import type { Step } from './recording-disk.ts';

/** A file, whatever its names. */
export interface StoredFile {
  readonly bytes: Uint8Array;
  isForced: boolean;
}

interface Name {
  /** What the name leads to for certain, if nothing later was written back by chance. */
  forced: StoredFile | undefined;
  /** What it was made to lead to since, oldest first; undefined: removed. */
  later: { readonly at: number; readonly file: StoredFile | undefined }[];
}

export class DiskAfterPowerCut {
  readonly #folders = new Map<string, Map<string, Name>>();
  /** Folders whose own names were forced. */
  readonly #forcedFolders = new Set<string>();
  /** Folders that were made, by the folder that they are in, and when. */
  readonly #madeFolders = new Map<string, Map<string, number>>();
  readonly #root: string;
  readonly #syncsBegun = new Map<number, number>();
  #at = 0;

  /** @param root a folder that was there from the beginning */
  constructor(root: string) {
    this.#root = root;
    this.#forcedFolders.add(root);
  }

  apply(step: Step): void {
    this.#at += 1;
    switch (step.did) {
      case 'write':
        this.#give(step.path, { bytes: step.bytes, isForced: false });
        return;
      case 'sync file': {
        const file = this.now(step.path);
        if (file) file.isForced = true;
        return;
      }
      case 'rename':
        // Both may be names of one file; then the system does nothing.
        if (this.now(step.from) === this.now(step.to)) return;
        this.#give(step.to, this.now(step.from));
        this.#give(step.from, undefined);
        return;
      case 'link':
        this.#give(step.path, this.now(step.existing));
        return;
      case 'remove':
        this.#give(step.path, undefined);
        return;
      case 'begin to sync folder':
        this.#syncsBegun.set(step.sync, this.#at);
        return;
      case 'sync folder':
        this.#force(step.path, this.#syncsBegun.get(step.sync) ?? 0, step.forces);
        return;
      case 'make folder':
        for (let folder = step.path; folder.length > this.#root.length; folder = dirname(folder)) {
          const siblings = this.#madeFolders.get(dirname(folder)) ?? new Map<string, number>();
          this.#madeFolders.set(dirname(folder), siblings);
          if (!siblings.has(folder)) siblings.set(folder, this.#at);
        }
    }
  }

  /** What the running system sees. */
  now(path: string): StoredFile | undefined {
    const name = this.#name(path);
    const last = name?.later.at(-1);
    return last ? last.file : name?.forced;
  }

  /** Every file that the name can lead to after the cut; undefined among them when it can be gone. */
  possible(path: string): (StoredFile | undefined)[] {
    const name = this.#name(path);
    if (!name) return [undefined];
    return [
      ...(this.#isFolderForced(dirname(path)) ? [] : [undefined]),
      name.forced,
      ...name.later.map(({ file }) => file),
    ];
  }

  /** Every name that can be there after the cut. */
  *paths(): Generator<string> {
    for (const [folder, names] of this.#folders) for (const name of names.keys()) yield `${folder}/${name}`;
  }

  #isFolderForced(folder: string): boolean {
    if (folder === this.#root) return true;
    return this.#forcedFolders.has(folder) && this.#isFolderForced(dirname(folder));
  }

  #name(path: string): Name | undefined {
    const folder = dirname(path);
    return this.#folders.get(folder)?.get(path.slice(folder.length + 1));
  }

  #give(path: string, file: StoredFile | undefined): void {
    const folder = dirname(path);
    const names = this.#folders.get(folder) ?? new Map<string, Name>();
    this.#folders.set(folder, names);
    const key = path.slice(folder.length + 1);
    const name = names.get(key) ?? { forced: undefined, later: [] };
    names.set(key, name);
    name.later.push({ at: this.#at, file });
  }

  #force(folder: string, before: number, forces: 'all' | 'files'): void {
    for (const [made, at] of this.#madeFolders.get(folder) ?? []) {
      if (forces === 'all' && at < before) this.#forcedFolders.add(made);
    }
    const names = this.#folders.get(folder);
    for (const [key, name] of names ?? []) {
      const covered = name.later.filter(({ at }) => at < before);
      const newest = covered.at(-1);
      if (!newest) continue;
      name.forced = newest.file;
      name.later = name.later.slice(covered.length);
      if (name.forced === undefined && name.later.length === 0) names?.delete(key);
    }
  }
}
