/** Renders what belongs to a whole feed: service indexes, the list of all names, what is new and what is large, as new as the catalogue is now. */
import { canaryPattern } from '../catalogue/canaries.ts';
import type { CatalogueTransaction } from '../catalogue/database.ts';
import { knownAdvisories, newestAdvisoryEvent } from '../catalogue/queries/known-advisories.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Output, RenderContext } from '../documents/output.ts';
import type { Gallery } from '../gallery.ts';
import type { News, Protocol } from '../protocols/protocol.ts';
import { exactNumber, type Int64 } from '../std/int64.ts';
import { contextOf, placeOf } from './context.ts';
import { newsOf } from './news.ts';
import { statsOf } from './stats.ts';
import { writeOutputs } from './write.ts';

/** The lists of all names of a feed with news and statistics beside them, and the serial they show. */
export async function outputsOfNames(gallery: Gallery, feed: FeedRow): Promise<{ outputs: Output[]; serial: Int64 }> {
  const { names, news, serial } = await gallery.db.transaction().execute(async (transaction) => ({
    serial: (await transaction.selectFrom('serial').select('value').executeTakeFirstOrThrow()).value,
    names: await transaction
      .selectFrom('packages')
      .select(['ecosystem', 'normalized_name as name', 'last_serial as serial'])
      .where('feed_id', '=', feed.id)
      .where('status', '!=', 'quarantined')
      .where('normalized_name', 'not like', canaryPattern)
      .orderBy('normalized_name')
      .execute(),
    news: await newsOfAll(gallery.protocols, transaction, feed),
  }));
  const context = contextOf(gallery.baseUrl, feed.name);
  const outputs = gallery.protocols.flatMap((protocol) => {
    const ofEcosystem = names.filter((name) => name.ecosystem === protocol.ecosystem);
    const newsOfEcosystem = news.get(protocol.ecosystem);
    return [
      ...(protocol.renderNames?.(ofEcosystem, serial, context) ?? []),
      ...((newsOfEcosystem && protocol.renderNews?.(newsOfEcosystem, context)) ?? []),
    ];
  });
  outputs.push(...(await outputsOfStats(gallery, feed, context)));
  return { outputs, serial };
}

/** Outside of the transaction, which keeps writers waiting: sizes of packages need not be of the same moment as their names. */
async function outputsOfStats(gallery: Gallery, feed: FeedRow, context: RenderContext): Promise<Output[]> {
  const outputs: Output[] = [];
  for (const { ecosystem, renderStats } of gallery.protocols) {
    if (renderStats) outputs.push(...renderStats(await statsOf(gallery.db, feed, ecosystem), context));
  }
  return outputs;
}

async function newsOfAll(
  protocols: readonly Protocol[],
  transaction: CatalogueTransaction,
  feed: FeedRow,
): Promise<Map<Protocol['ecosystem'], News>> {
  const news = new Map<Protocol['ecosystem'], News>();
  for (const { ecosystem, renderNews } of protocols) {
    if (renderNews !== undefined) news.set(ecosystem, await newsOf(transaction, feed, ecosystem));
  }
  return news;
}

/** Writes the lists of all names of a feed, the news and the statistics. */
export async function renderNames(gallery: Gallery, feed: FeedRow): Promise<void> {
  const { outputs, serial } = await outputsOfNames(gallery, feed);
  await writeOutputs(gallery.store, { feed: placeOf(feed), outputs, serial, baseUrl: gallery.baseUrl });
}

/** What depends on no package, such as a service index, and the serial of the newest event that it can tell of. */
export async function outputsOfFeed(gallery: Gallery, feed: FeedRow): Promise<{ outputs: Output[]; serial: Int64 }> {
  const { known, newest } = await gallery.db.transaction().execute(async (transaction) => ({
    known: await knownAdvisories(transaction),
    newest: await newestAdvisoryEvent(transaction),
  }));
  const context = contextOf(gallery.baseUrl, feed.name);
  const changedAt = exactNumber(newest.at);
  const outputs = gallery.protocols.flatMap((protocol) => {
    const list = known.filter(({ ecosystem }) => ecosystem === protocol.ecosystem);
    return protocol.renderFeed(context, { list, changedAt });
  });
  const isOlderThanFeed = newest.serial < feed.id;
  return { outputs, serial: isOlderThanFeed ? feed.id : newest.serial };
}

/** Writes what depends on no package, as new as the catalogue is when this resolves. */
export async function renderFeed(gallery: Gallery, feed: FeedRow): Promise<void> {
  for (;;) {
    const { outputs, serial } = await outputsOfFeed(gallery, feed);
    await writeOutputs(gallery.store, { feed: placeOf(feed), outputs, serial, baseUrl: gallery.baseUrl });
    // Several processes write these. One that had read an older state may have written last, and it is the one that sees this.
    if ((await newestAdvisoryEvent(gallery.db)).serial <= serial) return;
  }
}

/** As `renderFeed`, for every feed. */
export async function renderFeeds(gallery: Gallery): Promise<void> {
  for (const feed of await gallery.db.selectFrom('feeds').selectAll().execute()) await renderFeed(gallery, feed);
}
