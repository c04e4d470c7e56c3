/**
 * Durations as counts in buckets whose bounds grow by 4 %, so that histograms of minutes add up to those of hours and a percentile of
 * the sum is as good as one of its parts: within 2 % and 1 ms of the duration itself, whatever was merged in between.
 */

/** Bucket number to count. */
export type Histogram = Map<number, number>;

/** A percentile is no further than this share (and 1 ms, for rounding) from the duration that stands at its rank. */
export const relativeErrorMax = 0.02;
const growth = (1 + relativeErrorMax) / (1 - relativeErrorMax);
const logOfGrowth = Math.log(growth);

/** @returns whole milliseconds, at least 0, as durations are kept */
export function wholeMs(durationMs: number): number {
  if (Number.isNaN(durationMs)) throw new RangeError('a duration is not a number');
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(durationMs)));
}

/**
 * What is slower than a limit is in a higher bucket than the limit: this counts a limit as its bucket's upper end, at most 4.1 % later,
 * and gives the same answer for single results, minutes and hours.
 * @returns the bucket of a duration in whole milliseconds: bucket 0 has 0 and 1 ms, and bucket n what is longer than n - 1 has
 */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.ceil(Math.log(ms) / logOfGrowth);
}

/** The duration that stands for all of a bucket, in whole milliseconds. */
const msOf = (bucket: number) => (bucket === 0 ? 1 : Math.round((2 * growth ** bucket) / (growth + 1)));

/** @returns the sum, or the largest whole number that is exact */
export const addCounts = (one: number, other: number) => Math.min(Number.MAX_SAFE_INTEGER, one + other);

export function addDuration(into: Histogram, ms: number): void {
  addTo(into, bucketOf(ms), 1);
}

function addTo(into: Histogram, bucket: number, count: number): void {
  into.set(bucket, addCounts(into.get(bucket) ?? 0, count));
}

export function mergeInto(into: Histogram, from: Histogram): void {
  for (const [bucket, count] of from) addTo(into, bucket, count);
}

export function mergeEncoded(into: Histogram, bytes: Uint8Array): void {
  decode(bytes, (bucket, count) => addTo(into, bucket, count));
}

export function countOf(histogram: Histogram): number {
  return histogram.values().reduce(addCounts, 0);
}

/**
 * @param shares from 0 to 1, in ascending order
 * @returns for each share the duration that so many of all do not exceed (nearest rank), in ms; 0 of an empty histogram
 */
export function percentilesOf(histogram: Histogram, shares: readonly number[]): number[] {
  const sorted = [...histogram].sort(([a], [b]) => a - b);
  const total = countOf(histogram);
  let at = 0;
  let seen = sorted[0]?.[1] ?? 0;
  return shares.map((share) => {
    const rank = Math.max(1, Math.ceil(share * total));
    while (seen < rank && at < sorted.length - 1) {
      at += 1;
      seen += sorted[at]?.[1] ?? 0;
    }
    const bucket = sorted[at]?.[0];
    return bucket === undefined ? 0 : msOf(bucket);
  });
}

/** @returns pairs of the distance from the last bucket and a count, each as a varint of 7 bits a byte; `null` of an empty one */
export function encode(histogram: Histogram): Uint8Array | null {
  if (histogram.size === 0) return null;
  const bytes: number[] = [];
  let last = 0;
  for (const [bucket, count] of [...histogram].sort(([a], [b]) => a - b)) {
    putVarint(bytes, bucket - last);
    putVarint(bytes, count);
    last = bucket;
  }
  return Uint8Array.from(bytes);
}

/** Divides in place of shifting: counts may pass 2^31. */
function putVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** Gives buckets in ascending order with their counts; throws when bytes end within a number. */
export function decode(bytes: Uint8Array, visit: (bucket: number, count: number) => void): void {
  let bucket = 0;
  // What a number is so far, and the weight of its next byte.
  let value = 0;
  let scale = 1;
  let isCount = false;
  for (const byte of bytes) {
    value += (byte & 127) * scale;
    scale *= 128;
    if (byte > 127) continue;
    if (isCount) visit(bucket, value);
    else bucket += value;
    value = 0;
    scale = 1;
    isCount = !isCount;
  }
  if (scale > 1 || isCount) throw new RangeError('a histogram ends within a number');
}
