/**
 * All figures of the gallery at this moment: what the catalogue, the disk and the search file say, and what each process wrote of
 * itself. Asked a few times a minute; trouble with one part leaves out that part, but without the catalogue nothing is told.
 */
import { sql } from 'kysely';
import type { Gallery } from '../gallery.ts';
import type { Figure, TimesFigure } from '../observe/figures.ts';
import { searchLane } from '../search/keep.ts';
import { searchKeyUsage } from '../search/key-usage.ts';
import { aboutSearchFile } from '../search/rebuild.ts';
import { diskRoom, systemDisk } from '../std/disk.ts';
import { headroom, type Int64 } from '../std/int64.ts';
import { readNote } from '../upkeep/verified-note.ts';
import { readRoleFiles } from './role-files.ts';

/** Lanes that are told of when nothing waits in them, too. */
const lanes = ['index', searchLane];

export interface Gathered {
  readonly figures: readonly Figure[];
  readonly times: readonly TimesFigure[];
}

export async function gatherFigures(gallery: Gallery): Promise<Gathered> {
  const files = await readRoleFiles(gallery.folders.run, gallery.clock.now());
  return {
    figures: [
      ...(await keyFigures(gallery)),
      ...(await owedFigures(gallery)),
      ...(await diskFigures(gallery)),
      ...(await searchFigures(gallery)),
      ...(await verifiedFigures(gallery)),
      { name: 'holdfast_metrics_files_stale', value: files.stale },
      ...files.figures,
    ],
    times: files.times,
  };
}

/** Every id of the catalogue is a serial, so references to ids have the headroom of the serial; the others count for themselves. */
async function keyFigures({ db }: Gallery): Promise<Figure[]> {
  const { value } = await db.selectFrom('serial').select('value').executeTakeFirstOrThrow();
  const { job } = await db.selectFrom('jobs').select(sql<Int64 | null>`max(id)`.as('job')).executeTakeFirstOrThrow();
  const { fence } = await db
    .selectFrom('render_leases')
    .select(sql<Int64 | null>`max(fence)`.as('fence'))
    .executeTakeFirstOrThrow();
  const founded = await db
    .selectFrom('feeds')
    .select(sql<Int64 | null>`min(created_at)`.as('at'))
    .executeTakeFirstOrThrow();
  const used = (key: string, last: Int64) => ({
    name: 'holdfast_key_used_ratio',
    labels: { key },
    value: 1 - headroom(last),
  });
  return [
    used('serial', value),
    used('job', job ?? 0n),
    used('lease-fence', fence ?? 0n),
    { name: 'holdfast_serial', value: Number(value) },
    { name: 'holdfast_founded_timestamp_seconds', value: Number(founded.at ?? 0n) / 1_000 },
  ];
}

async function owedFigures({ db, clock }: Gallery): Promise<Figure[]> {
  const now = clock.now();
  const age = (oldest: Int64 | null | undefined) => (oldest ? Math.max(0, (now - Number(oldest)) / 1_000) : 0);
  const owed = await db
    .selectFrom('outstanding')
    .innerJoin('events', 'events.serial', 'outstanding.serial')
    .select([sql<Int64>`count(*)`.as('count'), sql<Int64 | null>`min(events.at)`.as('oldest')])
    .executeTakeFirstOrThrow();
  const jobs = await db
    .selectFrom('jobs')
    .select(['lane', sql<Int64>`count(*)`.as('count'), sql<Int64 | null>`min(enqueued_at)`.as('oldest')])
    .groupBy('lane')
    .execute();
  const waiting = new Map(jobs.map((row) => [row.lane, row]));
  return [
    { name: 'holdfast_outstanding_events', value: Number(owed.count) },
    { name: 'holdfast_outstanding_oldest_age_seconds', value: age(owed.oldest) },
    ...[...new Set([...lanes, ...waiting.keys()])].flatMap((lane) => [
      { name: 'holdfast_queue_jobs', labels: { lane }, value: Number(waiting.get(lane)?.count ?? 0n) },
      { name: 'holdfast_queue_oldest_age_seconds', labels: { lane }, value: age(waiting.get(lane)?.oldest) },
    ]),
  ];
}

async function diskFigures({ folders }: Gallery): Promise<Figure[]> {
  const { bytes, freeBytes, inodes, freeInodes } = await diskRoom(folders.data);
  const labels = { place: 'data' };
  return [
    { name: 'holdfast_disk_used_ratio', labels, value: bytes === 0 ? 0 : 1 - freeBytes / bytes },
    { name: 'holdfast_disk_free_bytes', labels, value: freeBytes },
    { name: 'holdfast_disk_inodes_used_ratio', labels, value: inodes === 0 ? 0 : 1 - freeInodes / inodes },
  ];
}

/** A file that is missing, damaged or in the making is told as such: search is away, and nothing else. */
async function searchFigures({ folders, log }: Gallery): Promise<Figure[]> {
  const sizeBytes = (await systemDisk.state(folders.search))?.sizeBytes ?? 0;
  const size = { name: 'holdfast_search_file_bytes', value: sizeBytes };
  const good = 'holdfast_search_file_good';
  if (sizeBytes === 0) return [size, { name: good, value: 0 }];
  try {
    const { feeds, entries } = searchKeyUsage(folders.search);
    return [
      size,
      { name: good, value: aboutSearchFile(folders.search).isCaughtUp ? 1 : 0 },
      { name: 'holdfast_key_used_ratio', labels: { key: 'search-feed' }, value: feeds },
      { name: 'holdfast_key_used_ratio', labels: { key: 'search-entry' }, value: entries },
    ];
  } catch (error) {
    log.debug({ err: error }, 'the search file cannot be asked for metrics');
    return [size, { name: good, value: 0 }];
  }
}

async function verifiedFigures({ folders }: Gallery): Promise<Figure[]> {
  const note = await readNote(folders.verified);
  return [
    { name: 'holdfast_verified_timestamp_seconds', value: (note.verified?.at ?? 0) / 1_000 },
    { name: 'holdfast_restore_verified_timestamp_seconds', value: (note.restoreVerified?.at ?? 0) / 1_000 },
  ];
}
