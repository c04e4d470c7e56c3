/** Reads the access log of a gallery under test: who asked for what, and which worker answered. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessLine } from '../../../src/observe/access-log.ts';
import { type TestGallery, waitFor } from '../../gallery.ts';
import { ask } from './publish.ts';

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

/**
 * What was asked while an action went on, in order, as `GET /address 200`. For a gallery with one read worker, whose log is in the
 * order of its answers: a request of our own before the action and one behind it mark what lies between.
 */
export async function requestsDuring(
  gallery: Pick<TestGallery, 'dataDir' | 'url'>,
  action: () => Promise<unknown>,
): Promise<string[]> {
  const start = await mark(gallery);
  await action();
  const end = await mark(gallery);
  const lines = accessLines(gallery);
  const placeOf = (name: string) => lines.findIndex(({ url }) => url === name);
  return lines.slice(placeOf(start) + 1, placeOf(end)).map(({ method, url, status }) => `${method} ${url} ${status}`);
}

async function mark(gallery: Pick<TestGallery, 'dataDir' | 'url'>): Promise<string> {
  const name = `/mark-${randomUUID()}`;
  await ask(`${gallery.url}${name}`);
  await waitFor(() => accessLines(gallery).some(({ url }) => url === name));
  return name;
}
