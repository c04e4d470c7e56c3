/** How much of an error budget is left. */
import type { History } from '../history/history.ts';
import { dayMs } from '../history/periods.ts';
import type { SloView } from '../model.ts';
import type { Objective } from './objectives.ts';

/** Events in a stretch of time: those that count, and those that were bad, or slow where that counts. */
export interface Burnt {
  readonly events: number;
  readonly badEvents: number;
}

export function burntIn(history: History, { component, slowerThanMs }: Objective, from: number, until: number): Burnt {
  const { good, bad, slow } = history.events(component, from, until, slowerThanMs);
  return { events: good + bad, badEvents: bad + slow };
}

/** @returns the budget over the objective's window that ends now */
export function sloView(history: History, objective: Objective, now: number): SloView {
  const { windowDays } = objective;
  const { events, badEvents } = burntIn(history, objective, now - windowDays * dayMs, now + 1);
  return {
    objective: objective.objective,
    windowDays,
    slowerThanMs: objective.slowerThanMs,
    events,
    badEvents,
    budgetLeft: events === 0 ? undefined : 1 - badEvents / events / (1 - objective.objective),
  };
}
