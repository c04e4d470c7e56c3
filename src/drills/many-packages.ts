/** Some hundred packages, brought into a running gallery as an operator does it: a folder of files, and `./holdfast import`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nupkgCanary, wheelCanary } from '../status/canary/canary.ts';
import type { Stage } from './drill.ts';

/** Words that are in every description, so that a question for them finds everything. */
export const commonWords = ['the', 'library', 'and', 'tools', 'for', 'text'] as const;

const descriptionWords = 400;
const otherWords = 2_000;

/** Publishes that many packages of NuGet, and a quarter as many of Python; throws when one is refused. */
export async function importMany({ gallery }: Stage, count: number): Promise<void> {
  const folder = join(gallery.folders.data, 'to-import');
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const description = describePackage(index);
    const nupkg = nupkgCanary({ name: `Crowd.Library.P${index}`, version: '1.0.0', description });
    writeFileSync(join(folder, nupkg.filename), nupkg.bytes);
    if (index % 4 !== 0) continue;
    const wheel = wheelCanary({ name: `crowd-wheel-${index}`, version: '1.0.0' });
    writeFileSync(join(folder, wheel.filename), wheel.bytes);
  }
  const { exitCode, output } = await gallery.command('import', folder);
  if (exitCode !== 0) throw new Error(`the packages could not be imported: ${output.slice(-1_000)}`);
  rmSync(folder, { recursive: true });
}

/** The same for the same number: common words, and words of many, each in some of the descriptions. */
function describePackage(index: number): string {
  return Array.from({ length: descriptionWords }, (_, place) =>
    place % 4 === 0
      ? commonWords[(place / 4) % commonWords.length]
      : `word${(index * 7 + place * (1 + (index % 13))) % otherWords}`,
  ).join(' ');
}
