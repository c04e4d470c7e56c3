/**
 * Galleries that are made once and kept for the next run, each in its folder under galleries/ of the benchmark's own folder. A gallery
 * whose making was broken off has no mark and is made again.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fillGallery } from './fill.ts';
import { defaultSeed, type GeneratedPackage, generate, generatedFiles, generatedPackage } from './generate.ts';
import type { BenchContext } from './section.ts';

/** Raised when galleries that were kept are not what this program would make. */
const layout = 2;

async function kept(
  context: BenchContext,
  name: string,
  makeTree: (folder: string) => Promise<void> | void,
): Promise<string> {
  const folder = join(context.folder, 'galleries', `${name}-${layout}`);
  const mark = join(folder, 'whole');
  const dataDir = join(folder, 'data');
  if (existsSync(mark)) return dataDir;
  rmSync(folder, { recursive: true, force: true });
  const tree = join(folder, 'packages');
  mkdirSync(tree, { recursive: true });
  context.say(`making the gallery ${name}`);
  await makeTree(tree);
  const report = await fillGallery(tree, dataDir, (text) => context.say(`filling ${name}: ${text}`));
  rmSync(tree, { recursive: true, force: true });
  writeFileSync(mark, `${JSON.stringify(report)}\n`);
  return dataDir;
}

/** @returns the data folder of a gallery with so many generated packages */
export function generatedGallery(context: BenchContext, packages: number): Promise<string> {
  return kept(context, `generated-${packages}`, (tree) => {
    generate(tree, packages, defaultSeed);
  });
}

/** A copy of a gallery that a measurement may change; removed with the section. */
export async function copyOf(context: BenchContext, dataDir: string): Promise<string> {
  const folder = mkdtempSync(join(context.folder, 'copy-'));
  context.ending(() => rmSync(folder, { recursive: true, force: true }));
  const copied = join(folder, 'data');
  // Links stay links.
  await promisify(execFile)('cp', ['-a', dataDir, copied]);
  return copied;
}

export interface WantedPackage {
  readonly ecosystem: GeneratedPackage['ecosystem'];
  readonly name: string;
  readonly versions: number;
}

/** A generated package with four dependencies and a description of some length: its registration has about 3 KB. */
const ordinary = 67;

/** A package of exactly this name with versions 1.0.0, 1.0.1, … */
export function wantedPackage({ ecosystem, name, versions }: WantedPackage): GeneratedPackage {
  return {
    ...generatedPackage(defaultSeed, ordinary),
    ecosystem,
    name,
    hasSdist: false,
    versions: Array.from({ length: versions }, (_, at) => `1.0.${at}`),
  };
}

/**
 * @param name of the gallery, for its folder
 * @param more further files: names and bytes
 * @returns the data folder of a gallery with these packages and files
 */
export function galleryOf(
  context: BenchContext,
  name: string,
  packages: readonly WantedPackage[],
  more: () => Promise<ReadonlyMap<string, Uint8Array>> = async () => new Map(),
): Promise<string> {
  return kept(context, name, async (tree) => {
    for (const made of packages.map(wantedPackage)) {
      for (const version of made.versions) {
        for (const file of generatedFiles(made, version)) writeFileSync(join(tree, file.filename), file.bytes);
      }
    }
    for (const [filename, bytes] of await more()) writeFileSync(join(tree, filename), bytes);
  });
}
