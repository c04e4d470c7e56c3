/**
 * The catalog (`Catalog/3.0.0`, protocol page catalog-resource): an index that leads to pages, pages that lead to leaves, all in the
 * order in which things happened. A mirror remembers the time stamp of the last item that it took, and goes on from there.
 *
 *   v3/catalog/index.json, v3/catalog/page/0.json, v3/catalog/data/0/17.json
 */
import { createHash } from 'node:crypto';
import type { Document, RenderContext } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import { fullVersion, type NuspecMetadata } from '../../validate/nupkg/nuspec.ts';
import type { CatalogProtocol, CatalogReference, CatalogSummary, Ticks } from '../catalog.ts';
import { renderCatalogLeaf } from './catalog-leaf.ts';
import { catalogIndex, catalogLeaf, catalogPage, catalogPageItemsMax, urlOf } from './keys.ts';

export const catalog: CatalogProtocol = {
  fileKind: 'nupkg',
  pageItemsMax: catalogPageItemsMax,
  indexPath: catalogIndex,
  pagePath: catalogPage,
  refer: ({ ticks, what, name, version }) => ({
    ticks,
    isGone: what === 'gone',
    name,
    version: fullVersion(version.metadata as NuspecMetadata),
  }),
  renderLeaf: (item, context) => renderCatalogLeaf(item, commitOf(item.ticks, context), context),
  renderPage,
  renderIndex,
  readPage: (text) => (JSON.parse(text) as PageText).items.map(readReference),
  readIndex,
};

interface ItemText {
  readonly '@type': string;
  readonly commitTimeStamp: string;
  readonly 'nuget:id': string;
  readonly 'nuget:version': string;
}

interface PageText {
  readonly items: readonly ItemText[];
}

interface IndexText {
  readonly items: readonly { readonly commitTimeStamp: string; readonly count: number }[];
  readonly 'nuget:lastCreated'?: string;
  readonly 'nuget:lastEdited'?: string;
  readonly 'nuget:lastDeleted'?: string;
}

/** Which commit something belongs to. Each item is a commit of its own, so that items of one package are never in doubt. */
export interface Commit {
  readonly commitId: string;
  readonly commitTimeStamp: string;
}

/** The id says no more than the time stamp; it is made from it, so that the same events always give the same documents. */
function commitOf(ticks: Ticks, context: RenderContext): Commit {
  const digest = createHash('sha256').update(`catalog ${context.feedPath} ${ticks}`).digest('hex');
  const commitId = digest.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { commitId, commitTimeStamp: writeTicks(ticks) };
}

/** Always seven decimals, so that time stamps can be compared as text too. */
export function writeTicks(ticks: Ticks): string {
  const within = (ticks % 10_000n).toString().padStart(4, '0');
  return new Date(Number(ticks / 10_000n)).toISOString().replace('Z', `${within}Z`);
}

function readTicks(text: string | undefined): Ticks {
  if (text === undefined) return 0n;
  const [, milliseconds, within] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(\d{4})Z$/.exec(text) ?? [];
  if (milliseconds === undefined || within === undefined) throw new Error(`not a time stamp of a catalog: ${text}`);
  return BigInt(Date.parse(`${milliseconds}Z`)) * 10_000n + BigInt(within);
}

function renderPage(page: number, items: readonly CatalogReference[], context: RenderContext): Document {
  const first = page * catalogPageItemsMax;
  const tree = {
    '@id': urlOf(catalogPage(page), context),
    '@type': 'CatalogPage',
    ...commitOf(items.at(-1)?.ticks ?? 0n, context),
    count: items.length,
    parent: urlOf(catalogIndex, context),
    items: items.map(({ ticks, isGone, name, version }, index) => ({
      '@id': urlOf(catalogLeaf(first + index), context),
      '@type': isGone ? 'nuget:PackageDelete' : 'nuget:PackageDetails',
      ...commitOf(ticks, context),
      'nuget:id': name,
      'nuget:version': version,
    })),
  };
  return { type: 'document', path: catalogPage(page), rank: 'index', text: writeJson(tree) };
}

function readReference(item: ItemText): CatalogReference {
  return {
    ticks: readTicks(item.commitTimeStamp),
    isGone: item['@type'] === 'nuget:PackageDelete',
    name: item['nuget:id'],
    version: item['nuget:version'],
  };
}

/** `nuget:last…` are not in the protocol's description; the public gallery has them, and some mirrors look at them. */
function renderIndex({ pages, lastTicks }: CatalogSummary, context: RenderContext): Document {
  const stamp = (ticks: Ticks) => (ticks === 0n ? undefined : writeTicks(ticks));
  const tree = {
    '@id': urlOf(catalogIndex, context),
    '@type': ['CatalogRoot', 'AppendOnlyCatalog', 'Permalink'],
    ...commitOf(pages.at(-1)?.ticks ?? 0n, context),
    count: pages.length,
    'nuget:lastCreated': stamp(lastTicks.published),
    'nuget:lastEdited': stamp(lastTicks.changed),
    'nuget:lastDeleted': stamp(lastTicks.gone),
    items: pages.map(({ ticks, count }, page) => ({
      '@id': urlOf(catalogPage(page), context),
      '@type': 'CatalogPage',
      ...commitOf(ticks, context),
      count,
    })),
  };
  return { type: 'document', path: catalogIndex, rank: 'index', text: writeJson(tree) };
}

function readIndex(text: string): CatalogSummary {
  const tree = JSON.parse(text) as IndexText;
  return {
    pages: tree.items.map(({ commitTimeStamp, count }) => ({ ticks: readTicks(commitTimeStamp), count })),
    lastTicks: {
      published: readTicks(tree['nuget:lastCreated']),
      changed: readTicks(tree['nuget:lastEdited']),
      gone: readTicks(tree['nuget:lastDeleted']),
    },
  };
}
