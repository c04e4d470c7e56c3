/** Tells whether a package has been signed before. */
import type { CatalogueDatabase } from '../database.ts';

/** @returns whether any nupkg of the package carries a signature (its file's metadata says so); false for a package that is new */
export async function wasSigned(db: CatalogueDatabase, feedName: string, normalizedName: string): Promise<boolean> {
  const signed = await db
    .selectFrom('files')
    .innerJoin('packages', 'packages.id', 'files.package_id')
    .innerJoin('feeds', 'feeds.id', 'packages.feed_id')
    .select('files.id')
    .where('feeds.name', '=', feedName)
    .where('packages.ecosystem', '=', 'nupkg')
    .where('packages.normalized_name', '=', normalizedName)
    .where('files.kind', '=', 'nupkg')
    .where('files.metadata', 'like', '%"signature":%')
    .limit(1)
    .executeTakeFirst();
  return signed !== undefined;
}
