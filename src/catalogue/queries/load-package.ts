/** Reads one package whole, as the protocols render it. */
import type { FileView, PackageView, VersionView } from '../../documents/package-view.ts';
import type { Int64 } from '../../std/int64.ts';
import { exactNumber } from '../../std/int64.ts';
import { parseExact } from '../../std/json.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../database.ts';
import type { FeedRow, FileRow, SymbolRow, VersionRow } from '../tables.ts';
import { viewAdvisory } from './known-advisories.ts';

export interface LoadedPackage {
  readonly feed: FeedRow;
  readonly packageId: Int64;
  readonly view: PackageView;
}

/** @returns the package with its feed, or undefined when there is none of this id */
export async function loadPackage(
  db: CatalogueDatabase | CatalogueTransaction,
  packageId: Int64,
): Promise<LoadedPackage | undefined> {
  const row = await db.selectFrom('packages').selectAll().where('id', '=', packageId).executeTakeFirst();
  if (!row) return undefined;
  const feed = await db.selectFrom('feeds').selectAll().where('id', '=', row.feed_id).executeTakeFirstOrThrow();
  const versions = await db
    .selectFrom('versions')
    .selectAll()
    .where('package_id', '=', packageId)
    .orderBy('sort_key')
    .execute();
  const files = await db
    .selectFrom('files')
    .selectAll()
    .where('package_id', '=', packageId)
    .orderBy('filename')
    .execute();
  const serials = await db
    .selectFrom('events')
    .select(['version_id', (of) => of.fn.max<Int64>('serial').as('serial')])
    .where('package_id', '=', packageId)
    .where('version_id', 'is not', null)
    .groupBy('version_id')
    .execute();
  const advisories = await db
    .selectFrom('advisories')
    .selectAll()
    .where('ecosystem', '=', row.ecosystem)
    .where('normalized_name', '=', row.normalized_name)
    .orderBy('advisory')
    .execute();
  const symbols = files.some((file) => file.kind === 'snupkg') ? await symbolsOf(db, packageId) : [];
  const serialOf = new Map(serials.map((event) => [event.version_id, event.serial]));
  const filesByVersion = Map.groupBy(files, (file) => file.version_id);
  const symbolsByFile = Map.groupBy(symbols, (symbol) => symbol.file_id);
  return {
    feed,
    packageId,
    view: {
      feed: feed.name,
      ecosystem: row.ecosystem,
      name: row.name,
      normalizedName: row.normalized_name,
      serial: row.last_serial,
      status: row.status,
      statusReason: row.status_reason,
      advisories: advisories.map(viewAdvisory),
      versions: versions.map((version) =>
        viewVersion(
          version,
          serialOf.get(version.id) ?? version.id,
          filesByVersion.get(version.id) ?? [],
          symbolsByFile,
        ),
      ),
    },
  };
}

async function symbolsOf(db: CatalogueDatabase | CatalogueTransaction, packageId: Int64): Promise<SymbolRow[]> {
  return db
    .selectFrom('symbols')
    .innerJoin('files', 'files.id', 'symbols.file_id')
    .selectAll('symbols')
    .where('files.package_id', '=', packageId)
    .orderBy('symbols.path')
    .execute();
}

/**
 * JSON columns are read when somebody asks for them: of five thousand versions, a publish looks into few.
 * @param serial of the version's newest event
 * @param files of the version
 * @param symbols by the symbol package that holds them
 */
export function viewVersion(
  row: VersionRow,
  serial: Int64,
  files: readonly FileRow[],
  symbols: ReadonlyMap<Int64, readonly SymbolRow[]>,
): VersionView {
  let metadata: VersionView['metadata'] | undefined;
  return {
    serial,
    version: row.version,
    normalizedVersion: row.normalized_version,
    isPrerelease: row.is_prerelease === 1n,
    kind: row.kind,
    isListed: row.is_listed === 1n,
    unlistedReason: row.unlisted_reason,
    deprecation: row.deprecation === '' ? null : JSON.parse(row.deprecation),
    publishedAt: exactNumber(row.created_at),
    get metadata() {
      metadata ??= JSON.parse(row.metadata) as VersionView['metadata'];
      return metadata;
    },
    files: files.map((file) => viewFile(file, symbols.get(file.id))),
  };
}

function viewFile(row: FileRow, symbols: readonly SymbolRow[] = []): FileView {
  let metadata: FileView['metadata'] | undefined;
  let extracts: FileView['extracts'] | undefined;
  return {
    filename: row.filename,
    kind: row.kind,
    sizeBytes: row.size_bytes,
    digests: {
      sha256: row.sha256,
      sha512: row.sha512,
      blake2b256: row.blake2b_256,
      md5: row.md5,
      sha1: row.sha1,
    },
    uploadedAt: exactNumber(row.uploaded_at),
    get metadata() {
      metadata ??= JSON.parse(row.metadata) as FileView['metadata'];
      return metadata;
    },
    get extracts() {
      extracts ??= parseExact(row.extracts) as FileView['extracts'];
      return extracts;
    },
    isListed: row.is_listed === 1n,
    unlistedReason: row.unlisted_reason,
    ...(row.kind === 'snupkg' ? { symbols: symbols.map(({ path, sha256 }) => ({ path, sha256 })) } : {}),
  };
}
