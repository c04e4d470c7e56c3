/**
 * Leaves the write service alone for a moment after failures in a row, so that a gallery whose write side is away answers at
 * once and not after a time-out each. Requests are never queued behind one trial: the trial may be an upload of an hour.
 */

export interface Breaker {
  /** True while nothing should be tried. */
  isOpen(): boolean;
  succeeded(): void;
  failed(): void;
}

/**
 * @param failuresMax failures in a row that open it
 * @param openMs how long it then stays open, in milliseconds of the monotonic clock
 */
export function createBreaker(failuresMax: number, openMs: number, monotonicMs: () => number): Breaker {
  let failures = 0;
  let openUntil = 0;
  return {
    isOpen: () => monotonicMs() < openUntil,
    succeeded() {
      failures = 0;
    },
    failed() {
      failures += 1;
      // Once it was open, the first failure after the pause opens it again.
      if (failures >= failuresMax) openUntil = monotonicMs() + openMs;
    },
  };
}
