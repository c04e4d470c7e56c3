/** Unlist and relist (NuGet), yank and un-yank (Python): the version stays installable by who names it, others pass it by. */
import { actorOf, type Identity } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { append, packageOf } from './catalogue/append.ts';
import { findVersion } from './catalogue/queries/find.ts';
import { writeRecord } from './catalogue/records.ts';
import type { Gallery } from './gallery.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';

export interface VersionAddress extends PackageAddress {
  readonly normalizedVersion: string;
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
    return (serial) => ({
      kind: 'version.listing',
      package: { ...allowed.found, last_serial: serial },
      versionId: version.id,
      normalizedVersion: version.normalized_version,
      isListed: listing.isListed ? 1n : 0n,
      reason: listing.isListed ? '' : listing.reason,
    });
  });
  if (isRefusal(event)) return event;
  await writeRecord(gallery.store, gallery.key, event);
  await gallery.renderer.renderPackage(packageOf(event), event.serial);
  gallery.finisher.add({ serial: event.serial, packageId: packageOf(event), acknowledgedFileId: null });
  return undefined;
}
