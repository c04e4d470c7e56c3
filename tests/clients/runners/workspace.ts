/**
 * A temporary folder for one real client: its home, caches and files, removed with everything in it at the end. The base
 * environment holds only what is listed here, so that no PIP_*, TWINE_*, NuGet or npm setting of the machine gets in.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Workspace extends AsyncDisposable {
  /** The absolute path of the folder. */
  readonly folder: string;
  /** PATH, HOME, TMPDIR and a UTF-8 locale; HOME and TMPDIR are inside the folder. */
  readonly environment: Readonly<Record<string, string>>;
  /** @returns the absolute path of a file in the folder. */
  path(...parts: string[]): string;
  /** Writes a file, with the folders above it. @returns its absolute path. */
  write(path: string, content: string | Uint8Array): Promise<string>;
  /** Removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** @param client whose folder it is; it becomes part of the folder's name */
export async function openWorkspace(client: string): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), `holdfast-${client}-`));
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  await Promise.all([mkdir(home), mkdir(temporary)]);
  const environment = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, TMPDIR: temporary, LANG: 'C.UTF-8' };
  return {
    folder,
    environment,
    path: (...parts) => join(folder, ...parts),
    async write(path, content) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
