/**
 * Runs one real command: standard input closed, output kept up to a limit, a time limit, and in a process group of its own
 * that is ended as a whole, so that nothing a client starts outlives the call.
 */
import { spawn } from 'node:child_process';

export interface RunOptions {
  /** The folder to run in. */
  readonly folder: string;
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** After so many milliseconds the process group is killed. Default two minutes. */
  readonly timeoutMs?: number;
  /** Of each output stream, this many bytes are kept; the rest is read and dropped. Default 8 MiB. */
  readonly outputBytesMax?: number;
}

export interface RunResult {
  /** Null when a signal ended the command; always null after a time-out. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly hasTimedOut: boolean;
}

const liveGroups = new Set<number>();
process.on('exit', () => {
  for (const group of liveGroups) killGroup(group);
});

/**
 * @param command name to look up on the environment's PATH, or a path
 * @returns when the command and all that it left in its process group have ended; rejects when it cannot be started
 */
export async function runCommand(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const { folder, environment, timeoutMs = 120_000, outputBytesMax = 8 * 1024 * 1024 } = options;
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { cwd: folder, env: { ...environment }, detached: true, stdio });
  const stdout = keepOutput(child.stdout, outputBytesMax);
  const stderr = keepOutput(child.stderr, outputBytesMax);
  const group = child.pid;
  let hasTimedOut = false;
  if (group !== undefined) liveGroups.add(group);
  const timer = setTimeout(() => {
    hasTimedOut = true;
    if (group !== undefined) killGroup(group);
  }, timeoutMs);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      // What the command left running would keep the pipes open: it ends with the command, then 'close' comes.
      child.once('exit', () => group !== undefined && killGroup(group));
      child.once('close', (code) => resolve(hasTimedOut ? null : code));
    });
    return { exitCode, stdout: stdout(), stderr: stderr(), hasTimedOut };
  } finally {
    clearTimeout(timer);
    if (group !== undefined) liveGroups.delete(group);
  }
}

/** @returns command output for the message of an assertion: what was printed and how it ended. */
export function describeResult(result: RunResult): string {
  const end = result.hasTimedOut ? 'time-out' : `exit code ${result.exitCode}`;
  return `${end}\n--- stdout\n${result.stdout}\n--- stderr\n${result.stderr}`;
}

function keepOutput(stream: NodeJS.ReadableStream, bytesMax: number): () => string {
  const chunks: Buffer[] = [];
  let keptBytes = 0;
  stream.on('data', (chunk: Buffer) => {
    const kept = chunk.subarray(0, bytesMax - keptBytes);
    keptBytes += kept.length;
    if (kept.length > 0) chunks.push(kept);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    // ESRCH: everything in the group has ended already, which is what is wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
