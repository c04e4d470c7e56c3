/**
 * What probes say, as conditions. Probes of one component and check are alternatives: when none of them is up, that calls somebody;
 * when one is down beside others that are up, that is a ticket. A part that is not known speaks for neither.
 */
import { activityOf } from '../components/component-names.ts';
import type { ProbeState } from '../probes/probe.ts';
import { certificateCondition } from './certificate-conditions.ts';
import type { Condition } from './condition.ts';
import { utc } from './wording.ts';

/** @returns conditions with keys that stay the same: `probe:COMPONENT:CHECK`, `part:COMPONENT:CHECK:PART`, `certificate:COMPONENT:CHECK` */
export function probeConditions(states: readonly ProbeState[]): Condition[] {
  const checks = Map.groupBy(states, ({ probe: { component, check } }) => `${component}:${check}`);
  return [...checks].flatMap(([key, parts]) => [
    wholeCondition(key, parts),
    ...(parts.length > 1 ? parts.map((part) => partCondition(key, part, parts)) : []),
    ...certificateCondition(key, parts),
  ]);
}

const isDown = ({ state }: ProbeState) => state === 'down';
const isUp = ({ state }: ProbeState) => state === 'up';

function wholeCondition(key: string, parts: readonly ProbeState[]): Condition {
  const { probe } = parts[0]!;
  const down = parts.filter(isDown);
  const unknown = parts.filter(({ state }) => state === 'unknown');
  const since = Math.min(...down.map(({ firstAt }) => firstAt));
  const sentences = [
    ...down.map((part) => `${nameOf(part, parts)}: ${wordsOf(part)}.`),
    `Tried: ${titleOf(parts)}.`,
    ...(unknown.length > 0 ? [`Not known: ${unknown.map(({ probe: { part } }) => part).join(', ')}.`] : []),
    ...(down.length > 0 ? [`First failure at ${utc(since)}.`] : []),
  ];
  return {
    key: `probe:${key}`,
    title: `${activityOf(probe.component)} fails`,
    text: sentences.join('\n'),
    severity: 'page',
    isFiring: parts.some(isUp) ? false : down.length > 0 ? true : undefined,
    component: probe.component,
    runbook: 'alarm-probe',
  };
}

/** While nothing is up, the whole is the alarm, and what was known of single parts stays as it was. */
function partCondition(key: string, one: ProbeState, parts: readonly ProbeState[]): Condition {
  const { probe } = one;
  const up = parts.filter(isUp);
  return {
    key: `part:${key}:${probe.part}`,
    title: `${activityOf(probe.component)} fails by ${probe.part}`,
    text: isDown(one)
      ? [
          `${wordsOf(one)}.`,
          `It works by ${up.map((other) => other.probe.part).join(', ')}.`,
          `Tried: ${probe.title}.`,
          `First failure at ${utc(one.firstAt)}.`,
        ].join('\n')
      : '',
    severity: 'ticket',
    isFiring: isUp(one) ? false : isDown(one) && up.length > 0 ? true : undefined,
    component: probe.component,
    runbook: 'alarm-probe-part',
  };
}

function nameOf({ probe }: ProbeState, parts: readonly ProbeState[]): string {
  return parts.length > 1 || probe.part !== '' ? probe.part || probe.id : probe.title;
}

/** Probes of one check differ in the address at the end of their titles, and that stands before each failure. */
function titleOf(parts: readonly ProbeState[]): string {
  const { title, part } = parts[0]!.probe;
  const suffix = `, at ${part}`;
  return parts.length > 1 && title.endsWith(suffix) ? title.slice(0, -suffix.length) : title;
}

/** A run that was not a failure may have come since; what led to the state is then not known any more. */
function wordsOf({ last }: ProbeState): string {
  return last === undefined || last.words === '' ? 'the probe failed' : last.words;
}
