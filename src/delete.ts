/**
 * Deletes a file, a version or a whole package for good. Its documents and links go, its names are held for ever, its bytes are
 * reclaimed by `clean-up` once nothing else needs them.
 */
import { type Asker, actorOf } from './accounts/authenticate.ts';
import { findAllowed, type PackageAddress } from './accounts/find-allowed.ts';
import { authorise, refuseOutsider } from './accounts/rights.ts';
import { AlreadySo } from './catalogue/already-so.ts';
import type { MakeChange } from './catalogue/append.ts';
import { isCanaryName } from './catalogue/canaries.ts';
import type { CatalogueTransaction } from './catalogue/database.ts';
import { findFeed, findFile, findVersion } from './catalogue/queries/find.ts';
import { loadPackage } from './catalogue/queries/load-package.ts';
import type { FeedRow, PackageRow, TombstoneRow, VersionRow } from './catalogue/tables.ts';
import { findTombstone, type HeldName, tombstone } from './catalogue/tombstones.ts';
import type { FileView, PackageView, VersionView } from './documents/package-view.ts';
import type { Gallery } from './gallery.ts';
import { pathsLost } from './render/renderer.ts';
import type { Int64 } from './std/int64.ts';
import { isRefusal, type Refusal, refuse } from './std/refusals.ts';
import { changePackage } from './upkeep/complete.ts';

export type DeleteAddress = PackageAddress & {
  /** Undefined for the whole package. */
  readonly normalizedVersion?: string;
  /** One file of the version, by its exact name; undefined for the version. */
  readonly filename?: string;
};

/**
 * With the last file of a version goes the version.
 * Deleting needs the scope `administer`; for a canary, which nobody else's build can need, what unlisting it takes is enough.
 * @returns undefined when it is gone (also when it was before); refuses `not-found` and `not-allowed`
 */
export async function deletePackage(
  gallery: Gallery,
  asker: Asker,
  address: DeleteAddress,
): Promise<Refusal | undefined> {
  return changePackage(gallery, actorOf(asker), 'delete', async (transaction) => {
    const scope = isCanaryName(address.normalizedName) ? 'unlist' : 'administer';
    const allowed = await findAllowed(transaction, asker, address, scope);
    const prepared = isRefusal(allowed)
      ? allowed
      : await prepareDelete(gallery, transaction, allowed.feed, allowed.found, address);
    if (!isRefusal(prepared) || prepared.code !== 'not-found') return prepared;
    return (await deletedBefore(transaction, asker, address)) ?? prepared;
  });
}

/** A try that was never answered may be repeated: what was deleted before is gone, and that is what was asked for. */
async function deletedBefore(
  transaction: CatalogueTransaction,
  asker: Asker,
  address: DeleteAddress,
): Promise<AlreadySo | undefined> {
  const { feedName, ecosystem, normalizedName: name, normalizedVersion: version, filename } = address;
  const feed = await findFeed(transaction, feedName);
  if (isRefusal(feed) || (await refuseOutsider(transaction, asker, feed))) return undefined;
  // A canary's owner went with it; who might publish another may know that it is gone.
  const scope = isCanaryName(name) ? 'push-new' : 'administer';
  if (await authorise(transaction, asker, { scope, feed, packageName: name })) return undefined;
  const names: HeldName[] = [{ kind: 'package', name }];
  if (version !== undefined) names.push({ kind: 'version', name: `${name}/${version}` });
  if (filename !== undefined) names.push({ kind: 'file', name: filename.toLowerCase() });
  for (const held of names) {
    const found = await findTombstone(transaction, feed.id, ecosystem, held);
    if (!found) continue;
    const event = await transaction
      .selectFrom('events')
      .select('package_id')
      .where('serial', '=', found.serial)
      .executeTakeFirst();
    if (event?.package_id) return new AlreadySo(event.package_id, found.serial);
  }
  return undefined;
}

async function prepareDelete(
  gallery: Gallery,
  transaction: CatalogueTransaction,
  feed: FeedRow,
  found: PackageRow,
  { normalizedVersion, filename }: DeleteAddress,
): Promise<MakeChange | Refusal> {
  const loaded = await loadPackage(transaction, found.id);
  if (!loaded) return refuse('not-found', `There is no package "${found.name}" here.`);
  const { view } = loaded;
  const bury = (serial: Int64, names: readonly HeldName[]): TombstoneRow[] =>
    names.map((held) => tombstone(feed.id, found.ecosystem, held, serial));
  const touched = (serial: Int64): PackageRow => ({ ...found, last_serial: serial });
  if (normalizedVersion === undefined) {
    const paths = pathsLost(gallery, view, undefined);
    // The package's name covers all of its versions and nearly all of its files; one short row whatever it held.
    const names: HeldName[] = [{ kind: 'package', name: found.normalized_name }];
    return (serial) => ({
      kind: 'package.deleted',
      package: touched(serial),
      tombstones: bury(serial, names),
      paths,
    });
  }
  const row = await findVersion(transaction, found.id, normalizedVersion);
  const doomed = view.versions.find((version) => version.normalizedVersion === normalizedVersion);
  if (!row || !doomed) return refuse('not-found', `There is no ${found.name} ${normalizedVersion} here.`);
  const about = { versionId: row.id, normalizedVersion };
  const file = filename === undefined ? undefined : await findFile(transaction, row.id, filename);
  if (filename !== undefined && !file)
    return refuse('not-found', `${found.name} ${row.version} has no file ${filename}.`);
  const left = file ? doomed.files.filter((one) => one.filename !== file.filename) : [];
  if (file && isStillAVersion(left)) {
    const paths = pathsLost(gallery, view, withFiles(view, doomed, left));
    const names: HeldName[] = [heldFile(file)];
    const { id: fileId } = file;
    return (serial) => ({
      kind: 'file.deleted',
      package: touched(serial),
      ...about,
      fileId,
      tombstones: bury(serial, names),
      paths,
    });
  }
  const paths = pathsLost(gallery, view, { ...view, versions: view.versions.filter((version) => version !== doomed) });
  const names: HeldName[] = [heldVersion(found, row), ...doomed.files.map(heldFile)];
  return (serial) => ({
    kind: 'version.deleted',
    package: touched(serial),
    ...about,
    tombstones: bury(serial, names),
    paths,
  });
}

/** Symbols alone are nothing that can be installed. */
function isStillAVersion(files: readonly FileView[]): boolean {
  return files.some((file) => file.kind !== 'snupkg');
}

function withFiles(view: PackageView, of: VersionView, files: readonly FileView[]): PackageView {
  return { ...view, versions: view.versions.map((version) => (version === of ? { ...version, files } : version)) };
}

function heldVersion(found: PackageRow, version: VersionRow): HeldName {
  return { kind: 'version', name: `${found.normalized_name}/${version.normalized_version}` };
}

function heldFile({ filename }: { readonly filename: string }): HeldName {
  return { kind: 'file', name: filename.toLowerCase() };
}
