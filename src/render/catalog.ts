/**
 * Keeps the catalogs of feeds: a fold over their events, item by item, that can stop anywhere and go on. The stored index says up to
 * which event it is complete, so a run writes what is new, the last page and the index. Leaves are there before the page that leads to
 * them, pages before the index.
 */
import { documentKey } from '../blobs/keys.ts';
import { enqueueJob } from '../catalogue/queries/enqueue-job.ts';
import { type PastVersion, readHistory } from '../catalogue/queries/package-history.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import { readHeader, readText } from '../documents/format.ts';
import type { Output } from '../documents/output.ts';
import { documentTrustMs } from '../documents/trust.ts';
import type { Gallery } from '../gallery.ts';
import type { CatalogItem, CatalogProtocol, CatalogReference, CatalogSummary, Ticks } from '../protocols/catalog.ts';
import type { Protocol } from '../protocols/protocol.ts';
import { exactNumber, type Int64 } from '../std/int64.ts';
import { contextOf, placeOf } from './context.ts';
import { writeOutputs } from './write.ts';

/** After so many items, leaves and pages are written; after so many of these steps, the index. */
const stepItems = 500;
const indexEverySteps = 20;
/** For so long a package's own documents are waited for, in milliseconds; what is owed for longer holds up no mirror. */
const patienceMs = 30_000;
const pollMs = 25;

export interface CatalogOfFeed {
  readonly feed: FeedRow;
  readonly ecosystem: Protocol['ecosystem'];
  readonly catalog: CatalogProtocol;
}

/** How far a catalog is. */
interface Progress {
  /** Every event up to it is told of. */
  serial: Int64;
  readonly pages: { ticks: Ticks; count: number }[];
  readonly lastTicks: { published: Ticks; changed: Ticks; gone: Ticks };
  /** The items of the last page. */
  items: CatalogReference[];
}

export function catalogsOf(gallery: Gallery, feed: FeedRow): CatalogOfFeed[] {
  return gallery.protocols.flatMap(({ ecosystem, catalog }) => (catalog ? [{ feed, ecosystem, catalog }] : []));
}

export async function currentSerial(gallery: Gallery): Promise<Int64> {
  return (await gallery.db.selectFrom('serial').select('value').executeTakeFirstOrThrow()).value;
}

/** Brings the catalogs of a feed up to date. What they lead to is there before they do. */
export async function renderCatalogs(gallery: Gallery, feed: FeedRow): Promise<void> {
  for (const which of catalogsOf(gallery, feed)) {
    const upTo = await currentSerial(gallery);
    await awaitDocuments(gallery, feed, upTo);
    const progress = await readProgress(gallery, which);
    await write(gallery, which, progress ?? nothing(), upTo, progress === undefined);
  }
}

/**
 * Writes a catalog from its beginning, whatever stood there.
 * @param keep told of everything that belongs to it
 * @returns what belongs to it by the time of the call besides, because things went on happening
 */
export async function rewriteCatalog(
  gallery: Gallery,
  which: CatalogOfFeed,
  keep: (outputs: readonly Output[]) => void,
): Promise<() => AsyncGenerator<readonly Output[]>> {
  const progress = nothing();
  await write(gallery, which, progress, await currentSerial(gallery), true, keep);
  return async function* later() {
    yield* steps(gallery, which, progress, await currentSerial(gallery));
  };
}

/** Everything that belongs to a catalog up to an event, from its beginning, the index last. */
export async function* outputsOfCatalog(gallery: Gallery, which: CatalogOfFeed, upTo: Int64): AsyncGenerator<Output[]> {
  const progress = nothing();
  for await (const outputs of steps(gallery, which, progress, upTo)) {
    // A page that is not full yet comes again with the next step.
    yield outputs.filter((output) => !isUnfinishedPage(which.catalog, progress, output));
  }
  const context = contextOf(gallery.baseUrl, which.feed.name);
  const last = progress.pages.length - 1;
  yield [
    ...(last >= 0 && progress.items.length < which.catalog.pageItemsMax
      ? [which.catalog.renderPage(last, progress.items, context)]
      : []),
    which.catalog.renderIndex(progress, context),
  ];
}

/** A gallery that was in use before it had catalogs gets them from the job. */
export async function enqueueMissingCatalogs(gallery: Gallery): Promise<void> {
  for (const feed of await gallery.db.selectFrom('feeds').selectAll().execute()) {
    for (const { ecosystem, catalog } of catalogsOf(gallery, feed)) {
      if ((await gallery.store.state(documentKey(placeOf(feed), catalog.indexPath))) !== undefined) continue;
      const at = BigInt(gallery.clock.now());
      await gallery.transactions.share((transaction) =>
        enqueueJob(transaction, { lane: 'index', key: `${ecosystem}:${feed.id}`, at }),
      );
    }
  }
}

async function write(
  gallery: Gallery,
  which: CatalogOfFeed,
  progress: Progress,
  upTo: Int64,
  isAllNew: boolean,
  keep: (outputs: readonly Output[]) => void = () => undefined,
): Promise<void> {
  const request = { feed: placeOf(which.feed), baseUrl: gallery.baseUrl };
  const context = contextOf(gallery.baseUrl, which.feed.name);
  let count = 0;
  for await (const outputs of steps(gallery, which, progress, upTo)) {
    await writeOutputs(gallery.store, { ...request, outputs, serial: upTo });
    keep(outputs);
    count += 1;
    if (count % indexEverySteps !== 0) continue;
    // A long run that is broken off goes on from here.
    const index = which.catalog.renderIndex(progress, context);
    await writeOutputs(gallery.store, { ...request, outputs: [index], serial: progress.serial });
  }
  if (count === 0 && !isAllNew) return;
  const index = which.catalog.renderIndex(progress, context);
  // Readers that have an earlier page in memory must not be led to it by this index.
  await gallery.clock.sleep(documentTrustMs);
  await writeOutputs(gallery.store, { ...request, outputs: [index], serial: upTo });
  keep([index]);
}

/** Goes on with the fold, and takes the progress along. @returns the leaves and pages of each step */
async function* steps(
  gallery: Gallery,
  { feed, ecosystem, catalog }: CatalogOfFeed,
  progress: Progress,
  upTo: Int64,
): AsyncGenerator<Output[]> {
  const context = contextOf(gallery.baseUrl, feed.name);
  const about = { feedId: feed.id, ecosystem, fileKind: catalog.fileKind };
  const renderLastPage = () => catalog.renderPage(progress.pages.length - 1, progress.items, context);
  const isFull = () => progress.items.length === catalog.pageItemsMax;
  let outputs: Output[] = [];
  for await (const { serial, versions } of readHistory(gallery.db, about, progress.serial, upTo)) {
    for (const version of versions) {
      outputs.push(catalog.renderLeaf(addItem(catalog, progress, version), context));
      if (isFull()) outputs.push(renderLastPage());
    }
    progress.serial = serial;
    if (outputs.length < stepItems) continue;
    yield isFull() ? outputs : [...outputs, renderLastPage()];
    outputs = [];
  }
  progress.serial = upTo;
  if (outputs.length > 0) yield isFull() ? outputs : [...outputs, renderLastPage()];
}

/** Numbers an item and enters it. Its time is that of its event, or the next moment when the item before it has that time too. */
function addItem(catalog: CatalogProtocol, progress: Progress, past: PastVersion): CatalogItem {
  const { pages, lastTicks } = progress;
  const before = pages.at(-1)?.ticks ?? 0n;
  const ticks = past.at * 10_000n > before ? past.at * 10_000n : before + 1n;
  if (pages.length === 0 || progress.items.length === catalog.pageItemsMax) {
    pages.push({ ticks, count: 0 });
    progress.items = [];
  }
  const number = (pages.length - 1) * catalog.pageItemsMax + progress.items.length;
  const item = { ...past, at: exactNumber(past.at), number, ticks };
  progress.items.push(catalog.refer(item));
  pages[pages.length - 1] = { ticks, count: progress.items.length };
  lastTicks[past.what] = ticks;
  return item;
}

function nothing(): Progress {
  return { serial: 0n, pages: [], lastTicks: { published: 0n, changed: 0n, gone: 0n }, items: [] };
}

/** @returns how far the stored catalog is; undefined when there is none, or when it must be made anew because it is damaged */
async function readProgress(gallery: Gallery, { feed, catalog }: CatalogOfFeed): Promise<Progress | undefined> {
  const read = (path: string) => gallery.store.get(documentKey(placeOf(feed), path));
  const index = await read(catalog.indexPath);
  if (index === undefined) return undefined;
  try {
    const { pages, lastTicks }: CatalogSummary = catalog.readIndex((await readText(index)).toString('utf8'));
    const { serial } = readHeader(index);
    const last = pages.at(-1);
    if (last === undefined) return { serial, pages: [], lastTicks: { ...lastTicks }, items: [] };
    const page = await read(catalog.pagePath(pages.length - 1));
    if (page === undefined) throw new Error('its last page is missing');
    // A run that was broken off may have put more into the page than the index knows.
    const items = catalog.readPage((await readText(page)).toString('utf8')).slice(0, last.count);
    if (items.at(-1)?.ticks !== last.ticks || items.length !== last.count) throw new Error('its last page is another');
    return { serial, pages: [...pages], lastTicks: { ...lastTicks }, items };
  } catch (error) {
    gallery.log.warn({ err: error, feed: feed.name }, 'the catalog for mirrors is damaged and is made again');
    return undefined;
  }
}

function isUnfinishedPage(catalog: CatalogProtocol, progress: Progress, output: Output): boolean {
  const last = progress.pages.length - 1;
  return progress.items.length < catalog.pageItemsMax && output.path === catalog.pagePath(last);
}

/** A mirror downloads what the catalog tells of at once: it is told when the package's own documents and links are written. */
async function awaitDocuments(gallery: Gallery, feed: FeedRow, upTo: Int64): Promise<void> {
  for (;;) {
    const owed = await gallery.db
      .selectFrom('outstanding')
      .innerJoin('events', 'events.serial', 'outstanding.serial')
      .select('outstanding.serial')
      .where('outstanding.package_id', 'is not', null)
      .where('events.feed_id', '=', feed.id)
      .where('events.serial', '<=', upTo)
      .where('events.at', '>', BigInt(gallery.clock.now() - patienceMs))
      .limit(1)
      .executeTakeFirst();
    if (!owed) return;
    await gallery.clock.sleep(pollMs);
  }
}
