/**
 * Runs the probes: each in a loop of its own that never overlaps itself, at its interval give or take chance, sooner when a failure is
 * to be confirmed. A run that does not end is cut off at its deadline and counts as a failure. When our own network is away, failures
 * tell nothing.
 */
import pLimit from 'p-limit';
import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import type { RandomBytes } from '../../std/random.ts';
import type { StatusConfig } from '../config/schema.ts';
import type { Probe, ProbeResult, ProbeState } from '../probes/probe.ts';
import { advance, isUndecided, newTally, stateAt, type Tally } from './thresholds.ts';

export interface WatchParts {
  readonly probing: StatusConfig['probing'];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Log;
  /** Whether others answer, when a failure is to be believed. */
  readonly isOwnNetworkUp: (signal: AbortSignal) => Promise<boolean>;
  /** Of a watch in this process that ended a moment ago. */
  readonly remembered?: ProbeMemory | undefined;
  /** Called with every result, after the probe’s state was brought up to date. */
  readonly onResult: (probe: Probe, result: ProbeResult, at: number) => void;
}

/** What is known of each probe, by id: it outlives a watch that makes way for another. */
export type ProbeMemory = ReadonlyMap<string, { readonly tally: Tally; readonly toldMs: number }>;

export interface Watch {
  /** From now on these are run; those of the same id keep their state. */
  setProbes(probes: readonly Probe[]): void;
  states(now: number): readonly ProbeState[];
  memory(): ProbeMemory;
  stop(): Promise<void>;
}

/**
 * Probes under way at once. When everything hangs, each holds its place until its deadline, and 200 of them must have had
 * their turn twice before their results count as old.
 */
const atOnceMax = 48;
/** Beyond its deadline, how long a run may take to notice it, in milliseconds. */
const graceMs = 1_000;

/** What is down is tried again after so many ordinary pauses at most: a slow probe must not show an outage long after its end. */
const pausesWhileDownMax = 4;

interface Watched {
  probe: Probe;
  tally: Tally;
  /** Monotonic time of the last result that told anything: the time of day may be set back. */
  toldMs: number;
  readonly stopping: AbortController;
  ended: Promise<void>;
}

export function startWatch(parts: WatchParts): Watch {
  const { clock, probing } = parts;
  const watched = new Map<string, Watched>();
  const room = pLimit(atOnceMax);

  async function runOnce(one: Watched): Promise<void> {
    const { probe } = one;
    const deadline = new AbortController();
    const cutOff = cutOffAfter(probe, clock, one.stopping.signal, deadline);
    const startedAt = clock.monotonicMs();
    const signal = AbortSignal.any([one.stopping.signal, deadline.signal]);
    let result = await Promise.race([probe.run(signal).catch((error: unknown) => failed(error)), cutOff.result]);
    cutOff.cancel();
    if (one.stopping.signal.aborted) return;
    if (result.verdict === 'bad' && !(await parts.isOwnNetworkUp(one.stopping.signal))) {
      result = { ...result, verdict: 'unknown', words: `our own network is down (${result.words})` };
    }
    if (one.stopping.signal.aborted) return;
    const at = clock.now();
    const before = one.tally.state;
    one.tally = advance(one.tally, result, at, probing);
    if (result.verdict !== 'unknown') one.toldMs = clock.monotonicMs();
    if (one.tally.state !== before) {
      const fields = { probe: probe.id, state: one.tally.state, words: result.words };
      // The first good result after a start is what everybody expects.
      const level = one.tally.state === 'down' ? 'warn' : before === 'unknown' ? 'debug' : 'info';
      parts.log[level](fields, 'a probe changed its state');
    }
    parts.onResult(probe, result, at);
    parts.log.debug(
      { probe: probe.id, verdict: result.verdict, ms: Math.round(clock.monotonicMs() - startedAt) },
      'probed',
    );
  }

  async function keepRunning(one: Watched): Promise<void> {
    const { signal } = one.stopping;
    while (!signal.aborted) {
      await room(() => (signal.aborted ? undefined : runOnce(one))).catch((error: unknown) =>
        parts.log.error({ err: error, probe: one.probe.id }, 'a result could not be noted'),
      );
      await clock
        .sleep(withJitter(pauseAfter(one, probing), probing.jitter, parts.random), signal)
        .catch(() => undefined);
    }
  }

  function add(probe: Probe): void {
    const one: Watched = {
      probe,
      tally: newTally(clock.now()),
      toldMs: clock.monotonicMs(),
      ...parts.remembered?.get(probe.id),
      stopping: new AbortController(),
      ended: Promise.resolve(),
    };
    watched.set(probe.id, one);
    one.ended = keepRunning(one);
  }

  return {
    setProbes(probes) {
      const ids = new Set(probes.map(({ id }) => id));
      for (const [id, one] of watched) {
        if (ids.has(id)) continue;
        one.stopping.abort();
        watched.delete(id);
      }
      for (const probe of probes) {
        const known = watched.get(probe.id);
        if (known === undefined) add(probe);
        else known.probe = probe;
      }
    },
    memory: () => new Map([...watched].map(([id, { tally, toldMs }]) => [id, { tally, toldMs }])),
    states: (now) => [...watched.values()].map((one) => stateOf(one, now, clock.monotonicMs())),
    async stop() {
      const all = [...watched.values()];
      for (const one of all) one.stopping.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

/** @returns how long until the next run, in milliseconds */
function pauseAfter({ probe: { everyMs }, tally }: Watched, probing: WatchParts['probing']): number {
  if (isUndecided(tally)) return Math.min(probing.confirmSeconds * 1_000, everyMs);
  return tally.state === 'down' ? Math.min(everyMs, pausesWhileDownMax * probing.everySeconds * 1_000) : everyMs;
}

/** Silent for too long by either clock is too long: one stands still while the machine sleeps, the other may be set. */
function stateOf({ probe, tally, toldMs }: Watched, now: number, nowMs: number): ProbeState {
  const { id, title, component, check, part } = probe;
  const state = nowMs - toldMs > probe.staleMs ? 'unknown' : stateAt(tally, now, probe.staleMs);
  return {
    probe: { id, title, component, check, part },
    state,
    since: tally.since,
    firstAt: tally.firstAt,
    last: tally.last,
    lastAt: tally.lastAt,
  };
}

/** Aborts the run at its deadline; a run that does not even end then is left behind, and counts as failed. */
function cutOffAfter(probe: Probe, clock: Clock, stopping: AbortSignal, deadline: AbortController) {
  const cancelled = new AbortController();
  const signal = AbortSignal.any([stopping, cancelled.signal]);
  const words = `no end within ${probe.deadlineMs / 1_000} s`;
  const result = clock
    .sleep(probe.deadlineMs, signal)
    .then(() => deadline.abort(new DOMException(words, 'TimeoutError')))
    .then(() => clock.sleep(graceMs, signal))
    .catch(() => undefined)
    .then((): ProbeResult => ({ verdict: 'bad', durationMs: probe.deadlineMs, words, steps: [], measures: {} }));
  return { result, cancel: () => cancelled.abort() };
}

function failed(error: unknown): ProbeResult {
  const words = `the probe itself failed: ${error instanceof Error ? error.message : String(error)}`;
  return { verdict: 'unknown', durationMs: 0, words, steps: [], measures: {} };
}

/** @returns the pause, longer or shorter by up to the share, so that probes and clients do not march in step */
function withJitter(pauseMs: number, jitter: number, random: RandomBytes): number {
  const chance = (random(1)[0] ?? 128) / 255;
  return pauseMs * (1 + jitter * (2 * chance - 1));
}
