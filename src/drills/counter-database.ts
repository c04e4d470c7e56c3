/** What the drill counter-overflow does to and reads from the catalogue's database, beside the gallery that is using it. */
import { DatabaseSync } from 'node:sqlite';

const lockMs = 10_000;
const tablesWithKeys = ['feeds', 'principals', 'roles', 'tokens', 'packages', 'versions', 'files', 'events'];

/** Sets the counter from which every serial and every key is taken; the next event gets the number after it. */
export function setSerial(database: string, value: bigint): void {
  withDatabase(database, (db) => {
    const { changes } = db.prepare('update serial set value = ? where id = 1 and value < ?').run(value, value);
    if (changes !== 1) throw new Error(`the serial is beyond ${value} already`);
  });
}

/** Takes back a counter that was set, after which no event was made. */
export function takeBackSerial(database: string, before: bigint): void {
  withDatabase(database, (db) => {
    const { changes } = db
      .prepare('update serial set value = :before where id = 1 and (select max(serial) from events) <= :before')
      .run({ before });
    if (changes !== 1) throw new Error('an event was made meanwhile');
  });
}

export function lastSerial(database: string): bigint {
  return withDatabase(database, (db) => rowsOf(db, 'select value from serial')[0]?.value as bigint);
}

/** Makes the database refuse larger keys, with the words of the database that did so in 2020. */
export function forbidKeysAbove(database: string, largest: bigint): void {
  withDatabase(database, (db) => {
    for (const table of tablesWithKeys) {
      const key = table === 'events' ? 'serial' : 'id';
      db.exec(`create trigger narrow_${table} before insert on ${table} when new.${key} > ${largest}
        begin select raise(abort, 'Arithmetic overflow error converting IDENTITY to data type int.'); end`);
    }
  });
}

/** @returns each row's whole numbers where the value is the key, as `table column=value …`, digit for digit */
export function rowsWithKey(database: string, value: bigint): string[] {
  return withDatabase(database, (db) => [
    ...rowsOf(db, 'select serial, kind from events where serial = ?', value).map(
      (row) => `events serial=${row.serial} ${row.kind}`,
    ),
    ...rowsOf(db, 'select id, last_serial from packages where id = ?', value).map(
      (row) => `packages id=${row.id} last_serial=${row.last_serial}`,
    ),
    ...rowsOf(db, 'select id, package_id from versions where id = ?', value).map(
      (row) => `versions id=${row.id} package_id=${row.package_id}`,
    ),
    ...rowsOf(db, 'select id, version_id from files where id = ?', value).map(
      (row) => `files id=${row.id} version_id=${row.version_id}`,
    ),
  ]);
}

/** @returns serial and kind of every event after the serial, as `serial kind` */
export function eventsAfter(database: string, serial: bigint): string[] {
  return withDatabase(database, (db) =>
    rowsOf(db, 'select serial, kind from events where serial > ? order by serial', serial).map(
      (row) => `${row.serial} ${row.kind}`,
    ),
  );
}

/** @returns a line for every row of the catalogue that has a key, with its keys and serials */
export function keysOf(database: string): string[] {
  return withDatabase(database, (db) => [
    ...rowsOf(db, 'select value from serial').map((row) => `serial ${row.value}`),
    ...rowsOf(db, 'select serial, kind, package_id, version_id from events order by serial').map(
      (row) => `event ${row.serial} ${row.kind} ${row.package_id} ${row.version_id}`,
    ),
    ...rowsOf(db, 'select id, name, last_serial from packages order by id').map(
      (row) => `package ${row.id} ${row.name} ${row.last_serial}`,
    ),
    ...rowsOf(db, 'select id, package_id, is_listed from versions order by id').map(
      (row) => `version ${row.id} ${row.package_id} ${row.is_listed}`,
    ),
    ...rowsOf(db, 'select id, version_id, filename from files order by id').map(
      (row) => `file ${row.id} ${row.version_id} ${row.filename}`,
    ),
    ...rowsOf(db, 'select id, revoked_at from tokens order by id').map((row) => `token ${row.id} ${row.revoked_at}`),
    ...rowsOf(db, 'select id, package_id from roles order by id').map((row) => `role ${row.id} ${row.package_id}`),
    ...rowsOf(db, 'select digest, serial from tombstones order by digest').map(
      (row) => `tombstone ${row.digest} ${row.serial}`,
    ),
  ]);
}

type Row = Record<string, unknown>;

function rowsOf(db: DatabaseSync, sql: string, ...values: readonly bigint[]): Row[] {
  const statement = db.prepare(sql);
  statement.setReadBigInts(true);
  return statement.all(...values) as Row[];
}

function withDatabase<T>(file: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(file, { timeout: lockMs });
  try {
    return work(db);
  } finally {
    db.close();
  }
}
