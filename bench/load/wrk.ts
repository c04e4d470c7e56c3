/** One run of wrk: two threads, 32 kept connections, one address again and again. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface LoadRun {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const threads = 2;
const connections = 32;

/**
 * @param seconds whole ones, 1 at least
 * @param headers names and values
 */
export async function runWrk(
  url: string,
  seconds: number,
  headers: Readonly<Record<string, string>>,
): Promise<LoadRun> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = ['-t', String(threads), '-c', String(connections), '-d', `${seconds}s`, '--latency', ...fields, url];
  const { stdout } = await promisify(execFile)('wrk', args);
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1];
  // wrk counts a response that it did not wait for at the end as none, but a connection that broke is our trouble.
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+)/.exec(stdout);
  if (refused !== undefined || broken?.slice(1).some((count) => count !== '0')) {
    throw new Error(`${url} did not stand the load: ${stdout}`);
  }
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    bytesPerSecond: bytesOf(/Transfer\/sec:\s+([\d.]+\w+)/.exec(stdout)?.[1] ?? ''),
    p50Ms: millisecondsOf(/\n\s+50%\s+([\d.]+\w+)/.exec(stdout)?.[1] ?? ''),
    p99Ms: millisecondsOf(/\n\s+99%\s+([\d.]+\w+)/.exec(stdout)?.[1] ?? ''),
  };
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
};

function measured(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)(\w+)$/.exec(text) ?? [];
  return Number(number) * (units[unit] ?? Number.NaN);
}

const bytesOf = measured;
const millisecondsOf = measured;
