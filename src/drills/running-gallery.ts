/**
 * A whole gallery of a drill's own: `./holdfast serve` in a fresh folder on a free port, started as users start it. Its
 * processes are found in the process table and ended by id, so that nobody else's are ever touched.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Folders, foldersOf } from '../config/folders.ts';
import { ask } from '../status/canary/request.ts';
import { systemClock } from '../std/clock.ts';

export interface CommandOutcome {
  readonly exitCode: number;
  readonly output: string;
}

const answersInARow = 10;

export class RunningGallery {
  readonly url: string;
  readonly folders: Folders;
  readonly environment: NodeJS.ProcessEnv;
  #launcher: string;
  #supervisor: ChildProcess | undefined;
  #output = '';

  /**
   * @param program path of main.ts
   * @param folder the gallery's data folder; made when missing
   * @param settings HOLDFAST_ variables; none of the caller's own reach the gallery
   */
  constructor(program: string, folder: string, port: number, settings: Readonly<Record<string, string>>) {
    mkdirSync(folder, { recursive: true });
    this.#launcher = launcherOf(program);
    this.folders = foldersOf(folder);
    this.url = `http://127.0.0.1:${port}`;
    const inherited = Object.entries(process.env).filter(([name]) => !/^(HOLDFAST_|NODE_)/.test(name));
    this.environment = {
      ...Object.fromEntries(inherited),
      HOLDFAST_DATA_DIR: folder,
      HOLDFAST_PORT: String(port),
      HOLDFAST_LOG_LEVEL: 'warn',
      HOLDFAST_DRAIN_MS: '2000',
      // The status service of a drill runs apart, as on another machine.
      HOLDFAST_STATUS_PORT: '0',
      ...settings,
    };
  }

  /** Everything that the gallery's processes wrote to stdout and stderr so far. */
  get output(): string {
    return this.#output;
  }

  /** The token of the first start: may do everything. */
  get token(): string {
    return readFileSync(this.folders.firstToken, 'utf8').trim();
  }

  /** Starts the launcher and does not wait for anything. */
  start(): void {
    const child = spawn(this.#launcher, ['serve'], {
      cwd: this.folders.data,
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString('utf8');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#supervisor = child;
  }

  /**
   * Resolves when the write service answers, several times in a row, so that every read worker has seen that it is there;
   * throws when it does not within the time.
   */
  async untilWriting(withinMs: number): Promise<void> {
    let inARow = 0;
    const isWriting = async () => {
      inARow = (await this.health()) === undefined ? 0 : inARow + 1;
      return inARow >= answersInARow;
    };
    if (await until(isWriting, withinMs)) return;
    throw new Error(`the gallery did not begin to work within ${withinMs} ms:\n${this.#output.slice(-4_000)}`);
  }

  /** @returns the exact text of /api/health, or undefined while the write service is away */
  async health(): Promise<string | undefined> {
    const answer = await ask(`${this.url}/api/health`, { deadlineMs: 5_000 }).catch(() => undefined);
    return answer?.status === 200 ? answer.body.toString('utf8') : undefined;
  }

  /** Process ids of the roles that run now, by role: `read-1`, `write`, `work`. */
  roles(): Map<string, number> {
    const found = new Map<string, number>();
    for (const id of childrenOf(this.#supervisor?.pid)) {
      const words = readProcessFile(id, 'cmdline').split('\0');
      const role = words[2] ?? '';
      found.set(role === 'read' ? `read-${words[words.indexOf('--worker') + 1]}` : role, id);
    }
    return found;
  }

  /** Ends these roles at once (SIGKILL), as a crash would. The supervisor will start them again. */
  kill(...roles: string[]): void {
    const running = this.roles();
    for (const role of roles) endProcess(running.get(role));
  }

  /** Has these roles end when they have done what they are at (SIGTERM). The supervisor will start them again. */
  restart(...roles: string[]): void {
    const running = this.roles();
    for (const role of roles) endProcess(running.get(role), 'SIGTERM');
  }

  /** Memory of a role's process that is in use, in bytes (its resident set); undefined while it does not run. */
  memoryOf(role: string): number | undefined {
    const id = this.roles().get(role);
    const [, kibibytes] = (id && /^VmRSS:\s+(\d+) kB/m.exec(readProcessFile(id, 'status'))) || [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  }

  /** Ends every process at once (SIGKILL), the supervisor first, as a power cut would; resolves when all are gone. */
  async killAll(): Promise<void> {
    const ids = [this.#supervisor?.pid, ...childrenOf(this.#supervisor?.pid)];
    for (const id of ids) endProcess(id);
    const isGone = (id: number | undefined) => id === undefined || /^$|^\d+ \(.*\) Z/.test(readProcessFile(id, 'stat'));
    if (!(await until(() => ids.every(isGone), 10_000))) throw new Error('a killed process does not end');
    this.#supervisor = undefined;
  }

  /** Ends the gallery as Ctrl-C does; whatever is left after a while is killed. */
  async stop(): Promise<void> {
    const child = this.#supervisor;
    if (child === undefined) return;
    child.kill('SIGTERM');
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    if (!(await until(hasEnded, 10_000))) await this.killAll();
    this.#supervisor = undefined;
  }

  /** Stops it, and starts another version of the program in its place: a deploy on one machine. @param program its main.ts */
  async deploy(program: string, withinMs: number): Promise<void> {
    await this.stop();
    this.#launcher = launcherOf(program);
    this.start();
    await this.untilWriting(withinMs);
  }

  /** Runs a command such as `verify` on the gallery's folder. */
  async command(...args: string[]): Promise<CommandOutcome> {
    return this.#run(this.#launcher, args);
  }

  /** Runs a command of another version of the program. @param program its main.ts */
  async commandOf(program: string, ...args: string[]): Promise<CommandOutcome> {
    return this.#run(launcherOf(program), args);
  }

  async #run(launcher: string, args: readonly string[]): Promise<CommandOutcome> {
    const options = { cwd: this.folders.data, env: this.environment, maxBuffer: 64 * 1024 * 1024 };
    try {
      const { stdout, stderr } = await promisify(execFile)(launcher, args, options);
      return { exitCode: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
      if (typeof code !== 'number') throw error;
      return { exitCode: code, output: stdout + stderr };
    }
  }

  /** Where the catalogue's database is, with the files that belong to it. */
  databaseFiles(): string[] {
    return ['', '-wal', '-shm'].map((ending) => `${this.folders.database}${ending}`);
  }

  hasDatabase(): boolean {
    return existsSync(this.folders.database);
  }
}

function launcherOf(program: string): string {
  return join(dirname(program), '..', 'holdfast');
}

/** A port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

const pollMs = 10;

/** Waits until the condition holds. @returns whether it did, within the time in milliseconds */
export async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = systemClock.monotonicMs() + withinMs;
  for (;;) {
    if (await condition()) return true;
    if (systemClock.monotonicMs() > deadline) return false;
    await systemClock.sleep(pollMs);
  }
}

function childrenOf(id: number | undefined): number[] {
  if (id === undefined) return [];
  const text = readProcessFile(id, `task/${id}/children`).trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** @returns what the process table says; empty when the process is gone */
function readProcessFile(id: number, name: string): string {
  try {
    return readFileSync(`/proc/${id}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function endProcess(id: number | undefined, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): void {
  try {
    if (id !== undefined) process.kill(id, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
