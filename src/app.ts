/**
 * The composition root: configuration → parts. Plain constructor calls, one function a role, nothing else. The read role has
 * its own, in serve/, and gets nothing of this: no database, no catalogue.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadInstallationKey } from './access/installation-key.ts';
import { localStore } from './blobs/local.ts';
import type { BlobStore } from './blobs/store.ts';
import { openDatabase } from './catalogue/database.ts';
import { migrate } from './catalogue/migrations/migrate.ts';
import { HeldLeases } from './catalogue/queries/render-lease.ts';
import { sharedTransactions } from './catalogue/shared-transactions.ts';
import { renderedBaseUrl } from './config/base-url.ts';
import { type Folders, foldersOf } from './config/folders.ts';
import type { Config } from './config/load.ts';
import type { Gallery } from './gallery.ts';
import { openLog } from './observe/log.ts';
import { nugetV2 } from './protocols/nuget-v2/index.ts';
import { nugetV3 } from './protocols/nuget-v3/index.ts';
import type { Protocol } from './protocols/protocol.ts';
import { pypi } from './protocols/pypi/index.ts';
import { createRenderer } from './render/renderer.ts';
import { type Clock, systemClock } from './std/clock.ts';
import { systemDisk, waitingDisk } from './std/disk.ts';
import { createFinisher } from './upkeep/finish.ts';
import { uploadSlots } from './upload/slots.ts';

/** Every protocol that this gallery speaks. */
export const protocols: readonly Protocol[] = [pypi, nugetV3, nugetV2];

/** Parts that tests, drills and commands replace. */
export interface Replacements {
  readonly clock?: Clock;
  readonly store?: (folders: Folders) => BlobStore;
  /** Name in leases, for the threads of one command. */
  readonly holder?: string;
}

/** The local store for commands and their threads, which keep nobody waiting when they wait for the disk. */
export function waitingStore(folders: Folders): BlobStore {
  return localStore(folders.store, waitingDisk);
}

/** A data folder that has been in use is never filled anew: what is missing there is an error. */
export function hasBeenUsed(folders: Folders): boolean {
  return existsSync(join(folders.store, 'l1', 'catalogue'));
}

/**
 * Opens everything that the write side needs; brings the schema up to date. Only the write role and an import fill a fresh data folder.
 * @param role part of the name in leases: `write`, `work`, `import`, `command`
 */
export async function openGallery(config: Config, role: string, replace: Replacements = {}): Promise<Gallery> {
  const folders = foldersOf(config.dataDir);
  for (const folder of [folders.store, folders.incoming, folders.run]) mkdirSync(folder, { recursive: true });
  await systemDisk.syncFolder(folders.data);
  const clock = replace.clock ?? systemClock;
  const log = openLog(role, config.logLevel);
  const isFresh = (role === 'write' || role === 'import') && !hasBeenUsed(folders);
  const key = loadInstallationKey(folders.installationKey, process.env.HOLDFAST_INSTALLATION_KEY, isFresh);
  const db = openDatabase(folders.database, config.databaseBusyMs, isFresh);
  const applied = await migrate(db, clock);
  if (applied.length > 0 && !isFresh) log.info({ migrations: applied }, 'the database schema was brought up to date');
  const store = replace.store?.(folders) ?? localStore(folders.store);
  const holder = replace.holder ?? `${role}:${process.pid}:${clock.now()}`;
  const baseUrl = renderedBaseUrl(config);
  const leases = new HeldLeases();
  const finisher = createFinisher(db, holder, leases, clock, log);
  return {
    config,
    folders,
    log,
    clock,
    store,
    key,
    db,
    transactions: sharedTransactions(db),
    protocols,
    renderer: createRenderer({ db, store, key, protocols, clock, baseUrl, holder, leases }),
    finisher,
    uploads: uploadSlots(config.uploadsAtOnceMax),
    holder,
    leases,
    baseUrl,
    async close() {
      await finisher.flush();
      await db.destroy();
    },
  };
}
