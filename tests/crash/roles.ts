/**
 * A gallery as single processes without a supervisor, each started in a folder that has nothing to do with it: a read worker
 * that lives on, and a write process that is killed and started again.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Folders, foldersOf } from '../../src/config/folders.ts';
import { freePort, galleryEnvironment, projectFolder, runCommand, stopProcess, waitFor } from '../gallery.ts';

export interface Roles {
  readonly url: string;
  readonly folders: Folders;
  readonly token: string;
  /** SIGKILL: the write process ends wherever it is. */
  killWrite(): Promise<void>;
  /** Starts the write process and waits until it answers. */
  startWrite(): Promise<void>;
  /** Starts the work role too, and waits until nothing is owed and no job waits. */
  settle(): Promise<void>;
  /** SIGTERM to everything, and wait. */
  stop(): Promise<void>;
  /** `./holdfast verify`; rejects unless it is clean. */
  verify(): Promise<void>;
  /** Puts the database away and has it made again from the store's records. */
  rebuildCatalogue(): Promise<void>;
}

const program = join(projectFolder, 'src', 'main.ts');
const faultyProgram = join(projectFolder, 'tests', 'crash', 'faulty-write.ts');

/**
 * @param dataDir an empty folder
 * @param fault planted in the write process; see faulty-write.ts
 */
export async function startRoles(dataDir: string, fault: string | undefined): Promise<Roles> {
  const folders = foldersOf(dataDir);
  const port = await freePort();
  const environment = galleryEnvironment(dataDir, port);
  const url = `http://127.0.0.1:${port}`;
  const start = (args: readonly string[]) => startProcess(args, environment);
  const read = start([program, 'read']);
  let write: ChildProcess;
  let work: ChildProcess | undefined;
  const startWrite = async () => {
    write = start(fault === undefined ? [program, 'write'] : [faultyProgram, fault]);
    const problem = () => (write.exitCode === null ? undefined : 'the write process ended by itself');
    // Asked too early, the read worker's breaker would stay open for another second.
    await waitFor(() => accepts(join(dataDir, folders.writeSocket)), problem);
    await waitFor(async () => (await health(url)) !== undefined, problem);
  };
  await startWrite();
  return {
    url,
    folders,
    token: readFileSync(folders.firstToken, 'utf8').trim(),
    killWrite: () => stopProcess(write, 'SIGKILL'),
    startWrite,
    async settle() {
      work = start([program, 'work']);
      await waitFor(async () => {
        const now = await health(url);
        return now?.outstandingEvents === 0 && now.waitingJobs === 0;
      });
    },
    async stop() {
      await Promise.all([read, write, work].map((child) => child && stopProcess(child)));
    },
    async verify() {
      const done = await runCommand(environment, tmpdir(), ['verify']);
      assert.equal(done.exitCode, 0, `verify is not clean:\n${done.stdout}${done.stderr}`);
      assert.doesNotMatch(done.stdout, /still being written/);
    },
    async rebuildCatalogue() {
      await rename(join(folders.database, '..'), join(dataDir, 'lost-catalogue'));
      const done = await runCommand(environment, tmpdir(), ['rebuild', '--catalogue']);
      assert.equal(done.exitCode, 0, `the catalogue could not be rebuilt:\n${done.stdout}${done.stderr}`);
    },
  };
}

function startProcess(args: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  const options = { cwd: tmpdir(), env: environment, stdio: 'ignore' } as const;
  return spawn(process.execPath, [...args], options);
}

/** @returns whether somebody listens on the socket; the one of a killed process stays as a file that nobody listens on */
function accepts(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  const answer = Promise.withResolvers<boolean>();
  socket.once('connect', () => answer.resolve(true));
  socket.once('error', () => answer.resolve(false));
  return answer.promise.finally(() => socket.destroy());
}

interface Health {
  readonly outstandingEvents: number;
  readonly waitingJobs: number;
}

/** @returns undefined while the write process does not answer */
async function health(url: string): Promise<Health | undefined> {
  const answer = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5_000) });
  const body = await answer.text();
  return answer.ok ? (JSON.parse(body) as Health) : undefined;
}
