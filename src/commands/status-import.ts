/**
 * `holdfast status import URL` and `import-ledger`: fetches another page's history within limits, makes incidents of it, and hands them
 * to the status service. The service itself fetches nothing from others' pages.
 */
import { type ImportedIncident, importedAtOnceMax } from '../status/api/imports.ts';
import { type ForeignDocuments, historyOf } from '../status/imports/statuspage-history.ts';
import { ledger } from '../status/ledger/ledger.ts';
import { exampleOf, isDated, ledgerSource } from '../status/ledger/outage.ts';
import { exitSomeRefused } from './exit-codes.ts';
import { shortTime } from './incident-output.ts';
import { oneLine, printTable } from './print.ts';
import type { StatusValues } from './status.ts';
import { type StatusClient, StatusProblem } from './status-client.ts';
import { Misused } from './status-words.ts';

/** One document of another page. */
export const documentBytesMax = 16 * 1024 * 1024;
export const fetchDeadlineMs = 30_000;
export const redirectsMax = 3;
/** Texts of one request to the service, so that a body stays under its limit. */
const sentLengthMax = 1_000_000;

export async function importHistory(
  client: () => StatusClient,
  word: string,
  values: StatusValues,
): Promise<number | undefined> {
  const page = pageOf(word);
  if (values.remove) return remove(client(), page);
  const documents: ForeignDocuments = {
    incidents: await fetchDocument(page, 'incidents.json'),
    maintenances: await fetchDocument(page, 'scheduled-maintenances.json'),
    components: await fetchDocument(page, 'components.json'),
  };
  const { incidents, openCount, unreadableCount } = historyOf(documents);
  const leftOut = [
    ...(openCount === 0 ? [] : [`${openCount} that are not over yet`]),
    ...(unreadableCount === 0 ? [] : [`${unreadableCount} without an id or a time`]),
  ];
  if (leftOut.length > 0) process.stderr.write(`Left out: ${leftOut.join(', ')}.\n`);
  if (values['dry-run']) return show(incidents);
  return send(client(), page, incidents);
}

export async function importLedger(client: () => StatusClient, values: StatusValues): Promise<number | undefined> {
  if (values.remove) return remove(client(), ledgerSource);
  const dated = ledger.filter(isDated);
  const undated = ledger.filter((outage) => !isDated(outage)).reduce((sum, { times = 1 }) => sum + times, 0);
  process.stderr.write(`${undated} outages of the ledger have no month that is known, and are left out.\n`);
  const incidents = dated.map(exampleOf);
  return values['dry-run'] ? show(incidents) : send(client(), ledgerSource, incidents);
}

/** @returns the address of a page, whatever of it somebody copied: its front, its API, with or without a slash */
function pageOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw new Misused(`"${text}" is not the address of a page, such as https://status.example.org`);
  }
  return `${url.origin}${url.pathname.replace(/\/api\/v2(\/.*)?$/, '').replace(/\/+$/, '')}`;
}

async function fetchDocument(page: string, name: string): Promise<unknown> {
  const address = `${page}/api/v2/${name}`;
  try {
    const answer = await follow(address, AbortSignal.timeout(fetchDeadlineMs));
    return JSON.parse(await readWithin(answer, address));
  } catch (error) {
    if (error instanceof StatusProblem) throw error;
    const { name: kind, message, cause } = error as Error & { cause?: { code?: string } };
    const why = kind === 'TimeoutError' ? `not within ${fetchDeadlineMs / 1_000} s` : (cause?.code ?? message);
    throw new StatusProblem(`${address} cannot be read: ${kind === 'SyntaxError' ? 'it is not JSON' : why}`);
  }
}

/** Follows a few redirects, never from an encrypted address to one that is not. */
async function follow(address: string, signal: AbortSignal): Promise<Response> {
  let url = new URL(address);
  for (let hop = 0; hop <= redirectsMax; hop += 1) {
    const answer = await fetch(url, { redirect: 'manual', signal, headers: { accept: 'application/json' } });
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || location === null) {
      if (answer.ok) return answer;
      throw new StatusProblem(`${address} answered ${answer.status}`);
    }
    await answer.body?.cancel();
    const next = new URL(location, url);
    const isWorse = url.protocol === 'https:' && next.protocol !== 'https:';
    if (!/^https?:$/.test(next.protocol) || isWorse)
      throw new StatusProblem(`${address} leads to ${next.origin}, which is not followed`);
    url = next;
  }
  throw new StatusProblem(`${address} leads on more than ${redirectsMax} times`);
}

async function readWithin(answer: Response, address: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > documentBytesMax) throw new StatusProblem(`${address} is larger than ${documentBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function show(incidents: readonly ImportedIncident[]): number {
  printTable(
    ['id there', 'begins (UTC)', 'ends', 'impact', 'updates', 'name'],
    incidents.map(({ foreignId, startedAt, endedAt, impact, updates, name }) => [
      oneLine(foreignId),
      shortTime(startedAt),
      shortTime(endedAt),
      impact,
      String(updates.length),
      oneLine(name),
    ]),
  );
  process.stderr.write(`${incidents.length} would be imported; nothing was changed.\n`);
  return 0;
}

interface Imported {
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: readonly { readonly foreignId: string; readonly message: string }[];
}

async function send(client: StatusClient, source: string, incidents: readonly ImportedIncident[]): Promise<number> {
  const sum = { new: 0, changed: 0, unchanged: 0, refused: 0 };
  for (const batch of batches(incidents)) {
    const done = await client.ask<Imported>('POST', '/api/imports', { source, incidents: batch });
    sum.new += done.new;
    sum.changed += done.changed;
    sum.unchanged += done.unchanged;
    sum.refused += done.refused.length;
    for (const { foreignId, message } of done.refused)
      process.stderr.write(`holdfast: ${oneLine(foreignId)}: ${message}\n`);
  }
  process.stdout.write(
    `${incidents.length} read: ${sum.new} new, ${sum.changed} changed, ${sum.unchanged} here already, ${sum.refused} refused.\n`,
  );
  return sum.refused === 0 ? 0 : exitSomeRefused;
}

function batches(incidents: readonly ImportedIncident[]): readonly (readonly ImportedIncident[])[] {
  const all: ImportedIncident[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const incident of incidents) {
    const own = JSON.stringify(incident).length;
    const last = all.at(-1);
    if (last === undefined || length + own > sentLengthMax || last.length >= importedAtOnceMax) {
      all.push([incident]);
      length = own;
    } else {
      last.push(incident);
      length += own;
    }
  }
  return all;
}

async function remove(client: StatusClient, source: string): Promise<number> {
  const { removed } = await client.ask<{ removed: number }>(
    'DELETE',
    `/api/imports?source=${encodeURIComponent(source)}`,
  );
  process.stdout.write(`${removed} removed.\n`);
  return 0;
}
