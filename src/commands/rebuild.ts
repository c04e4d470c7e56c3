/** `holdfast rebuild`: documents and search from the catalogue, search alone, or the catalogue from the records in the store. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { loadInstallationKey } from '../access/installation-key.ts';
import { openGallery, waitingStore } from '../app.ts';
import { localStore } from '../blobs/local.ts';
import { rebuildCatalogue } from '../catalogue/rebuild-catalogue.ts';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import type { Gallery } from '../gallery.ts';
import { rebuildSearch } from '../search/rebuild.ts';
import { systemClock } from '../std/clock.ts';
import { isListening } from '../supervise/folder-lock.ts';
import { rebuild } from '../upkeep/rebuild.ts';
import { threadedCrew } from './crew.ts';
import { exitFailed } from './exit-codes.ts';
import { endProgress, showProgress, withRate } from './print.ts';

export async function rebuildCommand(config: Config, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { catalogue: { type: 'boolean', default: false }, search: { type: 'boolean', default: false } },
  });
  if (values.search) return rebuildSearchAlone(config);
  return values.catalogue ? rebuildDatabase(config) : rebuildDocuments(config);
}

async function rebuildDocuments(config: Config): Promise<number> {
  const gallery = await openGallery(config, 'command', { store: waitingStore });
  const crew = threadedCrew(config, gallery.holder, availableParallelism());
  try {
    const startedAt = systemClock.monotonicMs();
    const report = await rebuild(gallery, crew, showProgress);
    const seconds = (systemClock.monotonicMs() - startedAt) / 1000;
    endProgress();
    process.stdout.write(
      `${report.packages} packages rendered in ${withRate(report.packages, seconds)}; ${report.removed} surplus documents removed; ` +
        `${report.records} missing or wrong records written.\n`,
    );
    await renewSearch(gallery);
    for (const { packageId, reason } of report.failures) {
      process.stderr.write(`holdfast: package ${packageId} could not be rendered: ${reason}\n`);
    }
    return report.failures.length === 0 ? 0 : exitFailed;
  } finally {
    await crew.close();
    await gallery.close();
  }
}

async function rebuildSearchAlone(config: Config): Promise<number> {
  const gallery = await openGallery(config, 'command');
  try {
    await renewSearch(gallery);
    return 0;
  } finally {
    await gallery.close();
  }
}

async function renewSearch(gallery: Gallery): Promise<void> {
  const startedAt = systemClock.monotonicMs();
  const packages = await rebuildSearch(gallery, showProgress);
  const seconds = (systemClock.monotonicMs() - startedAt) / 1000;
  endProgress();
  process.stdout.write(`${packages} packages put into search in ${withRate(packages, seconds)}.\n`);
}

/** Works without any database, on the store and the installation's key alone. */
async function rebuildDatabase(config: Config): Promise<number> {
  const folders = foldersOf(config.dataDir);
  process.chdir(folders.data);
  if (await isListening(folders.writeSocket)) {
    process.stderr.write(
      'holdfast: the write service is running on this data folder; stop the gallery first (what it publishes now would be lost)\n',
    );
    return exitFailed;
  }
  const key = loadInstallationKey(folders.installationKey, process.env.HOLDFAST_INSTALLATION_KEY, false);
  const report = await rebuildCatalogue(folders.database, localStore(folders.store), key, systemClock, showProgress);
  endProgress();
  process.stdout.write(`${report.events} events replayed, up to serial ${report.serial}.\n`);
  for (const gap of report.gaps) {
    process.stdout.write(
      `Serials ${gap.from} to ${gap.to} have no record. In a whole store these were never answered to anybody.\n`,
    );
  }
  return 0;
}
