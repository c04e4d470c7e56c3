/**
 * What share of events ought to be good, by component: built in, unless the configuration has something of the same component. One
 * without `slowerThanMs` is about being there, one with it about being quick as well.
 */
import type { StatusConfig } from '../config/schema.ts';
import { burnRules } from './burn-rules.ts';

/** Windows in days; `eventsMin` is the number of events in a rule's long window below which nobody is told. */
export type Objective = Readonly<StatusConfig['slos'][number]>;

const builtIn = (component: string, objective: number, slowerThanMs?: number): Objective => ({
  component,
  objective,
  windowDays: 30,
  ...(slowerThanMs === undefined ? {} : { slowerThanMs }),
  eventsMin: 30,
});

/** Publishing has no limit of time: the canary's probe has one already (`visibleWithinSeconds`). */
export const builtInObjectives: readonly Objective[] = [
  builtIn('install', 0.999),
  builtIn('install', 0.99, 2_000),
  builtIn('publish', 0.995),
  builtIn('search', 0.99),
  builtIn('search', 0.95, 1_000),
  builtIn('website', 0.995),
  builtIn('website', 0.98, 2_000),
];

/**
 * @param slos of the configuration
 * @returns them, and the built-in ones of components that they do not name
 */
export function objectivesOf(slos: readonly Objective[]): readonly Objective[] {
  const named = new Set(slos.map(({ component }) => component));
  return [...builtInObjectives.filter(({ component }) => !named.has(component)), ...slos];
}

/** @returns the objective that is shown for a component: the one about being there, or else the first */
export function objectiveOf(objectives: readonly Objective[], component: string): Objective | undefined {
  const own = objectives.filter((one) => one.component === component);
  return own.find(({ slowerThanMs }) => slowerThanMs === undefined) ?? own[0];
}

/**
 * For the check of the configuration.
 * @returns a sentence for each rule that could never fire, and for objectives of which one hides the other; empty when all is well
 */
export function objectiveProblems(slos: readonly Objective[]): string[] {
  const kindOf = ({ component, slowerThanMs }: Objective) =>
    slowerThanMs === undefined ? component : slowKeyOf(component);
  const twice = [...Map.groupBy(slos, kindOf).values()].flatMap(([first, second]) =>
    first && second ? [`"slos" has two objectives of the same kind for "${first.component}"`] : [],
  );
  const silent = slos.flatMap((one) => {
    const rule = burnRules(one.windowDays).find(({ factor }) => factor * (1 - one.objective) > 1 + tolerance);
    if (rule === undefined) return [];
    const least = Math.ceil((1 - 1 / rule.factor) * 10_000) / 10_000;
    return [
      `the objective ${one.objective} of "${one.component}" over ${one.windowDays} days leaves so much room that an alarm at ` +
        `${rule.factor} times its rate could never fire; it must be at least ${least}`,
    ];
  });
  return [...twice, ...silent];
}

/** What 1 - 0.9 is off by in floating point, and more. */
const tolerance = 1e-9;

/** Part of the key of a condition: a component may have an objective of each kind. */
export const slowKeyOf = (component: string) => `${component}:slow`;
