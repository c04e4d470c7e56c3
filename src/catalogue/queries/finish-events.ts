/** Strikes events off the list of what is owed, once their records and documents are written. */
import type { Int64 } from '../../std/int64.ts';
import type { CatalogueDatabase } from '../database.ts';
import { type HeldLeases, releaseLeases } from './render-lease.ts';

export interface FinishedEvent {
  readonly serial: Int64;
  readonly packageId: Int64 | null;
  /** The file whose publish was answered, if it was one. */
  readonly acknowledgedFileId: Int64 | null;
}

/** @param holder the process that held the packages' render leases, which are given back */
export async function finishEvents(
  db: CatalogueDatabase,
  holder: string,
  leases: HeldLeases,
  finished: readonly FinishedEvent[],
): Promise<void> {
  const files = finished.map((event) => event.acknowledgedFileId).filter((id) => id !== null);
  const packages = finished.map((event) => event.packageId).filter((id) => id !== null);
  leases.forget(packages);
  await db.transaction().execute(async (transaction) => {
    await transaction
      .deleteFrom('outstanding')
      .where(
        'serial',
        'in',
        finished.map((event) => event.serial),
      )
      .execute();
    if (files.length > 0) {
      await transaction.updateTable('files').set({ is_acknowledged: 1n }).where('id', 'in', files).execute();
    }
    await releaseLeases(transaction, holder, packages);
  });
}
