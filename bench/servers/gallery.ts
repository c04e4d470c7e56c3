/** A whole gallery, started as users start it, and what its processes take. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, RunningGallery } from '../../src/drills/running-gallery.ts';
import type { BenchContext } from '../section.ts';
import { program, settingsOf } from './start.ts';

const writingMsMax = 120_000;

/** A gallery on this data folder that has not been started; stopped with the section. */
export async function galleryOn(
  context: BenchContext,
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningGallery> {
  const port = await freePort();
  const gallery = new RunningGallery(program, dataDir, port, { ...settingsOf(dataDir, port), ...settings });
  context.ending(() => gallery.stop());
  return gallery;
}

/** A running gallery with nothing in it, removed with the section. */
export async function emptyGallery(
  context: BenchContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningGallery> {
  const dataDir = mkdtempSync(join(context.folder, 'fresh-'));
  context.ending(() => rmSync(dataDir, { recursive: true, force: true }));
  return running(await galleryOn(context, dataDir, settings));
}

export async function running(gallery: RunningGallery): Promise<RunningGallery> {
  gallery.start();
  await gallery.untilWriting(writingMsMax);
  return gallery;
}

/** Resident memory of each role, in bytes. */
export function memoryOf(gallery: RunningGallery): Map<string, number> {
  return new Map(
    [...gallery.roles()].map(([role, id]) => {
      const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1];
      return [role, Number(kibibytes) * 1_024];
    }),
  );
}
