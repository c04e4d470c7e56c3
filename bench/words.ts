/**
 * Words and chance for generated packages: the same seed gives the same packages on every machine. Words are drawn so that the
 * n-th is n times rarer than the first, as in texts that people write: a few are in nearly every package, most in hardly any.
 */

/** Numbers from 0 up to 1, the same for the same seed. */
export type Chance = () => number;

/** @returns a small generator (mulberry32): fast, and good enough to make packages look different */
export function chance(seed: number): Chance {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The most frequent ones, in this order. */
const frequent =
  `the and for a library to with data of client in server from json http async common tools core files an provides
  simple services support your is test parser logging fast by code access helpers api on web text cache storage queue
  network types build events model format plugin extensions database template secure message stream time`.split(/\s+/);

const syllables = 'ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo ya zu bre cla dri flo gri pla'.split(' ');
const wordCount = 20_000;

/** @returns the word of a rank, from 0, the most frequent, to 19,999 */
export function wordAt(rank: number): string {
  if (rank < frequent.length) return frequent[rank]!;
  let word = '';
  for (let left = rank; left > 0; left = Math.floor(left / syllables.length))
    word += syllables[left % syllables.length];
  return word;
}

export function between(draw: Chance, lowest: number, highest: number): number {
  return lowest + Math.floor(draw() * (highest - lowest + 1));
}

export function drawWord(draw: Chance): string {
  return wordAt(Math.floor(Math.exp(draw() * Math.log(wordCount))) - 1);
}

export function drawWords(draw: Chance, count: number): string {
  return Array.from({ length: count }, () => drawWord(draw)).join(' ');
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
