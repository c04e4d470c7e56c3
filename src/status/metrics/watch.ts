/**
 * Reads the gallery's metrics again and again and keeps what the rules say of them. Never throws: a gallery that cannot be read leaves
 * every rule as it was, and after five minutes is a condition of its own.
 */
import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import { systemDisk } from '../../std/disk.ts';
import type { Condition } from '../alarms/condition.ts';
import type { StatusSettings } from '../config/load.ts';
import type { ProbeState } from '../probes/probe.ts';
import { emptyState, evaluateRules } from './evaluate.ts';
import { expositionLengthMax, readExposition, type Sample } from './exposition.ts';
import { rulesOf } from './rules.ts';

export interface MetricsWatch {
  /**
   * Reads once and evaluates; to be called every `metricsEverySeconds`, never twice at a time.
   * @param states of all probes: what they measured besides counts as samples, with the labels `probe`, `component` and `part`
   */
  read(states: readonly ProbeState[]): Promise<void>;
  /** Of the last reading; empty before the first. */
  conditions(): readonly Condition[];
}

export interface MetricsWatchParts {
  readonly settings: Pick<StatusSettings, 'gallery' | 'metrics'>;
  readonly clock: Clock;
  readonly log: Log;
}

const deadlineMs = 10_000;
/** For so long metrics may be unread before somebody is told, in milliseconds. */
const unreadMsMax = 5 * 60_000;
const tokenLengthMax = 1_000;

export function watchMetrics({ settings, clock, log }: MetricsWatchParts): MetricsWatch {
  const rules = rulesOf(settings.metrics);
  const beganAt = clock.now();
  let readAt: number | undefined;
  let state = emptyState;
  let conditions: readonly Condition[] = [];
  let problem = '';

  async function fetchSamples(): Promise<Sample[] | undefined> {
    try {
      const samples = readExposition(await fetchText(settings.gallery));
      readAt = clock.now();
      problem = '';
      return samples;
    } catch (error) {
      const reason = wordsOf(error);
      if (problem === '') log.warn({ reason }, 'the metrics of the gallery cannot be read');
      problem = reason;
      return undefined;
    }
  }

  return {
    async read(states) {
      const samples = await fetchSamples();
      const measures = samplesOfMeasures(states);
      const all = samples === undefined && measures.length === 0 ? undefined : [...(samples ?? []), ...measures];
      const evaluated = evaluateRules(rules, all, state, clock.now());
      state = evaluated.state;
      conditions = [...evaluated.conditions, unreadable(clock.now(), readAt, beganAt, problem)];
    },
    conditions: () => conditions,
  };
}

function unreadable(now: number, readAt: number | undefined, beganAt: number, problem: string): Condition {
  const since = readAt ?? beganAt;
  const last =
    readAt === undefined ? 'They were never read' : `They were last read at ${new Date(readAt).toISOString()}`;
  return {
    key: 'metrics:unreadable',
    title: 'The metrics of the gallery cannot be read',
    text:
      problem === '' ? 'They were just read.' : `${last}: ${problem}. Disk, queues and keys are not watched meanwhile.`,
    severity: 'ticket',
    isFiring: problem !== '' && now - since >= unreadMsMax,
    component: undefined,
    runbook: 'alarm-metrics-unreadable',
  };
}

/** @returns what probes measured besides, of those that ran */
export function samplesOfMeasures(states: readonly ProbeState[]): Sample[] {
  return states.flatMap(({ probe, last, state }) =>
    last === undefined || state === 'unknown'
      ? []
      : Object.entries(last.measures).map(([name, value]) => ({
          name,
          labels: { probe: probe.id, component: probe.component, part: probe.part },
          value,
        })),
  );
}

async function fetchText({ url, tokenFile }: StatusSettings['gallery']): Promise<string> {
  const token = systemDisk.readStart(tokenFile, tokenLengthMax);
  if (token === undefined) throw new Error(`there is no token in ${tokenFile}`);
  const answer = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${Buffer.from(token).toString('utf8').trim()}`, accept: 'text/plain' },
    redirect: 'error',
    signal: AbortSignal.timeout(deadlineMs),
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Error(`${url}/metrics answers ${answer.status}`);
  }
  return readBody(answer);
}

/** A gallery that sends without end must not fill our memory. */
async function readBody(answer: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > expositionLengthMax)
      throw new Error(`the answer has more than ${expositionLengthMax} characters`);
  }
  return text + decoder.decode();
}

function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? `${message} (${cause.message})` : message;
}
