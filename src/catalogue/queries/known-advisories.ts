/** Every advisory that the gallery knows, as the documents of a feed list them. */
import { sql } from 'kysely';
import type { AdvisoryView } from '../../documents/package-view.ts';
import type { Int64 } from '../../std/int64.ts';
import { exactNumber } from '../../std/int64.ts';
import type { Ecosystem } from '../../validate/candidate.ts';
import type { CatalogueDatabase, CatalogueTransaction } from '../database.ts';
import type { AdvisoryRow } from '../tables.ts';

type Db = CatalogueDatabase | CatalogueTransaction;

export function viewAdvisory({ advisory, severity, url, content }: AdvisoryRow): AdvisoryView {
  return { advisory, severity: exactNumber(severity), url, content: JSON.parse(content) };
}

/** @returns all advisories with the package that each is about, by package and id */
export async function knownAdvisories(
  db: Db,
): Promise<{ readonly ecosystem: Ecosystem; readonly normalizedName: string; readonly advisory: AdvisoryView }[]> {
  const rows = await db
    .selectFrom('advisories')
    .selectAll()
    .orderBy('ecosystem')
    .orderBy('normalized_name')
    .orderBy('advisory')
    .execute();
  return rows.map((row) => ({
    ecosystem: row.ecosystem,
    normalizedName: row.normalized_name,
    advisory: viewAdvisory(row),
  }));
}

/** @returns the newest event about advisories; serial and time 0 when there never was one */
export async function newestAdvisoryEvent(db: Db): Promise<{ readonly serial: Int64; readonly at: Int64 }> {
  // The kind is no parameter, because only so does the database see that its index is meant.
  const row = await db
    .selectFrom('events')
    .select(['serial', 'at'])
    .where(sql<boolean>`kind = 'advisory.loaded'`)
    .orderBy('serial', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? { serial: 0n, at: 0n };
}
