/**
 * What an identity may do: a right must be in the token's scopes, feeds and globs, and its principal (or an organisation the
 * principal belongs to) must have a role that gives it.
 */
import type { CatalogueDatabase, CatalogueTransaction } from '../catalogue/database.ts';
import type { FeedRow, RoleRow } from '../catalogue/tables.ts';
import type { Int64 } from '../std/int64.ts';
import { type Refusal, refuse } from '../std/refusals.ts';
import type { Asker } from './authenticate.ts';
import { matchesGlob, type Scope, scopeMeanings } from './scopes.ts';

/** What is to be done, and to what. */
export interface Intent {
  readonly scope: Scope;
  readonly feed: { readonly id: Int64; readonly name: string };
  /** The package's display name; undefined for what concerns the feed. */
  readonly packageName?: string;
  /** Undefined for a package that does not exist yet. */
  readonly packageId?: Int64;
}

/** @returns undefined when it is allowed, otherwise `not-allowed` with the reason */
export async function authorise(
  db: CatalogueDatabase | CatalogueTransaction,
  identity: Asker,
  intent: Intent,
): Promise<Refusal | undefined> {
  if ('system' in identity) return undefined;
  const { feed, packageName, scope } = intent;
  const subject = packageName === undefined ? `feed "${feed.name}"` : `package "${packageName}"`;
  if (!identity.scopes.has(scope)) {
    return refuse('not-allowed', `The API key may not ${scopeMeanings[scope]} (it lacks the scope "${scope}").`);
  }
  if (!identity.feeds.includes('*') && !identity.feeds.includes(feed.name)) {
    return refuse('not-allowed', `The API key is not for the feed "${feed.name}".`);
  }
  if (packageName !== undefined && !matchesGlob(identity.packages, packageName)) {
    return refuse('not-allowed', `The API key is not for the ${subject}; it is for ${identity.packages.join(', ')}.`);
  }
  const holders = await holdersOf(db, identity.principalId);
  const roles = await rolesOf(db, holders, intent.packageId);
  if (roles.some((role) => gives(role, intent))) return undefined;
  return refuse('not-allowed', `"${identity.principalName}" has no role that allows this on the ${subject}.`);
}

/**
 * Whoever has nothing to do with a private feed gets one answer, whatever is in it: looking a name up would tell.
 * @returns undefined for public feeds, and for who has a role in the feed and a token for it
 */
export async function refuseOutsider(
  db: CatalogueDatabase | CatalogueTransaction,
  identity: Asker,
  feed: FeedRow,
): Promise<Refusal | undefined> {
  if (feed.is_private === 0n || 'system' in identity) return undefined;
  const isForFeed = identity.feeds.includes('*') || identity.feeds.includes(feed.name);
  if (isForFeed && (await hasRoleIn(db, identity.principalId, feed.id))) return undefined;
  return refuse('not-allowed', `The API key gives no right in the feed "${feed.name}".`);
}

async function hasRoleIn(
  db: CatalogueDatabase | CatalogueTransaction,
  principalId: Int64,
  feedId: Int64,
): Promise<boolean> {
  const holders = await holdersOf(db, principalId);
  const roles = await rolesOf(db, holders);
  if (roles.some((role) => role.feed_id === null || role.feed_id === feedId)) return true;
  const owned = await db
    .selectFrom('roles')
    .innerJoin('packages', 'packages.id', 'roles.package_id')
    .select('roles.id')
    .where('roles.principal_id', 'in', holders)
    .where('packages.feed_id', '=', feedId)
    .limit(1)
    .executeTakeFirst();
  return owned !== undefined;
}

/** @returns the principal and the organisations that it belongs to: it has the roles of all of them */
export async function holdersOf(db: CatalogueDatabase | CatalogueTransaction, principalId: Int64): Promise<Int64[]> {
  const organisations = await db
    .selectFrom('memberships')
    .select('organisation_id')
    .where('member_id', '=', principalId)
    .execute();
  return [principalId, ...organisations.map((row) => row.organisation_id)];
}

/** @returns the roles in feeds, and those in one package if it is given; never all that somebody with many packages has */
export async function rolesOf(
  db: CatalogueDatabase | CatalogueTransaction,
  holders: readonly Int64[],
  packageId?: Int64,
): Promise<RoleRow[]> {
  const roles = db.selectFrom('roles').selectAll().where('principal_id', 'in', holders);
  const inFeeds = await roles.where('package_id', 'is', null).execute();
  if (packageId === undefined) return inFeeds;
  return [...inFeeds, ...(await roles.where('package_id', '=', packageId).execute())];
}

function gives(role: RoleRow, intent: Intent): boolean {
  if (role.feed_id !== null && role.feed_id !== intent.feed.id) return false;
  switch (role.role) {
    case 'administrator':
      return true;
    case 'publisher':
      return intent.scope === 'read' || (intent.scope === 'push-new' && intent.packageId === undefined);
    case 'reader':
      return intent.scope === 'read';
    case 'owner':
      return (
        role.package_id === intent.packageId &&
        intent.packageId !== undefined &&
        (intent.scope === 'push-version' || intent.scope === 'unlist')
      );
  }
}

/** @returns whether the roles allow reading the feed */
export function mayReadFeed(roles: readonly RoleRow[], feed: { readonly id: Int64; readonly name: string }): boolean {
  return roles.some((role) => gives(role, { scope: 'read', feed }));
}
