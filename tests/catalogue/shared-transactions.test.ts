/** Changes that come together are committed together, and one that fails takes nothing of the others with it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openDatabase } from '../../src/catalogue/database.ts';
import { migrate } from '../../src/catalogue/migrations/migrate.ts';
import { sharedTransactions } from '../../src/catalogue/shared-transactions.ts';
import { systemClock } from '../../src/std/clock.ts';
import { temporaryFolder } from '../gallery.ts';

async function fresh(t: TestContext) {
  const db = openDatabase(join(await temporaryFolder(t), 'test.sqlite'), 1_000, true);
  t.after(() => db.destroy());
  await migrate(db, systemClock);
  const transactions = sharedTransactions(db);
  const add = (id: bigint, failure?: string) =>
    transactions.share(async (transaction) => {
      await transaction
        .insertInto('feeds')
        .values({ id, name: `feed-${id}`, is_private: 0n, created_at: 0n })
        .execute();
      if (failure !== undefined) throw new Error(failure);
      return id;
    });
  const ids = async () => (await db.selectFrom('feeds').select('id').orderBy('id').execute()).map(({ id }) => id);
  return { db, add, ids };
}

test('of many changes at once each is told its own end, and only those that failed are not there', async (t) => {
  const { add, ids } = await fresh(t);
  const numbers = Array.from({ length: 100 }, (_, index) => BigInt(index + 1));
  const ends = await Promise.allSettled(numbers.map((id) => add(id, id % 7n === 0n ? `no ${id}` : undefined)));
  for (const [index, id] of numbers.entries()) {
    const end = ends[index];
    if (id % 7n === 0n) assert.ok(end?.status === 'rejected' && end.reason.message === `no ${id}`);
    else assert.ok(end?.status === 'fulfilled' && end.value === id);
  }
  assert.deepEqual(
    await ids(),
    numbers.filter((id) => id % 7n !== 0n),
  );
});

test('of two changes that exclude each other the first is kept, and the next go on', async (t) => {
  const { db, add, ids } = await fresh(t);
  assert.equal(await add(1n), 1n);
  const { promise: isHeld, resolve: release } = Promise.withResolvers<void>();
  // Holds the only connection, so that the next ones gather.
  const holding = db.connection().execute(() => isHeld);
  const together = Promise.allSettled([add(2n), add(2n), add(3n)]);
  release();
  await holding;
  const ends = await together;
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
    'two of one id: the second fails',
  );
  assert.deepEqual(await ids(), [1n, 2n, 3n]);
});
