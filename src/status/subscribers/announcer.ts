/**
 * Between what changes and those who want to know: gathers changes of incidents and components, and when they have been published hands
 * messages to the outbox. Nobody is told of what the page does not show yet.
 */

import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import { isRefusal } from '../../std/refusals.ts';
import type { Letter, Outbox } from '../channels/outbox.ts';
import type { IncidentChange, Incidents } from '../incidents/incidents.ts';
import type { ComponentStatus, StatusView } from '../model.ts';
import type { SubscriberMessage } from './message.ts';
import { componentNotices, incidentNotices } from './notices.ts';
import type { Subscribers } from './subscribers.ts';

/** Older news is no news, in milliseconds. */
const newsMs = 24 * 3_600_000;

export interface AnnouncerParts {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
}

/** @returns what puts messages for subscribers into the outbox: all of them, or none and it throws */
export function subscriberPost({
  outbox,
  clock,
  log,
}: AnnouncerParts): (messages: readonly SubscriberMessage[]) => void {
  return (messages) => {
    const expiresAt = clock.now() + newsMs;
    // In one transaction: with ten thousand subscribers, one for each would hold up everything else for seconds.
    for (const taken of outbox.enqueueAll(messages.map((message) => letterOf(message, expiresAt)))) {
      if (isRefusal(taken)) log.warn({ reason: taken.message }, 'a message to a subscriber was not taken');
    }
  };
}

function letterOf({ target, subject, text, headers, json, dedupeKey }: SubscriberMessage, expiresAt: number): Letter {
  const message = {
    event: 'subscriber.told',
    id: dedupeKey,
    title: subject,
    text,
    severity: '' as const,
    state: '' as const,
    url: '',
    mailHeaders: headers,
    ...(json === undefined ? {} : { json }),
  };
  return { target, message, dedupeKey, expiresAt };
}

export interface Announcer {
  /** To be called with every view that was published. */
  published(view: StatusView): void;
}

/** @param first what was public at the beginning: nobody is told of that */
export function createAnnouncer(
  parts: AnnouncerParts,
  subscribers: Subscribers,
  incidents: Incidents,
  first: StatusView,
): Announcer {
  const post = subscriberPost(parts);
  const changes: IncidentChange[] = [];
  let before = statusesOf(first);
  incidents.onChange((change) => changes.push(change));
  parts.outbox.onTried(({ target }, outcome) => {
    if (target.kind === 'channel' || outcome === 'expired') return;
    if (outcome.kind === 'taken') subscribers.noteDelivery(target, true);
    else if (outcome.isFinal && outcome.isAboutRecipient) subscribers.noteDelivery(target, false);
  });
  return {
    published(view) {
      const told = [...changes];
      const moved = view.isKnown ? view.components.filter(({ key, status }) => isOther(before.get(key), status)) : [];
      const subscriptions = told.length === 0 && moved.length === 0 ? [] : subscribers.confirmed();
      const ofIncidents = told.flatMap((change) => incidentNotices(view, change, subscriptions));
      const ofComponents = moved.flatMap((component) => {
        const oldStatus = before.get(component.key) ?? 'unknown';
        return componentNotices(view, { component, oldStatus, at: component.updatedAt }, subscriptions);
      });
      if (ofIncidents.length + ofComponents.length > 0) post([...ofIncidents, ...ofComponents]);
      // Only now: what could not be written is told the next time.
      changes.splice(0, told.length);
      if (view.isKnown) before = statusesOf(view);
    },
  };
}

function statusesOf({ components }: StatusView): ReadonlyMap<string, ComponentStatus> {
  return new Map(components.map(({ key, status }) => [key, status]));
}

/** What was not known before is no news when it is known. */
function isOther(before: ComponentStatus | undefined, now: ComponentStatus): boolean {
  return before !== undefined && before !== 'unknown' && now !== 'unknown' && before !== now;
}
