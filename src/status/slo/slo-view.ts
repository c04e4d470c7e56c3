/** How much of an error budget is left. */
import type { History } from '../history/history.ts';
import { dayMs } from '../history/periods.ts';
import type { SloView } from '../model.ts';
import type { Objective } from './objectives.ts';

/** Events in a stretch of time: those that count, and those that were bad, or slow where that counts. */
export interface Burnt {
  readonly events: number;
  readonly badEvents: number;
  /** Share of the stretch since the component has been watched: what was not watched yet has spent nothing. 1 when not given. */
  readonly coverage?: number;
}

export function burntIn(history: History, { component, slowerThanMs }: Objective, from: number, until: number): Burnt {
  const { good, bad, slow } = history.events(component, from, until, slowerThanMs);
  const since = history.knownSince(component)?.createdAt ?? from;
  const coverage = Math.min(1, Math.max(0, (until - since) / (until - from)));
  return { events: good + bad, badEvents: bad + slow, coverage };
}

/** @returns the share of bad ones among all events that the whole stretch would have had; 0 without events */
export function badShare({ events, badEvents, coverage = 1 }: Burnt): number {
  return events === 0 ? 0 : (badEvents / events) * coverage;
}

/** @returns the budget over the objective's window that ends now */
export function sloView(history: History, objective: Objective, now: number): SloView {
  const { windowDays } = objective;
  const burnt = burntIn(history, objective, now - windowDays * dayMs, now + 1);
  const { events, badEvents } = burnt;
  return {
    objective: objective.objective,
    windowDays,
    slowerThanMs: objective.slowerThanMs,
    events,
    badEvents,
    budgetLeft: events === 0 ? undefined : 1 - badShare(burnt) / (1 - objective.objective),
  };
}
