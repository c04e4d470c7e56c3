/**
 * Between what changes and those who want to know: gathers changes of incidents and components, and when they have been published hands
 * messages to the outbox. Nobody is told of what the page does not show yet.
 */

import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import { isRefusal } from '../../std/refusals.ts';
import type { Outbox } from '../channels/outbox.ts';
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

/** @returns what puts a message for a subscriber into the outbox */
export function subscriberPost({ outbox, clock, log }: AnnouncerParts): (message: SubscriberMessage) => void {
  return ({ target, subject, text, headers, json, dedupeKey }) => {
    const message = {
      event: 'subscriber.told',
      id: dedupeKey,
      title: subject,
      text,
      severity: '',
      state: '',
      url: '',
      mailHeaders: headers,
      ...(json === undefined ? {} : { json }),
    };
    const taken = outbox.enqueue({ target, message, dedupeKey, expiresAt: clock.now() + newsMs });
    if (isRefusal(taken)) log.warn({ reason: taken.message }, 'a message to a subscriber was not taken');
  };
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
      const told = changes.splice(0);
      const moved = view.isKnown ? view.components.filter(({ key, status }) => isOther(before.get(key), status)) : [];
      const earlier = before;
      if (view.isKnown) before = statusesOf(view);
      if (told.length === 0 && moved.length === 0) return;
      const subscriptions = subscribers.confirmed();
      if (subscriptions.length === 0) return;
      for (const change of told) for (const message of incidentNotices(view, change, subscriptions)) post(message);
      for (const component of moved) {
        const oldStatus = earlier.get(component.key) ?? 'unknown';
        const change = { component, oldStatus, at: component.updatedAt };
        for (const message of componentNotices(view, change, subscriptions)) post(message);
      }
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
