/** Compares the search file with the catalogue, package by package; changes nothing. For `verify`. */
import { isDeepStrictEqual } from 'node:util';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import type { SearchedPackage, SearchKind } from './entries.ts';
import { filtersMask, lowByteOf } from './entry-id.ts';
import { identityOf, openSearchFile } from './file.ts';
import { searchLane } from './keep.ts';
import { loadSearchedPackage, packagePages } from './load.ts';

export interface SearchFinding {
  readonly kind: 'missing' | 'wrong' | 'surplus';
  /** Feed and id, or the file. */
  readonly key: string;
  readonly about: string;
}

export interface SearchComparison {
  readonly packages: number;
  /** Packages whose job still waits; what search tells of them may be old. */
  readonly behind: number;
  readonly findings: readonly SearchFinding[];
}

const busyMs = 2_000;
const fileName = 'search.sqlite';

export async function compareSearch(gallery: Gallery): Promise<SearchComparison> {
  const waiting = await waitingPackages(gallery);
  const expected = new Set<Int64>();
  for await (const page of packagePages(gallery.db)) for (const { id } of page) expected.add(id);
  const report = (findings: readonly SearchFinding[]) => ({ packages: expected.size, behind: waiting.size, findings });
  if (identityOf(gallery.folders.search) === undefined) {
    const isOwed = expected.isSubsetOf(waiting);
    return report(isOwed ? [] : [{ kind: 'missing', key: fileName, about: 'the search file' }]);
  }
  try {
    return report(await compareFile(gallery, expected, waiting));
  } catch (error) {
    return report([{ kind: 'wrong', key: fileName, about: `it cannot be read: ${(error as Error).message}` }]);
  }
}

async function waitingPackages(gallery: Gallery): Promise<Set<Int64>> {
  const jobs = await gallery.db.selectFrom('jobs').select('job_key').where('lane', '=', searchLane).execute();
  return new Set(jobs.map((job) => BigInt(job.job_key)));
}

async function compareFile(
  gallery: Gallery,
  expected: ReadonlySet<Int64>,
  waiting: ReadonlySet<Int64>,
): Promise<SearchFinding[]> {
  const findings: SearchFinding[] = [];
  const db = openSearchFile(gallery.folders.search, { busyMs, isReadOnly: true });
  try {
    const [integrity] = db.prepare('pragma integrity_check(1)').all();
    if (integrity?.integrity_check !== 'ok') {
      findings.push({ kind: 'wrong', key: fileName, about: String(integrity?.integrity_check) });
    }
    const read = keptReader(db);
    for (const id of expected) {
      const wanted = await loadSearchedPackage(gallery.db, id);
      if (!wanted || waiting.has(id)) continue;
      const key = `${fileName}: ${wanted.feed}/${wanted.normalizedId}`;
      const kept = read(id);
      if (!kept) findings.push({ kind: 'missing', key, about: 'a package in search' });
      else if (!isDeepStrictEqual(kept, wanted)) {
        findings.push({ kind: 'wrong', key, about: 'search tells another thing than the catalogue' });
      }
    }
    for (const row of db.prepare('select package_id as id, feed, normalized_id as name from packages').all()) {
      if (expected.has(row.id as Int64) || waiting.has(row.id as Int64)) continue;
      findings.push({
        kind: 'surplus',
        key: `${fileName}: ${row.feed}/${row.name}`,
        about: 'there is no such package',
      });
    }
    return findings;
  } finally {
    db.close();
  }
}

/** Reads back what was put, so that rows are compared and no note about them. */
function keptReader(db: ReturnType<typeof openSearchFile>): (id: Int64) => SearchedPackage | undefined {
  const about = db.prepare('select feed, normalized_id, serial from packages where package_id = ?');
  const versions = db.prepare('select * from versions where package_id = ? order by position');
  const entries = db.prepare(
    `select e.id as id, e.position as position, d.document as document, f.entry as feedEntry from entries e
     join documents d on d.entry_id = e.id join feed_entries f on f.entry_id = e.id
     join texts t on t.rowid = e.id join id_index i on i.rowid = e.id where e.package_id = ? order by e.id`,
  );
  return (packageId) => {
    const row = about.get(packageId);
    if (!row) return undefined;
    return {
      packageId,
      feed: String(row.feed),
      normalizedId: String(row.normalized_id),
      serial: row.serial as Int64,
      versions: versions.all(packageId).map(({ version, lower, needs, sort_key, created_at, kind }) => ({
        version: String(version),
        lower: String(lower),
        needs: Number(needs),
        sortKey: String(sort_key),
        createdAt: Number(created_at),
        kind: Number(kind) as SearchKind,
      })),
      entries: entries.all(packageId).map(({ id, position, document, feedEntry }) => ({
        filters: lowByteOf(id as bigint) & filtersMask,
        position: Number(position),
        document: JSON.parse(String(document)),
        feedEntry: String(feedEntry),
      })),
    };
  };
}
