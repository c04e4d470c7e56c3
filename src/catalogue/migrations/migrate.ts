/**
 * Brings the schema up to date, each migration in a transaction of its own under the database's lock time-out. A program that
 * is older than the schema goes on if every newer migration says that it may, and refuses otherwise.
 */
import { sql } from 'kysely';
import type { Clock } from '../../std/clock.ts';
import type { CatalogueDatabase } from '../database.ts';
import { first } from './0001-first.ts';
import { lifeCycle } from './0002-life-cycle.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [first, lifeCycle];

/** The schema is newer than this program, and running on it could break it. */
export class SchemaTooNewError extends Error {}

/**
 * @param known the migrations to apply, in order; tests pass others
 * @returns the names of the migrations that were applied now
 */
export async function migrate(
  db: CatalogueDatabase,
  clock: Clock,
  known: readonly Migration[] = migrations,
): Promise<string[]> {
  await sql`create table if not exists migrations (
    number integer primary key, name text not null, is_breaking integer not null, applied_at integer not null)`.execute(
    db,
  );
  const appliedNow: string[] = [];
  for (const migration of known) {
    const wasApplied = await db.transaction().execute(async (transaction) => {
      const applied = await transaction.selectFrom('migrations').selectAll().orderBy('number').execute();
      refuseUnknownBreaking(applied, known);
      if (applied.some((row) => row.number === BigInt(migration.number))) return false;
      for (const statement of migration.statements('integer')) await sql.raw(statement).execute(transaction);
      await transaction
        .insertInto('migrations')
        .values({
          number: BigInt(migration.number),
          name: migration.name,
          is_breaking: migration.isBreaking ? 1n : 0n,
          applied_at: BigInt(clock.now()),
        })
        .execute();
      return true;
    });
    if (wasApplied) appliedNow.push(migration.name);
  }
  return appliedNow;
}

function refuseUnknownBreaking(
  applied: readonly { number: bigint; name: string; is_breaking: bigint }[],
  known: readonly Migration[],
): void {
  for (const row of applied) {
    const isKnown = known.some((migration) => BigInt(migration.number) === row.number);
    if (!isKnown && row.is_breaking === 1n) {
      throw new SchemaTooNewError(
        `the database has migration ${row.number} (${row.name}), which this version of Holdfast does not know and must not run on; install a newer version`,
      );
    }
  }
}
