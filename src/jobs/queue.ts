/**
 * The job queue: lanes, so that one slow kind never starves another; a lease for each job, so that a worker that dies is
 * followed by another; growing pauses between tries; and an age, so that a lane that falls behind is seen.
 */
import type { CatalogueDatabase } from '../catalogue/database.ts';
import type { Int64 } from '../std/int64.ts';

export interface ClaimedJob {
  readonly id: Int64;
  readonly lane: string;
  readonly key: string;
  readonly attempts: Int64;
  readonly generation: Int64;
}

const pauseMsMax = 60_000;
const errorLengthMax = 1_000;

/**
 * Takes the next job of a lane. One process works a lane off one job after another, so a job of the lane that the same holder
 * has already is one that it could not put back (the database was locked just then), and is taken again at once.
 * @param holder this process
 * @param now UTC milliseconds
 * @param deadlineMs how long the job may take before another worker may take it
 */
export async function claimJob(
  db: CatalogueDatabase,
  lane: string,
  holder: string,
  now: number,
  deadlineMs: number,
): Promise<ClaimedJob | undefined> {
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('jobs')
      .selectAll()
      .where('lane', '=', lane)
      .where('run_at', '<=', BigInt(now))
      .where((where) =>
        where.or([
          where('locked_until', 'is', null),
          where('locked_until', '<', BigInt(now)),
          where('locked_by', '=', holder),
        ]),
      )
      .orderBy('run_at')
      .limit(1)
      .executeTakeFirst();
    if (!row) return undefined;
    await transaction
      .updateTable('jobs')
      .set({ locked_by: holder, locked_until: BigInt(now + deadlineMs), attempts: row.attempts + 1n })
      .where('id', '=', row.id)
      .execute();
    return { id: row.id, lane, key: row.job_key, attempts: row.attempts + 1n, generation: row.generation };
  });
}

/** Removes a job that is done, unless it was enqueued again meanwhile: then it stays for another run. */
export async function completeJob(db: CatalogueDatabase, job: ClaimedJob, now: number): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await transaction.deleteFrom('jobs').where('id', '=', job.id).where('generation', '=', job.generation).execute();
    await transaction
      .updateTable('jobs')
      .set({ locked_by: null, locked_until: null, attempts: 0n, enqueued_at: BigInt(now), last_error: null })
      .where('id', '=', job.id)
      .execute();
  });
}

/** Puts a job back that failed, to be tried again after a pause that doubles each time. */
export async function failJob(db: CatalogueDatabase, job: ClaimedJob, now: number, error: unknown): Promise<void> {
  const pauseMs = Math.min(pauseMsMax, 250 * 2 ** Math.min(Number(job.attempts), 20));
  await db
    .updateTable('jobs')
    .set({
      locked_by: null,
      locked_until: null,
      run_at: BigInt(now + pauseMs),
      last_error: String(error instanceof Error ? error.message : error).slice(0, errorLengthMax),
    })
    .where('id', '=', job.id)
    .execute();
}

/** Frees every job of a role that is starting: its earlier process is gone, and jobs need not wait for their deadline. */
export async function releaseJobsOfRole(db: CatalogueDatabase, rolePrefix: string): Promise<void> {
  await db
    .updateTable('jobs')
    .set({ locked_by: null, locked_until: null })
    .where('locked_by', 'like', `${rolePrefix}%`)
    .execute();
}
