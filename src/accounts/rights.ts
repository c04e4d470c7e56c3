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
  const roles = await rolesOf(db, identity.principalId);
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
  const roles = isForFeed ? await rolesOf(db, identity.principalId) : [];
  const packages = roles.map((role) => role.package_id).filter((id) => id !== null);
  const owned = await db
    .selectFrom('packages')
    .select('id')
    .where('feed_id', '=', feed.id)
    .where('id', 'in', packages.length > 0 ? packages : [-1n])
    .limit(1)
    .executeTakeFirst();
  const hasFeedRole = roles.some(
    (role) => role.package_id === null && (role.feed_id === null || role.feed_id === feed.id),
  );
  return hasFeedRole || owned
    ? undefined
    : refuse('not-allowed', `The API key gives no right in the feed "${feed.name}".`);
}

/** Every role of a principal, its organisations' included. */
export async function rolesOf(db: CatalogueDatabase | CatalogueTransaction, principalId: Int64): Promise<RoleRow[]> {
  const organisations = await db
    .selectFrom('memberships')
    .select('organisation_id')
    .where('member_id', '=', principalId)
    .execute();
  const holders = [principalId, ...organisations.map((row) => row.organisation_id)];
  return db.selectFrom('roles').selectAll().where('principal_id', 'in', holders).execute();
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
