/** What the figures were measured on: enough to judge them, and nothing that tells whose machine it is. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export interface Machine {
  readonly kernel: string;
  readonly processors: number;
  readonly model: string;
  readonly memoryGibibytes: number;
  readonly fileSystem: string;
  readonly node: string;
}

export interface Load {
  /** Processes that ran or wanted to, averaged over one minute. */
  readonly average: number;
  /** Share of all processors that was in use over one second, just before. */
  readonly busyShare: number;
}

/** @param folder the file system of which is named */
export function machine(folder: string): Machine {
  return {
    kernel: `Linux ${release().replace(/[^0-9.].*$/, '')}`,
    processors: availableParallelism(),
    model: cpus()[0]?.model ?? 'unknown',
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    fileSystem: fileSystemOf(folder),
    node: process.version,
  };
}

function fileSystemOf(folder: string): string {
  const mounts = readFileSync('/proc/mounts', 'utf8').trim().split('\n');
  const found = mounts
    .map((line) => line.split(' '))
    .filter(([, place = '']) => folder === place || folder.startsWith(place === '/' ? '/' : `${place}/`))
    .sort(([, a = ''], [, b = '']) => b.length - a.length)[0];
  return found?.[2] ?? 'unknown';
}

export async function measureLoad(): Promise<Load> {
  const before = processorTimes();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const after = processorTimes();
  const busyShare = 1 - (after.idle - before.idle) / Math.max(1, after.total - before.total);
  return { average: loadavg()[0] ?? 0, busyShare };
}

function processorTimes(): { idle: number; total: number } {
  const times = cpus().map((processor) => processor.times);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return { idle: sum(times.map(({ idle }) => idle)), total: sum(times.flatMap((time) => Object.values(time))) };
}

/** Above this share, others use the machine too, and figures of two runs cannot be compared. */
const quietShareMax = 0.1;

export function isQuiet(load: Load): boolean {
  return load.busyShare <= quietShareMax;
}
