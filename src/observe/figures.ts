/**
 * What a process tells of itself, every few seconds, in a small file of its own in the data folder's `run/`: the write service puts
 * all of them together for `GET /metrics` (src/metrics/). Nobody waits for anybody: a process that is stuck leaves a file that gets old.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { type Clock, repeat } from '../std/clock.ts';
import { replaceFile, systemDisk } from '../std/disk.ts';
import type { Log } from './log.ts';

/** One number of a metric of src/metrics/table.ts. */
export interface Figure {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How long things took: how many of them fell into each bucket, and their sum in seconds. */
export interface TimesFigure {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** One more than there are bounds: the last has no upper bound. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** The file of one process. */
export interface RoleFigures {
  /** `read-1`, `write`, `work`, `serve`, … */
  readonly role: string;
  /** UTC milliseconds. */
  readonly writtenAt: number;
  readonly figures: readonly Figure[];
  readonly times: readonly TimesFigure[];
}

export interface FiguresOptions {
  /** The folder `run` of the data folder. */
  readonly folder: string;
  readonly role: string;
  readonly clock: Clock;
  readonly log: Log;
  figures(): Promise<readonly Figure[]>;
  times?(): readonly TimesFigure[];
}

const everyMs = 5_000;
/** Delays are told of this stretch and the one before it, in milliseconds, so that a reader every half minute misses none. */
const stretchMs = 30_000;
/** How finely the event loop's delay is sampled, in milliseconds. */
const resolutionMs = 20;

/** @returns name of a role's file in `run` */
export function figuresFileOf(role: string): string {
  return `metrics-${role}.json`;
}

/** The same, the other way round; undefined for other files. */
export function roleOfFile(name: string): string | undefined {
  return /^metrics-([a-z0-9-]{1,40})\.json$/.exec(name)?.[1];
}

/** Writes the file again and again. @returns what ends that, and takes the file away */
export function keepFigures(options: FiguresOptions): () => Promise<void> {
  const { folder, role, clock, log } = options;
  const file = `${folder}/${figuresFileOf(role)}`;
  const loop = watchLoop(clock);
  let isInTrouble = false;
  const stop = repeat(everyMs, async () => {
    try {
      await systemDisk.makeFolder(folder);
      const written: RoleFigures = {
        role,
        writtenAt: clock.now(),
        figures: [...processFigures(role), ...loop.figures(role), ...(await options.figures())],
        times: options.times?.() ?? [],
      };
      replaceFile(file, JSON.stringify(written));
      isInTrouble = false;
    } catch (error) {
      if (!isInTrouble) log.warn({ err: error }, 'figures for metrics cannot be written; everything else goes on');
      isInTrouble = true;
    }
  });
  return async () => {
    await stop();
    loop.stop();
    await systemDisk.remove(file).catch(() => false);
  };
}

function processFigures(role: string): Figure[] {
  const labels = { role };
  return [
    { name: 'holdfast_process_resident_memory_bytes', labels, value: process.memoryUsage.rss() },
    {
      name: 'holdfast_process_start_timestamp_seconds',
      labels,
      value: Math.round(performance.timeOrigin) / 1_000,
    },
  ];
}

/** How full something is that has a limit. @param inUse taken now, of `max` */
export function poolFigures(role: string, pool: string, inUse: number, max: number): Figure[] {
  const labels = { role, pool };
  return [
    { name: 'holdfast_pool_in_use', labels, value: inUse },
    { name: 'holdfast_pool_max', labels, value: max },
    { name: 'holdfast_pool_used_ratio', labels, value: inUse / max },
  ];
}

interface Stretch {
  readonly delaySeconds: number;
  readonly utilization: number;
}

/** How late the event loop is, and how busy: the worse of the last whole stretch and the one that runs. */
function watchLoop(clock: Clock): { figures(role: string): Figure[]; stop(): void } {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let since = performance.eventLoopUtilization();
  let beganMs = clock.monotonicMs();
  let before: Stretch = { delaySeconds: 0, utilization: 0 };
  return {
    figures(role) {
      const now = stretchOf(delays.percentile(99), performance.eventLoopUtilization(since).utilization);
      const worse = (of: (stretch: Stretch) => number) => Math.max(of(before), of(now));
      const figures = [
        { name: 'holdfast_event_loop_delay_p99_seconds', labels: { role }, value: worse((one) => one.delaySeconds) },
        { name: 'holdfast_event_loop_utilization_ratio', labels: { role }, value: worse((one) => one.utilization) },
      ];
      if (clock.monotonicMs() - beganMs >= stretchMs) {
        before = now;
        beganMs = clock.monotonicMs();
        since = performance.eventLoopUtilization();
        delays.reset();
      }
      return figures;
    },
    stop: () => delays.disable(),
  };
}

/** The machine's samples count from one timer to the next, so that their resolution is no delay. */
function stretchOf(p99Ns: number, utilization: number): Stretch {
  return { delaySeconds: Math.max(0, p99Ns / 1e9 - resolutionMs / 1_000), utilization };
}
