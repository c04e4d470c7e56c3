/**
 * The search file: SQLite with a full-text table, in a file of its own. It is derived, so it is never repaired: one that is
 * missing, damaged or of another layout is made again (src/search/rebuild.ts) and put in its place whole.
 */
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Raised with every change of the tables below or of what is put into them; a file of another number is made again. */
export const searchLayout = 3;

/** Memory for pages of the file, for each connection that reads. */
const cacheKibibytes = 16 * 1024;

/** There is no search file, or it is none that this program can use; it will be made again. */
export class SearchFileUnusableError extends Error {}

const tables = `
create table about (
  id integer primary key check (id = 1),
  built_from integer not null,
  is_caught_up integer not null
);
create table feeds (number integer primary key, name text not null unique);
create table packages (
  package_id integer primary key,
  feed text not null,
  normalized_id text not null,
  serial integer not null,
  downloads integer not null
);
create index packages_by_name on packages (feed, normalized_id);
create table versions (
  package_id integer not null,
  position integer not null,
  version text not null,
  lower text not null,
  needs integer not null,
  sort_key text not null,
  created_at integer not null,
  kind integer not null,
  primary key (package_id, position)
) without rowid;
create index versions_by_version on versions (lower);
create table entries (
  id integer primary key,
  package_id integer not null,
  position integer not null,
  feed integer not null,
  normalized_id text not null,
  package_types text not null,
  downloads integer not null
);
create index entries_by_package on entries (package_id, position);
create index entries_by_downloads on entries (feed, downloads desc, normalized_id);
create index entries_by_name on entries (feed, normalized_id);
create table totals (
  feed integer not null,
  counted integer not null,
  bits integer not null,
  total integer not null,
  primary key (feed, counted, bits)
) without rowid;
create table documents (entry_id integer primary key, document text not null);
create table feed_entries (entry_id integer primary key, entry text not null);
create table tag_texts (entry_id integer primary key, tags text not null);
create virtual table texts using fts5 (
  id, title, tags, authors, summary, description, owners,
  content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
create virtual table tag_index using fts5 (
  tags, content = '', contentless_delete = 1, detail = none, tokenize = 'unicode61 remove_diacritics 0'
);
create virtual table id_index using fts5 (
  id, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 1'
);
`;

/** Keyed by the ids of entries, as the tables `documents`, `feed_entries` and `tag_texts` are. */
export const fullTextTables = ['texts', 'tag_index', 'id_index'] as const;

/** Primary result codes of SQLite that say that the file itself is bad: corrupt, not a database. */
const damageCodes = new Set([11, 26]);
const damagedEnding = '.damaged';
const sideFiles = ['-wal', '-shm', '-journal'];

function sqliteCode(error: unknown): number {
  if (!(error instanceof Error) || (error as { code?: string }).code !== 'ERR_SQLITE_ERROR') return 0;
  return Number((error as { errcode?: number }).errcode ?? 0) & 0xff;
}

/** @returns whether an error says that the file is damaged, as opposed to locked or out of reach */
export function isDamage(error: unknown): boolean {
  return damageCodes.has(sqliteCode(error));
}

/** What only a file with an inside of its own making says to who writes: an error in our SQL, a constraint. */
const inconsistencyCodes = new Set([1, 19]);

/** @returns whether writing failed because of what is in the file */
export function isInconsistent(error: unknown): boolean {
  return isDamage(error) || inconsistencyCodes.has(sqliteCode(error));
}

/** Tells one file of the same name from another; undefined when there is none. */
export function identityOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found && `${found.dev}-${found.ino}`;
}

/**
 * Opens the search file as it is. Whole numbers come as BigInt.
 * @param busyMs how long a statement waits for a lock
 */
export function openSearchFile(file: string, options: { busyMs: number; isReadOnly: boolean }): DatabaseSync {
  if (identityOf(file) === undefined) throw new SearchFileUnusableError('there is no search file');
  const db = new DatabaseSync(file, {
    timeout: options.busyMs,
    readOnly: options.isReadOnly,
    readBigInts: true,
    enableForeignKeyConstraints: false,
  });
  try {
    const layout = Number(db.prepare('pragma user_version').get()?.user_version);
    if (layout !== searchLayout) throw new SearchFileUnusableError(`the search file has layout ${layout}`);
    db.exec(options.isReadOnly ? `pragma cache_size = -${cacheKibibytes}` : 'pragma synchronous = full');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Makes an empty search file under a name that is not yet the right one. */
export function createSearchFile(file: string, builtFrom: bigint): DatabaseSync {
  removeSearchFile(file);
  const db = new DatabaseSync(file, { readBigInts: true });
  // Whatever interrupts the building leaves a file that nobody looks at.
  db.exec('pragma journal_mode = off; pragma synchronous = off; pragma locking_mode = exclusive;');
  db.exec(`begin; ${tables} pragma user_version = ${searchLayout};`);
  db.prepare('insert into about (id, built_from, is_caught_up) values (1, ?, 0)').run(builtFrom);
  db.exec('commit');
  return db;
}

/** Closes a file that was built, in the way that searches read it. */
export function finishSearchFile(db: DatabaseSync): void {
  for (const table of fullTextTables) db.exec(`insert into ${table} (${table}) values ('optimize')`);
  db.exec('pragma locking_mode = normal; pragma journal_mode = wal;');
  db.close();
}

/**
 * Puts a whole file in the place of the old one. The old file goes first and what belongs to it next: a write-ahead log beside a
 * file that is not its own would be taken for its own. Without any file, for the moment between, searches use the one they
 * have open, and a start makes it again.
 */
export function switchSearchFile(built: string, file: string): void {
  removeSearchFile(file);
  renameSync(built, file);
}

function removeSearchFile(file: string): void {
  for (const ending of ['', ...sideFiles]) rmSync(`${file}${ending}`, { force: true });
}

/** Removes what earlier builds left that did not come to their end. @param olderThan UTC milliseconds */
export function removeUnfinished(file: string, olderThan: number): void {
  const folder = dirname(file);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(file)}.`) || !name.endsWith('.new')) continue;
    const path = join(folder, name);
    if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? olderThan) < olderThan) removeSearchFile(path);
  }
}

/** Puts a damaged file away, so that it is made again and a person may look at it; unless it has been replaced already. */
export function setAsideDamaged(file: string, identity: string): void {
  if (identityOf(file) === identity) renameSync(file, `${file}${damagedEnding}`);
}
