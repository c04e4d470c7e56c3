/**
 * Loads a tree of packages into a feed. Batches of files go through three steps, several batches at once: staged in the crew,
 * appended here, rendered in the crew. A file is imported when its batch has been through all three; one that was killed half way
 * is found by the next import, which takes what is there already for done and goes on.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import { refuse } from '../std/refusals.ts';
import { atOnce, type Crew } from '../upkeep/crew.ts';
import { importSymbols } from './import-symbols.ts';
import { type Ending, type NamedFile, publisher } from './publish-batch.ts';
import { stageFiles } from './stage.ts';
import { batchesOf, type FoundFile, walk } from './walk.ts';

export interface ImportOptions {
  /** Absolute path of the tree. */
  readonly folder: string;
  readonly feed: FeedRow;
  /** Owner of the packages that are new. */
  readonly principalId: Int64;
  /** Looks at everything and imports nothing. */
  readonly isDryRun: boolean;
  /** Told of every package file once it has ended. */
  onEnding(name: string, ending: Ending): void;
  /** Told of every file that is no package. */
  onOther(name: string): void;
  /** True once no more files are to be begun; those under way are seen through. */
  isStopped(): boolean;
}

/** @returns how many package files there are in the tree; other files are not counted */
export async function countPackages(folder: string): Promise<number> {
  let files = 0;
  for await (const { form } of walk(folder)) if (form) files += 1;
  return files;
}

/** Returns when every file has ended in one way or another; throws when the gallery cannot go on. */
export async function importFolder(gallery: Gallery, crew: Crew, options: ImportOptions): Promise<void> {
  const { feed, folder, principalId, isDryRun, onEnding } = options;
  const { publish, tryOut } = await publisher(gallery, crew, principalId);
  await atOnce(crew.atOnce, batchesOf(packagesIn(folder, options)), async (files) => {
    const staged = await crew.do(stageFiles, { feed, files, keeps: !isDryRun });
    const ready: NamedFile[] = [];
    for (const one of staged) {
      if (one.state === 'ready') ready.push(one);
      else onEnding(one.name, one.state === 'there' ? 'there' : refuse(one.code, one.message));
    }
    for (const [name, ending] of await (isDryRun ? tryOut : publish)(ready)) onEnding(name, ending);
    await turn();
  });
  for await (const found of walk(folder)) {
    if (options.isStopped()) return;
    // Whether its package is there is known only when the packages have been published.
    if (found.form === 'snupkg' && isDryRun) onEnding(found.name, 'imported');
    else if (found.form === 'snupkg') onEnding(found.name, await importSymbols(gallery, feed, principalId, found));
  }
}

async function* packagesIn(folder: string, { onOther, isStopped }: ImportOptions): AsyncGenerator<FoundFile> {
  for await (const found of walk(folder)) {
    if (isStopped()) return;
    if (found.form === undefined) onOther(found.name);
    else if (found.form !== 'snupkg') yield found;
  }
}
