/**
 * Whose a symbol file's path is. Packages of a feed may hold the same symbol file, so a path stays for as long as any of them leads
 * to it, and all that lead to it hold the same bytes.
 */
import type { Int64 } from '../../std/int64.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../database.ts';
import type { SymbolRow } from '../tables.ts';

type Db = CatalogueDatabase | CatalogueTransaction;

/** SQLite takes some thirty thousand parameters in a statement. */
const pathsAtOnce = 1_000;

/** @returns those of the paths that some package leads to; one in quarantine leads nowhere */
export async function claimedSymbols(
  db: Db,
  feedId: Int64,
  paths: readonly string[],
): Promise<Pick<SymbolRow, 'path' | 'sha256'>[]> {
  const claimed: Pick<SymbolRow, 'path' | 'sha256'>[] = [];
  for (let at = 0; at < paths.length; at += pathsAtOnce) {
    const rows = await db
      .selectFrom('symbols')
      .innerJoin('files', 'files.id', 'symbols.file_id')
      .innerJoin('packages', 'packages.id', 'files.package_id')
      .select(['symbols.path', 'symbols.sha256'])
      .distinct()
      .where('symbols.feed_id', '=', feedId)
      .where('symbols.path', 'in', paths.slice(at, at + pathsAtOnce))
      .where('packages.status', '!=', 'quarantined')
      .execute();
    claimed.push(...rows);
  }
  return claimed;
}

export interface SymbolRival {
  readonly path: string;
  /** Display name of the package that has the path, and its version. */
  readonly name: string;
  readonly version: string;
}

/**
 * @param symbols what a version is to hold; at most `symbolFilesMax`
 * @returns another version, of any status, that has one of the paths with other bytes; undefined when there is none
 */
export async function findSymbolRival(
  db: Db,
  feedId: Int64,
  versionId: Int64,
  symbols: readonly Pick<SymbolRow, 'path' | 'sha256'>[],
): Promise<SymbolRival | undefined> {
  const wanted = new Map(symbols.map(({ path, sha256 }) => [path, sha256]));
  const rows = await db
    .selectFrom('symbols')
    .innerJoin('files', 'files.id', 'symbols.file_id')
    .innerJoin('versions', 'versions.id', 'files.version_id')
    .innerJoin('packages', 'packages.id', 'files.package_id')
    .select(['symbols.path', 'symbols.sha256', 'packages.name', 'versions.version'])
    .where('symbols.feed_id', '=', feedId)
    .where('symbols.path', 'in', [...wanted.keys()])
    .where('files.version_id', '!=', versionId)
    .execute();
  return rows.find(({ path, sha256 }) => wanted.get(path) !== sha256);
}
