/**
 * The render lease: at one time one process writes a package's documents. The fence grows with every new holder. A lease that
 * ran out may be taken by anybody, so whoever holds one stops writing before it ends.
 */
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Int64 } from '../../std/int64.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../database.ts';

export const leaseMs = 30_000;

export interface Lease {
  readonly packageId: Int64;
  readonly holder: string;
  readonly fence: Int64;
  /** UTC milliseconds. */
  readonly expiresAt: Int64;
}

const heldMax = 10_000;
/** What is left of a lease that is used again without asking the database, in milliseconds. */
const heldMsMin = 20_000;

/**
 * The leases that this process knows it holds, so that a render right after the change that took the lease need not take it again.
 * One that is forgotten costs a transaction and no more.
 */
export class HeldLeases {
  readonly #expiresAt = new LRUCache<string, number>({ max: heldMax });

  /** To be called when the transaction that took the lease is committed. */
  note(packageId: Int64, expiresAt: number): void {
    this.#expiresAt.set(packageId.toString(), expiresAt);
  }

  /** To be called before leases are given back. */
  forget(packageIds: readonly Int64[]): void {
    for (const packageId of packageIds) this.#expiresAt.delete(packageId.toString());
  }

  /** @returns until when the lease is held, if it is for long enough */
  heldUntil(packageId: Int64, now: number): number | undefined {
    const expiresAt = this.#expiresAt.get(packageId.toString());
    return expiresAt !== undefined && expiresAt - now >= heldMsMin ? expiresAt : undefined;
  }
}

/**
 * Takes the lease, or renews it for its holder.
 * @param now UTC milliseconds
 * @returns undefined when another process holds it
 */
export async function takeLease(
  db: CatalogueDatabase | CatalogueTransaction,
  packageId: Int64,
  holder: string,
  now: number,
): Promise<Lease | undefined> {
  const expiresAt = BigInt(now + leaseMs);
  const row = await db
    .insertInto('render_leases')
    .values({ package_id: packageId, holder, fence: 1n, expires_at: expiresAt })
    .onConflict((conflict) =>
      conflict
        .column('package_id')
        .doUpdateSet({
          holder,
          expires_at: expiresAt,
          fence: sql`case when render_leases.holder = ${holder} then render_leases.fence else render_leases.fence + 1 end`,
        })
        .where((where) =>
          where.or([where('render_leases.holder', '=', holder), where('render_leases.expires_at', '<', BigInt(now))]),
        ),
    )
    .returningAll()
    .executeTakeFirst();
  return row && { packageId, holder: row.holder, fence: row.fence, expiresAt: row.expires_at };
}

/**
 * Gives leases back, so that another process need not wait for their end. A package that is still owed something keeps its
 * lease: its next render is under way in this process.
 */
export async function releaseLeases(
  db: CatalogueDatabase | CatalogueTransaction,
  holder: string,
  packageIds: readonly Int64[],
): Promise<void> {
  if (packageIds.length === 0) return;
  await db
    .updateTable('render_leases')
    .set({ expires_at: 0n })
    .where('holder', '=', holder)
    .where('package_id', 'in', packageIds)
    .where('package_id', 'not in', (query) =>
      query
        .selectFrom('outstanding')
        .select('package_id')
        .where('package_id', 'in', packageIds)
        .$castTo<{ package_id: Int64 }>(),
    )
    .execute();
}

/** Gives leases back whatever is owed by now: for a process that writes documents again and completes nothing. */
export async function endLeases(db: CatalogueDatabase, holder: string, packageIds: readonly Int64[]): Promise<void> {
  await db
    .updateTable('render_leases')
    .set({ expires_at: 0n })
    .where('holder', '=', holder)
    .where('package_id', 'in', packageIds)
    .execute();
}

/** Ends every lease of a role that is starting: its earlier process is gone. */
export async function releaseLeasesOfRole(db: CatalogueDatabase, rolePrefix: string): Promise<void> {
  await db.updateTable('render_leases').set({ expires_at: 0n }).where('holder', 'like', `${rolePrefix}%`).execute();
}
