/**
 * A way out and what became of it: figures that are shown, and the pause that it is given after failures. Each way has its own, so
 * that one that is dead holds up nothing but itself.
 */
import type { RandomBytes } from '../../std/random.ts';
import type { Outcome } from './message.ts';

export interface Circuit {
  readonly name: string;
  lastSuccessAt: number | undefined;
  lastFailureAt: number | undefined;
  lastFailureWords: string;
  failuresInRow: number;
  refusalsInRow: number;
  /** Messages given up since the last success, because their time was over or they were refused for good. */
  lostInRow: number;
  sent: number;
  failed: number;
  refused: number;
  /** Messages that are not done. */
  waiting: number;
  /** No message but an urgent one in its first try goes out before. */
  pausedUntil: number;
  /** Nothing is due before; 0 when that has to be looked up. */
  wakeAt: number;
  /** Ids of messages under way. */
  readonly underWay: Set<string>;
}

const pauseFirstMs = 1_000;
const pauseMaxMs = 60_000;
const tryPauseFirstMs = 5_000;
const urgentTryPauseMaxMs = 60_000;
const tryPauseMaxMs = 15 * 60_000;

export function newCircuit(name: string): Circuit {
  return {
    name,
    lastSuccessAt: undefined,
    lastFailureAt: undefined,
    lastFailureWords: '',
    failuresInRow: 0,
    refusalsInRow: 0,
    lostInRow: 0,
    sent: 0,
    failed: 0,
    refused: 0,
    waiting: 0,
    pausedUntil: 0,
    wakeAt: 0,
    underWay: new Set(),
  };
}

/** Counts what became of a try. What is about one recipient shows that the way itself works. */
export function note(circuit: Circuit, outcome: Outcome, at: number, random: RandomBytes): void {
  if (outcome.kind === 'taken') {
    circuit.sent += 1;
    circuit.lastSuccessAt = at;
  } else {
    circuit.lastFailureAt = at;
    circuit.lastFailureWords = outcome.words;
    circuit[outcome.kind] += 1;
  }
  if (outcome.kind === 'taken' || outcome.isAboutRecipient) {
    circuit.failuresInRow = 0;
    circuit.refusalsInRow = 0;
    circuit.lostInRow = 0;
    circuit.pausedUntil = 0;
    return;
  }
  circuit.failuresInRow += 1;
  circuit.refusalsInRow = outcome.kind === 'refused' ? circuit.refusalsInRow + 1 : 0;
  circuit.pausedUntil = at + grown(pauseFirstMs, circuit.failuresInRow, pauseMaxMs, random);
}

/** @returns milliseconds until a message is tried again, after so many tries; a page is tried at least every minute */
export function tryPauseMs(tries: number, isUrgent: boolean, random: RandomBytes): number {
  return grown(tryPauseFirstMs, tries, isUrgent ? urgentTryPauseMaxMs : tryPauseMaxMs, random);
}

/** Doubles with each time up to a limit; between three quarters of it and all of it, so that many do not come back together. */
function grown(firstMs: number, times: number, maxMs: number, random: RandomBytes): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(times - 1, 30));
  const chance = (random(1)[0] ?? 0) / 255;
  return Math.round(whole * (0.75 + 0.25 * chance));
}
