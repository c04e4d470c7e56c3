/**
 * What can happen in a gallery. A change carries whole rows, so that doing it again needs nothing that came before: the same
 * function applies it when it happens and when the catalogue is rebuilt from the records.
 */
import type { Int64 } from '../std/int64.ts';
import type { CatalogueTransaction } from './database.ts';
import type {
  FeedRow,
  FileRow,
  Flag,
  MembershipRow,
  PackageRow,
  PrincipalRow,
  RoleRow,
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
