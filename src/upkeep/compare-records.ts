/** Holds the records in the store against the events of the catalogue, a range of serials at a time. */
import { recordKey } from '../blobs/keys.ts';
import { BadRecordError, decodeRecord, eventOfRow, recordTextOf, writeRecord } from '../catalogue/records.ts';
import type { EventRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import { writeJson } from '../std/json.ts';
import type { Finding } from './findings.ts';

/** Serials from the first to the last, both included. */
export interface SerialRange {
  readonly first: Int64;
  readonly last: Int64;
}

/** Serials whose records are looked at together; a folder of the store holds as many. */
const rangeSerials = 1_000n;

/** All events up to a serial, in ranges. A range begins with an event: a counter that once jumped left a gap that nobody walks through. */
export async function* rangesUpTo({ db }: Gallery, end: Int64): AsyncGenerator<SerialRange> {
  for (let after = -1n; ; ) {
    const next = await db
      .selectFrom('events')
      .select('serial')
      .where('serial', '>', after)
      .where('serial', '<=', end)
      .orderBy('serial')
      .limit(1)
      .executeTakeFirst();
    if (!next) return;
    const last = end - next.serial < rangeSerials ? end : next.serial + rangeSerials - 1n;
    yield { first: next.serial, last };
    after = last;
  }
}

/** @returns what is wrong with the records of these serials, and how many there ought to be */
export async function verifyRecords(
  gallery: Gallery,
  range: SerialRange,
): Promise<{ findings: Finding[]; serials: Int64[] }> {
  const findings: Finding[] = [];
  const rows = await eventsIn(gallery, range);
  for (const row of rows) {
    const finding = await compareRecord(gallery, row);
    if (finding) findings.push(finding);
  }
  return { findings, serials: rows.map((row) => row.serial) };
}

/**
 * A record that is missing, unreadable or tells another event is written again; the catalogue is the truth here.
 * @returns how many were written
 */
export async function mendRecords(gallery: Gallery, range: SerialRange): Promise<number> {
  let written = 0;
  for (const row of await eventsIn(gallery, range)) {
    if (!(await compareRecord(gallery, row))) continue;
    await gallery.store.delete(recordKey(row.serial));
    await writeRecord(gallery.store, gallery.key, eventOfRow(row));
    written += 1;
  }
  return written;
}

async function eventsIn({ db }: Gallery, { first, last }: SerialRange): Promise<EventRow[]> {
  return db
    .selectFrom('events')
    .selectAll()
    .where('serial', '>=', first)
    .where('serial', '<=', last)
    .orderBy('serial')
    .execute();
}

async function compareRecord(gallery: Gallery, row: EventRow): Promise<Finding | undefined> {
  const key = recordKey(row.serial);
  const bytes = await gallery.store.get(key);
  if (!bytes) return { kind: 'missing', key, about: 'the record of an event' };
  if (Buffer.from(bytes).toString('utf8') === recordTextOf(row)) return undefined;
  try {
    const isSame = writeJson(decodeRecord(gallery.key, key, bytes)) === writeJson(eventOfRow(row));
    return isSame ? undefined : { kind: 'wrong', key, about: 'it tells another event than the catalogue' };
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error;
    return { kind: 'wrong', key, about: error.message };
  }
}
