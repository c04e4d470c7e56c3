/**
 * A canary's round through the gallery: a version that never was is pushed at one place and must then be seen, fetched and installed at every place;
 * the version before it goes out of the lists, older ones are deleted. Each place has a result of its own, because one
 * stale edge is not the whole gallery.
 */
import type { Clock } from '../../std/clock.ts';
import type { Canary } from '../canary/canary.ts';
import { type Customer, feedUrl } from '../canary/customer.ts';
import { type Found, InstallError } from '../canary/found.ts';
import { waysTo } from '../canary/install.ts';
import { type Attempt, Finding } from './attempt.ts';
import { installByAllWays } from './install.ts';
import type { Place } from './places.ts';
import type { ProbeResult } from './probe.ts';
import type { Publisher } from './publisher.ts';
import { follow, readerOf } from './visit.ts';

export interface RoundParts {
  readonly clock: Clock;
  readonly publisher: Publisher;
  readonly places: readonly Place[];
  /** Pause between two rounds, in milliseconds. */
  readonly everyMs: number;
  readonly visibleWithinMs: number;
  /** A stranger at this place; gives up by this signal. */
  strangerAt(place: Place, signal: AbortSignal): Customer;
}

interface PlaceOutcome {
  readonly steps: ProbeResult['steps'];
  /** What was thrown; undefined when all went well. */
  readonly error: unknown;
}

type Outcomes = ReadonlyMap<string, PlaceOutcome>;

/** How long a place waits before it looks again whether a canary is visible. */
const lookAgainMs = 500;

/** Joins the probes of all places: the first whose time has come goes the round, the others tell what it found at their place. */
export function roundsOf(parts: RoundParts): (place: Place, attempt: Attempt) => Promise<void> {
  let round: { beganAt: number; told: Set<string>; outcomes: Promise<Outcomes> } | undefined;
  return async (place, attempt) => {
    const now = parts.clock.monotonicMs();
    if (round === undefined || round.told.has(place.name) || now - round.beganAt >= parts.everyMs) {
      round = { beganAt: now, told: new Set(), outcomes: goRound(parts, place, attempt.signal) };
    }
    round.told.add(place.name);
    const outcome = (await round.outcomes).get(place.name);
    if (outcome === undefined) throw new Error(`the round knows no place "${place.name}"`);
    attempt.took(outcome.steps);
    if (outcome.error !== undefined) throw outcome.error;
  };
}

async function goRound(parts: RoundParts, first: Place, signal: AbortSignal): Promise<Outcomes> {
  const { clock, publisher, places, strangerAt } = parts;
  const timed = new Map(places.map((place) => [place.name, stopwatch(clock, signal)]));
  const at = (place: Place) => timed.get(place.name)!;
  const everywhere = async <T>(name: string, work: () => Promise<T>) => {
    const watch = stopwatch(clock, signal);
    try {
      return await watch.attempt.step(name, work);
    } finally {
      for (const one of timed.values()) one.steps.push(...watch.steps);
    }
  };
  const errors = new Map<string, unknown>();
  const atEach = (work: (place: Place) => Promise<unknown>) =>
    Promise.all(
      places
        .filter(({ name }) => !errors.has(name))
        .map((place) => work(place).catch((error: unknown) => errors.set(place.name, error))),
    );
  try {
    const { canary, by } = await everywhere('publish', () => publishSomewhere(parts, first, signal));
    await atEach((place) => arrive(parts, canary, strangerAt(place, signal), at(place).attempt));
    const replaced = await everywhere('unlist', () => publisher.unlistReplaced(by));
    if (replaced !== undefined) {
      await atEach((place) =>
        at(place).attempt.step('unlisted', () => untilListed(parts, replaced, strangerAt(place, signal), false)),
      );
    }
    await everywhere('reclaim', () => publisher.reclaim(by));
  } catch (error) {
    for (const { name } of places) if (!errors.has(name)) errors.set(name, error);
  }
  return new Map(places.map(({ name }) => [name, { steps: timed.get(name)?.steps ?? [], error: errors.get(name) }]));
}

/** An edge that is down must not hide whether the others take a push. */
async function publishSomewhere(
  { publisher, places, strangerAt }: RoundParts,
  first: Place,
  signal: AbortSignal,
): Promise<{ canary: Canary; by: Customer }> {
  let trouble: unknown;
  for (const place of [first, ...places.filter((one) => one !== first)]) {
    const by = strangerAt(place, signal);
    try {
      return { canary: await publisher.publishNext(by), by };
    } catch (error) {
      trouble ??= error;
      if (!(error instanceof Finding)) break;
    }
  }
  throw trouble;
}

/** Seen in the documents, fetched for the first time, installed. */
async function arrive(parts: RoundParts, canary: Canary, stranger: Customer, attempt: Attempt): Promise<void> {
  const found = await attempt.step('visible', () => untilListed(parts, canary, stranger, true));
  await attempt.step('download', () => follow(readerOf(stranger), found.file));
  await installByAllWays(canary, stranger, attempt);
}

/** Waits until the documents show the canary as listed, or as unlisted; throws Finding when that takes too long. */
async function untilListed(
  { clock, visibleWithinMs }: RoundParts,
  canary: Canary,
  stranger: Customer,
  isListed: boolean,
): Promise<Found> {
  const [way] = waysTo[canary.kind];
  const until = clock.monotonicMs() + visibleWithinMs;
  for (;;) {
    let last: string;
    try {
      const found = await way.find(readerOf(stranger), feedUrl(stranger, canary), canary);
      if (found.isListed === isListed) return found;
      last = `it is ${isListed ? 'unlisted' : 'listed'}`;
    } catch (error) {
      if (!(error instanceof InstallError || error instanceof Finding)) throw error;
      last = error.message;
    }
    if (clock.monotonicMs() >= until) {
      const state = isListed ? 'visible' : 'out of the lists';
      throw new Finding(`${canary.filename} was not ${state} within ${visibleWithinMs / 1_000} s: ${last}`);
    }
    await clock.sleep(lookAgainMs, stranger.signal);
  }
}

/** Notes steps as an attempt does, for a part of a round. */
function stopwatch(clock: Clock, signal: AbortSignal) {
  const steps: { name: string; durationMs: number }[] = [];
  const attempt: Attempt = {
    signal,
    async step(name, work) {
      const beganAt = clock.monotonicMs();
      try {
        return await work();
      } finally {
        steps.push({ name, durationMs: clock.monotonicMs() - beganAt });
      }
    },
    measure: () => undefined,
    took: () => undefined,
  };
  return { attempt, steps };
}
