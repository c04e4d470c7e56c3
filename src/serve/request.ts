/** Reads what a read worker needs from a request line, strictly: what cannot be a stored name is no address here. */
import { defaultFeed } from '../blobs/keys.ts';

export interface Address {
  readonly feedName: string;
  /** Decoded path inside the feed, without the leading slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query as it came, with its question mark; empty without one. */
  readonly search: string;
}

/** In characters; what is longer is 414. */
export const urlLengthMax = 8 * 1024;
const emptyQuery = new URLSearchParams();

/**
 * @param url the request target as it was sent
 * @returns undefined when it cannot be an address of a gallery
 */
export function parseAddress(url: string): Address | undefined {
  if (url.length > urlLengthMax || url[0] !== '/') return undefined;
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const search = mark < 0 ? '' : url.slice(mark);
  const path = decodePath(rawPath.slice(1));
  if (path === undefined) return undefined;
  const query = search === '' ? emptyQuery : new URLSearchParams(search);
  const feed = /^feeds\/([a-z0-9-]{1,63})\/(.*)$/s.exec(path);
  if (!feed) return { feedName: defaultFeed, path, query, search };
  const [, feedName, rest] = feed as unknown as [string, string, string];
  // The default feed has one address only, or caches and surrogate keys would see two.
  return feedName === defaultFeed ? undefined : { feedName, path: rest, query, search };
}

function decodePath(raw: string): string | undefined {
  if (raw.includes('\\') || raw.includes('//')) return undefined;
  if (!raw.includes('%')) return isDotted(raw) ? undefined : raw;
  const segments: string[] = [];
  for (const segment of raw.split('/')) {
    const decoded = decodeSegment(segment);
    if (decoded === undefined || /[/\\\0-\x1f]/.test(decoded)) return undefined;
    segments.push(decoded);
  }
  const path = segments.join('/');
  return isDotted(path) ? undefined : path;
}

function isDotted(path: string): boolean {
  return path.includes('./') && /(^|\/)\.{1,2}(\/|$)/.test(path) ? true : /(^|\/)\.{1,2}$/.test(path);
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
