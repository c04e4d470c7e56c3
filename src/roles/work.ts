/** The work role: jobs in their lanes, what died processes left undone, and clean-up. Publishing and installing need none of it. */
import { hasBeenUsed, openGallery, type Replacements } from '../app.ts';
import { releaseLeasesOfRole } from '../catalogue/queries/render-lease.ts';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import type { Gallery } from '../gallery.ts';
import { type Lane, lanes } from '../jobs/lanes.ts';
import { claimJob, completeJob, failJob, releaseJobsOfRole } from '../jobs/queue.ts';
import { searchKeeper, searchLane } from '../search/keep.ts';
import { repeat, systemClock } from '../std/clock.ts';
import { cleanUp } from '../upkeep/clean-up.ts';
import { completeOutstanding } from '../upkeep/complete.ts';
import type { RunningRole } from './running.ts';

const lanePollMs = 100;
const completePollMs = 1_000;
/** Younger events are most likely still being written by the process that made them. */
const completeAgeMs = 15_000;
const searchPollMs = 1_000;
const cleanUpEveryMs = 30 * 60_000;
/** After each job a lane rests in proportion to what the job took. */
const restFactor = 3;
const restMsMax = 20_000;

export async function runWork(config: Config, replace: Replacements = {}): Promise<RunningRole> {
  // At the very first start the write role is just making what this one needs.
  while (!hasBeenUsed(foldersOf(config.dataDir))) await systemClock.sleep(lanePollMs);
  const gallery = await openGallery(config, 'work', replace);
  await releaseJobsOfRole(gallery.db, 'work:');
  await releaseLeasesOfRole(gallery.db, 'work:');
  const guard = (what: string, task: () => Promise<unknown>) => async () => {
    try {
      await task();
    } catch (error) {
      gallery.log.error({ err: error, task: what }, 'a periodic task failed; it is tried again');
    }
  };
  const isSearchKept = !config.searchOff.includes('index');
  const lanesHere = lanes.filter((lane) => lane.name !== searchLane || isSearchKept);
  let cleanedUpAt = 0;
  const stops = [
    ...lanesHere.map((lane) =>
      repeat(
        lanePollMs,
        guard(`lane ${lane.name}`, () => workOff(gallery, lane)),
      ),
    ),
    repeat(
      completePollMs,
      guard('complete', () => completeOutstanding(gallery, completeAgeMs)),
    ),
    ...(isSearchKept ? [repeat(searchPollMs, guard('search', searchKeeper(gallery)))] : []),
    repeat(
      cleanUpEveryMs,
      guard('clean-up', async () => {
        gallery.log.debug(await cleanUp(gallery), 'cleaned up');
        cleanedUpAt = gallery.clock.now();
      }),
    ),
  ];
  return {
    figures: async () =>
      cleanedUpAt === 0 ? [] : [{ name: 'holdfast_cleaned_up_timestamp_seconds', value: cleanedUpAt / 1_000 }],
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      await gallery.close();
    },
  };
}

/** Runs the jobs that wait in a lane, one after another. */
async function workOff(gallery: Gallery, lane: Lane): Promise<void> {
  for (;;) {
    const job = await claimJob(gallery.db, lane.name, gallery.holder, gallery.clock.now(), lane.deadlineMs);
    if (!job) return;
    const startedAt = gallery.clock.monotonicMs();
    try {
      await lane.run(gallery, job);
      await completeJob(gallery.db, job, gallery.clock.now());
    } catch (error) {
      gallery.log.warn({ err: error, lane: lane.name, job: job.key }, 'a job failed and will be tried again');
      await failJob(gallery.db, job, gallery.clock.now(), error);
    }
    // A list of a million names takes seconds to render; publishing one name after another must not make that all we do.
    const tookMs = gallery.clock.monotonicMs() - startedAt;
    await gallery.clock.sleep(Math.min(restMsMax, tookMs * restFactor));
  }
}
