/** Unlist and relist (NuGet), yank and un-yank (Python, one file too): the version stays installable by who names it, others pass it by. */
import { type Asker, actorOf } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { AlreadySo } from './catalogue/already-so.ts';
import { findFile, findVersion } from './catalogue/queries/find.ts';
import type { Gallery } from './gallery.ts';
import type { Int64 } from './std/int64.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';
import { changePackage } from './upkeep/complete.ts';

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

/** @returns undefined when it is so now (also when it was so before); refuses `not-found`, `not-allowed` and `form-field-invalid` */
export async function setListing(
  gallery: Gallery,
  asker: Asker,
  address: VersionAddress,
  listing: Listing,
): Promise<Refusal | undefined> {
  if (listing.reason.length > reasonLengthMax) {
    return refuse('form-field-invalid', `A reason has at most ${reasonLengthMax} characters.`);
  }
  const wanted = { isListed: listing.isListed ? 1n : 0n, reason: listing.isListed ? '' : listing.reason };
  return changePackage(gallery, actorOf(asker), 'listing', async (transaction) => {
    const allowed = await findAllowed(transaction, asker, address, 'unlist');
    if (isRefusal(allowed)) return allowed;
    const { found } = allowed;
    const version = await findVersion(transaction, found.id, address.normalizedVersion);
    if (!version) return refuse('not-found', `There is no ${found.name} ${address.normalizedVersion} here.`);
    const { filename } = address;
    const file = filename === undefined ? undefined : await findFile(transaction, version.id, filename);
    if (filename !== undefined && !file) {
      return refuse('not-found', `${found.name} ${version.version} has no file ${filename}.`);
    }
    const now = file ?? version;
    if (now.is_listed === wanted.isListed && now.unlisted_reason === wanted.reason) {
      return new AlreadySo(found.id, found.last_serial);
    }
    const about = { versionId: version.id, normalizedVersion: version.normalized_version, ...wanted };
    const touched = (serial: Int64) => ({ ...found, last_serial: serial });
    return (serial) =>
      file
        ? { kind: 'file.listing', package: touched(serial), fileId: file.id, ...about }
        : { kind: 'version.listing', package: touched(serial), ...about };
  });
}
