/**
 * Makes every document and link again from the catalogue, each package under its render lease, while reads and publishes go on;
 * then removes what nothing leads to any more. A document that is there to the letter is left alone.
 */
import { writeAccessDocument } from '../accounts/access-writer.ts';
import { feedFolder } from '../blobs/keys.ts';
import type { Key } from '../blobs/store.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Output } from '../documents/output.ts';
import type { Gallery } from '../gallery.ts';
import { catalogsOf, rewriteCatalog } from '../render/catalog.ts';
import { placeOf } from '../render/context.ts';
import { keyOf, type PackageFailure } from '../render/many.ts';
import { outputsOfFeed, outputsOfNames, renderFeed, renderNames } from '../render/names.ts';
import type { Int64 } from '../std/int64.ts';
import { mendRecords, rangesUpTo } from './compare-records.ts';
import { type Crew, piecesOf, shareOut } from './crew.ts';
import { packagePieces } from './package-pieces.ts';
import { keysOfPackages, rewritePackages } from './rewrite-packages.ts';

/** Packages that are asked for again together, when surplus is looked for. */
const changedTogether = 50;

export interface RebuildReport {
  readonly packages: number;
  readonly removed: number;
  /** Packages that could not be rendered, with the reason; a blob that is missing, most likely. */
  readonly failures: readonly PackageFailure[];
  /** Records that were missing or wrong and are right again. */
  readonly records: number;
}

export async function rebuild(
  gallery: Gallery,
  crew: Crew,
  onProgress: (text: string) => void,
): Promise<RebuildReport> {
  const { value: startSerial } = await gallery.db.selectFrom('serial').select('value').executeTakeFirstOrThrow();
  let records = 0;
  await shareOut(crew, mendRecords, rangesUpTo(gallery, startSerial), (written) => {
    records += written;
  });
  await writeAccessDocument(gallery.db, gallery.store, gallery.key);
  const kept = new Set<Key>();
  const feeds = await gallery.db.selectFrom('feeds').selectAll().orderBy('id').execute();
  const failures: PackageFailure[] = [];
  const continued: Continued[] = [];
  let packages = 0;
  for (const feed of feeds) {
    await shareOut(crew, rewritePackages, packagePieces(gallery.db, feed.id), (piece) => {
      packages += piece.packages;
      failures.push(...piece.failures);
      for (const key of piece.keys) kept.add(key);
      onProgress(`packages ${packages}, now in feed ${feed.name}`);
    });
    await renderFeed(gallery, feed);
    await renderNames(gallery, feed);
    const keep = (outputs: readonly Output[]) => {
      for (const output of outputs) kept.add(keyOf(placeOf(feed), output));
    };
    keep((await outputsOfFeed(gallery, feed)).outputs);
    keep((await outputsOfNames(gallery, feed)).outputs);
    for (const catalog of catalogsOf(gallery, feed)) {
      continued.push({ feed, outputsSince: await rewriteCatalog(gallery, catalog, keep) });
    }
  }
  onProgress('looking for what nothing leads to any more');
  return { packages, failures, removed: await removeSurplus(gallery, feeds, kept, startSerial, continued), records };
}

/** What goes on growing while everything is made again. */
interface Continued {
  readonly feed: FeedRow;
  outputsSince(): AsyncGenerator<readonly Output[]>;
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
  const ids = changed.map(({ id }) => id);
  for (const piece of piecesOf(ids, changedTogether)) {
    for (const key of await keysOfPackages(gallery, piece)) surplus.delete(key);
  }
  for (const { feed, outputsSince } of continued) {
    for await (const outputs of outputsSince()) {
      for (const output of outputs) surplus.delete(keyOf(placeOf(feed), output));
    }
  }
  for (const key of surplus) await gallery.store.delete(key);
  return surplus.size;
}
