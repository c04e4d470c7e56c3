/** Finds versions in their packages' documents: search has the texts of the newest versions only. */
import type { FeedEntry } from './feed-entry.ts';
import { isVersion } from './shown-entry.ts';

export interface NamedVersion {
  readonly normalizedId: string;
  /** Normalised, in lower case. */
  readonly lower: string;
}

/**
 * @param read reads all versions of a package; it is asked once for each, as a document may be many megabytes
 * @returns what is there of these versions
 */
export async function versionsOf<Named extends NamedVersion>(
  wanted: readonly Named[],
  read: (normalizedId: string) => Promise<readonly FeedEntry[]>,
): Promise<ReadonlyMap<Named, FeedEntry>> {
  const found = new Map<Named, FeedEntry>();
  for (const [id, ofPackage] of Map.groupBy(wanted, ({ normalizedId }) => normalizedId)) {
    const entries = await read(id);
    for (const one of ofPackage) {
      const entry = entries.find((candidate) => isVersion(candidate, one.lower));
      if (entry !== undefined) found.set(one, entry);
    }
  }
  return found;
}
