/** Unlist and relist (NuGet), yank and un-yank (Python, one file too): the version stays installable by who names it, others pass it by. */
import { actorOf, type Identity } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { append } from './catalogue/append.ts';
import { findFile, findVersion } from './catalogue/queries/find.ts';
import type { Gallery } from './gallery.ts';
import type { Int64 } from './std/int64.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';
import { completeChange } from './upkeep/complete.ts';

export interface VersionAddress extends PackageAddress {
  readonly normalizedVersion: string;
  /** One file of the version, by its exact name; undefined for the version. */
  readonly filename?: string;
}

export interface Listing {
  readonly isListed: boolean;
  /** Shown to users; empty for none. */
  readonly reason: string;
}

export const reasonLengthMax = 1_000;

/** @returns undefined when it is so now (also when it was so before); refuses `not-found` and `not-allowed` */
export async function setListing(
  gallery: Gallery,
  identity: Identity,
  address: VersionAddress,
  listing: Listing,
): Promise<Refusal | undefined> {
  if (listing.reason.length > reasonLengthMax) {
    return refuse('form-field-invalid', `A reason has at most ${reasonLengthMax} characters.`);
  }
  const event = await append(gallery, actorOf(identity), 'listing', async (transaction) => {
    const allowed = await findAllowed(transaction, identity, address, 'unlist');
    if (isRefusal(allowed)) return allowed;
    const version = await findVersion(transaction, allowed.found.id, address.normalizedVersion);
    if (!version) return refuse('not-found', `There is no ${allowed.found.name} ${address.normalizedVersion} here.`);
    const about = { versionId: version.id, normalizedVersion: version.normalized_version };
    const wanted = { isListed: listing.isListed ? 1n : 0n, reason: listing.isListed ? '' : listing.reason };
    const touched = (serial: Int64) => ({ ...allowed.found, last_serial: serial });
    if (address.filename === undefined) {
      return (serial) => ({ kind: 'version.listing', package: touched(serial), ...about, ...wanted });
    }
    const file = await findFile(transaction, version.id, address.filename);
    if (!file) return refuse('not-found', `${allowed.found.name} ${version.version} has no file ${address.filename}.`);
    return (serial) => ({ kind: 'file.listing', package: touched(serial), ...about, fileId: file.id, ...wanted });
  });
  if (isRefusal(event)) return event;
  await completeChange(gallery, event);
  return undefined;
}
