/** Names that were used once and are never used again: deleted packages, versions and files. */
import { createHash } from 'node:crypto';
import type { Int64 } from '../std/int64.ts';
import type { Ecosystem } from '../validate/candidate.ts';
import type { CatalogueDatabase, CatalogueTransaction } from './database.ts';
import type { TombstoneRow } from './tables.ts';

export interface HeldName {
  readonly kind: 'package' | 'version' | 'file';
  /** Normalised: `demo`, `demo/1.0.0`, `demo-1.0.0.tar.gz`. */
  readonly name: string;
}

/** Sixteen bytes are enough that no two names of a gallery ever meet. */
function digestName(held: HeldName): string {
  return createHash('sha256').update(`${held.kind}:${held.name}`).digest('hex').slice(0, 32);
}

export function tombstone(feedId: Int64, ecosystem: Ecosystem, held: HeldName, serial: Int64): TombstoneRow {
  return { feed_id: feedId, ecosystem, digest: digestName(held), serial };
}

/** @returns the tombstone of a name, if it was deleted; its serial is that of the deletion */
export async function findTombstone(
  db: CatalogueDatabase | CatalogueTransaction,
  feedId: Int64,
  ecosystem: Ecosystem,
  held: HeldName,
): Promise<TombstoneRow | undefined> {
  return db
    .selectFrom('tombstones')
    .selectAll()
    .where('feed_id', '=', feedId)
    .where('ecosystem', '=', ecosystem)
    .where('digest', '=', digestName(held))
    .executeTakeFirst();
}

/** @returns the first of the names that is held, or undefined */
export async function findHeldName(
  db: CatalogueDatabase | CatalogueTransaction,
  feedId: Int64,
  ecosystem: Ecosystem,
  names: readonly HeldName[],
): Promise<HeldName | undefined> {
  const rows = await db
    .selectFrom('tombstones')
    .select('digest')
    .where('feed_id', '=', feedId)
    .where('ecosystem', '=', ecosystem)
    .where('digest', 'in', names.map(digestName))
    .execute();
  return names.find((held) => rows.some((row) => row.digest === digestName(held)));
}
