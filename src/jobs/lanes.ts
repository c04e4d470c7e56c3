/** The lanes: what kinds of job there are, how long each may take, and what each does. */
import { advisoriesJobKey } from '../catalogue/append.ts';
import type { Gallery } from '../gallery.ts';
import { renderCatalogs } from '../render/catalog.ts';
import { renderFeeds, renderNames } from '../render/names.ts';
import { runSearchJob, searchLane } from '../search/keep.ts';
import type { ClaimedJob } from './queue.ts';

export interface Lane {
  readonly name: string;
  /** How long one job may take before it counts as lost, in milliseconds. */
  readonly deadlineMs: number;
  run(gallery: Gallery, job: ClaimedJob): Promise<void>;
}

/** Keys are `ECOSYSTEM:FEED-ID`, and one for what all feeds tell of advisories. */
const index: Lane = {
  name: 'index',
  deadlineMs: 10 * 60_000,
  async run(gallery, job) {
    if (job.key === advisoriesJobKey) return renderFeeds(gallery);
    const [ecosystem = '', feedId = ''] = job.key.split(':');
    const feed = await gallery.db.selectFrom('feeds').selectAll().where('id', '=', BigInt(feedId)).executeTakeFirst();
    if (feed && ecosystem === 'python') await renderNames(gallery, feed);
    if (feed && ecosystem === 'nupkg') await renderCatalogs(gallery, feed);
  },
};

/** Keys are ids of packages. */
const search: Lane = { name: searchLane, deadlineMs: 5 * 60_000, run: runSearchJob };

export const lanes: readonly Lane[] = [index, search];
