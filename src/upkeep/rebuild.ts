/**
 * Makes every document and link again from the catalogue, package by package, each under its render lease, while reads and
 * publishes go on; then removes what nothing leads to any more. Whatever stood there before is not looked at.
 */
import { writeAccessDocument } from '../accounts/access-writer.ts';
import { documentKey, feedFolder, linkKey, recordKey } from '../blobs/keys.ts';
import type { Key } from '../blobs/store.ts';
import type { CatalogueEvent } from '../catalogue/append.ts';
import { loadPackage } from '../catalogue/queries/load-package.ts';
import { BadRecordError, decodeRecord, eventOfRow, writeRecord } from '../catalogue/records.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Output } from '../documents/output.ts';
import type { Gallery } from '../gallery.ts';
import { catalogsOf, rewriteCatalog } from '../render/catalog.ts';
import { placeOf } from '../render/context.ts';
import { outputsOfFeed, outputsOfNames, renderFeed, renderNames } from '../render/names.ts';
import { renderView } from '../render/renderer.ts';
import type { Int64 } from '../std/int64.ts';
import { writeJson } from '../std/json.ts';

export interface RebuildReport {
  readonly packages: number;
  readonly removed: number;
  /** Packages that could not be rendered, with the reason; a blob that is missing, most likely. */
  readonly failures: readonly { readonly packageId: Int64; readonly reason: string }[];
  /** Records that were missing or wrong and are right again. */
  readonly records: number;
}

export async function rebuild(gallery: Gallery, onProgress: (text: string) => void): Promise<RebuildReport> {
  const { value: startSerial } = await gallery.db.selectFrom('serial').select('value').executeTakeFirstOrThrow();
  const records = await mendRecords(gallery);
  await writeAccessDocument(gallery.db, gallery.store, gallery.key);
  const kept = new Set<Key>();
  const feeds = await gallery.db.selectFrom('feeds').selectAll().orderBy('id').execute();
  const failures: { packageId: Int64; reason: string }[] = [];
  const continued: Continued[] = [];
  let packages = 0;
  for (const feed of feeds) {
    const keep = (outputs: readonly Output[]) => {
      for (const output of outputs) kept.add(keyOf(feed, output));
    };
    const rows = await gallery.db.selectFrom('packages').select('id').where('feed_id', '=', feed.id).execute();
    for (const row of rows) {
      await gallery.renderer.rewritePackage(row.id).catch((error: unknown) => {
        failures.push({ packageId: row.id, reason: (error as Error).message });
      });
      const loaded = await loadPackage(gallery.db, row.id);
      if (loaded) keep(renderView(gallery.protocols, loaded.view, gallery.baseUrl));
      packages += 1;
      if (packages % 20 === 0) onProgress(`packages ${packages}/${rows.length} of feed ${feed.name}`);
    }
    await renderFeed(gallery, feed);
    await renderNames(gallery, feed);
    keep((await outputsOfFeed(gallery, feed)).outputs);
    keep((await outputsOfNames(gallery, feed)).outputs);
    for (const catalog of catalogsOf(gallery, feed)) {
      continued.push({ feed, outputsSince: await rewriteCatalog(gallery, catalog, keep) });
    }
  }
  return { packages, failures, removed: await removeSurplus(gallery, feeds, kept, startSerial, continued), records };
}

/** What goes on growing while everything is made again. */
interface Continued {
  readonly feed: FeedRow;
  outputsSince(): AsyncGenerator<readonly Output[]>;
}

function keyOf(feed: FeedRow, output: Output): Key {
  return output.type === 'link' ? linkKey(placeOf(feed), output.path) : documentKey(placeOf(feed), output.path);
}

/**
 * Publishes went on meanwhile. Their events were in the catalogue before their documents were in the store, so whatever is
 * listed here belongs to an event that is visible now: packages that changed since the start are looked at once more.
 */
async function removeSurplus(
  gallery: Gallery,
  feeds: readonly FeedRow[],
  kept: ReadonlySet<Key>,
  startSerial: Int64,
  continued: readonly Continued[],
): Promise<number> {
  const surplus = new Set<Key>();
  for (const feed of feeds) {
    const folder = feedFolder(placeOf(feed));
    for await (const { key } of gallery.store.list(folder)) {
      // Other feeds lie below the default one; one that was made meanwhile is not among those that were rendered.
      if (!kept.has(key) && !key.startsWith(`${folder}/feeds/`)) surplus.add(key);
    }
  }
  const changed = await gallery.db.selectFrom('packages').select('id').where('last_serial', '>', startSerial).execute();
  for (const { id } of changed) {
    const loaded = await loadPackage(gallery.db, id);
    const outputs = loaded ? renderView(gallery.protocols, loaded.view, gallery.baseUrl) : [];
    if (loaded) for (const output of outputs) surplus.delete(keyOf(loaded.feed, output));
  }
  for (const { feed, outputsSince } of continued) {
    for await (const outputs of outputsSince()) for (const output of outputs) surplus.delete(keyOf(feed, output));
  }
  for (const key of surplus) await gallery.store.delete(key);
  return surplus.size;
}

/** A record that is missing, unreadable or tells another event is written again; the catalogue is the truth here. */
async function mendRecords(gallery: Gallery): Promise<number> {
  let written = 0;
  const rows = await gallery.db.selectFrom('events').select('serial').orderBy('serial').execute();
  for (const { serial } of rows) {
    const row = await gallery.db
      .selectFrom('events')
      .selectAll()
      .where('serial', '=', serial)
      .executeTakeFirstOrThrow();
    const event = eventOfRow(row);
    if (await hasRecord(gallery, event)) continue;
    await gallery.store.delete(recordKey(serial));
    await writeRecord(gallery.store, gallery.key, event);
    written += 1;
  }
  return written;
}

async function hasRecord(gallery: Gallery, event: CatalogueEvent): Promise<boolean> {
  const key = recordKey(event.serial);
  const bytes = await gallery.store.get(key);
  if (!bytes) return false;
  try {
    return writeJson(decodeRecord(gallery.key, key, bytes)) === writeJson(event);
  } catch (error) {
    if (error instanceof BadRecordError) return false;
    throw error;
  }
}
