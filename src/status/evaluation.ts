/**
 * One look at everything, every second: probes become components, components become history and incidents, and all that may be wrong
 * becomes alarms. It asks and passes on; what follows from what is decided in the areas.
 */
import type { Clock } from '../std/clock.ts';
import type { Alarms } from './alarms/alarms.ts';
import type { Condition } from './alarms/condition.ts';
import { type ComponentState, componentStates, isAmong } from './components/component-states.ts';
import type { StatusConfig } from './config/schema.ts';
import type { History } from './history/history.ts';
import type { Incidents } from './incidents/incidents.ts';
import type { ProbeState } from './probes/probe.ts';
import { withPeoplesWord } from './view.ts';

export interface EvaluationParts {
  readonly naming: StatusConfig['components'];
  readonly clock: Clock;
  readonly history: History;
  readonly incidents: Incidents;
  readonly alarms: Alarms;
  readonly probeStates: (now: number) => readonly ProbeState[];
  /** Everything that may be wrong, for alarms. */
  readonly conditions: (states: readonly ProbeState[], now: number) => readonly Condition[];
}

export interface Evaluated {
  readonly components: readonly ComponentState[];
  /** Whether anything public is other than it was the last time. */
  readonly hasChanged: boolean;
  /** False when no probe tells anything. */
  readonly isKnown: boolean;
}

const conditionsEveryMs = 5_000;

export function createEvaluation(parts: EvaluationParts): () => Evaluated {
  const { clock, history, incidents, alarms } = parts;
  let before = '';
  let conditionsAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = clock.now();
    incidents.followClock();
    const states = parts.probeStates(now);
    const inMaintenance = incidents.inMaintenance();
    const seen = componentStates(states, parts.naming, inMaintenance);
    const probed = componentStates(states, parts.naming, new Set());
    incidents.follow(seen.filter(({ isGroup }) => !isGroup));
    const components = withPeoplesWord(seen, incidents.list());
    for (const { key, status } of components) history.setStatus(key, status, now);
    const words = JSON.stringify(components.map(({ key, status, why, parts: places }) => [key, status, why, places]));
    const hasChanged = words !== before;
    before = words;
    const monotonicMs = clock.monotonicMs();
    if (hasChanged || monotonicMs - conditionsAt >= conditionsEveryMs) {
      conditionsAt = monotonicMs;
      alarms.evaluate(parts.conditions(states, now).map((one) => duringMaintenance(one, inMaintenance)));
      alarms.keep();
      history.keep(now);
    }
    const isKnown = probed.some(({ status }) => status !== 'unknown');
    return { components, hasChanged, isKnown };
  };
}

/** What is announced calls nobody: nothing of it begins an alarm, and what it ends has ended. */
function duringMaintenance(condition: Condition, inMaintenance: ReadonlySet<string>): Condition {
  const { component, isFiring } = condition;
  if (isFiring !== true || component === undefined || !isAmong(inMaintenance, component)) return condition;
  return { ...condition, isFiring: undefined };
}
