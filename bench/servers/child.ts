/** A server in a process of its own, started for a measurement and ended by its id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import type { BenchContext } from '../section.ts';

const startMsMax = 60_000;
const stopMsMax = 20_000;

export interface Served {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
}

/**
 * Starts a program and waits until the address answers; it is ended with the section.
 * @param url what is asked; any answer will do
 */
export async function startServer(
  context: BenchContext,
  command: string,
  args: readonly string[],
  options: { readonly url: string; readonly folder: string; readonly environment?: NodeJS.ProcessEnv },
): Promise<ChildProcess> {
  const child = spawn(command, args, {
    cwd: options.folder,
    env: options.environment ?? cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  context.ending(() => endProcess(child));
  const until = performance.now() + startMsMax;
  while (!(await answers(options.url))) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${output}`);
    if (performance.now() > until) throw new Error(`${command} does not serve: ${output}`);
    await pause(20);
  }
  return child;
}

/** None of the caller's settings reach what is measured. */
export function cleanEnvironment(settings: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HOLDFAST_|NODE_)/.test(name));
  return { ...Object.fromEntries(inherited), ...settings };
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
  await ended;
  clearTimeout(killer);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { agent: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      answer.once('close', () => resolve(true));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
