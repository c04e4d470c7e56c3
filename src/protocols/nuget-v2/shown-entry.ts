/**
 * An entry as somebody who asks sees it: which of the versions that he sees is the latest one, and what each field of the feed
 * then is. The latest stable version is `IsLatestVersion`, the latest of all `IsAbsoluteLatestVersion`; an unlisted one is neither,
 * and says so by having been published in the year 1900.
 */
import { normalizePackageId, parseNuGetVersion } from '../../identity/nupkg.ts';
import type { FeedEntry } from './feed-entry.ts';
import type { Population } from './keys.ts';

export interface ShownEntry {
  readonly entry: FeedEntry;
  readonly isLatestVersion: boolean;
  readonly isAbsoluteLatestVersion: boolean;
  /** Of all versions together. */
  readonly downloads: bigint;
}

/** The year before 1901 by which clients know an unlisted version; UTC milliseconds. */
export const unlistedAt = Date.UTC(1900, 0, 1);

/** @returns whether an address that shows this population shows the entry */
export function isOf(population: Population, entry: FeedEntry): boolean {
  const type = entry.powershell?.itemType;
  switch (population) {
    case 'all':
      return true;
    case 'powershell':
      return type !== undefined;
    case 'no-scripts':
      return type !== 'Script';
    case 'modules':
      return type === 'Module';
    case 'scripts':
      return type === 'Script';
  }
}

/**
 * @param entries all versions of one package, ascending
 * @param hasSemVer2 whether the asker knows SemVer 2; who does not must not see such versions
 * @returns those that the asker sees, ascending
 */
export function showEntries(
  entries: readonly FeedEntry[],
  population: Population,
  hasSemVer2: boolean,
): readonly ShownEntry[] {
  const seen = entries.filter((entry) => isOf(population, entry) && (hasSemVer2 || !entry.isSemVer2));
  const absolute = seen.findLast((entry) => entry.isListed);
  const latest = seen.findLast((entry) => entry.isListed && !entry.isPrerelease);
  return seen.map((entry) => ({
    entry,
    isLatestVersion: entry === latest,
    isAbsoluteLatestVersion: entry === absolute,
    downloads: 0n,
  }));
}

/** @returns a time of the feed: when the version was published, or 1900 when it is unlisted; UTC milliseconds */
export function publishedAt({ entry }: ShownEntry): number {
  return entry.isListed ? entry.createdAt : unlistedAt;
}

/** @returns whether the entry is this version, in any spelling that NuGet calls equal */
export function isVersion(entry: FeedEntry, version: string): boolean {
  return parseNuGetVersion(version)?.lower === entry.normalizedVersion.toLowerCase();
}

/** The id and version as they stand in addresses of files. */
export function lowerIdentity(entry: FeedEntry): { readonly id: string; readonly version: string } {
  return { id: normalizePackageId(entry.id), version: entry.normalizedVersion.toLowerCase() };
}
