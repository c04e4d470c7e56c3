/** How incidents and maintenances are told, wherever they stand: the whole of one that is open, the line of one that is over. */
import type { AffectedComponent, ComponentStatus, Incident, IncidentUpdate, StatusView } from '../model.ts';
import { state } from './glyphs.ts';
import { html, type Markup, paragraphs } from './markup.ts';
import { lengthText, moment, span } from './times.ts';
import { impactText, incidentTone, isOpen, isPlanned, statusWords, stepWords, wholeName } from './words.ts';

/** The address of an incident’s page, from the page’s root. */
export const incidentAddress = (incident: Pick<Incident, 'id'>): string =>
  `incidents/${encodeURIComponent(incident.id)}.html`;

/** `Major · Identified`, with its shape. */
export function incidentState(incident: Incident): Markup {
  const step = stepWords[incident.status];
  return state(incidentTone(incident), incident.kind === 'maintenance' ? step : `${step} – ${impactText(incident)}`);
}

/** When it was: since when, or from when to when. */
export function incidentTimes(incident: Incident): Markup {
  if (incident.kind === 'maintenance' && incident.scheduledFor !== undefined) {
    return span(incident.scheduledFor, incident.scheduledUntil ?? incident.scheduledFor);
  }
  if (incident.resolvedAt === undefined) return html`since ${moment(incident.startedAt)}`;
  return html`${span(incident.startedAt, incident.resolvedAt)} (${lengthText(incident.resolvedAt - incident.startedAt)})`;
}

/** Names of components with the worst that each had; what is only planned has not touched them yet. */
function affectedText(view: StatusView, incident: Incident): Markup | undefined {
  if (incident.components.length === 0) return undefined;
  const names = incident.components.map((component, index) => [
    index > 0 && ', ',
    html`<bdi>${wholeName(view, component)}</bdi>${!isPlanned(incident) && ` (${statusWords[component.status].toLowerCase()})`}`,
  ]);
  return html`<p class="small">Affected: ${names}</p>`;
}

/** @param updates the newest first */
export function updateList(view: StatusView, updates: readonly IncidentUpdate[]): Markup {
  return html`<ol class="updates">
${updates.map(
  (
    update,
  ) => html`<li><span class="step">${stepWords[update.status]}</span> <span class="soft small">${moment(update.displayAt)}</span>
${paragraphs(update.body)}${changes(view, update.affected)}</li>
`,
)}</ol>`;
}

function changes(view: StatusView, affected: readonly AffectedComponent[]): Markup | false {
  const changed = affected.filter(({ oldStatus, newStatus }) => oldStatus !== newStatus);
  if (changed.length === 0) return false;
  const words = (status: ComponentStatus) => statusWords[status].toLowerCase();
  return html`<p class="changed">${changed.map((component, index) => [
    index > 0 && '; ',
    html`<bdi>${wholeName(view, component)}</bdi>: ${words(component.oldStatus)} → ${words(component.newStatus)}`,
  ])}</p>`;
}

/** An open one, with its newest updates. */
export function openIncident(view: StatusView, incident: Incident, root: string, updatesMax: number): Markup {
  const left = incident.updates.length - updatesMax;
  const address = `${root}${incidentAddress(incident)}`;
  return html`<article class="incident ${incidentTone(incident)}">
<h3><a href="${address}" dir="auto">${incident.name}</a></h3>
${incidentState(incident)} <span class="soft small">${incidentTimes(incident)}</span>
${affectedText(view, incident)}
${updateList(view, incident.updates.slice(0, updatesMax))}
${left > 0 && html`<p><a href="${address}">${left} earlier ${left === 1 ? 'update' : 'updates'}</a></p>`}
</article>
`;
}

/** One line or two of a log. */
export function logEntry(incident: Incident, root: string): Markup {
  // A postmortem is too long for a line; what was told before it is not.
  const last = incident.updates.find(({ status }) => status !== 'postmortem') ?? incident.updates[0];
  const first = last?.body.split('\n', 1)[0] ?? '';
  return html`<div class="entry"><h4><a href="${root}${incidentAddress(incident)}" dir="auto">${incident.name}</a></h4>
<p class="small">${state(incidentTone(incident), isOpen(incident) ? stepWords[incident.status] : impactText(incident))} <span class="soft">${incidentTimes(incident)}</span></p>
${first !== '' && html`<p class="soft" dir="auto">${shorten(first)}</p>`}</div>
`;
}

const summaryLengthMax = 220;

function shorten(text: string): string {
  const characters = Array.from(text);
  return characters.length <= summaryLengthMax
    ? text
    : `${characters
        .slice(0, summaryLengthMax - 1)
        .join('')
        .trimEnd()}…`;
}
