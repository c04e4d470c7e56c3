/**
 * Candidates in turn, several times over: whatever else the machine does meanwhile meets all of them, and only the ratio within a
 * round is compared. Before it is measured, a candidate must send exactly the bytes that are expected.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { figure, median, ratio, spread } from '../figures.ts';
import type { BenchContext, Table } from '../section.ts';
import { type LoadRun, runWrk } from './wrk.ts';

export interface Candidate {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Expected {
  readonly status: 200 | 304;
  /** Of the body as it is sent. */
  readonly bytes: Uint8Array;
}

export interface Comparison {
  readonly table: Table;
  /** Median over the rounds of A's rate by B's in the same round. */
  ratioOf(candidate: string, by: string): number;
}

/** @param by the candidate that the others are held against */
export async function compare(
  context: BenchContext,
  title: string,
  candidates: readonly Candidate[],
  expected: Expected,
): Promise<Comparison> {
  const { rounds, loadSeconds, warmUpSeconds } = context.sizes;
  for (const candidate of candidates) await check(candidate, expected);
  if (warmUpSeconds > 0) for (const { url, headers } of candidates) await runWrk(url, warmUpSeconds, headers);
  const runs = new Map<string, LoadRun[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    context.say(`${title}: round ${round} of ${rounds}`);
    for (const { name, url, headers } of candidates) runs.get(name)?.push(await runWrk(url, loadSeconds, headers));
  }
  const ratesOf = (name: string) => (runs.get(name) ?? []).map(({ requestsPerSecond }) => requestsPerSecond);
  const ratiosOf = (name: string, by: string) => ratesOf(name).map((rate, round) => rate / (ratesOf(by)[round] ?? 1));
  const rows = candidates.map(({ name }) => {
    const own = runs.get(name) ?? [];
    return [
      name,
      spread(ratesOf(name)),
      figure(median(own.map(({ bytesPerSecond }) => bytesPerSecond)) / 1e6),
      figure(median(own.map(({ p50Ms }) => p50Ms))),
      figure(median(own.map(({ p99Ms }) => p99Ms))),
      ratio(median(ratiosOf(candidates[0]?.name ?? '', name))),
    ];
  });
  const columns = ['', 'requests/s', 'MB/s', 'p50 ms', 'p99 ms', `${candidates[0]?.name} is`];
  return {
    table: { title, columns, rows },
    ratioOf: (candidate, by) => median(ratiosOf(candidate, by)),
  };
}

async function check({ name, url, headers }: Candidate, { status, bytes }: Expected): Promise<void> {
  const answer = await get(url, headers);
  assert.equal(answer.status, status, `${name} must answer ${status}`);
  assert.ok(answer.body.equals(bytes), `${name} must send the ${bytes.length} bytes that all send`);
}

/** One request on a connection of its own; the body as it was sent, compressed or not. */
export async function get(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Readonly<Record<string, unknown>>; body: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof get>>>();
  const sent = request(url, { agent: false, headers: { ...headers } }, (answer) => {
    buffer(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }), reject);
  });
  sent.once('error', reject).end();
  return promise;
}
