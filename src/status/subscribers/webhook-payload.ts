/**
 * What a webhook subscriber is sent: the shape of Statuspage's webhooks, where the key at the top tells what it is about (`incident`,
 * or `component_update` with `component`). Fields that only Statuspage's own features have are there and empty.
 */
import { idOf } from '../ids.ts';
import type { ComponentStatus, ComponentView, Incident, StatusView } from '../model.ts';
import { componentRows, incidentRow, timeOf, wordOf } from '../statuspage/rows.ts';
import { topLevel } from '../statuspage/top-level.ts';

export interface ComponentChange {
  readonly component: ComponentView;
  readonly oldStatus: ComponentStatus;
  readonly at: number;
}

/** A body for each subscriber: all of it is made once, but for the address that ends the subscription. */
export type PayloadFor = (unsubscribeUrl: string) => object;

function envelope(view: StatusView): (unsubscribeUrl: string) => object {
  const { indicator, description } = topLevel(view);
  const page =
    indicator === 'unknown'
      ? { status_indicator: 'minor', status_description: 'Partially Degraded Service' }
      : { status_indicator: indicator, status_description: description };
  return (unsubscribeUrl) => ({
    meta: {
      unsubscribe: unsubscribeUrl,
      documentation: `${view.page.url}/subscribe.html`,
      generated_at: timeOf(view.at),
    },
    page: { id: view.page.id, ...page },
  });
}

/** Incidents and maintenances alike; a maintenance has times in `scheduled_for` and `scheduled_until`. */
export function incidentPayload(view: StatusView, incident: Incident): PayloadFor {
  const around = envelope(view);
  const content = {
    incident: {
      backfilled: incident.origin === 'import',
      impact_override: null,
      postmortem_body: incident.postmortem ?? null,
      postmortem_body_last_updated_at: null,
      postmortem_ignored: false,
      postmortem_notified_subscribers: false,
      postmortem_notified_twitter: false,
      postmortem_published_at: null,
      scheduled_auto_completed: incident.kind === 'maintenance',
      scheduled_auto_in_progress: incident.kind === 'maintenance',
      scheduled_for: null,
      scheduled_remind_prior: false,
      scheduled_reminded_at: null,
      scheduled_until: null,
      ...incidentRow(view, incident, componentRows(view)),
    },
  };
  return (unsubscribeUrl) => ({ ...around(unsubscribeUrl), ...content });
}

export function componentPayload(view: StatusView, { component, oldStatus, at }: ComponentChange): PayloadFor {
  const around = envelope(view);
  const content = {
    component_update: {
      created_at: timeOf(at),
      new_status: wordOf(component.status),
      old_status: wordOf(oldStatus),
      id: idOf('component-update', `${component.key}:${at}`),
      component_id: component.id,
      component_type: 'Component',
    },
    component: componentRows(view).find(({ id }) => id === component.id),
  };
  return (unsubscribeUrl) => ({ ...around(unsubscribeUrl), ...content });
}

/** What an address is sent that somebody named: whoever reads it there opens the link, or does nothing. */
export function confirmationPayload(page: { readonly id: string; readonly name: string }, confirmUrl: string) {
  return {
    meta: { confirm: confirmUrl },
    page: { id: page.id, name: page.name },
    subscription: { state: 'unconfirmed', confirm_url: confirmUrl },
  };
}
