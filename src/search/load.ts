/** Reads from the catalogue what search keeps of packages. */
import { canaryPattern, isCanaryName } from '../catalogue/canaries.ts';
import type { CatalogueDatabase } from '../catalogue/database.ts';
import { loadPackage } from '../catalogue/queries/load-package.ts';
import type { Int64 } from '../std/int64.ts';
import { type SearchedPackage, searchedPackage } from './entries.ts';

/** What is searched so far: packages of NuGet and PowerShell, canaries left out. Python's clients have no search. */
export const searchedEcosystem = 'nupkg';

const pagePackages = 2_000;

export interface PackageSerial {
  readonly id: Int64;
  readonly serial: Int64;
}

/** All searched packages with the serials of their newest events, a page at a time, ascending by id. */
export async function* packagePages(db: CatalogueDatabase): AsyncGenerator<PackageSerial[]> {
  for (let after = 0n; ; ) {
    const rows = await db
      .selectFrom('packages')
      .select(['id', 'last_serial as serial'])
      .where('ecosystem', '=', searchedEcosystem)
      .where('normalized_name', 'not like', canaryPattern)
      .where('id', '>', after)
      .orderBy('id')
      .limit(pagePackages)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.id;
  }
}

/** @returns what search keeps of the package; undefined when there is none of this id, or it is not searched */
export async function loadSearchedPackage(
  db: CatalogueDatabase,
  packageId: Int64,
): Promise<SearchedPackage | undefined> {
  const loaded = await loadPackage(db, packageId);
  if (!loaded || loaded.view.ecosystem !== searchedEcosystem || isCanaryName(loaded.view.normalizedName))
    return undefined;
  return searchedPackage(packageId, loaded.view, await ownersOf(db, packageId));
}

async function ownersOf(db: CatalogueDatabase, packageId: Int64): Promise<string[]> {
  const rows = await db
    .selectFrom('roles')
    .innerJoin('principals', 'principals.id', 'roles.principal_id')
    .select('principals.name as name')
    .where('roles.package_id', '=', packageId)
    .where('roles.role', '=', 'owner')
    .orderBy('principals.name')
    .execute();
  return [...new Set(rows.map((row) => row.name))];
}
