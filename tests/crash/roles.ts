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

const outputLengthMax = 4_000;

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
  let write: RoleProcess;
  let work: RoleProcess | undefined;
  const startWrite = async () => {
    write = start(fault === undefined ? [program, 'write'] : [faultyProgram, fault]);
    const problem = () =>
      write.child.exitCode === null ? undefined : `the write process ended by itself: ${write.output()}`;
    // Asked too early, the read worker's breaker would stay open for another second.
    await waitFor(() => accepts(join(dataDir, folders.writeSocket)), problem);
    await waitFor(async () => (await health(url)) !== undefined, problem);
  };
  const stop = async () => {
    await Promise.all([read, write, work].map((role) => role && stopProcess(role.child)));
  };
  await startWrite().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    url,
    folders,
    token: readFileSync(folders.firstToken, 'utf8').trim(),
    killWrite: () => stopProcess(write.child, 'SIGKILL'),
    startWrite,
    async settle() {
      work = start([program, 'work']);
      await waitFor(async () => {
        const now = await health(url);
        return now?.outstandingEvents === 0 && now.waitingJobs === 0;
      });
    },
    stop,
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

interface RoleProcess {
  readonly child: ChildProcess;
  /** The last of what it printed. */
  output(): string;
}

function startProcess(args: readonly string[], environment: NodeJS.ProcessEnv): RoleProcess {
  const child = spawn(process.execPath, args, { cwd: tmpdir(), env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output = `${output}${chunk}`.slice(-outputLengthMax);
    });
  }
  return { child, output: () => output };
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
