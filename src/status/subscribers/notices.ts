/** What subscribers are told: each new update of an incident or a maintenance, and to webhooks each change of a component. */
import type { IncidentChange } from '../incidents/incidents.ts';
import type { Incident, StatusView } from '../model.ts';
import { wordOf } from '../statuspage/rows.ts';
import { incidentMail } from './mails.ts';
import type { SubscriberMessage } from './message.ts';
import type { Subscription } from './subscribers.ts';
import { type ComponentChange, componentPayload, incidentPayload } from './webhook-payload.ts';

const toldOf = new Set(['opened', 'updated', 'resolved']);

/**
 * @param view as it is after the change
 * @returns one message for each subscription that wants to know; none about edits and merges, which tell nothing new, and none about
 *   what was imported, which is old
 */
export function incidentNotices(
  view: StatusView,
  { incident, what }: IncidentChange,
  subscriptions: readonly Subscription[],
): SubscriberMessage[] {
  const update = incident.updates[0];
  if (!toldOf.has(what) || incident.origin === 'import' || update === undefined) return [];
  const mail = incidentMail(view, incident);
  const payload = incidentPayload(view, incident);
  return subscriptions
    .filter((subscription) => wantsIncident(subscription, incident))
    .map(({ id, target, unsubscribeUrl }) => ({
      lane: 'subscribers',
      target,
      ...mail(unsubscribeUrl),
      json: target.kind === 'webhook' ? payload(unsubscribeUrl) : undefined,
      dedupeKey: `${id}:${incident.id}:${update.id}`,
    }));
}

/** @returns messages to webhooks alone: by mail people hear of incidents, and not of every step on the way */
export function componentNotices(
  view: StatusView,
  change: ComponentChange,
  subscriptions: readonly Subscription[],
): SubscriberMessage[] {
  const { component, oldStatus, at } = change;
  // The API has no word for "unknown", so that some changes are none to its readers.
  if (component.isGroup || wordOf(oldStatus) === wordOf(component.status)) return [];
  const payload = componentPayload(view, change);
  return subscriptions
    .filter(({ target, components }) => target.kind === 'webhook' && wants(components, component.key))
    .map(({ id, target, unsubscribeUrl }) => ({
      lane: 'subscribers',
      target,
      subject: `${component.name}: ${component.status}`,
      text: '',
      headers: {},
      json: payload(unsubscribeUrl),
      dedupeKey: `${id}:${component.id}:${at}`,
    }));
}

/** An incident without components is about everything. */
function wantsIncident({ components }: Subscription, incident: Incident): boolean {
  return incident.components.length === 0 || incident.components.some(({ key }) => wants(components, key));
}

/** Whoever chose a group wants its members, and whoever chose a member wants to hear of the whole group. */
function wants(chosen: readonly string[], key: string): boolean {
  return (
    chosen.length === 0 || chosen.some((one) => one === key || key.startsWith(`${one}/`) || one.startsWith(`${key}/`))
  );
}
