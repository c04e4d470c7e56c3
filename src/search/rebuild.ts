/**
 * Makes the search file again from the catalogue, in a new file that takes the old one's place when it is whole, and then catches
 * up with what happened meanwhile. Searches go on with the old file, where there is one.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Gallery } from '../gallery.ts';
import { systemDisk } from '../std/disk.ts';
import type { Int64 } from '../std/int64.ts';
import { parseExact } from '../std/json.ts';
import { createSearchFile, finishSearchFile, openSearchFile, removeUnfinished, switchSearchFile } from './file.ts';
import { loadSearchedPackage, packagePages } from './load.ts';
import { differingPackages, updateSearch } from './update.ts';
import { searchWriter } from './writer.ts';

/** Age at which a file that was not finished counts as left behind, in milliseconds. */
const unfinishedAgeMs = 60 * 60_000;
const transactionPackages = 200;
const busyMs = 2_000;

/** @returns how many packages the new file has */
export async function rebuildSearch(gallery: Gallery, onProgress: (text: string) => void): Promise<number> {
  const { db, clock, folders } = gallery;
  removeUnfinished(folders.search, clock.now() - unfinishedAgeMs);
  const { value: builtFrom } = await db.selectFrom('serial').select('value').executeTakeFirstOrThrow();
  // Two may build at once, a role and a command: each has a file of its own, and the later one stays.
  const built = `${folders.search}.${gallery.holder.replaceAll(/\W/g, '-')}-${Math.round(clock.monotonicMs())}.new`;
  const packages = await build(gallery, built, builtFrom, onProgress);
  await systemDisk.syncFile(built);
  switchSearchFile(built, folders.search);
  await systemDisk.syncFolder(folders.data);
  await catchUp(gallery);
  return packages;
}

async function build(
  gallery: Gallery,
  path: string,
  builtFrom: Int64,
  onProgress: (text: string) => void,
): Promise<number> {
  const file = createSearchFile(path, builtFrom);
  let packages = 0;
  try {
    const writer = searchWriter(file);
    file.exec('begin');
    for await (const page of packagePages(gallery.db)) {
      for (const { id } of page) {
        const found = await loadSearchedPackage(gallery.db, id);
        if (found) writer.put(found);
        packages += 1;
        if (packages % transactionPackages !== 0) continue;
        file.exec('commit; begin');
        onProgress(`search: ${packages} packages`);
        await turn();
      }
    }
    file.exec('commit');
  } catch (error) {
    file.close();
    throw error;
  }
  finishSearchFile(file);
  return packages;
}

/** Writes what changed since the file was begun. Doing it twice changes nothing. */
export async function catchUp(gallery: Gallery): Promise<void> {
  const builtFrom = aboutSearchFile(gallery.folders.search).builtFrom;
  await updateSearch(gallery, await differingPackages(gallery));
  await updateSearch(gallery, await packagesWithNewOwners(gallery, builtFrom));
  const db = openSearchFile(gallery.folders.search, { busyMs, isReadOnly: false });
  db.prepare('update about set is_caught_up = 1 where built_from = ?').run(builtFrom);
  db.close();
}

/** A new owner changes no serial of the package. */
async function packagesWithNewOwners(gallery: Gallery, since: Int64): Promise<Int64[]> {
  const rows = await gallery.db
    .selectFrom('events')
    .select('change')
    .where('serial', '>', since)
    .where('kind', '=', 'role.granted')
    .execute();
  return rows.flatMap(({ change }) => {
    const { role } = parseExact(change) as { role: { package_id: Int64 | null } };
    return role.package_id === null ? [] : [role.package_id];
  });
}

export interface AboutSearchFile {
  /** The catalogue's serial when the file was begun. */
  readonly builtFrom: Int64;
  /** False when its builder ended before it had caught up. */
  readonly isCaughtUp: boolean;
}

/** Reads the file's head. Throws SearchFileUnusableError without a good file. */
export function aboutSearchFile(file: string): AboutSearchFile {
  const db = openSearchFile(file, { busyMs, isReadOnly: true });
  try {
    const row = db.prepare('select built_from, is_caught_up from about').get();
    return { builtFrom: row?.built_from as Int64, isCaughtUp: row?.is_caught_up === 1n };
  } finally {
    db.close();
  }
}
