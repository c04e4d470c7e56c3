/**
 * Makes the database again from the records in the store alone: same ids, same serials, same rows. The new database gets its
 * name only when it is whole.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import type { SecretKey } from '../access/seal.ts';
import type { BlobStore } from '../blobs/store.ts';
import type { Clock } from '../std/clock.ts';
import type { Int64 } from '../std/int64.ts';
import { applyEvent, type CatalogueEvent } from './append.ts';
import { type CatalogueDatabase, openDatabase } from './database.ts';
import { migrate } from './migrations/migrate.ts';
import { readRecords } from './records.ts';

export interface CatalogueRebuildReport {
  readonly events: number;
  readonly serial: Int64;
  /** Serials without a record: publishes that were never answered and are gone with the old database. */
  readonly gaps: readonly { readonly from: Int64; readonly to: Int64 }[];
}

/** There is a database already; nothing is overwritten. */
export class DatabaseExistsError extends Error {}

const batchEvents = 500;
const lockMs = 5_000;

/** @param file where the database belongs; must not exist */
export async function rebuildCatalogue(
  file: string,
  store: BlobStore,
  key: SecretKey,
  clock: Clock,
  onProgress: (text: string) => void,
): Promise<CatalogueRebuildReport> {
  if (existsSync(file)) {
    throw new DatabaseExistsError(
      `${file} exists; move it away first if it is to be made again (with its -wal and -shm files)`,
    );
  }
  const unfinished = `${file}.rebuilding`;
  for (const ending of ['', '-wal', '-shm']) rmSync(`${unfinished}${ending}`, { force: true });
  const db = openDatabase(unfinished, lockMs, true);
  await migrate(db, clock);
  const report = await replay(db, readRecords(store, key), onProgress);
  await db.updateTable('files').set({ is_acknowledged: 1n }).execute();
  await db.destroy();
  // Left-overs of the lost database would be taken for this one's.
  for (const ending of ['-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
  renameSync(unfinished, file);
  return report;
}

async function replay(
  db: CatalogueDatabase,
  records: AsyncGenerator<CatalogueEvent>,
  onProgress: (text: string) => void,
): Promise<CatalogueRebuildReport> {
  const gaps: { from: Int64; to: Int64 }[] = [];
  let batch: CatalogueEvent[] = [];
  let events = 0;
  let serial = 0n;
  let at = 0n;
  const applyBatch = async () => {
    const applied = batch;
    batch = [];
    await db.transaction().execute(async (transaction) => {
      for (const event of applied) await applyEvent(transaction, event);
      await transaction.updateTable('serial').set({ value: serial, at }).where('id', '=', 1n).execute();
    });
    onProgress(`events ${events}`);
  };
  for await (const event of records) {
    if (event.serial !== serial + 1n) gaps.push({ from: serial + 1n, to: event.serial - 1n });
    serial = event.serial;
    at = event.at;
    events += 1;
    batch.push(event);
    if (batch.length >= batchEvents) await applyBatch();
  }
  if (batch.length > 0) await applyBatch();
  return { events, serial, gaps };
}
