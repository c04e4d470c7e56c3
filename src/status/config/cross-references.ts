/** Names in the configuration that lead to other things in it, and what no schema can say. Every problem is a sentence. */
import { objectiveProblems } from '../slo/objectives.ts';
import { isMailAddress } from '../channels/mail-address.ts';
import type { StatusConfig } from './schema.ts';

/** @returns what is wrong; empty when nothing is */
export function crossReferences(config: StatusConfig): string[] {
  const { onCall, channels } = config;
  const channelNames = new Set(channels.map(({ name }) => name));
  const people = new Set(onCall.people.map(({ name }) => name));
  const callable = new Set([...channelNames, ...people, ...onCall.rotations.map(({ name }) => name)]);
  const missing = (what: string, names: readonly string[], known: ReadonlySet<string>, kind: string) =>
    names.filter((name) => !known.has(name)).map((name) => `${what} names "${name}", and there is no such ${kind}`);
  return [
    ...twice(
      'a channel',
      channels.map(({ name }) => name),
    ),
    ...twice(
      'a person',
      onCall.people.map(({ name }) => name),
    ),
    ...twice(
      'a rotation',
      onCall.rotations.map(({ name }) => name),
    ),
    ...twice(
      'a probe',
      config.probes.map(({ name }) => name),
    ),
    ...twice(
      'a rule for metrics',
      config.metrics.map(({ name }) => name),
    ),
    ...config.metrics
      .filter(({ ticket, page }) => ticket === undefined && page === undefined)
      .map(({ name }) => `the rule for metrics "${name}" says neither "ticket" nor "page"`),
    ...twice(
      'a heartbeat',
      config.heartbeats.map(({ name }) => name),
    ),
    ...twice(
      'an edge',
      config.gallery.edges.map(({ name }) => name),
    ),
    ...twice(
      'a component',
      config.components.map(({ key }) => key),
    ),
    ...onCall.people.flatMap(({ name, channels: own }) =>
      missing(`the person "${name}"`, own, channelNames, 'channel'),
    ),
    ...onCall.rotations.flatMap(({ name, people: own, overrides }) => [
      ...missing(`the rotation "${name}"`, own, people, 'person'),
      ...missing(
        `an override of the rotation "${name}"`,
        overrides.map(({ person }) => person),
        people,
        'person',
      ),
    ]),
    ...onCall.escalation.flatMap(({ notify }, index) =>
      missing(`step ${index + 1} of the escalation`, notify, callable, 'rotation, person or channel'),
    ),
    ...missing('"tickets"', onCall.tickets, callable, 'rotation, person or channel'),
    ...(config.mail === undefined && channels.some(({ kind }) => kind === 'mail')
      ? ['a channel is of kind "mail", but "mail" does not say by which server']
      : []),
    ...objectiveProblems(config.slos),
    ...channels.flatMap((one) =>
      one.kind === 'mail' && !isMailAddress(one.to)
        ? [`the channel "${one.name}" sends to "${one.to}", which is not one plain mail address`]
        : [],
    ),
    ...onCall.rotations.flatMap(({ name, overrides }) =>
      overrides.flatMap(({ from, until }) =>
        Date.parse(from) < Date.parse(until) ? [] : [`an override of the rotation "${name}" ends before it begins`],
      ),
    ),
    ...timeZones(config)
      .filter((zone) => !isTimeZone(zone))
      .map((zone) => `"${zone}" is not a time zone`),
  ];
}

function twice(what: string, names: readonly string[]): string[] {
  return [...Map.groupBy(names, (name) => name)]
    .filter(([, same]) => same.length > 1)
    .map(([name]) => `${what} is called "${name}" twice`);
}

function timeZones({ page, onCall }: StatusConfig): string[] {
  return [
    page.timeZone,
    onCall.testPage.timeZone,
    ...onCall.rotations.map(({ timeZone }) => timeZone),
    ...onCall.people.flatMap(({ quietHours }) => (quietHours === undefined ? [] : [quietHours.timeZone])),
  ];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
