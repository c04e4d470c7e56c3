/** A thread of a command's crew: opens the gallery as the command did, and does what it is asked. */
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { openGallery, waitingStore } from '../app.ts';
import type { Config } from '../config/load.ts';
import { stageFiles } from '../import/stage.ts';
import { renderMany } from '../render/many.ts';
import { mendRecords, verifyRecords } from '../upkeep/compare-records.ts';
import type { Work } from '../upkeep/crew.ts';
import { rewritePackages } from '../upkeep/rewrite-packages.ts';
import { verifyBlobs } from '../upkeep/verify-blobs.ts';
import { verifyPackages } from '../upkeep/verify-outputs.ts';

export interface CrewThreadData {
  readonly config: Config;
  readonly holder: string;
}

/** A piece of work, by the name of its function. */
export interface ToDo {
  readonly number: number;
  readonly work: string;
  readonly asked: unknown;
}

export type Told = { readonly number: number } & ({ readonly told: unknown } | { readonly error: unknown });

/** What a crew can be asked to do. */
const everyWork: Work<never, unknown>[] = [
  mendRecords,
  renderMany,
  rewritePackages,
  stageFiles,
  verifyBlobs,
  verifyPackages,
  verifyRecords,
];
const works = new Map(everyWork.map((work) => [work.name, work]));

const port = parentPort;
assert.ok(port, 'this file is run as a thread');
const { config, holder } = workerData as CrewThreadData;
const gallery = await openGallery(config, 'command', { store: waitingStore, holder });

port.on('message', async ({ number, work, asked }: ToDo) => {
  try {
    const known = works.get(work);
    assert.ok(known, `a crew knows the work ${work}`);
    port.postMessage({ number, told: await known(gallery, asked as never) } satisfies Told);
  } catch (error) {
    port.postMessage({ number, error } satisfies Told);
  }
});
