/** Makes the hits of a page: the version itself, whether it is the latest one to the asker, and what the protocol shows of it. */
import type { DatabaseSync } from 'node:sqlite';
import { lowByteOf } from './entry-id.ts';
import { latestBits } from './feed-filter.ts';
import type { FeedHit, FeedQuery } from './feed-query.ts';

/** Characters of all entries of one answer; the page ends before it has more. */
export const entriesLengthMax = 16 * 1024 * 1024;

export interface Row {
  /** Of the entry that was found. */
  readonly id: bigint;
  /** Of the version among those of its package, where rows are versions. */
  readonly position: bigint;
}

interface Found {
  /** Null for a version that is the newest one to nobody. */
  readonly entryId: bigint | null;
  readonly normalizedId: string;
  readonly lower: string;
  readonly downloads: bigint;
  readonly entry: string | null;
}

/** @returns as many as fit into an answer, one at least */
export function hitsOf(db: DatabaseSync, { hasAllVersions, hasSemVer2 }: FeedQuery, rows: readonly Row[]): FeedHit[] {
  const columns = `e.normalized_id as normalizedId, v.lower as lower, e.downloads as downloads, f.entry as entry`;
  const ofEntry = db.prepare(
    `select e.id as entryId, ${columns} from entries e
       join versions v on v.package_id = e.package_id and v.position = e.position
       left join feed_entries f on f.entry_id = e.id where e.id = ?`,
  );
  const ofVersion = db.prepare(
    `select o.id as entryId, ${columns} from entries e
       join versions v on v.package_id = e.package_id and v.position = ?
       left join entries o on o.package_id = v.package_id and o.position = v.position
       left join feed_entries f on f.entry_id = o.id where e.id = ?`,
  );
  const { release, any } = latestBits(hasSemVer2);
  const hits: FeedHit[] = [];
  let left = entriesLengthMax;
  for (const { id, position } of rows) {
    const found = (hasAllVersions ? ofVersion.get(position, id) : ofEntry.get(id)) as unknown as Found;
    const { entryId, entry, ...about } = found;
    left -= entry?.length ?? 0;
    if (left < 0 && hits.length > 0) break;
    const bits = entryId === null ? 0 : lowByteOf(entryId);
    hits.push({
      ...about,
      entry: entry ?? undefined,
      isLatestVersion: (bits & release) !== 0,
      isAbsoluteLatestVersion: (bits & any) !== 0,
    });
  }
  return hits;
}
