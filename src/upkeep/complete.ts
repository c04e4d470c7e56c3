/**
 * Finishes what a process that died had begun: events that are in the catalogue, but whose record or documents may be
 * missing. Everything here can be done twice without harm. The write role does it when it starts, the work role ever after.
 */
import { writeAccessDocument } from '../accounts/access-writer.ts';
import { AlreadySo } from '../catalogue/already-so.ts';
import { type Actor, append, type CatalogueEvent, type MakeChange, packageOf } from '../catalogue/append.ts';
import type { CatalogueTransaction } from '../catalogue/database.ts';
import { eventOfRow, writeRecord } from '../catalogue/records.ts';
import type { EventRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import { renderCatalogs } from '../render/catalog.ts';
import { renderFeed, renderNames } from '../render/names.ts';
import type { Int64 } from '../std/int64.ts';
import { isRefusal, type Refusal } from '../std/refusals.ts';

const batchMax = 200;

/**
 * Changes something about a package, from the transaction to its documents.
 * @param prepare as of `append`; gives AlreadySo when nothing needs to change
 * @returns undefined when it is so now, whether this call or an earlier one did it; or the refusal of `prepare`
 */
export async function changePackage(
  gallery: Gallery,
  actor: Actor,
  cause: string,
  prepare: (transaction: CatalogueTransaction) => Promise<MakeChange | Refusal>,
): Promise<Refusal | undefined> {
  const event = await append(gallery, actor, cause, prepare);
  if (event instanceof AlreadySo) {
    await completePackage(gallery, event.packageId, event.serial);
    return undefined;
  }
  if (isRefusal(event)) return event;
  await completeChange(gallery, event);
  return undefined;
}

/** Writes the record and the documents of a change to a package, right after it was committed; when it has resolved, the change is visible. */
export async function completeChange(gallery: Gallery, event: CatalogueEvent): Promise<void> {
  await gallery.renderer.renderPackage(packageOf(event), event.serial);
  gallery.finisher.add({ serial: event.serial, packageId: packageOf(event), acknowledgedFileId: null });
}

/** As `completeChange`, for changes to one package that were committed together: its documents are written once. */
export async function completeChanges(gallery: Gallery, events: readonly CatalogueEvent[]): Promise<void> {
  const last = events.at(-1);
  if (last === undefined) return;
  await gallery.renderer.renderPackage(packageOf(last), last.serial);
  for (const { serial } of events) {
    gallery.finisher.add({ serial, packageId: packageOf(last), acknowledgedFileId: null });
  }
}

/** Completes everything that the package is owed, whoever began it. When it has resolved, everything up to the serial is visible. */
async function completePackage(gallery: Gallery, packageId: Int64, serial: Int64): Promise<void> {
  const owed = await gallery.db
    .selectFrom('outstanding')
    .select('serial')
    .where('package_id', '=', packageId)
    .orderBy('serial')
    .execute();
  const newest = owed.at(-1)?.serial ?? 0n;
  await gallery.renderer.renderPackage(packageId, newest > serial ? newest : serial);
  // The serial asked for is struck off again where nothing was owed: that gives the package's lease back.
  for (const finished of [...owed.map((row) => row.serial), serial]) {
    gallery.finisher.add({ serial: finished, packageId, acknowledgedFileId: null });
  }
}

/**
 * Goes once through everything that is owed. What cannot be completed (a blob that was lost, say) is told in the log and
 * stays owed; it holds up nothing else, and no start.
 * @param olderThanMs leaves alone what is younger: its own process is most likely still at it
 * @returns how many events were completed
 */
export async function completeOutstanding(gallery: Gallery, olderThanMs: number): Promise<number> {
  const notAfter = BigInt(gallery.clock.now() - olderThanMs);
  let completed = 0;
  let last = 0n;
  for (;;) {
    const rows = await gallery.db
      .selectFrom('outstanding')
      .innerJoin('events', 'events.serial', 'outstanding.serial')
      .selectAll('events')
      .where('events.at', '<=', notAfter)
      .where('events.serial', '>', last)
      .orderBy('events.serial')
      .limit(batchMax)
      .execute();
    for (const row of rows) if (await tryCompleteEvent(gallery, row)) completed += 1;
    await gallery.finisher.flush();
    last = rows.at(-1)?.serial ?? last;
    if (rows.length < batchMax) return completed;
  }
}

async function tryCompleteEvent(gallery: Gallery, row: EventRow): Promise<boolean> {
  try {
    await completeEvent(gallery, eventOfRow(row), row.package_id);
  } catch (error) {
    gallery.log.error(
      { err: error, serial: row.serial.toString(), kind: row.kind },
      'an event cannot be completed; it stays owed',
    );
    return false;
  }
  gallery.finisher.add({ serial: row.serial, packageId: row.package_id, acknowledgedFileId: null });
  return true;
}

async function completeEvent(gallery: Gallery, event: CatalogueEvent, packageId: Int64 | null): Promise<void> {
  if (packageId !== null) {
    await gallery.renderer.renderPackage(packageId, event.serial);
    return;
  }
  await writeRecord(gallery.store, gallery.key, event);
  if (event.change.kind === 'feed.created') {
    await renderFeed(gallery, event.change.feed);
    await renderNames(gallery, event.change.feed);
    await renderCatalogs(gallery, event.change.feed);
  }
  // What feeds tell of advisories is a job's, enqueued in the same transaction: it covers any number of them at once.
  if (event.change.kind !== 'advisory.loaded') await writeAccessDocument(gallery.db, gallery.store, gallery.key);
}
