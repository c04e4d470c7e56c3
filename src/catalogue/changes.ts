/**
 * What can happen in a gallery. A change carries whole rows, so that doing it again needs nothing that came before: the same
 * function applies it when it happens and when the catalogue is rebuilt from the records.
 */
import type { Int64 } from '../std/int64.ts';
import type { CatalogueTransaction } from './database.ts';
import type {
  AdvisoryRow,
  FeedRow,
  FileRow,
  Flag,
  MembershipRow,
  PackageRow,
  PrincipalRow,
  RoleRow,
  SymbolRow,
  TokenRow,
  TombstoneRow,
  VersionRow,
} from './tables.ts';

export type Change =
  | { readonly kind: 'feed.created'; readonly feed: FeedRow }
  | { readonly kind: 'principal.created'; readonly principal: PrincipalRow }
  | { readonly kind: 'member.added'; readonly membership: MembershipRow }
  | { readonly kind: 'role.granted'; readonly role: RoleRow }
  | { readonly kind: 'token.created'; readonly token: TokenRow }
  | { readonly kind: 'token.revoked'; readonly tokenId: Int64; readonly revokedAt: Int64 }
  | {
      readonly kind: 'file.published';
      readonly package: PackageRow;
      readonly version: VersionRow;
      readonly file: FileRow;
      /** The publisher becomes owner of a new package. */
      readonly owner: RoleRow | null;
    }
  | {
      readonly kind: 'version.listing';
      readonly package: PackageRow;
      readonly versionId: Int64;
      readonly normalizedVersion: string;
      readonly isListed: Flag;
      readonly reason: string;
    }
  | {
      /** Yanks or un-yanks one file of a version. */
      readonly kind: 'file.listing';
      readonly package: PackageRow;
      readonly versionId: Int64;
      readonly normalizedVersion: string;
      readonly fileId: Int64;
      readonly isListed: Flag;
      readonly reason: string;
    }
  | {
      readonly kind: 'version.deprecation';
      readonly package: PackageRow;
      readonly versionId: Int64;
      readonly normalizedVersion: string;
      /** As VersionRow.deprecation. */
      readonly deprecation: string;
    }
  | {
      /** The package's row carries its new status. */
      readonly kind: 'package.status';
      readonly package: PackageRow;
      /** Paths of the documents and links that are not shown in this status. */
      readonly paths: readonly string[];
    }
  | {
      /** Something that the package's documents tell has changed elsewhere, such as an advisory about it. */
      readonly kind: 'package.touched';
      readonly package: PackageRow;
    }
  | {
      /** Takes the place of the symbol package that the version had. */
      readonly kind: 'symbols.published';
      readonly package: PackageRow;
      readonly versionId: Int64;
      readonly normalizedVersion: string;
      readonly file: FileRow;
      readonly symbols: readonly SymbolRow[];
      /** Paths of the earlier symbols that nothing leads to any more. */
      readonly paths: readonly string[];
    }
  | {
      /** Takes the place of all that was known under this id; no rows when it was withdrawn. */
      readonly kind: 'advisory.loaded';
      readonly advisory: string;
      readonly rows: readonly AdvisoryRow[];
    }
  | {
      /** One file of a version that keeps others. */
      readonly kind: 'file.deleted';
      readonly package: PackageRow;
      readonly versionId: Int64;
      readonly normalizedVersion: string;
      readonly fileId: Int64;
      readonly tombstones: readonly TombstoneRow[];
      /** Paths of the documents and links that went with it. */
      readonly paths: readonly string[];
    }
  | {
      readonly kind: 'version.deleted';
      readonly package: PackageRow;
      readonly versionId: Int64;
      readonly normalizedVersion: string;
      readonly tombstones: readonly TombstoneRow[];
      /** Paths of the documents and links that went with it. */
      readonly paths: readonly string[];
    }
  | {
      readonly kind: 'package.deleted';
      readonly package: PackageRow;
      readonly tombstones: readonly TombstoneRow[];
      readonly paths: readonly string[];
    };

/** Kinds whose records are encrypted in the store, because they tell who may do what. */
export const sealedKinds: ReadonlySet<string> = new Set([
  'principal.created',
  'member.added',
  'role.granted',
  'token.created',
  'token.revoked',
]);

/** Makes the tables say that the change happened. Doing it twice is the same as doing it once. */
export async function applyChange(transaction: CatalogueTransaction, change: Change): Promise<void> {
  switch (change.kind) {
    case 'feed.created':
      await upsert(transaction, 'feeds', change.feed);
      return;
    case 'principal.created':
      await upsert(transaction, 'principals', change.principal);
      return;
    case 'member.added':
      await upsert(transaction, 'memberships', change.membership);
      return;
    case 'role.granted':
      await upsert(transaction, 'roles', change.role);
      return;
    case 'token.created':
      await upsert(transaction, 'tokens', withColumns(change.token, { last_used_at: null }));
      return;
    case 'token.revoked':
      await transaction
        .updateTable('tokens')
        .set({ revoked_at: change.revokedAt })
        .where('id', '=', change.tokenId)
        .execute();
      return;
    case 'advisory.loaded':
      await transaction.deleteFrom('advisories').where('advisory', '=', change.advisory).execute();
      for (const row of change.rows) await transaction.insertInto('advisories').values(row).execute();
      return;
    default:
      await applyPackageChange(transaction, change);
  }
}

/** A change that is about one package. */
export type PackageChange = Extract<Change, { package: PackageRow }>;

async function applyPackageChange(transaction: CatalogueTransaction, change: PackageChange): Promise<void> {
  switch (change.kind) {
    case 'file.published':
      await upsert(transaction, 'packages', change.package);
      await upsert(transaction, 'versions', change.version);
      await upsert(transaction, 'files', withColumns(change.file, { is_acknowledged: 0n }));
      if (change.owner) await upsert(transaction, 'roles', change.owner);
      return;
    case 'version.listing':
      await upsert(transaction, 'packages', change.package);
      await transaction
        .updateTable('versions')
        .set({ is_listed: change.isListed, unlisted_reason: change.reason })
        .where('id', '=', change.versionId)
        .execute();
      return;
    case 'file.listing':
      await upsert(transaction, 'packages', change.package);
      await transaction
        .updateTable('files')
        .set({ is_listed: change.isListed, unlisted_reason: change.reason })
        .where('id', '=', change.fileId)
        .execute();
      return;
    case 'version.deprecation':
      await upsert(transaction, 'packages', change.package);
      await transaction
        .updateTable('versions')
        .set({ deprecation: change.deprecation })
        .where('id', '=', change.versionId)
        .execute();
      return;
    case 'package.status':
    case 'package.touched':
      await upsert(transaction, 'packages', change.package);
      return;
    case 'symbols.published':
      await applySymbols(transaction, change);
      return;
    case 'file.deleted':
      await upsert(transaction, 'packages', change.package);
      await bury(transaction, change.tombstones);
      await transaction.deleteFrom('files').where('id', '=', change.fileId).execute();
      return;
    case 'version.deleted':
      await upsert(transaction, 'packages', change.package);
      await bury(transaction, change.tombstones);
      await transaction.deleteFrom('files').where('version_id', '=', change.versionId).execute();
      await transaction.deleteFrom('versions').where('id', '=', change.versionId).execute();
      return;
    case 'package.deleted':
      await bury(transaction, change.tombstones);
      await transaction.deleteFrom('files').where('package_id', '=', change.package.id).execute();
      await transaction.deleteFrom('versions').where('package_id', '=', change.package.id).execute();
      await transaction.deleteFrom('roles').where('package_id', '=', change.package.id).execute();
      await transaction.deleteFrom('packages').where('id', '=', change.package.id).execute();
  }
}

/** A version has one symbol package; a newer one replaces it. */
async function applySymbols(
  transaction: CatalogueTransaction,
  { package: row, versionId, file, symbols }: Extract<Change, { kind: 'symbols.published' }>,
): Promise<void> {
  await upsert(transaction, 'packages', row);
  await transaction
    .deleteFrom('files')
    .where('version_id', '=', versionId)
    .where('kind', '=', 'snupkg')
    .where('id', '!=', file.id)
    .execute();
  await upsert(transaction, 'files', withColumns(file, { is_acknowledged: 0n }));
  for (const symbol of symbols) {
    await transaction
      .insertInto('symbols')
      .values(symbol)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

type WithId = 'feeds' | 'principals' | 'memberships' | 'roles' | 'tokens' | 'packages' | 'versions' | 'files';

async function upsert(transaction: CatalogueTransaction, table: WithId, row: { id: Int64 } & object): Promise<void> {
  await transaction
    .insertInto(table)
    .values(row as never)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row as never))
    .execute();
}

/** Adds the columns that are this database's own and no part of the record. */
function withColumns<Row extends object, Own extends object>(row: Row, own: Own): Row & Own {
  return { ...row, ...own };
}

async function bury(transaction: CatalogueTransaction, tombstones: readonly TombstoneRow[]): Promise<void> {
  for (const tombstone of tombstones) {
    await transaction
      .insertInto('tombstones')
      .values(tombstone)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
