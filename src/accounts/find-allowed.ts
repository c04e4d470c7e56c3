/** Finds the package that a request names, if whoever asks may do to it what is asked. */
import type { CatalogueDatabase, CatalogueTransaction } from '../catalogue/database.ts';
import { findFeed, findPackage } from '../catalogue/queries/find.ts';
import type { FeedRow, PackageRow } from '../catalogue/tables.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import type { Candidate, Ecosystem } from '../validate/candidate.ts';
import type { Asker, Identity } from './authenticate.ts';
import { authorise, refuseOutsider } from './rights.ts';
import type { Scope } from './scopes.ts';

export interface PackageAddress {
  readonly feedName: string;
  readonly ecosystem: Ecosystem;
  readonly normalizedName: string;
}

/** @returns feed and package; refuses `not-found` and `not-allowed` */
export async function findAllowed(
  db: CatalogueDatabase | CatalogueTransaction,
  identity: Asker,
  address: PackageAddress,
  scope: Scope,
): Promise<{ feed: FeedRow; found: PackageRow } | Refusal> {
  const feed = await findFeed(db, address.feedName);
  if (isRefusal(feed)) return feed;
  const outsider = await refuseOutsider(db, identity, feed);
  if (outsider) return outsider;
  const found = await findPackage(db, feed.id, address.ecosystem, address.normalizedName);
  if (!found) return refuse('not-found', `There is no package "${address.normalizedName}" here.`);
  const intent = { scope, feed, packageName: found.name, packageId: found.id };
  return (await authorise(db, identity, intent)) ?? { feed, found };
}

/**
 * Whether an identity may publish a candidate: a new package and a new version of one that exists are different rights.
 * @returns undefined when it may
 */
export async function authorisePublish(
  db: CatalogueDatabase | CatalogueTransaction,
  identity: Identity,
  feed: FeedRow,
  candidate: Candidate,
): Promise<Refusal | undefined> {
  const outsider = await refuseOutsider(db, identity, feed);
  if (outsider) return outsider;
  const found = await findPackage(db, feed.id, candidate.ecosystem, candidate.normalizedName);
  const intent = { feed, packageName: candidate.name };
  if (found) return authorise(db, identity, { ...intent, scope: 'push-version', packageId: found.id });
  return authorise(db, identity, { ...intent, scope: 'push-new' });
}
