/**
 * Finishes what a process that died had begun: events that are in the catalogue, but whose record or documents may be
 * missing. Everything here can be done twice without harm. The write role does it when it starts, the work role ever after.
 */
import { writeAccessDocument } from '../accounts/access-writer.ts';
import { type CatalogueEvent, packageOf } from '../catalogue/append.ts';
import { eventOfRow, writeRecord } from '../catalogue/records.ts';
import type { EventRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import { renderCatalogs } from '../render/catalog.ts';
import { renderFeed, renderNames } from '../render/names.ts';
import type { Int64 } from '../std/int64.ts';

const batchMax = 200;

/** Writes the record and the documents of a change to a package, right after it was committed; when it has resolved, the change is visible. */
export async function completeChange(gallery: Gallery, event: CatalogueEvent): Promise<void> {
  await writeRecord(gallery.store, gallery.key, event);
  await gallery.renderer.renderPackage(packageOf(event), event.serial);
  gallery.finisher.add({ serial: event.serial, packageId: packageOf(event), acknowledgedFileId: null });
}

/** Writes the records and documents that the package is owed. When it has resolved, everything up to the serial is visible. */
export async function completePackage(gallery: Gallery, packageId: Int64, serial: Int64): Promise<void> {
  const rows = await gallery.db
    .selectFrom('outstanding')
    .innerJoin('events', 'events.serial', 'outstanding.serial')
    .selectAll('events')
    .where('outstanding.package_id', '=', packageId)
    .execute();
  for (const row of rows) await writeRecord(gallery.store, gallery.key, eventOfRow(row));
  await gallery.renderer.renderPackage(packageId, serial);
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
  await writeRecord(gallery.store, gallery.key, event);
  if (event.change.kind === 'feed.created') {
    await renderFeed(gallery, event.change.feed);
    await renderNames(gallery, event.change.feed);
    await renderCatalogs(gallery, event.change.feed);
  }
  if (packageId !== null) await gallery.renderer.renderPackage(packageId, event.serial);
  else await writeAccessDocument(gallery.db, gallery.store, gallery.key);
}
