/** Search and autocomplete over HTTP, in a search file with as many packages as a large gallery has. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseNuGetVersion } from '../../src/identity/nupkg.ts';
import { createSearchFile, finishSearchFile, searchLayout } from '../../src/search/file.ts';
import { searchWriter } from '../../src/search/writer.ts';
import { figure, quantile } from '../figures.ts';
import { defaultSeed, type GeneratedPackage, generatedPackage } from '../generate.ts';
import { ratePerSecond, runAsker } from '../load/process.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { galleryOn, running } from '../servers/gallery.ts';
import { between, type Chance, chance, wordAt } from '../words.ts';

const atOnce = 16;
const goalMs = 50;

export const title = 'Search';
export const needs: readonly string[] = [];

/** @returns a package of NuGet, whatever the number has been made into elsewhere */
function searched(number: number): GeneratedPackage {
  const made = generatedPackage(defaultSeed, number);
  const words = made.name.split(made.ecosystem === 'nupkg' ? '.' : '-');
  return { ...made, name: words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('.') };
}

const ownerOf = (made: GeneratedPackage) => (made.name.split('.')[0] ?? '').toLowerCase();

type Draw = (draw: Chance, packages: number) => string;
const any: (draw: Chance, packages: number) => GeneratedPackage = (draw, packages) =>
  searched(Math.floor(draw() * packages));
const query = (text: string) => `/v3/search?q=${encodeURIComponent(text)}&prerelease=true&semVerLevel=2.0.0`;

const kinds: Readonly<Record<string, Draw>> = {
  'an id': (draw, packages) => query(any(draw, packages).name),
  'the beginning of an id': (draw, packages) => query(any(draw, packages).name.slice(0, -3)),
  'a rare word': (draw) => query(wordAt(between(draw, 2_000, 15_000))),
  'a common word': (draw) => query(wordAt(between(draw, 0, 9))),
  'two words': (draw) => query(`${wordAt(between(draw, 10, 54))} ${wordAt(between(draw, 100, 900))}`),
  'two letters': (draw) => query(wordAt(between(draw, 0, 200)).slice(0, 2)),
  'owner:': (draw, packages) => query(`owner:${ownerOf(any(draw, packages))}`),
  'tags:': (draw) => query(`tags:${wordAt(between(draw, 0, 60))}`),
  'nothing in particular': () => query(''),
  'autocomplete: the beginning of an id': (draw, packages) =>
    `/v3/autocomplete?q=${any(draw, packages).name.slice(0, between(draw, 2, 12))}&prerelease=true`,
  'autocomplete: versions of an id': (draw, packages) => `/v3/autocomplete?id=${any(draw, packages).name}`,
};

export async function measure(context: BenchContext): Promise<SectionResult> {
  const { searchedPackages, questions } = context.sizes;
  const dataDir = makeSearchGallery(context, searchedPackages);
  const gallery = await running(await galleryOn(context, dataDir, { HOLDFAST_SEARCH_OFF: 'index' }));
  const { url } = gallery;
  const rows: string[][] = [];
  const everything: number[] = [];
  let worst = { kind: '', ms: 0 };
  for (const [kind, draw] of Object.entries(kinds)) {
    context.say(`search: ${kind}`);
    const chances = chance(7);
    const paths = Array.from({ length: questions }, () => draw(chances, searchedPackages));
    await runAsker({ url, paths: paths.slice(0, 10), atOnce: 1 });
    const alone = await runAsker({ url, paths, atOnce: 1 });
    const many = await runAsker({ url, paths, atOnce });
    everything.push(...alone.latenciesMs);
    const p99 = quantile(alone.latenciesMs, 0.99);
    if (p99 > worst.ms) worst = { kind, ms: p99 };
    rows.push([
      kind,
      figure(quantile(alone.latenciesMs, 0.5)),
      figure(p99),
      figure(ratePerSecond(many)),
      figure(quantile(many.latenciesMs, 0.5)),
      figure(quantile(many.latenciesMs, 0.99)),
      String(alone.refused + many.refused),
    ]);
  }
  const packages = searchedPackages.toLocaleString('en');
  return {
    tables: [
      {
        title: `Questions to ${packages} packages, ${questions} of each kind`,
        columns: ['', 'alone: p50 ms', 'p99 ms', `${atOnce} at once: a second`, 'p50 ms', 'p99 ms', 'given up'],
        rows,
      },
    ],
    goals: [
      {
        what: `search in ${packages} packages, p99, the slowest kind (${worst.kind})`,
        goal: `< ${goalMs} ms`,
        measured: `${figure(worst.ms)} ms; of all kinds together ${figure(quantile(everything, 0.99))} ms`,
        isMet: worst.ms < goalMs,
      },
    ],
    notes: ['Words are drawn as texts have them: the most common one is in most descriptions, the n-th n times rarer.'],
  };
}

/** @returns the data folder of a gallery that searches so many packages and serves none of them */
function makeSearchGallery(context: BenchContext, packages: number): string {
  const dataDir = join(context.folder, 'galleries', `searched-${packages}-${searchLayout}`);
  const file = join(dataDir, 'search.sqlite');
  if (existsSync(file)) return dataDir;
  context.say(`making a search file of ${packages} packages`);
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const db = createSearchFile(`${file}.new`, 0n);
  const writer = searchWriter(db);
  db.exec('begin');
  for (let number = 0; number < packages; number += 1) writer.put(entryOf(number));
  db.exec('commit');
  finishSearchFile(db);
  renameSync(`${file}.new`, file);
  return dataDir;
}

function entryOf(number: number): Parameters<ReturnType<typeof searchWriter>['put']>[0] {
  const made = searched(number);
  const version = made.versions.at(-1) ?? '1.0.0';
  return {
    packageId: BigInt(number + 1),
    feed: 'main',
    normalizedId: made.name.toLowerCase(),
    serial: BigInt(number + 1),
    versions: made.versions.map((one) => ({
      version: one,
      lower: one,
      needs: 0,
      sortKey: parseNuGetVersion(one)?.sortKey ?? '',
      createdAt: 0,
      kind: 0,
    })),
    entries: [
      {
        filters: 15,
        position: made.versions.length - 1,
        feedEntry: JSON.stringify({ id: made.name, version, description: made.description, tags: made.tags.join(' ') }),
        document: {
          id: made.name,
          version,
          lowerVersion: version,
          authors: made.author,
          description: made.description,
          tags: made.tags,
          projectUrl: `https://example.org/${made.name.toLowerCase()}`,
          hasLicenseFile: false,
          packageTypes: ['Dependency'],
          owners: [ownerOf(made)],
        },
      },
    ],
  };
}
