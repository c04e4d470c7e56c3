/**
 * Changes that come while another is being committed share the next transaction: the disk takes as long to force one commit as to
 * force twenty. Each has a savepoint of its own, so that one that fails takes nothing of the others with it.
 */
import { sql } from 'kysely';
import type { CatalogueDatabase, CatalogueTransaction } from './database.ts';

/** Changes in one transaction, at most: the others of the batch wait for its end. */
const batchMax = 32;

interface Waiting {
  /** @returns what tells the caller how it went; to be called once the transaction has ended */
  work(transaction: CatalogueTransaction): Promise<() => void>;
  reject(error: unknown): void;
}

export interface SharedTransactions {
  /**
   * Does the work in a transaction, after the work of all who came before.
   * @returns what the work returns, once it is committed; throws what the work or the commit throws, and then nothing has happened
   */
  share<T>(work: (transaction: CatalogueTransaction) => Promise<T>): Promise<T>;
}

export function sharedTransactions(db: CatalogueDatabase): SharedTransactions {
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) await commitTogether(db, waiting.splice(0, batchMax));
    isRunning = false;
  }

  return {
    share<T>(work: (transaction: CatalogueTransaction) => Promise<T>): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      waiting.push({
        async work(transaction) {
          const result = await work(transaction);
          return () => resolve(result);
        },
        reject,
      });
      if (!isRunning) void run();
      return promise;
    },
  };
}

async function commitTogether(db: CatalogueDatabase, batch: readonly Waiting[]): Promise<void> {
  try {
    const tell = await db.transaction().execute(async (transaction) => {
      const outcomes: (() => void)[] = [];
      for (const one of batch) outcomes.push(await inSavepoint(transaction, one));
      return outcomes;
    });
    for (const outcome of tell) outcome();
  } catch (error) {
    for (const one of batch) one.reject(error);
  }
}

async function inSavepoint(transaction: CatalogueTransaction, one: Waiting): Promise<() => void> {
  await sql`savepoint one`.execute(transaction);
  try {
    const tell = await one.work(transaction);
    await sql`release savepoint one`.execute(transaction);
    return tell;
  } catch (error) {
    await sql`rollback to savepoint one`.execute(transaction);
    await sql`release savepoint one`.execute(transaction);
    return () => one.reject(error);
  }
}
