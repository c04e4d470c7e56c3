/**
 * Results that are not written yet. They are bounded: when nobody can write, the oldest go first. Of a failure that goes on in the
 * same words, the words are kept once; in other words, once a minute.
 */
import { wholeMs } from './histogram.ts';
import type { MeasuredResult } from './history.ts';
import { floorTo, minuteMs } from './periods.ts';

export const bufferedResultsMax = 10_000;
export const wordsLengthMax = 300;

export interface ResultBuffer {
  /** @returns whether there was room; without it, the oldest result was dropped */
  add(result: MeasuredResult): boolean;
  isFull(): boolean;
  all(): readonly MeasuredResult[];
  /** Forgets the first ones, which have been written. */
  written(count: number): void;
}

interface LastWords {
  readonly verdict: MeasuredResult['verdict'];
  readonly words: string;
  readonly minute: number;
}

export function resultBuffer(): ResultBuffer {
  let results: MeasuredResult[] = [];
  const said = new Map<string, LastWords>();
  const wordsOf = ({ probe, verdict, at, words: all }: MeasuredResult): string => {
    const words = verdict === 'good' ? '' : all.slice(0, wordsLengthMax);
    const last = said.get(probe);
    const minute = floorTo(minuteMs, at);
    const isKept = last?.verdict !== verdict || (last.words !== words && last.minute !== minute);
    if (isKept) said.set(probe, { verdict, words, minute });
    return isKept ? words : '';
  };
  return {
    add(result) {
      results.push({
        ...result,
        at: Math.round(result.at),
        durationMs: wholeMs(result.durationMs),
        words: wordsOf(result),
      });
      if (results.length <= bufferedResultsMax) return true;
      results.shift();
      return false;
    },
    isFull: () => results.length >= bufferedResultsMax,
    all: () => results,
    written(count) {
      results = results.slice(count);
    },
  };
}
