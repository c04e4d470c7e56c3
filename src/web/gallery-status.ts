/**
 * What the status service says of the gallery, asked in the background and never while somebody waits for a page. Not known is never
 * shown: an answer counts for two minutes, and a service that is away changes nothing else.
 */
import type { Config } from '../config/load.ts';
import { type Clock, repeat } from '../std/clock.ts';

export const askEveryMs = 15_000;
/** Longer ago than this, an answer tells nothing about now. */
export const answerKeptMs = 120_000;
const deadlineMs = 5_000;
export const answerBytesMax = 1024 * 1024;
const textLengthMax = 200;

export interface Maintenance {
  readonly name: string;
  readonly isUnderWay: boolean;
  /** UTC milliseconds. */
  readonly from: number;
  readonly until: number;
}

export interface GalleryStatus {
  readonly indicator: 'none' | 'minor' | 'major' | 'critical';
  /** Names of open incidents, the newest first. */
  readonly incidents: readonly string[];
  readonly maintenances: readonly Maintenance[];
}

export interface StatusWatch {
  /** Undefined when it is not known. */
  current(): GalleryStatus | undefined;
  /** Where people look; undefined when there is no status service. */
  readonly link: () => string | undefined;
  stop(): Promise<void>;
}

/** @returns the address of the status service; undefined when there is none, or nobody is to ask it */
export function statusAddress(config: Pick<Config, 'statusUrl' | 'statusHost' | 'statusPort'>): string | undefined {
  const { statusUrl, statusHost, statusPort } = config;
  if (statusUrl !== '') return statusUrl === 'off' ? undefined : statusUrl;
  if (statusPort === 0) return undefined;
  const anyAddress: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
  const host = anyAddress[statusHost] ?? (statusHost.includes(':') ? `[${statusHost}]` : statusHost);
  return `http://${host}:${statusPort}`;
}

/** Begins to ask at once. */
export function watchStatus(address: string | undefined, clock: Clock): StatusWatch {
  let known: { readonly status: GalleryStatus | undefined; readonly at: number } | undefined;
  let link = address;
  const stopping = new AbortController();
  const ask = async () => {
    const answer = await askStatus(`${address}/api/v2/summary.json`, stopping.signal);
    if (answer === undefined) return;
    known = { status: readStatus(answer), at: clock.monotonicMs() };
    link = linkIn(answer) ?? link;
  };
  const stopAsking = address === undefined ? undefined : repeat(askEveryMs, ask);
  return {
    current: () => (known !== undefined && clock.monotonicMs() - known.at <= answerKeptMs ? known.status : undefined),
    link: () => link,
    async stop() {
      stopping.abort();
      await stopAsking?.();
    },
  };
}

/** @returns the JSON of an answer in time; undefined when there is none, whatever the reason */
async function askStatus(url: string, stopping: AbortSignal): Promise<unknown> {
  try {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(deadlineMs)]);
    const answer = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of answer.body ?? []) {
      length += piece.byteLength;
      if (length > answerBytesMax) return undefined;
      pieces.push(piece);
    }
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    // Away, slow, or something else than a status service: the banner is for those who have one.
    return undefined;
  }
}

/** @returns what a `summary.json` of the Statuspage API says; undefined when it says nothing that we know */
export function readStatus(answer: unknown): GalleryStatus | undefined {
  const { status, incidents, scheduled_maintenances: maintenances } = fieldsOf(answer);
  const { indicator } = fieldsOf(status);
  // Another page's word for maintenance alone, which its list tells better.
  const known = indicator === 'maintenance' ? 'none' : indicator;
  if (known !== 'none' && known !== 'minor' && known !== 'major' && known !== 'critical') return undefined;
  return {
    indicator: known,
    incidents: listOf(incidents).flatMap((one) => textOf(fieldsOf(one).name) ?? []),
    maintenances: listOf(maintenances).flatMap((one) => readMaintenance(fieldsOf(one)) ?? []),
  };
}

function readMaintenance({ name, status, scheduled_for, scheduled_until }: Fields): Maintenance | undefined {
  const [from, until] = [timeOf(scheduled_for), timeOf(scheduled_until)];
  const text = textOf(name);
  if (text === undefined || from === undefined || until === undefined || status === 'completed') return undefined;
  return { name: text, isUnderWay: status !== 'scheduled', from, until };
}

/** The page's own address, if a browser may follow it. */
function linkIn(answer: unknown): string | undefined {
  const { url } = fieldsOf(fieldsOf(answer).page);
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  const { protocol, href, username } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && username === '' ? href : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, 50) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, textLengthMax) : undefined;
}

function timeOf(value: unknown): number | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
