/** How the write side is, in numbers: what is owed, what waits, and how much room is left on every key. */
import { sql } from 'kysely';
import type { Gallery } from '../gallery.ts';
import { headroom, type Int64 } from '../std/int64.ts';

export interface Health {
  readonly serial: Int64;
  /** Fraction of the serials that is still free. Every id is a serial, so this is the headroom of every key. */
  readonly serialHeadroom: number;
  /** Events whose record or documents are still to be written. */
  readonly outstandingEvents: Int64;
  /** Age of the oldest of them, in seconds. */
  readonly outstandingAgeSeconds: number;
  readonly waitingJobs: Int64;
  readonly waitingJobAgeSeconds: number;
}

export async function health(gallery: Gallery): Promise<Health> {
  const now = gallery.clock.now();
  const { value } = await gallery.db.selectFrom('serial').select('value').executeTakeFirstOrThrow();
  const owed = await gallery.db
    .selectFrom('outstanding')
    .innerJoin('events', 'events.serial', 'outstanding.serial')
    .select([sql<Int64>`count(*)`.as('count'), sql<Int64 | null>`min(events.at)`.as('oldest')])
    .executeTakeFirstOrThrow();
  const jobs = await gallery.db
    .selectFrom('jobs')
    .select([sql<Int64>`count(*)`.as('count'), sql<Int64 | null>`min(enqueued_at)`.as('oldest')])
    .executeTakeFirstOrThrow();
  const age = (oldest: Int64 | null) => (oldest === null ? 0 : Math.max(0, (now - Number(oldest)) / 1000));
  return {
    serial: value,
    serialHeadroom: headroom(value),
    outstandingEvents: owed.count,
    outstandingAgeSeconds: age(owed.oldest),
    waitingJobs: jobs.count,
    waitingJobAgeSeconds: age(jobs.oldest),
  };
}
