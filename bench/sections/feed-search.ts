/** Queries of the v2 protocol across packages, as PowerShell's and NuGet's clients ask them, in a search file of a large gallery. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLog } from '../../src/observe/log.ts';
import type { Filter, FunctionName } from '../../src/odata/filter-tree.ts';
import type { FeedQuery } from '../../src/search/feed-query.ts';
import { createSearchFile, finishSearchFile, openSearchFile, searchLayout } from '../../src/search/file.ts';
import { openSearcher } from '../../src/search/searcher.ts';
import { searchWriter } from '../../src/search/writer.ts';
import { systemClock } from '../../src/std/clock.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { feedPackage, searchedFeedPackage } from '../feed-packages.ts';
import { figure, quantile } from '../figures.ts';
import type { BenchContext, SectionResult, Table } from '../section.ts';
import { between, type Chance, chance, wordAt } from '../words.ts';

const goalMs = 50;
const deadlineMs = 60_000;
/** Packages that are written once more, to learn what an update costs. */
const updates = 200;

export const title = 'Queries of the v2 protocol';
export const needs: readonly string[] = [];

const field = (name: string): Filter => ({ kind: 'field', name });
const text = (value: string): Filter => ({ kind: 'literal', type: 'string', value });
const call = (name: FunctionName, ...parameters: Filter[]): Filter => ({ kind: 'call', name, parameters });
const yes: Filter = { kind: 'literal', type: 'boolean', value: true };
const latest = field('IsLatestVersion');
const also = (...filters: readonly Filter[]): Filter =>
  filters.reduce((left, right) => ({ kind: 'and', left, right }), latest);
const tagged = (tag: string): Filter => ({
  kind: 'compare',
  operator: 'eq',
  left: call('substringof', text(tag), field('Tags')),
  right: yes,
});
const module = tagged('PSModule');

const byId = [{ field: 'Id', isDescending: false }];
const byDownloads = [{ field: 'DownloadCount', isDescending: true }, ...byId];
const commonWord = (draw: Chance) => wordAt(between(draw, 0, 20));
const rareWord = (draw: Chance) => wordAt(between(draw, 2_000, 15_000));
const anyWord = (draw: Chance) => wordAt(between(draw, 20, 200));

function anyCommand(draw: Chance, packages: number): string {
  const { commands } = feedPackage(Math.floor(draw() * packages));
  return commands[Math.floor(draw() * commands.length)] ?? anyCommand(draw, packages);
}

type Draw = (draw: Chance, packages: number) => Partial<FeedQuery>;

const editions = ['PSEdition_Core', 'PSEdition_Desktop'];
const deep = (draw: Chance, packages: number) => Math.floor(draw() * packages * 0.9);

const kinds: Readonly<Record<string, Draw>> = {
  'find all: first page': () => ({}),
  'find all: a page deep inside': (draw, packages) => ({ skip: deep(draw, packages) }),
  'find all, by id: a page deep inside': (draw, packages) => ({ skip: deep(draw, packages), orderBy: byId }),
  'find all modules': () => ({ filter: also(module) }),
  'modules with a rare tag': (draw) => ({ filter: also(module, tagged(rareWord(draw))) }),
  'modules with a very common tag': (draw) => ({ filter: also(module, tagged(commonWord(draw))) }),
  'modules of an edition': (draw) => ({ filter: also(module, tagged(editions[between(draw, 0, 1)]!)) }),
  'tag:PSCommand_…': (draw, packages) => ({ text: `tag:PSCommand_${anyCommand(draw, packages)}` }),
  'tag: a very common one': (draw) => ({ text: `tag:${commonWord(draw)}` }),
  "startswith(Id, 'Az')": () => ({ filter: also(call('startswith', field('Id'), text('Az'))) }),
  "endswith(Id, 'Get')": () => ({ filter: also(call('endswith', field('Id'), text('Get'))) }),
  "substringof('…', Id)": (draw) => ({
    filter: also(call('substringof', text(anyWord(draw).slice(0, 6)), field('Id'))),
  }),
  'a rare word': (draw) => ({ text: rareWord(draw) }),
  'a word': (draw) => ({ text: anyWord(draw) }),
  'a very common word': (draw) => ({ text: wordAt(between(draw, 0, 9)) }),
  'a word and a tag': (draw) => ({ text: `${anyWord(draw)} tag:PSEdition_Core` }),
  'by downloads and id': (draw) => ({ orderBy: byDownloads, skip: between(draw, 0, 50) * 100 }),
  'all versions, by a word': (draw) => ({
    text: anyWord(draw),
    hasAllVersions: true,
    filter: undefined,
    orderBy: byDownloads,
  }),
};

/** Nobody expects these to be quick: what they cost. */
const slowKinds: Readonly<Record<string, Draw>> = {
  '6,000 at once': (draw, packages) => ({ take: 6_000, skip: Math.floor(deep(draw, packages) / 6_000) * 6_000 }),
  "substringof('Get-', Tags)": () => ({ filter: also(tagged('Get-')) }),
  "substringof('…', Description)": (draw) => ({
    filter: also(call('substringof', text(rareWord(draw)), call('tolower', field('Description')))),
  }),
};

const base: FeedQuery = {
  kind: 'feed',
  feed: 'main',
  hasPrerelease: false,
  hasSemVer2: true,
  population: 'all',
  text: '',
  hasAllVersions: false,
  filter: latest,
  orderBy: [],
  skip: 0,
  take: 100,
};

interface Measured {
  readonly ms: readonly number[];
  readonly rows: readonly number[];
}

export async function measure(context: BenchContext): Promise<SectionResult> {
  const { searchedPackages: packages, questions } = context.sizes;
  const file = madeFile(context, packages);
  const log = openLog('bench', 'silent');
  const searcher = openSearcher({ file, atOnceMax: 1, deadlineMs, clock: systemClock, log });
  context.ending(() => searcher.close());
  const ask = async (draw: Draw, count: number): Promise<Measured> => {
    const chances = chance(7);
    const measured = { ms: [] as number[], rows: [] as number[] };
    for (let at = 0; at < count; at += 1) {
      const query = { ...base, ...draw(chances, packages) };
      const startedAt = performance.now();
      const answer = await searcher.ask(query);
      measured.ms.push(performance.now() - startedAt);
      if (isRefusal(answer)) throw new Error(answer.message);
      measured.rows.push(answer.total);
    }
    return measured;
  };
  const line = (kind: string, { ms, rows }: Measured): string[] => [
    kind,
    figure(quantile(ms, 0.5)),
    figure(quantile(ms, 0.99)),
    figure(quantile(rows, 0.5)),
    figure(Math.max(...rows)),
  ];
  const rows: string[][] = [];
  let worst = { kind: '', ms: 0 };
  for (const [kind, draw] of Object.entries(kinds)) {
    context.say(`feed-search: ${kind}`);
    await ask(draw, Math.min(5, questions));
    const measured = await ask(draw, questions);
    rows.push(line(kind, measured));
    const p99 = quantile(measured.ms, 0.99);
    if (p99 > worst.ms) worst = { kind, ms: p99 };
  }
  const slow: string[][] = [];
  for (const [kind, draw] of Object.entries(slowKinds)) {
    slow.push(line(kind, await ask(draw, Math.ceil(questions / 10))));
  }
  const columns = ['', 'p50 ms', 'p99 ms', 'rows found: p50', 'most'];
  const many = packages.toLocaleString('en');
  return {
    tables: [
      { title: `Pages of 100 of ${many} packages, one query after another, ${questions} of each kind`, columns, rows },
      { title: 'Queries that are not quick', columns, rows: slow },
      costs(file, packages),
    ],
    goals: [
      {
        what: `a page of ${many} packages, p99, the slowest kind (${worst.kind})`,
        goal: `< ${goalMs} ms`,
        measured: `${figure(worst.ms)} ms`,
        isMet: worst.ms < goalMs,
      },
    ],
    notes: [
      'Asked in the write process, through a search thread, without HTTP. A third of the packages are modules and scripts, with tags for their commands (bench/feed-packages.ts); the file is filled directly.',
    ],
  };
}

/** What the file takes, and what it costs to write a package once more. */
function costs(file: string, packages: number): Table {
  const db = openSearchFile(file, { busyMs: 1_000, isReadOnly: false });
  const writer = searchWriter(db);
  const draw = chance(11);
  const again = Array.from({ length: updates }, () => searchedFeedPackage(Math.floor(draw() * packages)));
  db.exec('begin');
  const startedAt = performance.now();
  for (const one of again) writer.put(one);
  const tookMs = performance.now() - startedAt;
  db.exec('rollback');
  db.close();
  return {
    title: 'What it costs',
    columns: ['', 'for each package'],
    rows: [
      ['search file', `${figure(statSync(file).size / packages / 1_000)} KB`],
      ['filling it, making the package not counted', `${figure(fillMs(file))} ms`],
      ['writing it once more, the disk not counted', `${figure(tookMs / updates)} ms`],
    ],
  };
}

const fillFile = (file: string) => `${file}.fill`;
const fillMs = (file: string) => Number(readFileSync(fillFile(file), 'utf8'));

/** @returns a search file of so many packages, kept for the next run */
function madeFile(context: BenchContext, packages: number): string {
  const folder = join(context.folder, 'galleries', `feed-searched-${packages}-${searchLayout}`);
  const file = join(folder, 'search.sqlite');
  if (existsSync(file)) return file;
  context.say(`making a search file of ${packages} packages, a third of them for PowerShell`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const db = createSearchFile(`${file}.new`, 0n);
  const writer = searchWriter(db);
  let tookMs = 0;
  db.exec('begin');
  for (let number = 0; number < packages; number += 1) {
    const made = searchedFeedPackage(number);
    const startedAt = performance.now();
    writer.put(made);
    tookMs += performance.now() - startedAt;
  }
  const startedAt = performance.now();
  db.exec('commit');
  finishSearchFile(db);
  tookMs += performance.now() - startedAt;
  writeFileSync(fillFile(file), String(tookMs / packages));
  renameSync(`${file}.new`, file);
  return file;
}
