/** Puts a job into its lane, or renews the one of the same key that already waits there. */
import { sql } from 'kysely';
import type { Int64 } from '../../std/int64.ts';
import type { CatalogueTransaction } from '../database.ts';

export interface NewJob {
  readonly lane: string;
  readonly key: string;
  /** Not to be run before, UTC milliseconds. */
  readonly at: Int64;
}

export async function enqueueJob(transaction: CatalogueTransaction, job: NewJob): Promise<void> {
  await transaction
    .insertInto('jobs')
    .values({
      id: sql`(select coalesce(max(id), 0) + 1 from jobs)`,
      lane: job.lane,
      job_key: job.key,
      enqueued_at: job.at,
      run_at: job.at,
      attempts: 0n,
      generation: 1n,
      locked_by: null,
      locked_until: null,
      last_error: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['lane', 'job_key']).doUpdateSet({ generation: sql`jobs.generation + 1`, attempts: 0n }),
    )
    .execute();
}
