/**
 * Every key of the store, in one file. Keys begin with the layout version, documents with their render version and records
 * with their format version, so that each can be made again beside the old one and switched (docs/decisions/0004).
 *
 *   l1/blobs/sha256/ab/abcd…                        content-addressed bytes
 *   l1/public/d1/simple/demo/index.json.gz          documents and links of public feeds: all that a file server is given
 *   l1/private/team/d1/simple/demo/index.json.gz    the same of a private feed
 *   l1/catalogue/f1/0000000000000042/…0042123.json  one record an event, a thousand to a folder
 *   l1/sealed/access                                who may read private feeds, encrypted
 */
import type { Int64 } from '../std/int64.ts';
import type { Key } from './store.ts';

export const layoutVersion = 1;
export const renderVersion = 1;
export const recordFormat = 1;

/** The feed whose addresses have no `/feeds/NAME` before them. */
export const defaultFeed = 'main';

const layout = `l${layoutVersion}`;

export const blobsFolder: Key = `${layout}/blobs/sha256`;
export const recordsFolder: Key = `${layout}/catalogue/f${recordFormat}`;
export const publicFolder: Key = `${layout}/public/d${renderVersion}`;
export const privateFolder: Key = `${layout}/private`;
export const accessKey: Key = `${layout}/sealed/access`;

export interface FeedPlace {
  readonly name: string;
  readonly isPrivate: boolean;
}

/** @param sha256 64 lower-case hexadecimal digits */
export function blobKey(sha256: string): Key {
  return `${blobsFolder}/${sha256.slice(0, 2)}/${sha256}`;
}

/** @returns the digest that a blob's key names */
export function digestOfBlobKey(key: Key): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** The folder that holds a feed's documents and links. */
export function feedFolder(feed: FeedPlace): Key {
  if (feed.isPrivate) return `${privateFolder}/${feed.name}/d${renderVersion}`;
  return feed.name === defaultFeed ? publicFolder : `${publicFolder}/feeds/${feed.name}`;
}

/** The URL path before all paths of a feed: empty for the default feed. */
export function feedPath(feedName: string): string {
  return feedName === defaultFeed ? '' : `/feeds/${feedName}`;
}

/** @param path the document's path inside its feed, such as `simple/demo/index.json` */
export function documentKey(feed: FeedPlace, path: string): Key {
  return `${feedFolder(feed)}/${path}.gz`;
}

/** @param path the linked file's path inside its feed */
export function linkKey(feed: FeedPlace, path: string): Key {
  return `${feedFolder(feed)}/${path}`;
}

/** Serials in keys have 19 digits, all that a signed 64-bit number can need, so that byte order is number order. */
export function recordKey(serial: Int64): Key {
  const digits = serial.toString().padStart(19, '0');
  return `${recordsFolder}/${digits.slice(0, 16)}/${digits}.json`;
}
