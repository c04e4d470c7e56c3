/** Makes the hits of a page: the version itself, whether it is the latest one to the asker, and what the protocol shows of it. */
import type { DatabaseSync } from 'node:sqlite';
import { latestBits } from './feed-filter.ts';
import type { FeedHit, FeedQuery } from './feed-query.ts';

/** Characters of all entries of one answer; the page ends before it has more. */
export const entriesLengthMax = 16 * 1024 * 1024;

export interface Row {
  /** Of the entry that was found. */
  readonly id: bigint;
  /** Of the version among those of its package; -1 for the entry's own. */
  readonly position: bigint;
}

interface Version {
  readonly entryId: bigint | null;
  readonly normalizedId: string;
  readonly lower: string;
  readonly downloads: bigint;
}

/** @returns as many as fit into an answer, one at least */
export function hitsOf(db: DatabaseSync, { hasSemVer2 }: FeedQuery, rows: readonly Row[]): FeedHit[] {
  const versionOf = db.prepare(
    `select o.id as entryId, p.normalized_id as normalizedId, v.lower as lower, p.downloads as downloads from entries e
       join versions v on v.package_id = e.package_id and v.position = iif(? < 0, e.position, ?)
       join packages p on p.package_id = e.package_id
       left join entries o on o.package_id = v.package_id and o.position = v.position
     where e.id = ?`,
  );
  const entryOf = db.prepare('select entry from feed_entries where entry_id = ?');
  const { release, any } = latestBits(hasSemVer2);
  const hits: FeedHit[] = [];
  let left = entriesLengthMax;
  for (const { id, position } of rows) {
    const version = versionOf.get(position, position, id) as unknown as Version;
    const { entryId, normalizedId, lower, downloads } = version;
    const entry = entryId === null ? undefined : (entryOf.get(entryId)?.entry as string);
    left -= entry?.length ?? 0;
    if (left < 0 && hits.length > 0) break;
    const isNewest = (bit: number) => entryId !== null && (entryId & BigInt(bit)) !== 0n;
    hits.push({
      normalizedId,
      lower,
      entry,
      isLatestVersion: isNewest(release),
      isAbsoluteLatestVersion: isNewest(any),
      downloads,
    });
  }
  return hits;
}
