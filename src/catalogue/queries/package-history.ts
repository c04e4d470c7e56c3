/**
 * What happened to the versions of a feed, in order, as the events tell it: each version as it was right after its event. Events never
 * change, so the same question has the same answer for ever.
 */
import type { VersionView } from '../../documents/package-view.ts';
import type { Int64 } from '../../std/int64.ts';
import { parseExact } from '../../std/json.ts';
import type { Ecosystem, FileKind } from '../../validate/candidate.ts';
import { isCanary } from '../canaries.ts';
import type { Change } from '../changes.ts';
import type { CatalogueDatabase } from '../database.ts';
import type { FileRow, PackageRow, VersionRow } from '../tables.ts';
import { viewVersion } from './load-package.ts';

/** One thing that happened to one version. */
export interface PastVersion {
  /** `gone`: deleted, or not shown because its package is in quarantine. */
  readonly what: 'published' | 'changed' | 'gone';
  /** UTC milliseconds. */
  readonly at: Int64;
  /** Display name of the package at that time. */
  readonly name: string;
  readonly normalizedName: string;
  /** After the event; before it, when the version is gone. */
  readonly version: VersionView;
}

/** Everything that one event did. */
export interface PastEvent {
  readonly serial: Int64;
  readonly versions: readonly PastVersion[];
}

const batchEvents = 500;

const versionKinds = ['file.published', 'version.listing', 'version.deprecation'] as const;
const kinds = [...versionKinds, 'version.deleted', 'package.deleted', 'package.status'] as const;

type PastChange = Extract<Change, { kind: (typeof kinds)[number] }>;

interface Row {
  readonly serial: Int64;
  readonly at: Int64;
  readonly change: string;
}

/**
 * Goes through the events of a feed that mean something to users of its versions. Canaries are no package to them.
 * @param fileKind the file that makes a version: others may follow it, and are no news
 * @param after the serial behind which to begin
 * @param upTo the last serial to look at; events up to it must be committed
 */
export async function* readHistory(
  db: CatalogueDatabase,
  about: { readonly feedId: Int64; readonly ecosystem: Ecosystem; readonly fileKind: FileKind },
  after: Int64,
  upTo: Int64,
): AsyncGenerator<PastEvent> {
  for (let last = after; ; ) {
    const rows = await db
      .selectFrom('events')
      .select(['serial', 'at', 'change'])
      .where('serial', '>', last)
      .where('serial', '<=', upTo)
      .where('feed_id', '=', about.feedId)
      .where('kind', 'in', kinds)
      .orderBy('serial')
      .limit(batchEvents)
      .execute();
    for (const row of rows) {
      const change = parseExact(row.change) as PastChange;
      if (change.package.ecosystem !== about.ecosystem || isCanary(change.package)) continue;
      const versions = await versionsOf(db, about.fileKind, row, change);
      if (versions.length > 0) yield { serial: row.serial, versions };
    }
    if (rows.length < batchEvents) return;
    last = rows.at(-1)!.serial;
  }
}

async function versionsOf(
  db: CatalogueDatabase,
  fileKind: FileKind,
  { serial, at }: Row,
  change: PastChange,
): Promise<PastVersion[]> {
  const { name, normalized_name: normalizedName } = change.package;
  const past = (what: PastVersion['what'], versions: readonly VersionView[]): PastVersion[] =>
    versions.map((version) => ({ what, at, name, normalizedName, version }));
  const isHidden = change.package.status === 'quarantined';
  switch (change.kind) {
    case 'file.published':
      return change.file.kind === fileKind ? past('published', [viewOf(serial, change.version, change.file)]) : [];
    case 'version.listing':
    case 'version.deprecation':
      return isHidden ? [] : past('changed', await versionsBefore(db, fileKind, change, serial + 1n, change.versionId));
    case 'version.deleted':
      return past('gone', await versionsBefore(db, fileKind, change, serial, change.versionId));
    case 'package.deleted':
      return past('gone', await versionsBefore(db, fileKind, change, serial));
    case 'package.status': {
      const wasHidden = (await statusBefore(db, change.package.id, serial)) === 'quarantined';
      if (wasHidden === isHidden) return [];
      return past(isHidden ? 'gone' : 'changed', await versionsBefore(db, fileKind, change, serial));
    }
  }
}

/** Records of earlier programs know no statuses: every package was active then. */
async function statusBefore(db: CatalogueDatabase, packageId: Int64, serial: Int64): Promise<PackageRow['status']> {
  const row = await db
    .selectFrom('events')
    .select('change')
    .where('package_id', '=', packageId)
    .where('serial', '<', serial)
    .orderBy('serial', 'desc')
    .limit(1)
    .executeTakeFirst();
  const before = row && (parseExact(row.change) as PastChange).package;
  return before?.status ?? 'active';
}

interface Replayed {
  version: VersionRow;
  file: FileRow;
  serial: Int64;
}

/** @returns the versions that were there before an event, in the order they were published; only one of them when it is named */
async function versionsBefore(
  db: CatalogueDatabase,
  fileKind: FileKind,
  { package: { id } }: PastChange,
  serial: Int64,
  versionId?: Int64,
): Promise<VersionView[]> {
  const rows = db
    .selectFrom('events')
    .select(['serial', 'change'])
    .where('package_id', '=', id)
    .where('serial', '<', serial)
    .where('kind', 'in', [...versionKinds, 'version.deleted'])
    .$if(versionId !== undefined, (query) => query.where('version_id', '=', versionId ?? null))
    .orderBy('serial');
  const versions = new Map<Int64, Replayed>();
  for await (const row of rows.stream()) {
    const change = parseExact(row.change) as Exclude<PastChange, { kind: 'package.deleted' | 'package.status' }>;
    if (change.kind === 'file.published') {
      if (change.file.kind === fileKind) {
        versions.set(change.version.id, { version: change.version, file: change.file, serial: row.serial });
      }
    } else if (change.kind === 'version.deleted') {
      versions.delete(change.versionId);
    } else {
      const known = versions.get(change.versionId);
      if (known)
        versions.set(change.versionId, { ...known, version: changed(known.version, change), serial: row.serial });
    }
  }
  return [...versions.values()].map(({ version, file, serial: at }) => viewOf(at, version, file));
}

function changed(
  version: VersionRow,
  change: Extract<PastChange, { kind: 'version.listing' | 'version.deprecation' }>,
): VersionRow {
  return change.kind === 'version.listing'
    ? { ...version, is_listed: change.isListed, unlisted_reason: change.reason }
    : { ...version, deprecation: change.deprecation };
}

/** Rows of earlier programs lack the columns that came later. */
function viewOf(serial: Int64, version: VersionRow, file: FileRow): VersionView {
  const rows = { version: { ...version, deprecation: version.deprecation ?? '' }, file };
  return viewVersion(rows.version, serial, [rows.file], new Map());
}
