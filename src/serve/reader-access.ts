/**
 * Who may read which feed, from the sealed access document and nothing else: works for as long as the store does. A change
 * of rights is seen at the next request (the document is trusted for as long as any other).
 */
import type { IncomingHttpHeaders } from 'node:http';
import {
  type AccessDocument,
  decodeAccess,
  digestToken,
  type ReaderRight,
  readCredentials,
} from '../access/access-document.ts';
import type { SecretKey } from '../access/seal.ts';
import { accessKey, type FeedPlace } from '../blobs/keys.ts';
import type { BlobStore } from '../blobs/store.ts';
import { documentTrustMs } from '../documents/trust.ts';
import type { Clock } from '../std/clock.ts';
import { TrustedCache } from './trusted-cache.ts';

export interface AccessRules {
  readonly feeds: ReadonlyMap<string, FeedPlace>;
  readonly readers: ReadonlyMap<string, ReaderRight>;
}

/** What a reader gets: the feed, a demand for credentials, or nothing. */
export type Admission =
  | { readonly type: 'admitted'; readonly feed: FeedPlace }
  | { readonly type: 'challenge' }
  | { readonly type: 'unknown' };

export type AccessCache = TrustedCache<AccessRules>;

const bytesMax = 64 * 1024 * 1024;

export function accessCache(store: BlobStore, key: () => SecretKey, trustMs: number, deadlineMs: number): AccessCache {
  return new TrustedCache(store, {
    bytesMax,
    trustMs,
    deadlineMs,
    decode: (bytes) => index(decodeAccess(key(), bytes)),
    sizeOf: (rules) => rules.readers.size * 200,
  });
}

function index(access: AccessDocument): AccessRules {
  return {
    feeds: new Map(access.feeds.map((feed) => [feed.name, feed])),
    readers: new Map(access.readers.map((reader) => [reader.digest, reader])),
  };
}

/**
 * @param now UTC milliseconds
 * @returns `challenge` for a private feed without a token that may read it, whether the token is missing, wrong or expired
 */
export function admit(rules: AccessRules, feedName: string, headers: IncomingHttpHeaders, now: number): Admission {
  const feed = rules.feeds.get(feedName);
  if (!feed) return { type: 'unknown' };
  if (!feed.isPrivate) return { type: 'admitted', feed };
  const credentials = readCredentials(headers as { authorization?: string });
  const right = credentials && rules.readers.get(digestToken(credentials.token));
  const holds = right?.feeds.includes(feedName) && (right.expiresAt === null || right.expiresAt > now);
  return holds ? { type: 'admitted', feed } : { type: 'challenge' };
}

/** How long the store may take to give the access document, in milliseconds. */
const deadlineMs = 1_000;

/**
 * The same question for who answers from something else than documents, such as search.
 * @returns a function that gives undefined while there is no access document yet: the gallery is starting
 */
export function readerAdmission(store: BlobStore, key: () => SecretKey, clock: Clock) {
  const access = accessCache(store, key, documentTrustMs, deadlineMs);
  return async (feedName: string, headers: IncomingHttpHeaders): Promise<Admission | undefined> => {
    const rules = await access.get(accessKey);
    return rules && admit(rules, feedName, headers, clock.now());
  };
}
