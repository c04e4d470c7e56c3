/**
 * The catalogue's records in the store: one JSON object an event, from which the whole catalogue can be made again. Records
 * about who may do what are encrypted with the installation's key.
 */
import { open, type SecretKey, seal } from '../access/seal.ts';
import { recordFormat, recordKey, recordsFolder } from '../blobs/keys.ts';
import type { BlobStore, NewObject } from '../blobs/store.ts';
import type { Int64 } from '../std/int64.ts';
import { parseExact, writeJson } from '../std/json.ts';
import type { Actor, CatalogueEvent } from './append.ts';
import { type Change, sealedKinds } from './changes.ts';
import type { CatalogueDatabase } from './database.ts';
import type { EventRow } from './tables.ts';

/** The store has a record of this serial that tells of another event: two catalogues write into one store. */
export class RecordConflictError extends Error {}

/**
 * Writes the event's record; when this has resolved, losing the database does not lose the event.
 * @returns nothing; throws RecordConflictError
 */
export async function writeRecord(store: BlobStore, key: SecretKey, event: CatalogueEvent): Promise<void> {
  await store.putAll([[await newRecord(store, key, event)]]);
}

/**
 * A record of another event is never replaced: it may be all that is left of something that was acknowledged.
 * @returns the event's record, to be put into the store; throws RecordConflictError
 */
export async function newRecord(store: BlobStore, key: SecretKey, event: CatalogueEvent): Promise<NewObject> {
  const name = recordKey(event.serial);
  const isNew = (await store.getStart(name, 1)) === undefined;
  const stored = isNew ? undefined : await store.get(name);
  if (stored && tellsAnotherEvent(key, name, stored, event)) {
    throw new RecordConflictError(
      `the store has another event as ${name}; the database is not the one that belongs to it (docs/runbooks/restore.md)`,
    );
  }
  return { key: name, bytes: encodeRecord(key, event) };
}

/** A record that cannot be read tells nothing, and may be written again. */
function tellsAnotherEvent(key: SecretKey, name: string, stored: Uint8Array, event: CatalogueEvent): boolean {
  try {
    return writeJson(decodeRecord(key, name, stored)) !== writeJson(event);
  } catch (error) {
    if (error instanceof BadRecordError) return false;
    throw error;
  }
}

/** A database that lacks events which the store has records of is an old copy: going on with it would lose them. */
export async function refuseOldDatabase(db: CatalogueDatabase, store: BlobStore): Promise<void> {
  const { value } = await db.selectFrom('serial').select('value').executeTakeFirstOrThrow();
  const highest = await highestRecord(store);
  if (highest <= value) return;
  throw new Error(
    `the store has records up to serial ${highest}, the database only up to ${value}: it is an old copy. Move it away and run ./holdfast rebuild --catalogue`,
  );
}

/** @returns the highest serial that the store has a record of; 0 when it has none */
async function highestRecord(store: BlobStore): Promise<Int64> {
  const folder = (await store.names(recordsFolder)).at(-1);
  const record = folder && (await store.names(`${recordsFolder}/${folder}`)).at(-1);
  return record ? BigInt(record.replace('.json', '')) : 0n;
}

/** @returns the record's exact bytes; the same event gives other bytes each time only where it is encrypted */
export function encodeRecord(key: SecretKey, event: CatalogueEvent): Uint8Array {
  const { kind } = event.change;
  const body = sealedKinds.has(kind)
    ? { sealed: seal(key, Buffer.from(writeJson(event.change)), `record ${event.serial}`).toString('base64') }
    : { change: event.change };
  const head = {
    format: recordFormat,
    serial: event.serial,
    at: event.at,
    kind,
    actor: event.actor,
    cause: event.cause,
  };
  return Buffer.from(`${writeJson({ ...head, ...body })}\n`);
}

/**
 * The same put together from the texts that the row has already, which is quicker than reading and writing them again.
 * @returns the record's exact text; undefined where it is encrypted
 */
export function recordTextOf(row: EventRow): string | undefined {
  if (sealedKinds.has(row.kind)) return undefined;
  const head = writeJson({ format: recordFormat, serial: row.serial, at: row.at, kind: row.kind });
  return `${head.slice(0, -1)},"actor":${row.actor},"cause":${writeJson(row.cause)},"change":${row.change}}\n`;
}

/** A record that cannot be read: cut short, of another format, or encrypted with another key. */
export class BadRecordError extends Error {}

/** @returns the event of a record's bytes; throws BadRecordError */
export function decodeRecord(key: SecretKey, name: string, bytes: Uint8Array): CatalogueEvent {
  try {
    const record = parseExact(Buffer.from(bytes).toString('utf8')) as {
      format: bigint;
      serial: Int64;
      at: Int64;
      actor: Actor;
      cause: string;
      change?: Change;
      sealed?: string;
    };
    if (record.format !== BigInt(recordFormat)) throw new Error(`its format is ${record.format}, not ${recordFormat}`);
    const change =
      record.sealed === undefined
        ? record.change
        : (parseExact(
            open(key, Buffer.from(record.sealed, 'base64'), `record ${record.serial}`).toString('utf8'),
          ) as Change);
    if (!change) throw new Error('it holds no change');
    return { serial: record.serial, at: record.at, actor: record.actor, cause: record.cause, change };
  } catch (error) {
    throw new BadRecordError(`the record ${name} cannot be read: ${(error as Error).message}`);
  }
}

/** Every event in the store's records, in order of serials. */
export async function* readRecords(store: BlobStore, key: SecretKey): AsyncGenerator<CatalogueEvent> {
  for await (const { key: name } of store.list(recordsFolder)) {
    const bytes = await store.get(name);
    if (bytes) yield decodeRecord(key, name, bytes);
  }
}

/** @returns the event as the events table keeps it */
export function eventOfRow(row: EventRow): CatalogueEvent {
  return {
    serial: row.serial,
    at: row.at,
    actor: parseExact(row.actor) as Actor,
    cause: row.cause,
    change: parseExact(row.change) as Change,
  };
}
