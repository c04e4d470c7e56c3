/** A package with thousands of versions beside one with ten: what a publish costs, and what its documents weigh. */
import { gunzipSync } from 'node:zlib';
import { figure, kilobytes, median, quantile, ratio } from '../figures.ts';
import { copyOf, galleryOf } from '../galleries.ts';
import { get } from '../load/compare.ts';
import type { Kind } from '../load/packages.ts';
import { runPublisher } from '../load/process.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { galleryOn, running } from '../servers/gallery.ts';
import { jsonType } from './reading.ts';

const reads = 20;
const publishes = 10;
/** Published versions are counted from here on, above all that the gallery was made with. */
const ownVersionsFrom = 1_000_000;

export const title = 'One package with many versions';
export const needs: readonly string[] = [];

interface Shape {
  readonly kind: Kind;
  readonly name: (versions: number) => string;
  readonly documents: readonly {
    readonly what: string;
    readonly address: (name: string) => string;
    readonly accept: string;
  }[];
}

const hive = (name: string) => `/v3/registration-semver2/${name.toLowerCase()}`;

const shapes: readonly Shape[] = [
  {
    kind: 'nupkg',
    name: (versions) => `Many.V${versions}`,
    documents: [
      {
        what: 'NuGet: list of versions',
        address: (name) => `/v3/flat/${name.toLowerCase()}/index.json`,
        accept: '*/*',
      },
      { what: 'NuGet: registration', address: (name) => `${hive(name)}/index.json`, accept: '*/*' },
      { what: 'NuGet: first page of it', address: (name) => `${hive(name)}/page/0.json`, accept: '*/*' },
      { what: 'NuGet: one version in it', address: (name) => `${hive(name)}/1.0.1.json`, accept: '*/*' },
    ],
  },
  {
    kind: 'wheel',
    name: (versions) => `many-v${versions}`,
    documents: [
      { what: 'Python: project page, JSON', address: (name) => `/simple/${name}/`, accept: jsonType },
      { what: 'Python: project page, HTML', address: (name) => `/simple/${name}/`, accept: 'text/html' },
      { what: 'Python: JSON API', address: (name) => `/pypi/${name}/json`, accept: '*/*' },
    ],
  },
];

export async function measure(context: BenchContext): Promise<SectionResult> {
  const { versions } = context.sizes;
  const packages = shapes.flatMap(({ kind, name }) =>
    versions.map((count) => ({
      ecosystem: kind === 'nupkg' ? ('nupkg' as const) : ('python' as const),
      name: name(count),
      versions: count,
    })),
  );
  const dataDir = await galleryOf(context, `versions-${versions.join('-')}`, packages);
  const gallery = await running(await galleryOn(context, await copyOf(context, dataDir)));
  const { url, token } = gallery;
  const published: string[][] = [];
  const documents: string[][] = [];
  for (const { kind, name, documents: asked } of shapes) {
    const medians: number[] = [];
    const cells: string[] = [];
    for (const count of versions) {
      context.say(`publishing versions of ${name(count)}`);
      const versionsOf = { name: name(count), first: ownVersionsFrom };
      const order = { url, token, kind, prefix: '', versionsOf, atOnce: 1 };
      const { latenciesMs } = await runPublisher({ ...order, count: context.sizes.isWhole ? publishes : 1 });
      medians.push(median(latenciesMs));
      cells.push(`${figure(median(latenciesMs))} (${figure(quantile(latenciesMs, 0.95))})`);
    }
    published.push([kind === 'nupkg' ? '.nupkg' : 'wheel', ...cells, ratio((medians[1] ?? 0) / (medians[0] ?? 1))]);
    for (const one of asked) documents.push(await documentRow(url, one, versions.map(name)));
  }
  const labels = versions.map((count) => `${count.toLocaleString('en')} versions`);
  return {
    tables: [
      {
        title: 'Publish of the next version, alone: p50 (p95), in milliseconds',
        columns: ['', ...labels, 'growth'],
        rows: published,
      },
      {
        title: 'Documents: size, size as gzip, and milliseconds of an answer',
        columns: ['', ...labels],
        rows: documents,
      },
    ],
    goals: published.map(([kind = '', , , growth = '']) => ({
      what: `publish of the next version of ${labels[1]}, by that of ${labels[0]} (${kind})`,
      goal: 'flat',
      measured: growth,
      isMet: Number.parseFloat(growth) < 1.5,
    })),
    notes: [
      'Every publish of these is of one file of about 20 KB; leaves that a publish does not change are not written again.',
    ],
  };
}

async function documentRow(url: string, one: Shape['documents'][number], names: readonly string[]): Promise<string[]> {
  const cells: string[] = [];
  for (const name of names) {
    const headers = { Accept: one.accept, 'Accept-Encoding': 'gzip' };
    const times: number[] = [];
    let body: Buffer = Buffer.alloc(0);
    let status = 0;
    for (let at = 0; at < reads; at += 1) {
      const startedAt = performance.now();
      ({ status, body } = await get(`${url}${one.address(name)}`, headers));
      times.push(performance.now() - startedAt);
    }
    if (status === 404) cells.push('none');
    else cells.push(`${kilobytes(gunzipSync(body).length)}, ${kilobytes(body.length)}, ${figure(median(times))} ms`);
  }
  return [one.what, ...cells];
}
