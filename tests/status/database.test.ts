/** The status service's database: what it says when it cannot be used, and when there is no room. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { inTransaction, openStatusDatabase, StatusDatabaseError } from '../../src/status/database.ts';

const steps = [{ number: 1, area: 'test', sql: 'create table words (word text) strict' }];

function databaseFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-status-database-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'status.sqlite');
}

test('a file that is no database is named, with the page that tells what to do', (t) => {
  const file = databaseFile(t);
  writeFileSync(file, 'no database at all, though it is longer than a header of SQLite would be');
  assert.throws(
    () => openStatusDatabase(file, steps),
    (error) =>
      error instanceof StatusDatabaseError &&
      error.message.startsWith(`${file} cannot be used (`) &&
      error.message.endsWith('docs/runbooks/status-service.md tells what to do'),
  );
});

test('two services never use one file', (t) => {
  const file = databaseFile(t);
  const db = openStatusDatabase(file, steps);
  t.after(() => db.close());
  assert.throws(() => openStatusDatabase(file, steps), /another status service uses/);
});

test('when there is no room, the error says so, and what was there before stays', (t) => {
  const db = openStatusDatabase(databaseFile(t), steps);
  t.after(() => db.close());
  const { pages } = db.prepare('select page_count as pages from pragma_page_count').get() as { pages: number };
  db.exec(`pragma max_page_count = ${pages + 2}`);
  const insert = db.prepare('insert into words values (?)');
  insert.run('before');
  const fill = () => inTransaction(db, () => insert.run('x'.repeat(1_000_000)));
  assert.throws(fill, /full/);
  const { count } = db.prepare('select count(*) as count from words').get() as { count: number };
  assert.equal(count, 1);
});
