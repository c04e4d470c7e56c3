/**
 * Makes a probe of what is tried: keeps its deadline, times its steps, and turns whatever happens into a verdict. What a user would have
 * run into is bad; what kept us from trying is unknown; a fault of the probe's own is unknown too, and is logged.
 */

import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import { InstallError } from '../canary/found.ts';
import type { StatusDatabase } from '../database.ts';
import type { Probe, ProbeResult } from './probe.ts';

/** What probes need of the service. */
export interface ProbeParts {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** Keeps the canaries. */
  readonly db: StatusDatabase;
}

/** What a user would run into; the message is what the probe says. */
export class Finding extends Error {}

/** It could not be tried, for the reason in the message. */
export class NotTried extends Error {}

export interface Attempt {
  /** Aborts at the deadline, and when the service stops. */
  readonly signal: AbortSignal;
  /** Does one hop and notes how long it took, whether it works or not. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  measure(name: string, value: number): void;
  /** Notes steps that were done on behalf of others too; the result then took as long as they did. */
  took(steps: ProbeResult['steps']): void;
}

/** @param tryIt throws Finding, InstallError or NotTried with the words of the result */
export function probeThat(
  { clock, log }: Pick<ProbeParts, 'clock' | 'log'>,
  facts: Omit<Probe, 'run'>,
  tryIt: (attempt: Attempt) => Promise<void>,
): Probe {
  return {
    ...facts,
    async run(stopping) {
      const beganAt = clock.monotonicMs();
      const steps: { name: string; durationMs: number }[] = [];
      const measures: Record<string, number> = {};
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(facts.deadlineMs)]);
      let under = '';
      let elsewhereMs: number | undefined;
      const attempt: Attempt = {
        signal,
        async step(name, work) {
          const stepBeganAt = clock.monotonicMs();
          under = name;
          try {
            return await work();
          } finally {
            steps.push({ name, durationMs: clock.monotonicMs() - stepBeganAt });
          }
        },
        measure(name, value) {
          measures[name] = value;
        },
        took(taken) {
          steps.push(...taken);
          elsewhereMs = taken.reduce((sum, { durationMs }) => sum + durationMs, 0);
        },
      };
      const judged = await untilAborted(signal, tryIt(attempt)).then(
        () => ({ verdict: 'good', words: '' }) as const,
        (error: unknown) => judge(error, { stopping, signal, under, deadlineMs: facts.deadlineMs, log, id: facts.id }),
      );
      const durationMs = elsewhereMs ?? clock.monotonicMs() - beganAt;
      return { ...judged, durationMs, steps: [...steps], measures };
    },
  };
}

/** The work itself ends a moment later, by the same signal. */
async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

interface Circumstances {
  readonly stopping: AbortSignal;
  readonly signal: AbortSignal;
  readonly under: string;
  readonly deadlineMs: number;
  readonly log: Log;
  readonly id: string;
}

function judge(error: unknown, { stopping, signal, under, deadlineMs, log, id }: Circumstances): Verdictly {
  if (stopping.aborted && !isTimeout(stopping.reason)) return { verdict: 'unknown', words: 'the service is stopping' };
  if (signal.aborted || isTimeout(error) || isAbort(error)) {
    const where = under === '' ? '' : ` at the step "${under}"`;
    return { verdict: 'bad', words: `no answer within ${deadlineMs / 1_000} s${where}` };
  }
  if (error instanceof NotTried) return { verdict: 'unknown', words: error.message };
  if (error instanceof Finding || error instanceof InstallError) return { verdict: 'bad', words: error.message };
  log.error({ err: error, probe: id }, 'a probe failed by a fault of its own');
  return { verdict: 'unknown', words: `the probe itself failed: ${(error as Error).message}` };
}

type Verdictly = Pick<ProbeResult, 'verdict' | 'words'>;

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  EHOSTUNREACH: 'no way leads to the address',
  ENETUNREACH: 'no way leads to the address',
  EADDRNOTAVAIL: 'no way leads to the address',
  ETIMEDOUT: 'the connection was not answered',
  ENOTFOUND: 'the name has no address',
  EAI_AGAIN: 'the name could not be looked up',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate vouches for itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate’s root is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate’s chain is not complete',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate’s chain is not complete',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate’s chain is not complete, or its root is not trusted',
};

/** @returns what a connection died of, in words and with the system's code; undefined for what is no trouble of a connection */
export function troubleOf(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || isAbort(error)) return undefined;
  return code in sentences ? `${sentences[code]} (${code})` : `${message} (${code})`;
}

/**
 * Rethrows trouble of a connection as a Finding about the subject, and anything else as it is.
 * @param request whose own deadline, in milliseconds, may have come before that of the whole attempt
 */
export function findingAbout(
  subject: string,
  error: unknown,
  request?: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
): never {
  if (request !== undefined && (isAbort(error) || isTimeout(error)) && request.signal?.aborted !== true) {
    throw new Finding(`${subject}: no answer within ${request.deadlineMs / 1_000} s`);
  }
  const trouble = troubleOf(error);
  throw trouble === undefined ? error : new Finding(`${subject}: ${trouble}`);
}
