/** One supervisor a data folder, and one import: a listening socket in it, which the system lets go of when its process ends in any way. */
import { mkdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

export class FolderLockedError extends Error {}

/**
 * Takes the lock of a data folder; the caller's working folder must be that folder, because socket paths are short.
 * @returns what gives it back
 */
export async function lockFolder(dataDir: string): Promise<() => Promise<void>> {
  return lock(
    dataDir,
    'supervisor.sock',
    `another Holdfast is running on the data folder ${dataDir}; stop it first, or choose another with HOLDFAST_DATA_DIR`,
  );
}

/** Takes the lock that keeps a second import out; the working folder as for `lockFolder`. */
export async function lockImport(dataDir: string): Promise<() => Promise<void>> {
  return lock(dataDir, 'import.sock', `another import into the data folder ${dataDir} is running; wait for its end`);
}

async function lock(dataDir: string, name: string, sentence: string): Promise<() => Promise<void>> {
  mkdirSync(join(dataDir, 'run'), { recursive: true });
  const path = join('run', name);
  if (await isListening(path)) throw new FolderLockedError(sentence);
  rmSync(path, { force: true });
  const server = await listen(path);
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** @param path of a socket @returns whether a process listens on it */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => resolve(server));
    server.unref();
  });
}
