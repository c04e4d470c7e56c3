/** The schema is a file under test; migrations are numbered, whole or not at all, and an old program refuses a breaking one. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { sql } from 'kysely';
import { openDatabase } from '../../src/catalogue/database.ts';
import { migrate, migrations, SchemaTooNewError } from '../../src/catalogue/migrations/migrate.ts';
import type { Migration } from '../../src/catalogue/migrations/migration.ts';
import { systemClock } from '../../src/std/clock.ts';
import { projectFolder, temporaryFolder } from '../gallery.ts';

const snapshot = join(projectFolder, 'src', 'catalogue', 'schema.sql');

async function freshDatabase(t: TestContext) {
  const file = join(await temporaryFolder(t), 'test.sqlite');
  const db = openDatabase(file, 1_000, true);
  t.after(() => db.destroy());
  return { db, file };
}

function schemaOf(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare(`select sql from sqlite_master where sql is not null order by type desc, name`).all();
  db.close();
  return `${rows.map((row) => `${String(row.sql).replaceAll(/\s+/g, ' ')};`).join('\n')}\n`;
}

test('the migrations give the schema of src/catalogue/schema.sql', async (t) => {
  const { db, file } = await freshDatabase(t);
  await migrate(db, systemClock);
  const schema = schemaOf(file);
  // HOLDFAST_WRITE_GOLDEN=1 writes the file again.
  if (process.env.HOLDFAST_WRITE_GOLDEN === '1') writeFileSync(snapshot, schema);
  assert.equal(schema, readFileSync(snapshot, 'utf8'));
});

test('migrations are numbered from one without gaps', () => {
  assert.deepEqual(
    migrations.map((migration) => migration.number),
    migrations.map((_, index) => index + 1),
  );
});

test('migrating twice changes nothing', async (t) => {
  const { db, file } = await freshDatabase(t);
  assert.deepEqual(
    await migrate(db, systemClock),
    migrations.map((migration) => migration.name),
  );
  const schema = schemaOf(file);
  assert.deepEqual(await migrate(db, systemClock), []);
  assert.equal(schemaOf(file), schema);
});

const later = (isBreaking: boolean): Migration => ({
  number: migrations.length + 1,
  name: 'later',
  isBreaking,
  statements: () => ['create table later (id integer primary key)'],
});

test('an old program runs on a newer schema that says it may, and refuses one that says it must not', async (t) => {
  const harmless = await freshDatabase(t);
  await migrate(harmless.db, systemClock, [...migrations, later(false)]);
  await migrate(harmless.db, systemClock);
  const breaking = await freshDatabase(t);
  await migrate(breaking.db, systemClock, [...migrations, later(true)]);
  await assert.rejects(migrate(breaking.db, systemClock), SchemaTooNewError);
});

test('a migration that fails leaves nothing of itself', async (t) => {
  const { db, file } = await freshDatabase(t);
  await migrate(db, systemClock);
  const schema = schemaOf(file);
  const broken = { ...later(false), statements: () => ['create table half (id integer)', 'create table nonsense ('] };
  await assert.rejects(migrate(db, systemClock, [...migrations, broken]));
  assert.equal(schemaOf(file), schema);
});

test('a migration that cannot get its lock in time gives up', async (t) => {
  const { db, file } = await freshDatabase(t);
  await migrate(db, systemClock);
  const other = new DatabaseSync(file);
  other.exec('begin exclusive');
  await assert.rejects(migrate(db, systemClock, [...migrations, later(false)]), /locked/);
  other.exec('rollback');
  other.close();
});

test('every commit is forced to disk, and every number is read exactly', async (t) => {
  const { db } = await freshDatabase(t);
  const { rows } = await sql<Record<string, unknown>>`pragma synchronous`.execute(db);
  assert.deepEqual(Object.values(rows[0] ?? {}), [2n]);
  const { rows: numbers } = await sql<{ n: bigint }>`select 9007199254740993 as n`.execute(db);
  assert.equal(numbers[0]?.n, 9007199254740993n);
});
