/**
 * Brings packages in the search file up to what the catalogue says now: some, or all that differ. What is written here is on disk
 * when it resolves, so that a job which asked for it may go.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import type { SearchedPackage } from './entries.ts';
import { identityOf, isInconsistent, openSearchFile, setAsideDamaged } from './file.ts';
import { loadSearchedPackage, packagePages } from './load.ts';
import { searchWriter } from './writer.ts';

/** Packages in one transaction of the search file. */
const batchPackages = 50;
/** How long a statement waits while another process writes, in milliseconds. */
const busyMs = 2_000;

/**
 * Writes these packages as they are now; those that are gone are removed. Throws SearchFileUnusableError without a good file. One
 * that contradicts itself is put away, to be made again.
 */
export async function updateSearch(gallery: Gallery, packageIds: readonly Int64[]): Promise<void> {
  for (let start = 0; start < packageIds.length; start += batchPackages) {
    await updateBatch(gallery, packageIds.slice(start, start + batchPackages));
    await turn();
  }
}

async function updateBatch(gallery: Gallery, packageIds: readonly Int64[]): Promise<void> {
  const file = gallery.folders.search;
  const identity = identityOf(file);
  const found: (SearchedPackage | Int64)[] = [];
  for (const id of packageIds) found.push((await loadSearchedPackage(gallery.db, id)) ?? id);
  const db = openSearchFile(file, { busyMs, isReadOnly: false });
  try {
    // Nothing is awaited under the lock: who waits for it in this process would keep its holder from going on.
    const writer = searchWriter(db);
    db.exec('begin immediate');
    for (const one of found) {
      if (typeof one === 'bigint') writer.remove(one);
      else writer.put(one);
    }
    db.exec('commit');
  } catch (error) {
    if (identity !== undefined && isInconsistent(error)) setAsideDamaged(file, identity);
    throw error;
  } finally {
    db.close();
  }
  // A rebuild has put another file here meanwhile: what was written went with the old one.
  if (identityOf(file) !== identity) await updateBatch(gallery, packageIds);
}

/** @returns ids of all packages whose serial in the search file is not the catalogue's, and of those that are gone */
export async function differingPackages(gallery: Gallery): Promise<Int64[]> {
  const db = openSearchFile(gallery.folders.search, { busyMs, isReadOnly: true });
  const differing: Int64[] = [];
  try {
    const serialOf = db.prepare('select serial from packages where package_id = ?');
    const idsBetween = db.prepare('select package_id as id from packages where package_id > ? and package_id <= ?');
    let after = 0n;
    const addGone = (until: Int64, there: ReadonlySet<Int64>) => {
      for (const { id } of idsBetween.all(after, until)) if (!there.has(id as Int64)) differing.push(id as Int64);
      after = until;
    };
    for await (const page of packagePages(gallery.db)) {
      for (const { id, serial } of page) if (serialOf.get(id)?.serial !== serial) differing.push(id);
      addGone(page.at(-1)!.id, new Set(page.map(({ id }) => id)));
      await turn();
    }
    addGone(2n ** 63n - 1n, new Set());
    return differing;
  } finally {
    db.close();
  }
}
