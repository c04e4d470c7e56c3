/**
 * The status service's own database, one SQLite file: opened by one process, used synchronously, and never by the gallery. Each area
 * brings its tables; their numbers only grow, and a file that a later version has changed is refused.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type StatusDatabase = DatabaseSync;

/** Statements that bring the schema one step further. A step that was published never changes. */
export interface SchemaStep {
  readonly number: number;
  readonly area: string;
  readonly sql: string;
}

export class StatusDatabaseError extends Error {}

const busyMs = 2_000;

/**
 * @param file path of the database, or `:memory:`
 * @param steps of all areas, in the order of their numbers, from 1 without a gap
 */
export function openStatusDatabase(file: string, steps: readonly SchemaStep[]): StatusDatabase {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file, { timeout: busyMs });
  // Addresses of subscribers are in it, and links that act for them; SQLite's other files take the mode of this one.
  if (file !== ':memory:') chmodSync(file, 0o600);
  claim(db, file);
  db.exec(
    'pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; pragma temp_store = memory',
  );
  const { version } = db.prepare('select user_version as version from pragma_user_version').get() as {
    version: number;
  };
  if (version > steps.length) {
    db.close();
    throw new StatusDatabaseError(`${file} was changed by a later version of the program (step ${version})`);
  }
  for (const step of steps.slice(version)) {
    if (step.number !== steps.indexOf(step) + 1)
      throw new Error(`the step ${step.number} (${step.area}) is out of order`);
    inTransaction(db, () => {
      db.exec(step.sql);
      db.exec(`pragma user_version = ${step.number}`);
    });
  }
  return db;
}

/** Two services on one file would both call people: the file belongs to one process for as long as that runs. */
function claim(db: StatusDatabase, file: string): void {
  try {
    db.exec('pragma locking_mode = exclusive; begin exclusive; commit');
  } catch (error) {
    db.close();
    const { message } = error as Error;
    throw new StatusDatabaseError(
      /locked/.test(message)
        ? `another status service uses ${file}`
        : `${file} cannot be used (${message}); docs/runbooks/status-service.md tells what to do`,
      { cause: error },
    );
  }
}

/** Runs all of it or nothing. Not to be nested. */
export function inTransaction<T>(db: StatusDatabase, work: () => T): T {
  db.exec('begin immediate');
  try {
    const result = work();
    db.exec('commit');
    return result;
  } catch (error) {
    // SQLite has ended it already when the disk is full; a second error would hide the first.
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}
