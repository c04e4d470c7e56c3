/** `holdfast import FOLDER`: publishes every package of a tree, beside a running gallery or without one. */
import { mkdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { firstAdministrator, found } from '../accounts/found.ts';
import { hasBeenUsed, openGallery, waitingStore } from '../app.ts';
import { defaultFeed } from '../blobs/keys.ts';
import { findFeed } from '../catalogue/queries/find.ts';
import { releaseLeasesOfRole } from '../catalogue/queries/render-lease.ts';
import { refuseOldDatabase } from '../catalogue/records.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import { foldersOf } from '../config/folders.ts';
import type { Config } from '../config/load.ts';
import type { Gallery } from '../gallery.ts';
import { countPackages, importFolder } from '../import/import-folder.ts';
import { ImportSummary } from '../import/summary.ts';
import { renderCatalogs } from '../render/catalog.ts';
import { renderFeeds, renderNames } from '../render/names.ts';
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { FolderLockedError, isListening, lockFolder, lockImport } from '../supervise/folder-lock.ts';
import { completeOutstanding } from '../upkeep/complete.ts';
import { threadedCrew } from './crew.ts';
import { exitFailed, exitSomeRefused, exitUnavailable, exitUsage } from './exit-codes.ts';
import { describeImport, importProgress, refusalsFile } from './import-output.ts';
import { endProgress, showProgress } from './print.ts';

const usage = `Usage: holdfast import FOLDER [options]

Publishes every .nupkg, .snupkg, .whl and .tar.gz below the folder. What is there already is skipped, so that the same
command goes on where an earlier one ended. Nothing in the folder is changed.

  --feed NAME          into this feed (default: ${defaultFeed})
  --owner PRINCIPAL    who owns the packages that are new (default: ${firstAdministrator})
  --at-once N          threads that read, check and write (default: one for each processor)
  --dry-run            check everything, publish nothing

Exit codes: 0 everything is there now, ${exitSomeRefused} some files were refused, ${exitFailed} it could not go on.
`;

const threadsMax = 32;
/** An import is in no hurry: it waits for the gallery's own changes, in milliseconds. */
const databaseBusyMs = 30_000;

interface Wanted {
  readonly folder: string;
  readonly feedName: string;
  readonly owner: string;
  readonly threads: number;
  readonly isDryRun: boolean;
}

export async function importCommand(config: Config, args: readonly string[]): Promise<number> {
  const wanted = readArguments(args);
  if (typeof wanted === 'string') {
    process.stderr.write(wanted === '' ? usage : `holdfast: ${wanted}\n\n${usage}`);
    return exitUsage;
  }
  const folders = foldersOf(config.dataDir);
  mkdirSync(folders.data, { recursive: true });
  // Sockets are named relative to the data folder.
  process.chdir(folders.data);
  const locks: (() => Promise<void>)[] = [];
  try {
    locks.push(await lockImport(folders.data));
    // Nobody else may found the gallery meanwhile.
    if (!hasBeenUsed(folders)) locks.push(await lockFolder(folders.data));
    return await importWith({ ...config, logLevel: 'error', databaseBusyMs }, wanted);
  } catch (error) {
    process.stderr.write(`holdfast: ${(error as Error).message}\n`);
    return error instanceof FolderLockedError ? exitUnavailable : exitFailed;
  } finally {
    for (const unlock of locks) await unlock();
  }
}

/** @returns what is wanted; or what is wrong, empty to show the usage alone */
function readArguments(args: readonly string[]): Wanted | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return (error as Error).message;
  }
  const { values, positionals } = parsed;
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) return '';
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return `${folder} is no folder`;
  const threads = Number(values['at-once']);
  if (!Number.isInteger(threads) || threads < 1 || threads > threadsMax)
    return `--at-once takes a number from 1 to ${threadsMax}`;
  return {
    folder: resolve(folder),
    feedName: values.feed,
    owner: values.owner,
    threads,
    isDryRun: values['dry-run'],
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      feed: { type: 'string', default: defaultFeed },
      owner: { type: 'string', default: firstAdministrator },
      'at-once': { type: 'string', default: String(Math.min(availableParallelism(), threadsMax)) },
      'dry-run': { type: 'boolean', default: false },
    },
  });
}

async function importWith(config: Config, wanted: Wanted): Promise<number> {
  const isFresh = !hasBeenUsed(foldersOf(config.dataDir));
  if (isFresh && wanted.isDryRun)
    throw new Error('the data folder has never been used, so there is nothing to compare with');
  const gallery = await openGallery(config, 'import', { store: waitingStore });
  const crew = threadedCrew(config, gallery.holder, wanted.threads);
  try {
    const isRunning = await isListening(gallery.folders.writeSocket);
    await makeReady(gallery, isFresh, isRunning);
    const place = await findPlace(gallery, wanted);
    if (isRefusal(place)) throw new Error(place.message);
    const summary = new ImportSummary();
    const refusals = refusalsFile(join(gallery.folders.logs, 'import-refusals.jsonl'));
    const progress = importProgress(gallery.clock, summary, await countPackages(wanted.folder));
    let isStopped = false;
    process.once('SIGINT', () => {
      isStopped = true;
      process.stderr.write('\nFinishing what is under way; the same command goes on later.\n');
    });
    await importFolder(gallery, crew, {
      ...wanted,
      ...place,
      onEnding(name, ending) {
        summary.note(name, ending);
        if (isRefusal(ending)) refusals.write(name, ending);
        progress.show();
      },
      onOther: (name) => summary.noteOther(name),
      isStopped: () => isStopped,
    }).finally(() => progress.end());
    await gallery.finisher.flush();
    if (!isRunning) await renderLists(gallery, place.feed);
    process.stdout.write(describeImport(summary, progress.seconds(), wanted.isDryRun, refusals.close()));
    if (isStopped) return exitFailed;
    return summary.refused === 0 ? 0 : exitSomeRefused;
  } finally {
    await crew.close();
    await gallery.close();
  }
}

/** Makes what a first start makes, and completes what died processes left, where no gallery runs that does it. */
async function makeReady(gallery: Gallery, isFresh: boolean, isRunning: boolean): Promise<void> {
  // Only one import runs at a time, so its leases are a dead one's.
  const dead = isRunning ? ['import:'] : ['import:', 'write:', 'work:'];
  for (const role of dead) if (role !== gallery.holder) await releaseLeasesOfRole(gallery.db, role);
  if (isFresh) await found(gallery);
  if (isRunning) return;
  await refuseOldDatabase(gallery.db, gallery.store);
  await completeOutstanding(gallery, 0);
  await renderFeeds(gallery);
}

/** What a running gallery has jobs for. */
async function renderLists(gallery: Gallery, feed: FeedRow): Promise<void> {
  showProgress('lists of names, and catalogs for mirrors');
  await renderNames(gallery, feed);
  await renderCatalogs(gallery, feed);
  endProgress();
}

async function findPlace({ db }: Gallery, { feedName, owner }: Wanted) {
  const feed = await findFeed(db, feedName);
  if (isRefusal(feed)) return feed;
  const principal = await db.selectFrom('principals').select('id').where('name', '=', owner).executeTakeFirst();
  if (!principal) return refuse('not-found', `There is no principal "${owner}".`) satisfies Refusal;
  return { feed, principalId: principal.id };
}
