/** Headers that go with every answer of the read workers: how long caches may keep it, and by which names they purge it. */
import { renderVersion } from '../blobs/keys.ts';
import type { CacheClass, Target } from '../protocols/protocol.ts';

/** Header names and values in turn, as writeHead takes them. */
export type HeaderList = string[];

export interface Visibility {
  readonly feedName: string;
  readonly isPrivate: boolean;
}

/**
 * Indexes are asked for again by every client and kept for at most a minute by caches in between; blobs never change.
 * Answers of private feeds are for one client alone.
 */
export function cacheControl(cacheClass: CacheClass, isPrivate: boolean): string {
  if (cacheClass === 'immutable') {
    return isPrivate ? 'private, max-age=31536000, immutable' : 'public, max-age=31536000, immutable';
  }
  return isPrivate
    ? 'private, no-cache'
    : 'public, max-age=0, must-revalidate, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400';
}

/** Feed, package, version, kind of document and render version: any of them purges the answer from a cache. */
export function surrogateKeys(feedName: string, target: Exclude<Target, { type: 'forward' | 'redirect' }>): string {
  const keys = ['all', `feed/${feedName}`, `render/${renderVersion}`, `kind/${target.kind}`];
  if (target.packageName !== undefined) {
    const name = `${feedName}/${target.ecosystem}/${encodeURIComponent(target.packageName)}`;
    keys.push(`package/${name}`);
    if (target.version !== undefined) keys.push(`version/${name}/${encodeURIComponent(target.version)}`);
  }
  return keys.join(' ');
}

/** @param names headers of the request that the answer depends on, beside Accept-Encoding */
export function varyOf(names: readonly string[], visibility: Visibility): string {
  return ['Accept-Encoding', ...names, ...(visibility.isPrivate ? ['Authorization'] : [])].join(', ');
}

/** What a web page of another origin needs in order to read an answer (PEP 691 clients in browsers, Pyodide). */
export const originHeaders: HeaderList = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Allow-Headers',
  'Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Range',
  'Access-Control-Allow-Methods',
  'GET, HEAD, OPTIONS',
  'Access-Control-Max-Age',
  '86400',
  'Access-Control-Expose-Headers',
  'X-PyPI-Last-Serial, ETag, Content-Length, Content-Range, Accept-Ranges',
];

/** Nothing that a user uploaded is ever run by a browser as if it were a page of ours. */
export const safetyHeaders: HeaderList = [
  'X-Content-Type-Options',
  'nosniff',
  'Content-Security-Policy',
  "default-src 'none'; sandbox",
];
