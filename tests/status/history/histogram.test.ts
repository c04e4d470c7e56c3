/** Histograms of durations: how far a percentile may be off, that merging loses nothing, and counters of any size. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  addCounts,
  addDuration,
  bucketOf,
  countOf,
  decode,
  encode,
  type Histogram,
  mergeEncoded,
  mergeInto,
  percentilesOf,
  relativeErrorMax,
  wholeMs,
} from '../../../src/status/history/histogram.ts';

const anyDuration = fc.oneof(fc.nat(20), fc.nat(3_000), fc.nat(2 ** 31 + 5), fc.maxSafeNat());
function entriesOf(bytes: Uint8Array): [number, number][] {
  const entries: [number, number][] = [];
  decode(bytes, (bucket, count) => entries.push([bucket, count]));
  return entries;
}

const shares = [0, 0.01, 0.5, 0.9, 0.95, 0.99, 1];

function histogramOf(durations: readonly number[]): Histogram {
  const histogram: Histogram = new Map();
  for (const one of durations) addDuration(histogram, one);
  return histogram;
}

/** The smallest duration that at least this share of all does not exceed. */
function exactPercentile(durations: readonly number[], share: number): number {
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
}

test('a percentile is within 2 % and 1 ms of the duration at its rank', () => {
  assert.equal(relativeErrorMax, 0.02);
  fc.assert(
    fc.property(fc.array(anyDuration, { minLength: 1, maxLength: 300 }), (durations) => {
      for (const [at, found] of percentilesOf(histogramOf(durations), shares).entries()) {
        const exact = exactPercentile(durations, shares[at]!);
        assert.ok(Math.abs(found - exact) <= 0.02 * exact + 1, `${shares[at]}: ${found} for ${exact}`);
      }
    }),
  );
});

test('histograms that were taken apart, encoded and merged are what they were', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyDuration, { maxLength: 40 }), { maxLength: 60 }), (minutes) => {
      const whole = histogramOf(minutes.flat());
      const merged: Histogram = new Map();
      for (const minute of minutes) {
        const bytes = encode(histogramOf(minute));
        assert.equal(bytes === null, minute.length === 0);
        if (bytes) mergeEncoded(merged, bytes);
      }
      assert.deepEqual(encode(merged), encode(whole));
      assert.equal(countOf(merged), minutes.flat().length);
    }),
  );
});

test('longer durations are in higher buckets, and buckets are at most 4.1 % wide', () => {
  fc.assert(
    fc.property(anyDuration, anyDuration, (one, other) => {
      const [short, long] = [Math.min(one, other), Math.max(one, other)];
      assert.ok(bucketOf(short) <= bucketOf(long));
      if (long > short * 1.041 + 1) assert.ok(bucketOf(short) < bucketOf(long), `${short} and ${long}`);
    }),
  );
});

test('what is in a higher bucket than a limit is slower, give or take the bucket of the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5_000), { maxLength: 200 }), fc.integer({ min: 1, max: 5_000 }), (durations, limit) => {
      const found = durations.filter((one) => bucketOf(one) > bucketOf(limit)).length;
      assert.ok(found <= durations.filter((one) => one > limit).length);
      assert.ok(found >= durations.filter((one) => one > limit * 1.041 + 1).length);
    }),
  );
});

test('counters pass 2^31, and stop at 2^53 - 1 without losing a digit', () => {
  for (const count of [127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 7, 2 ** 53 - 1]) {
    const histogram: Histogram = new Map([[bucketOf(250), count]]);
    assert.deepEqual(entriesOf(encode(histogram)!), [[bucketOf(250), count]]);
  }
  const histogram: Histogram = new Map([[3, 2 ** 31]]);
  mergeInto(histogram, new Map([[3, 2 ** 31 + 1]]));
  assert.equal(histogram.get(3), 2 ** 32 + 1);
  mergeInto(histogram, new Map([[3, Number.MAX_SAFE_INTEGER]]));
  assert.equal(histogram.get(3), Number.MAX_SAFE_INTEGER);
  assert.equal(addCounts(Number.MAX_SAFE_INTEGER, 5), Number.MAX_SAFE_INTEGER);
});

test('a duration that is no number is an error, and one that cannot be is the nearest that can', () => {
  assert.throws(() => wholeMs(Number.NaN), RangeError);
  assert.deepEqual([-3, 0.4, 1.5, 2 ** 60, Number.POSITIVE_INFINITY].map(wholeMs), [0, 0, 2, 2 ** 53 - 1, 2 ** 53 - 1]);
});

test('bytes that end within a number are not taken for a histogram', () => {
  assert.throws(() => entriesOf(Uint8Array.of(200)), /ends within a number/);
  assert.throws(() => entriesOf(Uint8Array.of(3)), /ends within a number/);
  assert.deepEqual(percentilesOf(new Map(), [0.5]), [0]);
});
