/** Open incidents that nobody has written about for too long, as conditions: their owner gets a message until somebody writes. */
import type { Condition } from '../alarms/condition.ts';
import type { Incidents } from './incidents.ts';
import { ownerOf } from './stored-incident.ts';
import { clockTime } from './words.ts';

export function incidentConditions(incidents: Pick<Incidents, 'forgotten'>): readonly Condition[] {
  return incidents.forgotten().map((incident) => {
    const toldAt = Math.max(...incident.updates.map(({ createdAt }) => createdAt));
    const owner = ownerOf(incident);
    const who =
      owner === undefined
        ? 'Nobody has written about it yet; probes opened it.'
        : `${owner} looks after it, and wrote about it first.`;
    return {
      key: `incident:${incident.id}`,
      title: `Nobody has told of it for long: ${incident.name}`,
      text:
        `The incident is open (${incident.status}), and its last update is of ${clockTime(toldAt)}. ${who} ` +
        `Write what is known now, or resolve it: ./holdfast incident update ${incident.id} --body TEXT`,
      severity: 'ticket',
      isFiring: true,
      component: incident.components[0]?.key,
      runbook: 'incident-forgotten',
    };
  });
}
