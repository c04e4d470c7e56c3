/**
 * Opens the catalogue database: SQLite through node:sqlite under Kysely, write-ahead log, every commit forced to disk, every
 * whole number a BigInt. A missing file in a data folder that had one is an error and never a fresh, empty gallery.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect, sql, type Transaction } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Tables } from './tables.ts';

export type CatalogueDatabase = Kysely<Tables>;
export type CatalogueTransaction = Transaction<Tables>;

/** The database is not where it was; nothing is made in its place. */
export class DatabaseMissingError extends Error {}

const preparedStatementsMax = 500;

/**
 * @param file the database file
 * @param busyMs how long a statement waits for another process's lock
 * @param mayCreate whether a missing file is made; true only for a data folder that never had one
 */
export function openDatabase(file: string, busyMs: number, mayCreate: boolean): CatalogueDatabase {
  if (!existsSync(file)) {
    if (!mayCreate) {
      throw new DatabaseMissingError(
        `${file} is missing although this data folder has been in use; put it back, or make it again with ./holdfast rebuild --catalogue`,
      );
    }
    mkdirSync(dirname(file), { recursive: true });
  }
  const sqlite = new DatabaseSync(file, { timeout: busyMs });
  sqlite.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory;',
  );
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(sqlite, whereabouts(file)) }) });
}

/**
 * Reads that belong together see the catalogue at one moment, and keep no writer waiting, whatever they take.
 * @param read gets the database for as long as it runs, and only reads
 */
export async function inSnapshot<T>(
  db: CatalogueDatabase,
  read: (snapshot: CatalogueDatabase) => Promise<T>,
): Promise<T> {
  return db.connection().execute(async (snapshot) => {
    await sql`begin deferred`.execute(snapshot);
    try {
      return await read(snapshot);
    } finally {
      await sql`commit`.execute(snapshot);
    }
  });
}

/**
 * An open database whose file was moved away goes on taking what nobody will ever find again, so every transaction looks first.
 * @returns what throws DatabaseMissingError once the name no longer leads to the file that was opened
 */
function whereabouts(file: string): () => void {
  const opened = statSync(file, { bigint: true }).ino;
  return () => {
    if (statSync(file, { bigint: true, throwIfNoEntry: false })?.ino === opened) return;
    throw new DatabaseMissingError(
      `${file} is no longer the file that was opened; a restart opens the one that is there`,
    );
  };
}

/** Gives Kysely's SQLite dialect the few calls it makes, on top of node:sqlite. */
function adapt(sqlite: DatabaseSync, assertInPlace: () => void) {
  const statements = new LRUCache<string, StatementSync>({ max: preparedStatementsMax });
  return {
    close: () => sqlite.close(),
    prepare(text: string) {
      // A transaction that begins as a reader and then writes would fail at once when another process wrote meanwhile.
      const sql = text === 'begin' ? 'begin immediate' : text;
      if (text === 'begin') assertInPlace();
      let statement = statements.get(sql);
      if (!statement) {
        statement = sqlite.prepare(sql);
        statement.setReadBigInts(true);
        statements.set(sql, statement);
      }
      const prepared = statement;
      return {
        reader: prepared.columns().length > 0,
        all: (parameters: readonly unknown[]) => prepared.all(...(parameters as SQLInputValue[])),
        run: (parameters: readonly unknown[]) => prepared.run(...(parameters as SQLInputValue[])),
        iterate: (parameters: readonly unknown[]) => prepared.iterate(...(parameters as SQLInputValue[])),
      };
    },
  };
}

/** @returns whether an error says that the database cannot be used now, as opposed to a mistake of ours. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseMissingError) return true;
  if (!(error instanceof Error) || (error as { code?: string }).code !== 'ERR_SQLITE_ERROR') return false;
  const primary = Number((error as { errcode?: number }).errcode ?? 0) & 0xff;
  return unavailableCodes.has(primary);
}

/** Primary result codes of SQLite: busy, locked, read-only, I/O error, corrupt, full, cannot open, not a database. */
const unavailableCodes = new Set([5, 6, 8, 10, 11, 13, 14, 26]);
