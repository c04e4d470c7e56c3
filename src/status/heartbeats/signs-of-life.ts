/**
 * Our own sign of life, sent to others so that they notice our silence. It is sent only while the service itself is well: a service
 * that is up and sees nothing must be as silent as one that is gone.
 */
import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import type { Condition } from '../alarms/condition.ts';
import { callHttp } from '../channels/http-request.ts';
import type { StatusConfig } from '../config/schema.ts';

type Destination = StatusConfig['heartbeatsOut'][number];

export interface SignsOfLife {
  /** Sends what is due. To be called every second; resolves when all of it was answered, and never overlaps itself. */
  send(): Promise<void>;
  conditions(): Condition[];
  close(): Promise<void>;
}

export interface SignOfLifeParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly destinations: () => readonly Destination[];
  /** Whether probes run, results are fresh, and a page would reach somebody. */
  readonly isWell: () => boolean;
  readonly deadlineMs?: number;
}

const deadlineDefaultMs = 10_000;
const failuresMax = 3;
/** Nothing is known for a moment after each start; what is not well then is told after so long. */
const beginMs = 60_000;

interface Tried {
  startedAt: number;
  failures: number;
  words: string;
}

export function openSignsOfLife({
  clock,
  log,
  destinations,
  isWell,
  deadlineMs = deadlineDefaultMs,
}: SignOfLifeParts): SignsOfLife {
  const stopping = new AbortController();
  const tried = new Map<string, Tried>();
  const busy = new Map<string, Promise<void>>();
  let [hasBegun, wasWell] = [false, true];
  const openedAt = clock.now();

  const hostOf = ({ url }: Destination) => new URL(url).host;

  async function sendTo(destination: Destination, one: Tried): Promise<void> {
    const headers = { 'user-agent': 'Holdfast-Status', 'content-type': 'text/plain' };
    const { signal } = stopping;
    const call = {
      url: destination.url,
      method: 'POST',
      headers,
      body: '',
      deadlineMs,
      isPrivateAllowed: true,
      signal,
    };
    const outcome = await callHttp(call);
    if (signal.aborted) return;
    const host = hostOf(destination);
    if (outcome.kind === 'taken') {
      if (one.failures > 0) log.info({ host }, 'our sign of life is taken again');
      one.failures = 0;
      return;
    }
    one.failures += 1;
    one.words = outcome.words;
    if (one.failures === 1) log.warn({ host, words: outcome.words }, 'our sign of life was not taken');
  }

  return {
    async send() {
      const isWellNow = isWell();
      hasBegun ||= isWellNow || clock.now() - openedAt >= beginMs;
      if (!hasBegun) return;
      if (isWellNow !== wasWell && destinations().length > 0) {
        if (isWellNow) log.info('the service is well; its sign of life is sent again');
        else log.error('the service is not well and sends no sign of life; whoever expects one is to call somebody');
      }
      wasWell = isWellNow;
      if (!isWellNow || stopping.signal.aborted) return;
      const now = clock.now();
      for (const destination of destinations()) {
        const { url, everySeconds } = destination;
        const one = tried.get(url) ?? { startedAt: Number.NEGATIVE_INFINITY, failures: 0, words: '' };
        tried.set(url, one);
        if (busy.has(url) || now - one.startedAt < everySeconds * 1000) continue;
        one.startedAt = now;
        busy.set(
          url,
          sendTo(destination, one).finally(() => busy.delete(url)),
        );
      }
      await Promise.all(busy.values());
    },
    conditions: () =>
      destinations().map((destination, index) => {
        const one = tried.get(destination.url);
        return {
          key: `heartbeat-out:${index + 1}`,
          title: `Our sign of life does not arrive at ${hostOf(destination)}`,
          text: `The last ${one?.failures ?? 0} tries failed: ${one?.words ?? ''}. If this service ends now, nobody may notice.`,
          severity: 'ticket',
          isFiring: one === undefined ? undefined : one.failures >= failuresMax,
          component: undefined,
          runbook: 'alarm-heartbeat-out',
        };
      }),
    async close() {
      stopping.abort();
      await Promise.all(busy.values());
    },
  };
}
