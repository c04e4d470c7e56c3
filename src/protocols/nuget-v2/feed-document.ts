/**
 * The stored document of a package: every version that can be downloaded, ascending, as a FeedEntry. Read workers answer all that
 * is asked about one package from it. Long texts are kept once each, since most versions repeat those of the one before: a module
 * with two hundred versions has the same fifty thousand letters of tags in all of them.
 *
 *   v2/demo.lib/versions.json → {"texts":["…"],"entries":[{"id":"Demo.Lib","description":{"text":0},…}]}
 */
import type { Document } from '../../documents/output.ts';
import type { PackageView } from '../../documents/package-view.ts';
import { writeJson } from '../../std/json.ts';
import { storedPath } from '../nupkg-files.ts';
import { type FeedEntry, feedEntryOf } from './feed-entry.ts';
import { feedDocument } from './keys.ts';

/** Texts that are shorter stand where they are used, in characters. */
const sharedLengthMin = 48;

interface Shared {
  readonly text: number;
}

/** Renders the document, or nothing when no version can be downloaded. */
export function renderFeedDocument(view: PackageView): Document[] {
  const entries = view.versions.flatMap((version) => feedEntryOf(version) ?? []);
  if (entries.length === 0) return [];
  const path = storedPath(feedDocument(view.normalizedName));
  return [{ type: 'document', path, rank: 'index', text: writeFeedDocument(entries) }];
}

function writeFeedDocument(entries: readonly FeedEntry[]): string {
  const numbers = new Map<string, number>();
  const share = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) return mapValues(value, share);
    if (typeof value !== 'string' || value.length < sharedLengthMin) return value;
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return { text: number };
  };
  const shared = entries.map(share);
  return writeJson({ texts: [...numbers.keys()], entries: shared });
}

/** @returns the entries, which share the texts that they have in common */
export function readFeedDocument(text: string): readonly FeedEntry[] {
  const { texts, entries } = JSON.parse(text) as { texts: readonly string[]; entries: readonly object[] };
  const unshare = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const { text: number } = value as Partial<Shared>;
    return number === undefined ? mapValues(value, unshare) : texts[number];
  };
  return entries.map((entry) => unshare(entry) as FeedEntry);
}

function mapValues(value: object, map: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, map(one)]));
}
