/**
 * Runs all roles of one machine as processes of their own and keeps them running: a role that ends is started again, after a
 * pause that doubles up to a limit, while the others go on. Readers never wait for anybody: they start first and serve at once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import type { Log } from '../observe/log.ts';
import { systemClock } from '../std/clock.ts';

export interface RoleCommand {
  /** `read-1`, `write`, `work`. */
  readonly name: string;
  readonly args: readonly string[];
  /** True for one that only looks on: the gallery is ready without it, and it starts when the gallery is. */
  readonly isWatching?: boolean;
}

const pauseMsFirst = 100;
const pauseMsMax = 10_000;
/** A role that ran for so long starts from the shortest pause again, in milliseconds. */
const settledMs = 30_000;
/** How long the other roles let the readers go first at a start, in milliseconds. */
const readersFirstMs = 400;
/** How long those that only look on wait for the gallery at a start, in milliseconds: what does not start is for them to tell. */
const watchersLaterMs = 3_000;
/** Beyond the drain time, how long a role may take to end before it is killed, in milliseconds. */
const killGraceMs = 3_000;

export class PortTakenError extends Error {}

/** The commands of all roles, in the order in which they are started. */
export function roleCommands(config: Config): RoleCommand[] {
  const readers = Array.from({ length: config.readWorkers }, (_, index) => ({
    name: `read-${index + 1}`,
    args: ['read', '--worker', String(index + 1), ...(config.readWorkers > 1 ? ['--shares-port'] : [])],
  }));
  const write = { name: 'write', args: ['write', ...(config.readWorkers === 0 ? ['--with-read'] : [])] };
  const status = config.statusPort === 0 ? [] : [{ name: 'status', args: ['status'], isWatching: true }];
  return [...readers, write, { name: 'work', args: ['work'] }, ...status];
}

export interface Supervisor {
  /** Resolves when every role has said once that it serves. */
  readonly ready: Promise<void>;
  /** How often each role was started again because it had ended. */
  restarts(): ReadonlyMap<string, number>;
  /** Stops every role and waits for its end. */
  stop(): Promise<void>;
}

/**
 * @param program path of main.ts
 * @param environment for the roles; their working folder is the data folder
 */
export function supervise(config: Config, program: string, environment: NodeJS.ProcessEnv, log: Log): Supervisor {
  const folders = foldersOf(config.dataDir);
  const stopping = new AbortController();
  const children = new Map<string, ChildProcess>();
  const restarts = new Map<string, number>();

  function runOnce(role: RoleCommand, onReady: () => void): Promise<string> {
    const child = spawn(process.execPath, [program, ...role.args], {
      cwd: folders.data,
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    children.set(role.name, child);
    child.on('message', onReady);
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => {
        children.delete(role.name);
        resolve(signal ?? `exit code ${code}`);
      });
    });
  }

  const pause = (ms: number) => systemClock.sleep(ms, stopping.signal).catch(() => undefined);

  async function keepRunning(role: RoleCommand, onReady: () => void): Promise<void> {
    let pauseMs = pauseMsFirst;
    while (!stopping.signal.aborted) {
      const startedAt = systemClock.monotonicMs();
      const reason = await runOnce(role, onReady);
      if (stopping.signal.aborted) return;
      if (systemClock.monotonicMs() - startedAt > settledMs) pauseMs = pauseMsFirst;
      restarts.set(role.name, (restarts.get(role.name) ?? 0) + 1);
      log.error({ stopped: role.name, reason, restartInMs: pauseMs }, 'a role stopped and is started again');
      await pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, pauseMsMax);
    }
  }

  const commands = roleCommands(config);
  const readiness = commands.map(() => Promise.withResolvers<void>());
  const firstReady = Promise.race(readiness.map((one) => one.promise));
  const ready = Promise.all(readiness.filter((_, index) => !commands[index]?.isWatching).map((one) => one.promise));
  const running = commands.map(async (role, index) => {
    // The processors belong to the readers until the first of them serves; whoever thinks may think a moment later.
    if (config.readWorkers > 0 && index >= config.readWorkers) await Promise.race([firstReady, pause(readersFirstMs)]);
    if (role.isWatching) await Promise.race([ready, pause(watchersLaterMs)]);
    await keepRunning(role, () => readiness[index]?.resolve());
  });

  return {
    restarts: () => new Map(commands.map(({ name }) => [name, restarts.get(name) ?? 0])),
    ready: ready.then(() => undefined),
    async stop() {
      stopping.abort();
      for (const child of children.values()) child.kill('SIGTERM');
      const killer = setTimeout(() => {
        for (const child of children.values()) child.kill('SIGKILL');
      }, config.drainMs + killGraceMs);
      await Promise.all(running);
      clearTimeout(killer);
    },
  };
}

/**
 * Makes sure that nobody else has the port: workers share it among themselves, and so would share it with a stranger of the
 * same user without a word. Waits a little, because the workers of a supervisor that died are just leaving.
 */
export async function claimPort(config: Config, waitMs: number): Promise<void> {
  const until = systemClock.monotonicMs() + waitMs;
  for (;;) {
    const problem = await tryPort(config);
    if (problem === undefined) return;
    if (problem.code !== 'EADDRINUSE' || systemClock.monotonicMs() > until) {
      const hint =
        problem.code === 'EADDRINUSE' ? 'another program uses it; choose another with HOLDFAST_PORT' : problem.message;
      throw new PortTakenError(`cannot listen on ${config.host}:${config.port}: ${hint}`);
    }
    await systemClock.sleep(100);
  }
}

function tryPort(config: Config): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen({ port: config.port, host: config.host }, () => probe.close(() => resolve(undefined)));
  });
}
