/** Reads packages whole, as the protocols render them. */
import type { AdvisoryView, FileView, PackageView, VersionView } from '../../documents/package-view.ts';
import type { Int64 } from '../../std/int64.ts';
import { exactNumber } from '../../std/int64.ts';
import { parseExact } from '../../std/json.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../database.ts';
import type { AdvisoryRow, FeedRow, FileRow, PackageRow, VersionRow } from '../tables.ts';

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
  const feedOf = new Map(feeds.map((feed) => [feed.id, feed]));
  const parts = {
    versions: Map.groupBy(versions, (version) => version.package_id),
    files: Map.groupBy(files, (file) => file.version_id),
    serials: new Map(serials.map((event) => [event.version_id, event.serial])),
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
}

function viewPackage(row: PackageRow, feed: FeedRow, { versions, files, serials, advisories }: Parts): LoadedPackage {
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
        viewVersion(version, serials.get(version.id) ?? version.id, files.get(version.id) ?? []),
      ),
    },
  };
}

function viewAdvisory({ advisory, severity, url, content }: AdvisoryRow): AdvisoryView {
  return { advisory, severity: exactNumber(severity), url, content: JSON.parse(content) };
}

/** JSON columns are read when somebody asks for them: of five thousand versions, a publish looks into few. */
function viewVersion(row: VersionRow, serial: Int64, files: readonly FileRow[]): VersionView {
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
    files: files.map(viewFile),
  };
}

function viewFile(row: FileRow): FileView {
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
  };
}
