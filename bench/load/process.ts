/** Runs one of the load programs in a process of its own: what loads must not share a thread with what counts. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from '../servers/child.ts';
import type { AskOrder } from './asker.ts';
import type { DiskOrder } from './disk.ts';
import type { PublishOrder } from './publisher.ts';

export interface Times {
  readonly latenciesMs: readonly number[];
  /** From the first request to the last answer. */
  readonly tookMs: number;
}

export interface AskTimes extends Times {
  /** Answered 503, most likely because their deadline had passed. */
  readonly refused: number;
}

async function runLoad<Answered extends Times>(program: string, order: object): Promise<Answered> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    // An order can be longer than a command line.
    const file = join(folder, 'order.json');
    writeFileSync(file, JSON.stringify(order));
    const options = { env: cleanEnvironment(), maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, program), file], options);
    return JSON.parse(stdout) as Answered;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const runPublisher = (order: PublishOrder) => runLoad<Times>('publisher.ts', order);
export const runAsker = (order: AskOrder) => runLoad<AskTimes>('asker.ts', order);
export const runDisk = (order: DiskOrder) => runLoad<Times>('disk.ts', order);

export const ratePerSecond = ({ latenciesMs, tookMs }: Times) => (latenciesMs.length / tookMs) * 1_000;
