/** How much room a feed's packages take, from an index of the catalogue that holds nothing else. */
import { sql } from 'kysely';
import { canaryPattern } from '../catalogue/canaries.ts';
import type { CatalogueDatabase } from '../catalogue/database.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Protocol, Stats } from '../protocols/protocol.ts';
import type { Int64 } from '../std/int64.ts';

/** As many as PyPI shows. */
const packagesMax = 100;

/** @returns sizes of all files that are offered; of equally large packages the first by name comes first */
export async function statsOf(db: CatalogueDatabase, feed: FeedRow, ecosystem: Protocol['ecosystem']): Promise<Stats> {
  const files = db
    .selectFrom('packages')
    .innerJoin('files', 'files.package_id', 'packages.id')
    .where('packages.feed_id', '=', feed.id)
    .where('packages.ecosystem', '=', ecosystem)
    .where('packages.status', '!=', 'quarantined')
    .where('packages.normalized_name', 'not like', canaryPattern);
  const total = await files
    .select(sql<Int64>`coalesce(sum(files.size_bytes), 0)`.as('bytes'))
    .executeTakeFirstOrThrow();
  const largest = await files
    .select(['packages.name', sql<Int64>`sum(files.size_bytes)`.as('sizeBytes')])
    .groupBy('packages.id')
    .orderBy('sizeBytes', 'desc')
    .orderBy('packages.normalized_name')
    .limit(packagesMax)
    .execute();
  return { totalBytes: total.bytes, largest };
}
