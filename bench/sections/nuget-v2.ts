/**
 * NuGet v2: lists of a package's versions, which read workers make from its document. The same question again is answered from
 * memory, and is held against a bare server that has the same bytes; questions that nobody has asked yet show what making costs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure, kilobytes, quantile, ratio } from '../figures.ts';
import { galleryOf } from '../galleries.ts';
import { compare, get } from '../load/compare.ts';
import type { BenchContext, Goal, SectionResult, Table } from '../section.ts';
import { startBare, startReaders } from '../servers/start.ts';

const goalOfBare = 0.85;
const headers = { 'Accept-Encoding': 'gzip', Accept: 'application/atom+xml, application/xml' };

export const title = 'NuGet v2, one package';
export const needs = ['wrk'];

export async function measure(context: BenchContext): Promise<SectionResult> {
  const { documentVersions } = context.sizes;
  const ids = [
    { id: 'Read.Small', versions: 1 },
    { id: 'Read.Many', versions: documentVersions },
  ];
  const packages = ids.map(({ id, versions }) => ({ ecosystem: 'nupkg' as const, name: id, versions }));
  const dataDir = await galleryOf(context, `nuget-v2-${documentVersions}`, packages);
  const ours = await startReaders(context, dataDir, 1, 1);
  const tables: Table[] = [];
  const goals: Goal[] = [];
  for (const { id, versions } of ids) {
    const address = `/api/v2/FindPackagesById()?id='${id}'&$skip=0&$top=40`;
    const { body } = await get(`${ours.url}${address}`, headers);
    const what = `FindPackagesById, ${versions} version${versions === 1 ? '' : 's'}`;
    const bare = await startBare(context, {
      '/answer': { file: fileOf(context, body), headers: bareHeaders, isStreamed: false },
    });
    const candidates = [
      { name: 'Holdfast', url: `${ours.url}${address}`, headers },
      { name: 'bare node:http', url: `${bare.url}/answer`, headers },
    ];
    const found = await compare(context, `${what} (as gzip ${kilobytes(body.length)})`, candidates, {
      status: 200,
      bytes: body,
    });
    tables.push(found.table);
    const measured = found.ratioOf('Holdfast', 'bare node:http');
    goals.push({
      what: `${what}, by a bare node:http server`,
      goal: `≥ ${ratio(goalOfBare)}`,
      measured: ratio(measured),
      isMet: measured >= goalOfBare,
    });
  }
  return { tables: [...tables, await firstTimes(context, ours.url, ids)], goals, notes: [] };
}

const bareHeaders = ['Content-Type', 'application/atom+xml', 'Content-Encoding', 'gzip'];

function fileOf(context: BenchContext, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  context.ending(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'answer'), bytes);
  return join(folder, 'answer');
}

/** One after another, each with a filter that no other has. */
async function firstTimes(
  context: BenchContext,
  url: string,
  ids: readonly { readonly id: string; readonly versions: number }[],
): Promise<Table> {
  const rows: string[][] = [];
  for (const { id, versions } of ids) {
    const times: number[] = [];
    for (let number = 0; number < context.sizes.questions; number += 1) {
      const filter = encodeURIComponent(`Id eq '${id}' and Version ne '9.${number}' and IsPrerelease eq false`);
      const startedAt = performance.now();
      await get(`${url}/api/v2/FindPackagesById()?$filter=${filter}&id='${id}'&$inlinecount=allpages`, headers);
      times.push(performance.now() - startedAt);
    }
    rows.push([
      `${versions} version${versions === 1 ? '' : 's'}`,
      figure(quantile(times, 0.5)),
      figure(quantile(times, 0.99)),
    ]);
  }
  return { title: 'Questions asked for the first time, one after another', columns: ['', 'p50 ms', 'p99 ms'], rows };
}
