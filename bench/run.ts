/**
 * The benchmark: `npm run bench`, or `./holdfast run bench/run.ts [SECTION…] [--tiny] [--write]`. Prints tables, keeps the figures as
 * JSON, and with --write puts them into docs/PERFORMANCE.md. It measures ratios within one run and asserts nothing.
 */
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isQuiet, type Load, type Machine, machine, measureLoad } from './machine.ts';
import { textOf, writeReport } from './report.ts';
import { type BenchContext, type Section, type SectionResult, tinySizes, wholeSizes } from './section.ts';
import { projectFolder } from './servers/start.ts';

/** In the order in which they run, each loaded when it is its turn. */
const sections: Readonly<Record<string, () => Promise<Section>>> = {
  documents: () => import('./sections/documents.ts'),
  blobs: () => import('./sections/blobs.ts'),
  'nginx-tree': () => import('./sections/nginx-tree.ts'),
  'nuget-v2': () => import('./sections/nuget-v2.ts'),
  publish: () => import('./sections/publish.ts'),
  start: () => import('./sections/start.ts'),
  versions: () => import('./sections/versions.ts'),
  search: () => import('./sections/search.ts'),
  'feed-search': () => import('./sections/feed-search.ts'),
  'status-history': () => import('./sections/status-history.ts'),
  'status-page': () => import('./sections/status-page.ts'),
};

export interface MeasuredSection extends SectionResult {
  readonly name: string;
  readonly title: string;
}

export interface Result {
  /** UTC, to the minute. */
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  readonly loadBefore: Load;
  readonly loadAfter: Load;
  readonly isQuiet: boolean;
  readonly seconds: number;
  readonly sections: readonly MeasuredSection[];
  /** Sections that could not run, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

function isInstalled(command: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function runSection(
  section: Section,
  about: Pick<BenchContext, 'sizes' | 'folder' | 'say'>,
): Promise<SectionResult> {
  const endings: (() => Promise<void> | void)[] = [];
  try {
    return await section.measure({ ...about, ending: (stop) => endings.push(stop) });
  } finally {
    for (const stop of endings.reverse()) await stop();
  }
}

async function main(): Promise<void> {
  const own = process.argv.findIndex((argument) => argument.endsWith('bench/run.ts'));
  const { values, positionals } = parseArgs({
    args: process.argv.slice(own + 1),
    allowPositionals: true,
    options: { tiny: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(sections);
  const unknown = names.filter((name) => !Object.hasOwn(sections, name));
  if (unknown.length > 0) {
    throw new Error(`there is no section ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`);
  }
  const folder = resolve(process.env.HOLDFAST_BENCH_DIR ?? join(projectFolder, 'data', 'bench'));
  mkdirSync(folder, { recursive: true });
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const startedAt = performance.now();
  const loadBefore = await measureLoad();
  const measured: MeasuredSection[] = [];
  const skipped: { name: string; reason: string }[] = [];
  const file = join(folder, 'result.json');
  const keepResult = async (): Promise<Result> => {
    const loadAfter = await measureLoad();
    const result: Result = {
      date: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      command: `npm run bench${positionals.length > 0 ? ` -- ${positionals.join(' ')}` : ''}`,
      machine: machine(folder),
      loadBefore,
      loadAfter,
      isQuiet: isQuiet(loadBefore) && isQuiet(loadAfter),
      seconds: Math.round((performance.now() - startedAt) / 1_000),
      sections: measured,
      skipped,
    };
    writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
    return result;
  };
  for (const name of names) {
    const section = await sections[name]!();
    const missing = section.needs.filter((command) => !isInstalled(command));
    if (missing.length > 0) {
      skipped.push({ name, reason: `${missing.join(' and ')} is not installed` });
      continue;
    }
    const found = await runSection(section, { sizes: values.tiny ? tinySizes : wholeSizes, folder, say });
    measured.push({ name, title: section.title, ...found });
    for (const table of found.tables) process.stdout.write(`\n${textOf(table)}\n`);
    // A section that fails must not take the figures of the others with it.
    await keepResult();
  }
  const result = await keepResult();
  for (const { name, reason } of skipped) process.stdout.write(`\n${name}: skipped, ${reason}\n`);
  process.stdout.write(`\n${result.isQuiet ? 'The machine was quiet.' : 'The machine was busy with other things.'}\n`);
  if (values.write) writeReport(result);
  else process.stdout.write(`Put these into docs/PERFORMANCE.md with: ./holdfast run bench/report.ts ${file}\n`);
}

await main();
