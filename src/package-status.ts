/**
 * Archives, deprecates, quarantines and restores a whole package. Quarantine takes documents and links away and leaves every blob
 * where it is, so that restoring brings back what was there.
 */
import { type Asker, actorOf } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { AlreadySo } from './catalogue/already-so.ts';
import type { CatalogueTransaction } from './catalogue/database.ts';
import { findFeed, findPackage } from './catalogue/queries/find.ts';
import { loadPackage } from './catalogue/queries/load-package.ts';
import type { PackageStatus } from './documents/package-view.ts';
import type { Gallery } from './gallery.ts';
import { reasonLengthMax } from './listing.ts';
import { pathsLost } from './render/renderer.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';
import { changePackage } from './upkeep/complete.ts';

/** Every status; `active` is what restoring gives. */
export const packageStatuses: readonly PackageStatus[] = ['active', 'archived', 'deprecated', 'quarantined'];

export interface StatusChange {
  readonly status: PackageStatus;
  /** Shown to users, unless the package is active again; empty for none. */
  readonly reason: string;
}

/**
 * Gives a package its status. Owners archive and deprecate (scope `unlist`); only an administrator puts a package into quarantine or takes
 * it out (scope `administer`).
 * @returns undefined when it is so now (also when it was so before); refuses `not-found`, `not-allowed` and `form-field-invalid`
 */
export async function setStatus(
  gallery: Gallery,
  asker: Asker,
  address: PackageAddress,
  { status, reason }: StatusChange,
): Promise<Refusal | undefined> {
  if (reason.length > reasonLengthMax) {
    return refuse('form-field-invalid', `A reason has at most ${reasonLengthMax} characters.`);
  }
  return changePackage(gallery, actorOf(asker), 'status', async (transaction) => {
    const isQuarantine = status === 'quarantined' || (await isQuarantined(transaction, address));
    const allowed = await findAllowed(transaction, asker, address, isQuarantine ? 'administer' : 'unlist');
    if (isRefusal(allowed)) return allowed;
    const { found } = allowed;
    if (found.status === status && found.status_reason === reason) return new AlreadySo(found.id, found.last_serial);
    const loaded = await loadPackage(transaction, found.id);
    if (!loaded) return refuse('not-found', `There is no package "${found.name}" here.`);
    const paths = pathsLost(gallery, loaded.view, { ...loaded.view, status, statusReason: reason });
    return (serial) => ({
      kind: 'package.status',
      package: { ...found, last_serial: serial, status, status_reason: reason },
      paths,
    });
  });
}

/** Only decides which right is asked for; what is not there is refused with that right. */
async function isQuarantined(transaction: CatalogueTransaction, address: PackageAddress): Promise<boolean> {
  const feed = await findFeed(transaction, address.feedName);
  if (isRefusal(feed)) return false;
  const found = await findPackage(transaction, feed.id, address.ecosystem, address.normalizedName);
  return found?.status === 'quarantined';
}
