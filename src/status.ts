/**
 * Archives, deprecates, quarantines and restores a whole package. Quarantine takes documents and links away and leaves every blob
 * where it is, so that restoring brings back what was there.
 */
import { actorOf, type Identity } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { append } from './catalogue/append.ts';
import { loadPackage } from './catalogue/queries/load-package.ts';
import type { PackageStatus } from './documents/package-view.ts';
import type { Gallery } from './gallery.ts';
import { reasonLengthMax } from './listing.ts';
import { pathsLost } from './render/renderer.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';
import { completeChange } from './upkeep/complete.ts';

/** Every status; `active` is what restoring gives. */
export const packageStatuses: readonly PackageStatus[] = ['active', 'archived', 'deprecated', 'quarantined'];

export interface StatusChange {
  readonly status: PackageStatus;
  /** Shown to users; empty for none. */
  readonly reason: string;
}

/**
 * Gives a package its status. Owners archive and deprecate (scope `unlist`); only an administrator puts a package into quarantine or takes
 * it out (scope `administer`).
 * @returns undefined when it is so now (also when it was so before); refuses `not-found`, `not-allowed` and `form-field-invalid`
 */
export async function setStatus(
  gallery: Gallery,
  identity: Identity,
  address: PackageAddress,
  { status, reason }: StatusChange,
): Promise<Refusal | undefined> {
  if (reason.length > reasonLengthMax) {
    return refuse('form-field-invalid', `A reason has at most ${reasonLengthMax} characters.`);
  }
  const event = await append(gallery, actorOf(identity), 'status', async (transaction) => {
    const asOwner = await findAllowed(transaction, identity, address, 'unlist');
    const isQuarantine = status === 'quarantined' || (!isRefusal(asOwner) && asOwner.found.status === 'quarantined');
    const allowed = isQuarantine ? await findAllowed(transaction, identity, address, 'administer') : asOwner;
    if (isRefusal(allowed)) return allowed;
    const loaded = await loadPackage(transaction, allowed.found.id);
    if (!loaded) return refuse('not-found', `There is no package "${allowed.found.name}" here.`);
    const paths = pathsLost(gallery, loaded.view, { ...loaded.view, status, statusReason: reason });
    return (serial) => ({
      kind: 'package.status',
      package: { ...allowed.found, last_serial: serial, status, status_reason: reason },
      paths,
    });
  });
  if (isRefusal(event)) return event;
  await completeChange(gallery, event);
  return undefined;
}
