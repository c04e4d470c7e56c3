/**
 * Time, as something that is passed in: tests and drills replace it. Wall time is UTC milliseconds; the monotonic time is the
 * machine's own, comparable between processes of one machine.
 */
import { setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** UTC milliseconds since 1970. */
  now(): number;
  /** Milliseconds of the machine's monotonic clock, with fractions. */
  monotonicMs(): number;
  /** Resolves after the given milliseconds at least; rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
  async sleep(ms, signal) {
    // The machine's timers may end up to a millisecond early; others rely on the whole time (documents/trust.ts).
    const until = performance.now() + ms;
    for (let left = ms; left > 0; left = until - performance.now()) {
      await wait(Math.ceil(left), undefined, signal ? { signal } : {});
    }
  },
};

/** Runs `task` every `everyMs`, never overlapping itself; the function returned stops it and waits for the run under way. */
export function repeat(everyMs: number, task: () => Promise<void>): () => Promise<void> {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await task();
      await systemClock.sleep(everyMs, stopping.signal).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await loop;
  };
}

/** Gives up waiting after `ms`: rejects with a DeadlineError that names what was waited for. The work itself goes on. */
export async function withDeadline<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(() => timer.reject(new DeadlineError(`${what} took longer than ${ms} ms`)), ms);
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}

export class DeadlineError extends Error {}
