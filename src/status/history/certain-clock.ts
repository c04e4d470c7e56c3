/**
 * Whether the time of day is to be believed so far that things are done which nobody can undo: removing what is old, closing months. A
 * clock that jumped ahead is in doubt for some hours, in which somebody sets it right, or it was right: the service had been off.
 */
import type { Clock } from '../../std/clock.ts';
import { hourMs } from './periods.ts';

const jumpMs = hourMs;
const doubtMs = 6 * hourMs;

export interface Certainty {
  /** To be called at every sign of life, with the one before it (0: there was none). */
  note(seenAt: number, now: number): void;
  isCertain(): boolean;
}

export function certainClock(clock: Clock): Certainty {
  let certainFrom = Number.NEGATIVE_INFINITY;
  return {
    note(seenAt, now) {
      if (seenAt > 0 && now - seenAt > jumpMs) certainFrom = clock.monotonicMs() + doubtMs;
    },
    isCertain: () => clock.monotonicMs() >= certainFrom,
  };
}
