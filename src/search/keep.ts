/**
 * What the work role does for search. A job for each package that changed, in the lane `search`; and once a second a look at the
 * file: one that is missing, damaged or of another layout is made again, one that was not finished is finished. When the role
 * starts, every serial is compared once, so that even a file from an old copy ends up right.
 */
import type { Gallery } from '../gallery.ts';
import { isDamage, SearchFileUnusableError } from './file.ts';
import { aboutSearchFile, catchUp, rebuildSearch } from './rebuild.ts';
import { differingPackages, updateSearch } from './update.ts';

export const searchLane = 'search';

/** Jobs that are done together with the one that is due. */
const togetherMax = 200;
/** How long a job waits for the file to be made, in milliseconds. */
const fileWaitMs = 5_000;
const filePollMs = 50;

/** A claimed job, as far as it matters here. */
interface SearchJob {
  readonly key: string;
}

type State = 'good' | 'unfinished' | 'unusable';

function stateOf(gallery: Gallery): State {
  try {
    return aboutSearchFile(gallery.folders.search).isCaughtUp ? 'good' : 'unfinished';
  } catch (error) {
    if (error instanceof SearchFileUnusableError || isDamage(error)) return 'unusable';
    throw error;
  }
}

/** @returns a task to be run again and again */
export function searchKeeper(gallery: Gallery): () => Promise<void> {
  let isCompared = false;
  return async () => {
    const state = stateOf(gallery);
    if (state === 'unusable') {
      const startedAt = gallery.clock.monotonicMs();
      const packages = await rebuildSearch(gallery, () => undefined);
      const tookMs = Math.round(gallery.clock.monotonicMs() - startedAt);
      gallery.log.info({ packages, tookMs }, 'the search file was made again from the catalogue');
    } else if (state === 'unfinished') {
      await catchUp(gallery);
    } else if (!isCompared) {
      await updateSearch(gallery, await differingPackages(gallery));
    }
    isCompared = true;
  };
}

/**
 * Does a job of the lane: its key is a package's id. All others that wait are done in the same go and struck off together: a burst
 * of publishes is found after one transaction and not after hundreds.
 */
export async function runSearchJob(gallery: Gallery, job: SearchJob): Promise<void> {
  await fileIsThere(gallery);
  const waiting = await gallery.db
    .selectFrom('jobs')
    .select(['job_key as key', 'generation'])
    .where('lane', '=', searchLane)
    .where('job_key', '!=', job.key)
    .orderBy('run_at')
    .limit(togetherMax)
    .execute();
  await updateSearch(gallery, [job.key, ...waiting.map(({ key }) => key)].map(BigInt));
  await gallery.db.transaction().execute(async (transaction) => {
    // One that was enqueued again meanwhile has another generation, and stays.
    for (const { key, generation } of waiting) {
      await transaction
        .deleteFrom('jobs')
        .where('lane', '=', searchLane)
        .where('job_key', '=', key)
        .where('generation', '=', generation)
        .execute();
    }
  });
}

async function fileIsThere(gallery: Gallery): Promise<void> {
  const until = gallery.clock.monotonicMs() + fileWaitMs;
  while (stateOf(gallery) === 'unusable') {
    if (gallery.clock.monotonicMs() > until) throw new SearchFileUnusableError('the search file is not made yet');
    await gallery.clock.sleep(filePollMs);
  }
}
