/** One piece of a rebuild: takes the render leases of some packages, makes all their documents again, and gives the leases back. */
import type { Key } from '../blobs/store.ts';
import { loadPackages } from '../catalogue/queries/load-package.ts';
import { endLeases, takeLease } from '../catalogue/queries/render-lease.ts';
import type { Gallery } from '../gallery.ts';
import { keysOfPackage, type ManyRendered, type PackageFailure, renderMany } from '../render/many.ts';
import type { Int64 } from '../std/int64.ts';

/** @returns keys of all documents and links of the packages, also of those that could not be written */
export async function rewritePackages(
  gallery: Gallery,
  packageIds: readonly Int64[],
): Promise<ManyRendered & { readonly packages: number }> {
  const { ours, theirs, leaseUntil } = await takeLeases(gallery, packageIds);
  const rendered = await renderMany(gallery, { packageIds: ours, scope: 'all', leaseUntil }).finally(() =>
    // A publish that came meanwhile is waiting for them.
    endLeases(gallery.db, gallery.holder, ours),
  );
  const waited = await rewriteInTurn(gallery, theirs);
  return {
    packages: packageIds.length,
    keys: [...rendered.keys, ...waited.keys],
    failures: [...rendered.failures, ...waited.failures],
  };
}

async function takeLeases(
  { db, clock, holder }: Gallery,
  packageIds: readonly Int64[],
): Promise<{ ours: Int64[]; theirs: Int64[]; leaseUntil: Int64 }> {
  const now = clock.now();
  const leases = await db.transaction().execute(async (transaction) => {
    const taken = [];
    for (const packageId of packageIds) taken.push(await takeLease(transaction, packageId, holder, now));
    return taken;
  });
  const ours = packageIds.filter((_id, index) => leases[index]);
  const theirs = packageIds.filter((_id, index) => !leases[index]);
  return { ours, theirs, leaseUntil: leases.find((lease) => lease)?.expiresAt ?? BigInt(now) };
}

/** What another process is writing right now is waited for, one by one. */
async function rewriteInTurn(gallery: Gallery, packageIds: readonly Int64[]): Promise<ManyRendered> {
  const keys: Key[] = [];
  const failures: PackageFailure[] = [];
  for (const packageId of packageIds) {
    await gallery.renderer.rewritePackage(packageId).catch((error: unknown) => {
      failures.push({ packageId, reason: (error as Error).message });
    });
    keys.push(...(await keysOfPackages(gallery, [packageId])));
  }
  return { keys, failures };
}

/** @returns keys of all documents and links that the packages have, as the catalogue says now */
export async function keysOfPackages(gallery: Gallery, packageIds: readonly Int64[]): Promise<Key[]> {
  const loaded = await loadPackages(gallery.db, packageIds);
  return [...loaded.values()].flatMap((one) => keysOfPackage(gallery, one));
}
