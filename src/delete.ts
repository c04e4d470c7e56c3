/**
 * Deletes a version or a whole package for good. Its documents and links go, its names are held for ever, its bytes are
 * reclaimed by `clean-up` once nothing else needs them.
 */
import { actorOf, type Identity } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { append } from './catalogue/append.ts';
import type { Change } from './catalogue/changes.ts';
import type { CatalogueTransaction } from './catalogue/database.ts';
import { loadPackage } from './catalogue/queries/load-package.ts';
import type { FeedRow, PackageRow } from './catalogue/tables.ts';
import { tombstone } from './catalogue/tombstones.ts';
import type { PackageView } from './documents/package-view.ts';
import type { Gallery } from './gallery.ts';
import { pathsLost } from './render/renderer.ts';
import type { Int64 } from './std/int64.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';
import { completeChange } from './upkeep/complete.ts';

export type DeleteAddress = PackageAddress & {
  /** Undefined for the whole package. */
  readonly normalizedVersion?: string;
};

/** @returns undefined when it is gone; refuses `not-found` and `not-allowed` (deleting needs the scope `administer`) */
export async function deletePackage(
  gallery: Gallery,
  identity: Identity,
  address: DeleteAddress,
): Promise<Refusal | undefined> {
  const event = await append(gallery, actorOf(identity), 'delete', async (transaction) => {
    const allowed = await findAllowed(transaction, identity, address, 'administer');
    if (isRefusal(allowed)) return allowed;
    return prepareDelete(gallery, transaction, allowed.feed, allowed.found, address.normalizedVersion);
  });
  if (isRefusal(event)) return event;
  await completeChange(gallery, event);
  return undefined;
}

async function prepareDelete(
  gallery: Gallery,
  transaction: CatalogueTransaction,
  feed: FeedRow,
  found: PackageRow,
  normalizedVersion: string | undefined,
): Promise<((serial: Int64) => Change) | Refusal> {
  const loaded = await loadPackage(transaction, found.id);
  if (!loaded) return refuse('not-found', `There is no package "${found.name}" here.`);
  const { view } = loaded;
  const doomed = view.versions.filter(
    (version) => normalizedVersion === undefined || version.normalizedVersion === normalizedVersion,
  );
  if (normalizedVersion !== undefined && doomed.length === 0) {
    return refuse('not-found', `There is no ${found.name} ${normalizedVersion} here.`);
  }
  const rest: PackageView = { ...view, versions: view.versions.filter((version) => !doomed.includes(version)) };
  const paths = pathsLost(gallery, view, normalizedVersion === undefined ? undefined : rest);
  const files = doomed.flatMap((version) => version.files.map((file) => file.filename.toLowerCase()));
  const bury = (kind: 'package' | 'version' | 'file', name: string, serial: Int64) =>
    tombstone(feed.id, found.ecosystem, { kind, name }, serial);
  if (normalizedVersion === undefined) {
    return (serial) => ({
      kind: 'package.deleted',
      package: { ...found, last_serial: serial },
      // The package's name covers all of its versions and nearly all of its files; one short row whatever it held.
      tombstones: [bury('package', found.normalized_name, serial)],
      paths,
    });
  }
  const versionId = await versionIdOf(transaction, found.id, normalizedVersion);
  return (serial) => ({
    kind: 'version.deleted',
    package: { ...found, last_serial: serial },
    versionId,
    normalizedVersion,
    tombstones: [
      bury('version', `${found.normalized_name}/${normalizedVersion}`, serial),
      ...files.map((name) => bury('file', name, serial)),
    ],
    paths,
  });
}

async function versionIdOf(
  transaction: CatalogueTransaction,
  packageId: Int64,
  normalizedVersion: string,
): Promise<Int64> {
  const row = await transaction
    .selectFrom('versions')
    .select('id')
    .where('package_id', '=', packageId)
    .where('normalized_version', '=', normalizedVersion)
    .executeTakeFirstOrThrow();
  return row.id;
}
