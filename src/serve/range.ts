/** Entity tags and byte ranges of RFC 9110 §13 and §14: one range of the forms `a-b`, `a-` and `-n`; pip's lazy wheels and uv rely on all three. */
import type { ByteRange } from '../blobs/store.ts';

export type RangeAnswer =
  | { readonly type: 'whole' }
  | { readonly type: 'unsatisfiable' }
  | ({ readonly type: 'part' } & ByteRange);

const whole: RangeAnswer = { type: 'whole' };

/**
 * @param header the Range header
 * @param sizeBytes size of the whole
 * @returns `whole` also for what the specification says to ignore: another unit, bad syntax, several ranges
 */
export function readRange(header: string | undefined, sizeBytes: number): RangeAnswer {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return whole;
  if (first === '') {
    const count = Math.min(Number(last), sizeBytes);
    return count === 0 ? { type: 'unsatisfiable' } : { type: 'part', start: sizeBytes - count, end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return whole;
  return start >= sizeBytes ? { type: 'unsatisfiable' } : { type: 'part', start, end };
}

/**
 * Judges If-Match (RFC 9110 §13.1.1), by strong comparison: a tag that is marked as weak is nobody's.
 * @returns false when the answer is 412
 */
export function isStillTag(header: string | undefined, tags: readonly string[]): boolean {
  if (header === undefined || header.trim() === '*') return true;
  return header.split(',').some((entry) => tags.includes(entry.trim()));
}

/** @returns whether an If-None-Match or If-Range list holds one of the entity tags (weak comparison) */
export function matchesTag(header: string | undefined, tags: readonly string[]): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((entry) => tags.includes(entry.trim().replace(/^W\//, '')));
}
