/**
 * Writes the records and documents of many packages together: one look at the catalogue, and for all of them two groups in the store,
 * so that the disk is waited for twice and not twice a package. The caller holds the packages' render leases.
 */
import assert from 'node:assert/strict';
import { documentKey, type FeedPlace, linkKey } from '../blobs/keys.ts';
import type { Key } from '../blobs/store.ts';
import type { Change } from '../catalogue/changes.ts';
import { inSnapshot } from '../catalogue/database.ts';
import { type LoadedPackage, loadPackages } from '../catalogue/queries/load-package.ts';
import { eventOfRow, newRecord } from '../catalogue/records.ts';
import type { EventRow } from '../catalogue/tables.ts';
import type { Output } from '../documents/output.ts';
import { documentTrustMs } from '../documents/trust.ts';
import type { Gallery } from '../gallery.ts';
import { exactNumber, type Int64 } from '../std/int64.ts';
import { placeOf } from './context.ts';
import { changedOutputs, removeLost, renderView, renewLease } from './renderer.ts';
import { objectsInOrder, outputsTogetherMax, type WriteRequest, writeOutputs } from './write.ts';

export interface ManyPackages {
  readonly packageIds: readonly Int64[];
  /** What their outstanding events can have changed, or all of it, where the store does not have it to the letter. */
  readonly scope: 'owed' | 'all';
  /** When the first of the leases ends, UTC milliseconds. */
  readonly leaseUntil: Int64;
}

export interface ManyRendered {
  /** Keys of all documents and links that the packages have, written or not. */
  readonly keys: readonly Key[];
  /** What could not be written, with the reason: a blob that is missing, most likely. */
  readonly failures: readonly PackageFailure[];
}

export interface PackageFailure {
  readonly packageId: Int64;
  readonly reason: string;
}

interface Rendered extends LoadedPackage {
  /** Everything that the package has. */
  readonly outputs: readonly Output[];
}

interface Prepared extends Rendered {
  readonly changes: readonly Change[];
  readonly request: WriteRequest;
}

/** When this has resolved, the packages' documents are durable, and every reader of the machine sees them. */
export async function renderMany(
  gallery: Gallery,
  { packageIds, scope, leaseUntil }: ManyPackages,
): Promise<ManyRendered> {
  if (packageIds.length === 0) return { keys: [], failures: [] };
  const failures: PackageFailure[] = [];
  const { loaded, owed } = await load(gallery, packageIds);
  const rendered = [...loaded.values()].map((one) => ({
    ...one,
    outputs: renderView(gallery.protocols, one.view, gallery.baseUrl),
  }));
  const prepared: Prepared[] = [];
  for (const one of rendered) {
    const prepare = prepareOne(gallery, one, owed.get(one.packageId) ?? [], scope);
    await collect(
      failures,
      one,
      prepare.then((ready) => void prepared.push(ready)),
    );
  }
  assert(gallery.clock.now() < exactNumber(leaseUntil), 'no render lease may have run out before writing');
  const isSmall = ({ request }: Prepared) => request.outputs.length <= outputsTogetherMax;
  await writeTogether(gallery, prepared.filter(isSmall), failures);
  for (const one of prepared) if (!isSmall(one)) await collect(failures, one, writeAlone(gallery, one));
  for (const one of prepared) await removeLost(gallery, one.changes, one.outputs);
  await gallery.clock.sleep(documentTrustMs);
  return {
    keys: rendered.flatMap(({ feed, outputs }) => outputs.map((output) => keyOf(placeOf(feed), output))),
    failures,
  };
}

async function load(
  { db }: Gallery,
  packageIds: readonly Int64[],
): Promise<{ loaded: Map<Int64, LoadedPackage>; owed: Map<Int64 | null, EventRow[]> }> {
  // One moment for both: a version that the index shows, but whose event is not among the owed ones, would get no links.
  return inSnapshot(db, async (snapshot) => {
    const events = await snapshot
      .selectFrom('outstanding')
      .innerJoin('events', 'events.serial', 'outstanding.serial')
      .selectAll('events')
      .where('outstanding.package_id', 'in', packageIds)
      .orderBy('events.serial')
      .execute();
    const loaded = await loadPackages(snapshot, packageIds);
    return { loaded, owed: Map.groupBy(events, (event) => event.package_id) };
  });
}

async function prepareOne(
  { baseUrl, store, key }: Gallery,
  rendered: Rendered,
  owed: readonly EventRow[],
  scope: ManyPackages['scope'],
): Promise<Prepared> {
  const { feed, outputs, view } = rendered;
  const events = owed.map(eventOfRow);
  const changes = events.map((event) => event.change);
  const request = {
    feed: placeOf(feed),
    outputs: scope === 'all' ? outputs : changedOutputs(outputs, changes),
    serial: view.serial,
    baseUrl,
    first: await Promise.all(events.map((event) => newRecord(store, key, event))),
    keepsEqual: scope === 'all',
  };
  return { ...rendered, changes, request };
}

/** What one package fails with must not be the others' trouble, so after a failure each is written by itself. */
async function writeTogether(
  gallery: Gallery,
  prepared: readonly Prepared[],
  failures: PackageFailure[],
): Promise<void> {
  try {
    const groups = await Promise.all(prepared.map(({ request }) => objectsInOrder(gallery.store, request)));
    const together = [groups.flatMap(([leaves]) => leaves), groups.flatMap(([, indexes]) => indexes)];
    await gallery.store.putAll(together.filter((group) => group.length > 0));
  } catch {
    for (const one of prepared) await collect(failures, one, writeAlone(gallery, one));
  }
}

function writeAlone(gallery: Gallery, { packageId, request }: Prepared): Promise<void> {
  return writeOutputs(gallery.store, request, () => renewLease(gallery, packageId));
}

async function collect(failures: PackageFailure[], { packageId }: Rendered, work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => failures.push({ packageId, reason: (error as Error).message }));
}

/** @returns keys of all documents and links that the package has */
export function keysOfPackage({ protocols, baseUrl }: Gallery, { feed, view }: LoadedPackage): Key[] {
  return renderView(protocols, view, baseUrl).map((output) => keyOf(placeOf(feed), output));
}

/** Where an output is stored. */
export function keyOf(feed: FeedPlace, output: Output): Key {
  return (output.type === 'link' ? linkKey : documentKey)(feed, output.path);
}
