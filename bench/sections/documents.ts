/** Documents: ours against a bare server that has the same bytes in memory, and against nginx with the same bytes in a file. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { kilobytes, ratio } from '../figures.ts';
import { type Candidate, compare, get } from '../load/compare.ts';
import type { BenchContext, Goal, SectionResult, Table } from '../section.ts';
import type { Served } from '../servers/child.ts';
import { startBare, startNginx, startReaders } from '../servers/start.ts';
import { readingGallery, type StoredThing } from './reading.ts';

const goalOfBare = 0.85;

export const title = 'Documents';
export const needs = ['wrk', 'nginx'];

interface Servers {
  readonly ours: Served;
  readonly bare: Served;
  readonly nginx: Served;
  readonly two?: { readonly ours: Served; readonly nginx: Served };
}

export async function measure(context: BenchContext): Promise<SectionResult> {
  const { isWhole } = context.sizes;
  const gallery = await readingGallery(context);
  const things = isWhole ? [gallery.smallDocument, gallery.largeDocument] : [gallery.largeDocument];
  const copies = copiesOf(context, things);
  const one = { ours: await startReaders(context, gallery.dataDir, 1, 1), nginx: await nginx(context, copies, 1) };
  const bare = await startBare(
    context,
    Object.fromEntries(
      things.map((thing, at) => [
        thing.address,
        {
          file: join(copies, `${at}.json`),
          headers: ['Content-Type', 'application/json', 'Content-Encoding', 'gzip'],
          isStreamed: false,
        },
      ]),
    ),
  );
  const two = isWhole
    ? { ours: await startReaders(context, gallery.dataDir, 2, 2), nginx: await nginx(context, copies, 2) }
    : undefined;
  const servers: Servers = { ...one, bare, ...(two ? { two } : {}) };
  const tables: Table[] = [];
  const goals: Goal[] = [];
  for (const [at, thing] of things.entries()) {
    const bytes = readFileSync(thing.file);
    const sizes = `${kilobytes(gunzipSync(bytes).length)}, as gzip ${kilobytes(bytes.length)}`;
    const found = await compare(context, `${thing.name} (${sizes})`, candidatesOf(servers, thing, `/${at}.json`), {
      status: 200,
      bytes,
    });
    tables.push(found.table);
    goals.push(goalOf(thing.name, found.ratioOf('Holdfast', 'bare node:http')));
  }
  const unchanged = await compareUnchanged(context, servers, things[0] ?? gallery.smallDocument);
  return { tables: [...tables, unchanged], goals, notes: [] };
}

function goalOf(name: string, measured: number): Goal {
  return {
    what: `${name}, by a bare node:http server`,
    goal: `≥ ${ratio(goalOfBare)}`,
    measured: ratio(measured),
    isMet: measured >= goalOfBare,
  };
}

/** The stored bytes under plain names: nginx serves them as any other file. */
function copiesOf(context: BenchContext, things: readonly StoredThing[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  context.ending(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });
  for (const [at, thing] of things.entries()) copyFileSync(thing.file, join(folder, `${at}.json`));
  return folder;
}

const nginx = (context: BenchContext, folder: string, workers: number) =>
  startNginx(context, 'static.nginx.conf', folder, workers);

function candidatesOf(servers: Servers, thing: StoredThing, plainPath: string): Candidate[] {
  const { headers } = thing;
  const candidates = [
    { name: 'Holdfast', url: `${servers.ours.url}${thing.address}`, headers },
    { name: 'bare node:http', url: `${servers.bare.url}${thing.address}`, headers },
    { name: 'nginx', url: `${servers.nginx.url}${plainPath}`, headers },
  ];
  if (!servers.two) return candidates;
  return [
    ...candidates,
    { name: 'Holdfast, 2 workers', url: `${servers.two.ours.url}${thing.address}`, headers },
    { name: 'nginx, 2 workers', url: `${servers.two.nginx.url}${plainPath}`, headers },
  ];
}

/** A client that has the document already asks whether it has changed. */
async function compareUnchanged(context: BenchContext, servers: Servers, thing: StoredThing): Promise<Table> {
  const candidates = candidatesOf({ ours: servers.ours, bare: servers.bare, nginx: servers.nginx }, thing, '/0.json');
  const asked = await Promise.all(
    candidates.map(async (candidate) => {
      const { headers } = await get(candidate.url, candidate.headers);
      return { ...candidate, headers: { ...candidate.headers, 'If-None-Match': String(headers.etag) } };
    }),
  );
  const expected = { status: 304, bytes: Buffer.alloc(0) } as const;
  return (await compare(context, `${thing.name}, not changed (304)`, asked, expected)).table;
}
