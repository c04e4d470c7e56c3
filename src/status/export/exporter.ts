/**
 * Keeps every export up to date: a round at each change and at least once a minute, never two at once for one place. Nobody waits
 * for it: a place that fails or hangs is a state and a condition, and the next round tries again.
 */
import type { Clock } from '../../std/clock.ts';
import type { Condition } from '../alarms/condition.ts';
import type { PublishedFile } from '../publication/published-file.ts';
import { type ExportTarget, exportFiles } from './target.ts';

/** The page says as of when it is; more often than it is put, it cannot be true. */
const everyMs = 60_000;
/** Changes that come together are put together. */
const pauseMs = 1_000;
/** A place that failed for so long is told to somebody. */
const ticketAfterMs = 180_000;

export interface ExportState {
  readonly target: string;
  /** When the last round began that put everything. */
  readonly doneAt: number | undefined;
  /** Since when every round has failed. */
  readonly failingSince: number | undefined;
  /** Why the last round failed; empty when it did not. */
  readonly why: string;
}

export interface Exporter {
  /** To be called when something public changed. Returns at once. */
  changed(): void;
  states(): readonly ExportState[];
  /** `export:1` for the first target of the configuration, and so on. */
  conditions(): readonly Condition[];
  /** Ends the rounds under way. */
  stop(): Promise<void>;
}

/** @param files gives what is published now; called at the beginning of each round */
export function startExporter(
  targets: readonly ExportTarget[],
  files: () => readonly PublishedFile[],
  clock: Clock,
): Exporter {
  const stopping = new AbortController();
  const keepers = targets.map((target) => keepTarget(target, files, clock, stopping.signal));
  return {
    changed: () => {
      for (const { wake } of keepers) wake();
    },
    states: () => keepers.map(({ state }) => state()),
    conditions: () => keepers.map(({ state }, index) => conditionOf(state(), index + 1, clock.now())),
    async stop() {
      stopping.abort();
      await Promise.all(keepers.map(({ ended }) => ended));
    },
  };
}

interface Keeper {
  wake(): void;
  state(): ExportState;
  readonly ended: Promise<void>;
}

function keepTarget(
  target: ExportTarget,
  files: () => readonly PublishedFile[],
  clock: Clock,
  signal: AbortSignal,
): Keeper {
  let state: ExportState = { target: target.name, doneAt: undefined, failingSince: undefined, why: '' };
  let woken = new AbortController();
  const oneRound = async () => {
    const at = clock.now();
    try {
      await exportFiles(target, files(), signal);
      state = { target: target.name, doneAt: at, failingSince: undefined, why: '' };
    } catch (error) {
      if (signal.aborted) return;
      state = { ...state, failingSince: state.failingSince ?? at, why: reasonOf(error) };
    }
  };
  const loop = async () => {
    while (!signal.aborted) {
      woken = new AbortController();
      await oneRound();
      await clock.sleep(pauseMs, signal).catch(() => undefined);
      // A change that came during the round has aborted this already.
      await clock.sleep(everyMs - pauseMs, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    }
  };
  return { wake: () => woken.abort(), state: () => state, ended: loop() };
}

/** The whole chain, because `fetch failed` alone helps nobody. */
function reasonOf(error: unknown): string {
  const words: string[] = [];
  for (let one: unknown = error; one instanceof Error && words.length < 4; one = one.cause)
    words.push(one.message || ((one as NodeJS.ErrnoException).code ?? one.name));
  return words.length === 0 ? String(error) : words.join(': ');
}

function conditionOf(state: ExportState, number: number, now: number): Condition {
  const { target, doneAt, failingSince, why } = state;
  const last = doneAt === undefined ? 'never yet' : `at ${new Date(doneAt).toISOString()}`;
  return {
    key: `export:${number}`,
    title: 'The status page is not put elsewhere any more',
    text: `The copy at ${target} was last complete ${last}. ${why === '' ? '' : `Since then: ${why}.`}`.trimEnd(),
    severity: 'ticket',
    isFiring:
      doneAt === undefined && failingSince === undefined
        ? undefined
        : failingSince !== undefined && now - failingSince >= ticketAfterMs,
    component: undefined,
    runbook: 'status-export',
  };
}
