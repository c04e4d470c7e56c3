/**
 * The status page under load: the whole page and `summary.json`, from one process that goes on probing meanwhile, with the outages of the
 * ledger as its history. Beside it, in the same rounds, a bare server that sends as many bytes from memory.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pager } from '../../src/drills/pager.ts';
import { freePort } from '../../src/drills/running-gallery.ts';
import { RunningStatus } from '../../src/drills/running-status.ts';
import { figure, kilobytes, median, ratio, spread } from '../figures.ts';
import { get } from '../load/compare.ts';
import { type LoadRun, runWrk } from '../load/wrk.ts';
import type { BenchContext, Goal, SectionResult } from '../section.ts';
import { emptyGallery } from '../servers/gallery.ts';
import { program, startBare } from '../servers/start.ts';

const perSecondMin = 10_000;
const measuredWithinMs = 180_000;

export const title = 'The status page';
export const needs = ['wrk'];

interface Asked {
  readonly what: string;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
}

const asked: readonly Asked[] = [
  { what: 'the page, as gzip', address: '/', headers: { 'Accept-Encoding': 'gzip' } },
  { what: 'the page, plain', address: '/', headers: {} },
  { what: 'summary.json, as gzip', address: '/api/v2/summary.json', headers: { 'Accept-Encoding': 'gzip' } },
  { what: 'summary.json, plain', address: '/api/v2/summary.json', headers: {} },
];

export async function measure(context: BenchContext): Promise<SectionResult> {
  const status = await startWatched(context);
  const rows: string[][] = [];
  const goals: Goal[] = [];
  for (const { what, address, headers } of context.sizes.isWhole ? asked : asked.slice(0, 1)) {
    const { body } = await get(`${status.url}${address}`, headers);
    const bare = await startBare(context, {
      '/answer': { file: fileOf(context, body), headers: ['Content-Type', 'text/plain'], isStreamed: false },
    });
    const [ours, bares] = await inTurn(context, what, [
      { url: `${status.url}${address}`, headers },
      { url: `${bare.url}/answer`, headers },
    ]);
    const rates = ours.map(({ requestsPerSecond }) => requestsPerSecond);
    const byBare = rates.map((rate, round) => rate / (bares[round]?.requestsPerSecond ?? 1));
    const worst = median(ours.map(({ p99Ms }) => p99Ms));
    rows.push([what, kilobytes(body.length), spread(rates), figure(worst), ratio(median(byBare))]);
    goals.push({
      what: `${what}: requests a second from one process`,
      goal: `≥ ${perSecondMin}`,
      measured: String(Math.round(median(rates))),
      isMet: median(rates) >= perSecondMin,
    });
  }
  const columns = ['', 'bytes', 'requests/s', 'p99 ms', 'by a bare node:http server'];
  return { tables: [{ title: 'The status page while it probes a gallery', columns, rows }], goals, notes: [] };
}

async function startWatched(context: BenchContext): Promise<RunningStatus> {
  // Probes follow the addresses that documents have, so those have to lead to this gallery.
  const gallery = await emptyGallery(context, { HOLDFAST_BASE_URL: '' });
  const pager = new Pager();
  await pager.listen();
  context.ending(() => pager.close());
  const folder = mkdtempSync(join(context.folder, 'status-'));
  context.ending(() => rmSync(folder, { recursive: true, force: true }));
  const status = new RunningStatus(
    { program, folder, port: await freePort(), pager },
    { url: gallery.url, tokenFile: gallery.folders.canaryToken },
  );
  status.start();
  context.ending(() => status.stop());
  await status.untilWell(measuredWithinMs);
  const { exitCode, output } = await status.command('status', 'import-ledger');
  if (exitCode !== 0) throw new Error(`the ledger was not imported: ${output}`);
  return status;
}

async function inTurn(
  context: BenchContext,
  what: string,
  candidates: readonly { readonly url: string; readonly headers: Readonly<Record<string, string>> }[],
): Promise<readonly [LoadRun[], LoadRun[]]> {
  const { rounds, loadSeconds, warmUpSeconds } = context.sizes;
  if (warmUpSeconds > 0) for (const { url, headers } of candidates) await runWrk(url, warmUpSeconds, headers);
  const runs: [LoadRun[], LoadRun[]] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    context.say(`${what}: round ${round} of ${rounds}`);
    for (const [index, { url, headers }] of candidates.entries()) {
      runs[index as 0 | 1].push(await runWrk(url, loadSeconds, headers));
    }
  }
  return runs;
}

function fileOf(context: BenchContext, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  context.ending(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'answer'), bytes);
  return join(folder, 'answer');
}
