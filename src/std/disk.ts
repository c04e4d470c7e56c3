/**
 * The file system, as something that is passed in, cut down to the steps whose order decides what survives a power cut:
 * tests record these steps and replay every prefix of them as a crash (tests/crash/power-cut.test.ts).
 */
import { constants, createReadStream } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  opendir,
  readFile,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

export interface FileState {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Changes whenever the name leads to another file. */
  readonly identity: string;
}

export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

export interface Disk {
  /** Writes a new file and forces its bytes to stable storage. */
  writeDurably(path: string, bytes: Uint8Array): Promise<void>;
  /** Forces an existing file's bytes to stable storage. */
  syncFile(path: string): Promise<void>;
  /** Forces a folder's list of names to stable storage. */
  syncFolder(path: string): Promise<void>;
  /** Gives a file its final name, replacing what had it. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for the same file. Fails with EEXIST, EMLINK, EPERM, ENOENT as the system does. */
  link(existing: string, path: string): Promise<void>;
  copyDurably(from: string, to: string): Promise<void>;
  /** Removes a name; false when there was none. */
  remove(path: string): Promise<boolean>;
  /** Makes a folder and its parents, durably. @returns the topmost folder that was made, undefined when all were there */
  ensureFolder(path: string): Promise<string | undefined>;
  state(path: string): Promise<FileState | undefined>;
  read(path: string): Promise<Uint8Array | undefined>;
  stream(path: string, range?: { start: number; end: number }): Readable;
  list(path: string): Promise<FolderEntry[]>;
}

/** @returns whether an error is the system's error of this code (`ENOENT`, …). */
export function isSystemError(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** A name that is too long for the file system is the name of nothing. */
const notThere = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

async function orUndefined<T>(work: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isSystemError(error, ...codes)) return undefined;
    throw error;
  }
}

async function withFile<T>(path: string, flags: string | number, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

export const systemDisk: Disk = {
  writeDurably: (path, bytes) =>
    withFile(path, 'wx', async (file) => {
      await file.writeFile(bytes);
      // The kernel's own stamps are some milliseconds coarse; with these, two files of one name never look the same.
      const nowSeconds = (performance.timeOrigin + performance.now()) / 1000;
      await file.utimes(nowSeconds, nowSeconds);
      await file.datasync();
    }),
  syncFile: (path) => withFile(path, 'r+', (file) => file.datasync()),
  syncFolder: (path) => withFile(path, constants.O_RDONLY, (file) => file.sync()),
  rename,
  link,
  async copyDurably(from, to) {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await systemDisk.syncFile(to);
  },
  async remove(path) {
    return (
      (await orUndefined(
        unlink(path).then(() => true),
        ...notThere,
      )) ?? false
    );
  },
  async ensureFolder(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return undefined;
    for (let folder = path; folder.length >= first.length; folder = dirname(folder)) {
      await systemDisk.syncFolder(dirname(folder));
    }
    return first;
  },
  async state(path) {
    const found = await orUndefined(stat(path), ...notThere);
    if (!found?.isFile()) return undefined;
    return {
      sizeBytes: found.size,
      modifiedAtMs: found.mtimeMs,
      identity: `${found.ino}-${found.mtimeMs}-${found.size}`,
    };
  },
  read: (path) => orUndefined(readFile(path), ...notThere, 'EISDIR'),
  stream: (path, range) => createReadStream(path, { highWaterMark: 256 * 1024, ...range }),
  async list(path) {
    const folder = await orUndefined(opendir(path), ...notThere);
    const entries: FolderEntry[] = [];
    if (folder) for await (const entry of folder) entries.push({ name: entry.name, isFolder: entry.isDirectory() });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  },
};
