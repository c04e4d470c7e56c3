/**
 * Random choices that a seed repeats (mulberry32). What the machine does meanwhile is not repeated: a seed gives the same
 * packages and the same kill moments, and finds the same kind of trouble, not the same microsecond.
 */

export interface Choices {
  /** From 0 up to, and not including, 1. */
  fraction(): number;
  /** A whole number from 0 up to, and not including, `count`. */
  below(count: number): number;
  /** @returns true in so many of a hundred cases */
  percent(share: number): boolean;
  /** One of the items; undefined when there is none. */
  oneOf<T>(items: readonly T[]): T | undefined;
}

export function choicesOf(seed: number): Choices {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number) => Math.floor(fraction() * count);
  return {
    fraction,
    below,
    percent: (share) => fraction() * 100 < share,
    oneOf: (items) => items[below(items.length)],
  };
}
