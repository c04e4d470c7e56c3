/** What is new in a feed: its newest versions and its newest packages, for the channels that readers of news ask for. */
import { canaryPattern } from '../catalogue/canaries.ts';
import type { CatalogueTransaction } from '../catalogue/database.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { News, NewsItem, Protocol } from '../protocols/protocol.ts';
import { exactNumber, type Int64 } from '../std/int64.ts';

/** As many as PyPI shows. */
const releasesMax = 100;
const packagesMax = 40;

/** @returns newest first: ids are serials, so their order is that of time */
export async function newsOf(
  transaction: CatalogueTransaction,
  feed: FeedRow,
  ecosystem: Protocol['ecosystem'],
): Promise<News> {
  const versions = transaction
    .selectFrom('versions')
    .innerJoin('packages', 'packages.id', 'versions.package_id')
    .select(['packages.name', 'versions.normalized_version', 'versions.created_at', 'versions.metadata'])
    .where('packages.feed_id', '=', feed.id)
    .where('packages.ecosystem', '=', ecosystem)
    .where('packages.status', '!=', 'quarantined')
    .where('packages.normalized_name', 'not like', canaryPattern);
  const releases = await versions.orderBy('versions.id', 'desc').limit(releasesMax).execute();
  const packages = await transaction
    .selectFrom('packages')
    .select('id')
    .where('feed_id', '=', feed.id)
    .where('ecosystem', '=', ecosystem)
    .where('status', '!=', 'quarantined')
    .where('normalized_name', 'not like', canaryPattern)
    .orderBy('id', 'desc')
    .limit(packagesMax)
    .execute();
  const added: NewsItem[] = [];
  for (const { id } of packages) {
    const first = await versions
      .where('versions.package_id', '=', id)
      .orderBy('versions.id')
      .limit(1)
      .executeTakeFirst();
    // A package whose versions were all deleted is no news.
    if (first) added.push(item(first));
  }
  return { releases: releases.map(item), packages: added };
}

interface Row {
  readonly name: string;
  readonly normalized_version: string;
  readonly created_at: Int64;
  readonly metadata: string;
}

function item(row: Row): NewsItem {
  return {
    name: row.name,
    version: row.normalized_version,
    publishedAt: exactNumber(row.created_at),
    metadata: JSON.parse(row.metadata),
  };
}
