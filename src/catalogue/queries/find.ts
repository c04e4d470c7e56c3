/** Looks up feeds, packages, versions and files by name. */
import type { Int64 } from '../../std/int64.ts';
import { type Refusal, refuse } from '../../std/refusals.ts';
import type { Ecosystem } from '../../validate/candidate.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../database.ts';
import type { FeedRow, FileRow, PackageRow, VersionRow } from '../tables.ts';

type Db = CatalogueDatabase | CatalogueTransaction;

/** @returns the feed, or `not-found` */
export async function findFeed(db: Db, name: string): Promise<FeedRow | Refusal> {
  const feed = await db.selectFrom('feeds').selectAll().where('name', '=', name).executeTakeFirst();
  return feed ?? refuse('not-found', `There is no feed "${name}".`);
}

/** @param normalizedName the package's identity in its ecosystem */
export async function findPackage(
  db: Db,
  feedId: Int64,
  ecosystem: Ecosystem,
  normalizedName: string,
): Promise<PackageRow | undefined> {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('feed_id', '=', feedId)
    .where('ecosystem', '=', ecosystem)
    .where('normalized_name', '=', normalizedName)
    .executeTakeFirst();
}

export async function findVersion(
  db: Db,
  packageId: Int64,
  normalizedVersion: string,
): Promise<VersionRow | undefined> {
  return db
    .selectFrom('versions')
    .selectAll()
    .where('package_id', '=', packageId)
    .where('normalized_version', '=', normalizedVersion)
    .executeTakeFirst();
}

/** @param filename exactly as it is served */
export async function findFile(db: Db, versionId: Int64, filename: string): Promise<FileRow | undefined> {
  return db
    .selectFrom('files')
    .selectAll()
    .where('version_id', '=', versionId)
    .where('filename', '=', filename)
    .executeTakeFirst();
}
