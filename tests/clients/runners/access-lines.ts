/** Reads the access log of a gallery under test: who asked for what, and which worker answered. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessLine } from '../../../src/observe/access-log.ts';
import type { TestGallery } from '../../gallery.ts';

/** @returns all lines so far, each with the name of its worker's log; the newest quarter of a second may be missing */
export function accessLines(gallery: Pick<TestGallery, 'dataDir'>): (AccessLine & { readonly worker: string })[] {
  const folder = join(gallery.dataDir, 'logs');
  return readdirSync(folder).flatMap((worker) =>
    readFileSync(join(folder, worker), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ ...(JSON.parse(line) as AccessLine), worker })),
  );
}
