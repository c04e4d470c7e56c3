/**
 * Whole numbers that may pass 2^53: serials, ids, counters, sizes. They are BigInt from the database to the wire, because a
 * gallery once lost three weeks of statistics to a 32-bit key (drill counter-overflow).
 */

export type Int64 = bigint;

export const int64Max: Int64 = 2n ** 63n - 1n;

/** @returns the value as a JavaScript number; throws when it would lose digits. */
export function exactNumber(value: Int64): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} does not fit a JavaScript number exactly`);
  return number;
}

/** @returns the fraction (0 to 1) of the signed 64-bit range that is still free above the value. */
export function headroom(value: Int64): number {
  return Number(int64Max - value) / Number(int64Max);
}
