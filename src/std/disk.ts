/**
 * The file system, as something that is passed in, cut down to the steps whose order decides what survives a power cut:
 * tests record these steps and replay every prefix of them as a crash (tests/crash/power-cut.test.ts).
 */
import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  fdatasync,
  fsync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  type Stats,
  statSync,
  writeFile,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { copyFile, type FileHandle, open, opendir, readFile, stat, statfs, unlink } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

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
  /** Makes a folder and its parents where they are missing. Their names last when the folders above them are synced. */
  makeFolder(path: string): Promise<void>;
  state(path: string): Promise<FileState | undefined>;
  /** Undefined when there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The first bytes of a file, at most so many. Undefined when there is no such file. */
  readStart(path: string, bytesMax: number): Uint8Array | undefined;
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

/** Up to so many bytes are copied into the kernel's memory faster than a thread is found to do it. */
const writtenAtOnceBytesMax = 256 * 1024;

const datasync = promisify(fdatasync);
const sync = promisify(fsync);
const writeInBackground = promisify(writeFile);

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function stateOf({ size, mtimeMs, ino }: Stats): FileState {
  return { sizeBytes: size, modifiedAtMs: mtimeMs, identity: `${ino}-${mtimeMs}-${size}` };
}

function byName(a: FolderEntry, b: FolderEntry): number {
  return a.name < b.name ? -1 : 1;
}

/**
 * What only changes the kernel's memory (names, small writes) is done at once: handing it to a thread and back takes several times
 * as long as doing it. What waits for the disk (forcing, reading) goes to the threads; readers never wait for a disk at all.
 */
export const systemDisk: Disk = {
  async writeDurably(path, bytes) {
    const file = openSync(path, 'wx');
    try {
      if (bytes.length <= writtenAtOnceBytesMax) writeWhole(file, bytes);
      else await writeInBackground(file, bytes);
      // The kernel's own stamps are some milliseconds coarse; with these, two files of one name never look the same.
      const nowSeconds = (performance.timeOrigin + performance.now()) / 1000;
      futimesSync(file, nowSeconds, nowSeconds);
      await datasync(file);
    } finally {
      closeSync(file);
    }
  },
  syncFile: (path) => withFile(path, 'r+', (file) => file.datasync()),
  async syncFolder(path) {
    const folder = openSync(path, constants.O_RDONLY);
    try {
      await sync(folder);
    } finally {
      closeSync(folder);
    }
  },
  rename: async (from, to) => renameSync(from, to),
  link: async (existing, path) => linkSync(existing, path),
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
  async makeFolder(path) {
    mkdirSync(path, { recursive: true });
  },
  async state(path) {
    const found = await orUndefined(stat(path), ...notThere);
    if (!found?.isFile()) return undefined;
    return stateOf(found);
  },
  read: (path) => orUndefined(readFile(path), ...notThere, 'EISDIR'),
  readStart(path, bytesMax) {
    // Most often there is none, and an error would cost more than the question.
    if (!existsSync(path)) return undefined;
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(bytesMax);
      return bytes.subarray(0, readSync(file, bytes, 0, bytesMax, 0));
    } catch (error) {
      if (isSystemError(error, 'EISDIR')) return undefined;
      throw error;
    } finally {
      closeSync(file);
    }
  },
  stream: (path, range) => createReadStream(path, { highWaterMark: 256 * 1024, ...range }),
  async list(path) {
    const folder = await orUndefined(opendir(path), ...notThere);
    const entries: FolderEntry[] = [];
    if (folder) for await (const entry of folder) entries.push({ name: entry.name, isFolder: entry.isDirectory() });
    return entries.sort(byName);
  },
};

/** @returns what the call returns; undefined when there is no such thing */
function nowOrUndefined<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (isSystemError(error, ...notThere, 'EISDIR')) return undefined;
    throw error;
  }
}

/**
 * The same for a process or thread that serves nobody: it waits for the disk while it reads small things one after another, which
 * takes a tenth of what it takes to hand each to a thread and back. What forces the disk still goes to the threads, many at once.
 */
export const waitingDisk: Disk = {
  ...systemDisk,
  async state(path) {
    const found = nowOrUndefined(() => statSync(path, { throwIfNoEntry: false }));
    if (!found?.isFile()) return undefined;
    return stateOf(found);
  },
  read: async (path) => (existsSync(path) ? nowOrUndefined(() => readFileSync(path)) : undefined),
  async list(path) {
    const entries = nowOrUndefined(() => readdirSync(path, { withFileTypes: true })) ?? [];
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() })).sort(byName);
  },
};

/**
 * Gives a small file new contents, whole or not at all to whoever reads it, and lets the kernel decide when they reach the disk: for
 * what is out of date in a moment anyway.
 */
export function replaceFile(path: string, text: string): void {
  const made = `${path}.${process.pid}.new`;
  writeFileSync(made, text);
  renameSync(made, path);
}

/** Room on the file system that a path is on. */
export interface DiskRoom {
  readonly bytes: number;
  /** For processes that are not the machine's administrator. */
  readonly freeBytes: number;
  /** 0 on file systems that make them as they are needed. */
  readonly inodes: number;
  readonly freeInodes: number;
}

export async function diskRoom(path: string): Promise<DiskRoom> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  // What is kept back for the administrator counts neither as used nor as free, as `df` has it.
  return { bytes: (blocks - bfree + bavail) * bsize, freeBytes: bavail * bsize, inodes: files, freeInodes: ffree };
}
