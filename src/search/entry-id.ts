/**
 * The id of an entry says what questions ask of nearly every entry: its feed, how popular it is, and in its last byte who sees it
 * as newest and what it is. So the full-text engine, which knows ids and nothing else, counts and skips without another look-up.
 *
 *   feed: 17 bits | step of popularity, falling: 6 | number: 32 | contains "psscript", "psmodule" | script, module | kinds of askers: 4
 */
import assert from 'node:assert/strict';

/** In the last byte: the four kinds of askers to whom the version is the newest one (`filterBit` of src/search/entries.ts). */
export const filtersMask = 15;
export const moduleBit = 16;
export const scriptBit = 32;
/** The tags, joined by spaces, have this text somewhere; whoever asks for modules or scripts asks so. */
export const hasPSModuleBit = 64;
export const hasPSScriptBit = 128;

const lowBits = 8n;
const numberBits = 32n;
const stepBits = 6n;
/** Numbers that feeds can have. */
export const feedsMax = 2n ** 17n;

/** Steps of popularity for ten times the downloads, and the last one: 10^15 downloads. */
const stepsForTenfold = 4;
const stepMax = 60;

/** First id of a range, and the last one. */
export type IdRange = readonly [first: bigint, last: bigint];

/** @param feed number of a feed in this file */
export function idsOfFeed(feed: bigint): IdRange {
  assert.ok(feed < feedsMax, 'a search file has room for 131,072 feeds');
  const bits = lowBits + numberBits + stepBits;
  return [feed << bits, ((feed + 1n) << bits) - 1n];
}

/**
 * Ids fall as popularity rises, by steps, because the engine finds entries in the order of their ids: whoever looks at the first
 * of very many has looked at the most popular ones.
 */
export function idsOfStep(feed: bigint, downloads: bigint): IdRange {
  const step = stepMax - Math.min(stepMax, Math.floor(popularityOf(downloads) * stepsForTenfold));
  const bits = lowBits + numberBits;
  const first = ((feed << stepBits) + BigInt(step)) << bits;
  return [first, first + (1n << bits) - 1n];
}

/** @param last the last id of the step so far; undefined for none */
export function nextEntryId([first, end]: IdRange, last: bigint | undefined, lowByte: number): bigint {
  const number = last === undefined ? first >> lowBits : (last >> lowBits) + 1n;
  const id = (number << lowBits) + BigInt(lowByte);
  assert.ok(id <= end, 'a step has room for more entries than are ever written');
  return id;
}

export const lowByteOf = (id: bigint) => Number(id & 255n);

function popularityOf(downloads: bigint): number {
  return Math.log10(1 + Number(downloads));
}
