/**
 * Sums of stretches of time that are over, remembered: the page and the alarms ask for the same days and steps all the time. What a
 * late result changes is forgotten.
 */
import { dayMs, floorTo, minuteMs } from './periods.ts';
import type { Tally } from './tallies.ts';

/** A step of the response chart. */
export const stepMs = 5 * minuteMs;
/** The page asks for 288 steps and up to 90 days of each component, in a circle: with less room, every one would be forgotten before its turn. */
const rememberedMax = 100_000;

export interface Finished {
  /** @param make sums it up when it is not known; `from` is a multiple of the length */
  tally(component: string, from: number, lengthMs: typeof stepMs | typeof dayMs, make: () => Tally): Tally;
  /** A result of this component came, at a time that may be over. */
  forget(component: string, at: number): void;
}

export function finishedTallies(): Finished {
  const known = new Map<string, Tally>();
  const keyOf = (component: string, from: number, lengthMs: number) => `${component} ${lengthMs} ${from}`;
  return {
    tally(component, from, lengthMs, make) {
      const key = keyOf(component, from, lengthMs);
      const found = known.get(key) ?? make();
      // What was remembered first is the oldest stretch of time, more or less.
      if (!known.has(key) && known.size >= rememberedMax) known.delete(known.keys().next().value ?? '');
      known.set(key, found);
      return found;
    },
    forget(component, at) {
      const group = component.split('/')[0] ?? component;
      for (const lengthMs of [stepMs, dayMs]) {
        const from = floorTo(lengthMs, at);
        known.delete(keyOf(component, from, lengthMs));
        if (group !== component) known.delete(keyOf(group, from, lengthMs));
      }
    },
  };
}
