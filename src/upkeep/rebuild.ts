/**
 * Makes every document and link again from the catalogue, package by package, each under its render lease, while reads and
 * publishes go on; then removes what nothing leads to any more. Whatever stood there before is not looked at.
 */
import { writeAccessDocument } from '../accounts/access-writer.ts';
import { documentKey, feedFolder, linkKey, recordKey } from '../blobs/keys.ts';
import type { Key } from '../blobs/store.ts';
import { loadPackage } from '../catalogue/queries/load-package.ts';
import { eventOfRow, writeRecord } from '../catalogue/records.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Output } from '../documents/output.ts';
import type { Gallery } from '../gallery.ts';
import { placeOf } from '../render/context.ts';
import { outputsOfFeed, outputsOfNames, renderFeed, renderNames } from '../render/names.ts';
import { renderView } from '../render/renderer.ts';

export interface RebuildReport {
  readonly packages: number;
  readonly removed: number;
  /** Records that were missing and are there again. */
  readonly records: number;
}

export async function rebuild(gallery: Gallery, onProgress: (text: string) => void): Promise<RebuildReport> {
  const startedAt = gallery.clock.now();
  const records = await writeMissingRecords(gallery);
  await writeAccessDocument(gallery.db, gallery.store, gallery.key);
  const kept = new Set<Key>();
  const feeds = await gallery.db.selectFrom('feeds').selectAll().orderBy('id').execute();
  let packages = 0;
  for (const feed of feeds) {
    const keep = (outputs: readonly Output[]) => {
      for (const output of outputs) kept.add(keyOf(feed, output));
    };
    const rows = await gallery.db.selectFrom('packages').select('id').where('feed_id', '=', feed.id).execute();
    for (const row of rows) {
      await gallery.renderer.rewritePackage(row.id);
      const loaded = await loadPackage(gallery.db, row.id);
      if (loaded) keep(renderView(gallery.protocols, loaded.view, gallery.baseUrl));
      packages += 1;
      if (packages % 20 === 0) onProgress(`packages ${packages}/${rows.length} of feed ${feed.name}`);
    }
    await renderFeed(gallery, feed);
    await renderNames(gallery, feed);
    keep([...outputsOfFeed(gallery, feed), ...(await outputsOfNames(gallery, feed)).outputs]);
  }
  return { packages, removed: await removeSurplus(gallery, feeds, kept, startedAt), records };
}

function keyOf(feed: FeedRow, output: Output): Key {
  return output.type === 'link' ? linkKey(placeOf(feed), output.path) : documentKey(placeOf(feed), output.path);
}

/** What was written since the start belongs to a publish that went on meanwhile. */
async function removeSurplus(
  gallery: Gallery,
  feeds: readonly FeedRow[],
  kept: ReadonlySet<Key>,
  startedAt: number,
): Promise<number> {
  const surplus = new Set<Key>();
  for (const feed of feeds) {
    for await (const found of gallery.store.list(feedFolder(placeOf(feed)))) {
      if (!kept.has(found.key) && found.modifiedAt < startedAt) surplus.add(found.key);
    }
  }
  for (const key of surplus) await gallery.store.delete(key);
  return surplus.size;
}

async function writeMissingRecords(gallery: Gallery): Promise<number> {
  let written = 0;
  const rows = await gallery.db.selectFrom('events').select('serial').orderBy('serial').execute();
  for (const { serial } of rows) {
    if ((await gallery.store.state(recordKey(serial))) !== undefined) continue;
    const row = await gallery.db
      .selectFrom('events')
      .selectAll()
      .where('serial', '=', serial)
      .executeTakeFirstOrThrow();
    await writeRecord(gallery.store, gallery.key, eventOfRow(row));
    written += 1;
  }
  return written;
}
