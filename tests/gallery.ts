/**
 * A real gallery for a test: `./holdfast serve` in a temporary folder on a free port, or its roles one by one. Everything it
 * starts ends with the test, by process id.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

export const projectFolder = resolve(import.meta.dirname, '..');
const launcher = join(projectFolder, 'holdfast');
const program = join(projectFolder, 'src', 'main.ts');

export interface TestGallery {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** The first token: may do everything. */
  readonly token: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Everything the processes wrote to stdout and stderr so far. */
  output(): string;
  /** Runs a command such as `token create`; rejects on another exit code than 0 unless told otherwise. */
  command(...args: string[]): Promise<{ stdout: string; stderr: string; exitCode: number }>;
  /** Ids of the role processes that run now, by role (`read-1`, `write`, `work`). */
  processes(): Map<string, number>;
  /** SIGTERM and wait. */
  stop(): Promise<void>;
}

/** A temporary folder that is removed when the test ends. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  leftOf(t).folders.push(folder);
  return folder;
}

interface Left {
  readonly processes: ChildProcess[];
  readonly folders: string[];
}

const left = new WeakMap<object, Left>();

/** What a test leaves behind; when it ends, first every process is stopped, then every folder is removed. */
function leftOf(t: Pick<TestContext, 'after'>): Left {
  const known = left.get(t);
  if (known) return known;
  const made: Left = { processes: [], folders: [] };
  left.set(t, made);
  t.after(async () => {
    await Promise.all(made.processes.map((child) => stopProcess(child)));
    const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 };
    await Promise.all(made.folders.map((folder) => rm(folder, options)));
  });
  return made;
}

/** A port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** The environment of a gallery: none of the caller's own settings. */
export function galleryEnvironment(
  dataDir: string,
  port: number,
  settings: Record<string, string> = {},
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('HOLDFAST_') && !name.startsWith('NODE_TEST'),
  );
  return {
    ...Object.fromEntries(inherited),
    HOLDFAST_DATA_DIR: dataDir,
    HOLDFAST_PORT: String(port),
    HOLDFAST_LOG_LEVEL: 'warn',
    HOLDFAST_STATUS_PORT: '0',
    ...settings,
  };
}

/**
 * Starts a whole gallery and waits until it publishes.
 * @param settings HOLDFAST_ variables
 * @param dataDir an existing data folder to start on
 */
export async function startGallery(
  t: TestContext,
  settings: Record<string, string> = {},
  dataDir?: string,
): Promise<TestGallery> {
  const folder = dataDir ?? (await temporaryFolder(t));
  const port = Number(settings.HOLDFAST_PORT ?? (await freePort()));
  const environment = galleryEnvironment(folder, port, settings);
  const child = spawn(launcher, ['serve'], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const stop = () => stopProcess(child);
  leftOf(t).processes.push(child);
  const url = `http://127.0.0.1:${port}`;
  await waitFor(
    () => fetch(`${url}/api/health`).then((answer) => answer.ok),
    () => (child.exitCode === null ? undefined : `the gallery ended: ${output}`),
  );
  return {
    url,
    port,
    dataDir: folder,
    token: readFileSync(join(folder, 'first-token'), 'utf8').trim(),
    environment,
    output: () => output,
    command: (...args) => runCommand(environment, folder, args),
    processes: () => roleProcesses(child.pid ?? 0),
    stop,
  };
}

/** Runs one `./holdfast` command to its end. */
export async function runCommand(
  environment: NodeJS.ProcessEnv,
  folder: string,
  args: readonly string[],
): Promise<{ stdout: string; stderr: string; exitCode: number }> {
  try {
    const done = await promisify(execFile)(launcher, args, {
      env: environment,
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { ...done, exitCode: 0 };
  } catch (error) {
    const failed = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof failed.code !== 'number') throw error;
    return { stdout: failed.stdout ?? '', stderr: failed.stderr ?? '', exitCode: failed.code };
  }
}

/** Starts one role as a process of its own, without a supervisor. */
export function startRole(
  t: TestContext,
  role: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): ChildProcess {
  const child = spawn(process.execPath, [program, role, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.resume();
  child.stderr?.resume();
  leftOf(t).processes.push(child);
  return child;
}

/** Ends a process that this test started, and waits for its end. */
export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await ended;
  clearTimeout(killer);
}

/**
 * Waits until the condition holds, for a minute at most.
 * @param problem a reason to give up at once
 */
export async function waitFor(
  condition: () => Promise<boolean> | boolean,
  problem: () => string | undefined = () => undefined,
): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (
      await Promise.resolve()
        .then(condition)
        .catch(() => false)
    )
      return;
    const reason = problem();
    assert.equal(reason, undefined);
    assert.ok(Date.now() < deadline, 'waited a minute in vain');
    await wait(20);
  }
}

/** The supervisor's children, read from the process table: its command line names the role. */
function roleProcesses(supervisor: number): Map<string, number> {
  const found = new Map<string, number>();
  const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ');
  for (const id of children.filter((text) => text !== '')) {
    const words = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
    const role = words[2] ?? '';
    found.set(role === 'read' ? `read-${words[words.indexOf('--worker') + 1]}` : role, Number(id));
  }
  return found;
}
