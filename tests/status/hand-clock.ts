/** A clock for tests of the status service, which goes on by hand. */
import type { Clock } from '../../src/std/clock.ts';
import { viewAt } from './views.ts';

/** A clock that stands still until it is told to go on. */
export class HandClock implements Clock {
  private at = viewAt;
  private readonly sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.at;
  }

  monotonicMs(): number {
    return this.at;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { until: this.at + ms, wake: resolve };
    this.sleepers.add(sleeper);
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    return promise.finally(() => this.sleepers.delete(sleeper));
  }

  goOn(ms: number): void {
    this.at += ms;
    for (const sleeper of this.sleepers) {
      if (sleeper.until > this.at) continue;
      this.sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  /** Whether somebody sleeps: then the one loop that uses this clock is in no round. */
  isWaitedFor(): boolean {
    return this.sleepers.size > 0;
  }
}
