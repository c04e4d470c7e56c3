/** Reads packages whole, as the protocols render them. */
import type { FileView, PackageView, VersionView } from '../../documents/package-view.ts';
import type { Int64 } from '../../std/int64.ts';
import { exactNumber } from '../../std/int64.ts';
import { parseExact } from '../../std/json.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../database.ts';
import type { AdvisoryRow, FeedRow, FileRow, PackageRow, SymbolRow, VersionRow } from '../tables.ts';
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
  return (await loadPackages(db, [packageId])).get(packageId);
}

/**
 * Reads many packages with as many statements as one takes. To be called where all of them see one state: in a transaction or a
 * snapshot.
 * @returns those that are there, by id
 */
export async function loadPackages(
  db: CatalogueDatabase | CatalogueTransaction,
  packageIds: readonly Int64[],
): Promise<Map<Int64, LoadedPackage>> {
  const rows = await db.selectFrom('packages').selectAll().where('id', 'in', packageIds).execute();
  if (rows.length === 0) return new Map();
  const feeds = await db
    .selectFrom('feeds')
    .selectAll()
    .where('id', 'in', [...new Set(rows.map((row) => row.feed_id))])
    .execute();
  const versions = await db
    .selectFrom('versions')
    .selectAll()
    .where('package_id', 'in', packageIds)
    .orderBy('package_id')
    .orderBy('sort_key')
    .execute();
  const files = await db
    .selectFrom('files')
    .selectAll()
    .where('package_id', 'in', packageIds)
    .orderBy('package_id')
    .orderBy('filename')
    .execute();
  const serials = await db
    .selectFrom('events')
    .select(['version_id', (of) => of.fn.max<Int64>('serial').as('serial')])
    .where('package_id', 'in', packageIds)
    .where('version_id', 'is not', null)
    .groupBy(['package_id', 'version_id'])
    .execute();
  const advisories = await db
    .selectFrom('advisories')
    .selectAll()
    .where('ecosystem', 'in', [...new Set(rows.map((row) => row.ecosystem))])
    .where(
      'normalized_name',
      'in',
      rows.map((row) => row.normalized_name),
    )
    .orderBy('advisory')
    .execute();
  const withSymbols = new Set(files.filter((file) => file.kind === 'snupkg').map((file) => file.package_id));
  const symbols = withSymbols.size > 0 ? await symbolsOf(db, [...withSymbols]) : [];
  const feedOf = new Map(feeds.map((feed) => [feed.id, feed]));
  const parts = {
    versions: Map.groupBy(versions, (version) => version.package_id),
    files: Map.groupBy(files, (file) => file.version_id),
    serials: new Map(serials.map((event) => [event.version_id, event.serial])),
    symbols: Map.groupBy(symbols, (symbol) => symbol.file_id),
    advisories: Map.groupBy(advisories, (advisory) => `${advisory.ecosystem} ${advisory.normalized_name}`),
  };
  return new Map(rows.map((row) => [row.id, viewPackage(row, feedOf.get(row.feed_id)!, parts)]));
}

interface Parts {
  readonly versions: ReadonlyMap<Int64, readonly VersionRow[]>;
  readonly files: ReadonlyMap<Int64, readonly FileRow[]>;
  /** Serial of the newest event, by version. */
  readonly serials: ReadonlyMap<Int64 | null, Int64>;
  readonly advisories: ReadonlyMap<string, readonly AdvisoryRow[]>;
  /** By the symbol package that holds them. */
  readonly symbols: ReadonlyMap<Int64, readonly SymbolRow[]>;
}

function viewPackage(row: PackageRow, feed: FeedRow, parts: Parts): LoadedPackage {
  const { versions, files, serials, advisories, symbols } = parts;
  return {
    feed,
    packageId: row.id,
    view: {
      feed: feed.name,
      ecosystem: row.ecosystem,
      name: row.name,
      normalizedName: row.normalized_name,
      serial: row.last_serial,
      status: row.status,
      statusReason: row.status_reason,
      advisories: (advisories.get(`${row.ecosystem} ${row.normalized_name}`) ?? []).map(viewAdvisory),
      versions: (versions.get(row.id) ?? []).map((version) =>
        viewVersion(version, serials.get(version.id) ?? version.id, files.get(version.id) ?? [], symbols),
      ),
    },
  };
}

async function symbolsOf(
  db: CatalogueDatabase | CatalogueTransaction,
  packageIds: readonly Int64[],
): Promise<SymbolRow[]> {
  return db
    .selectFrom('symbols')
    .innerJoin('files', 'files.id', 'symbols.file_id')
    .selectAll('symbols')
    .where('files.package_id', 'in', packageIds)
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
