/** One incident or maintenance for its operator: every verb that it allows as a form, and what the public sees of it. */
import { isRefusal, refuse } from '../../std/refusals.ts';
import { draftPostmortem } from '../api/incidents.ts';
import type { IncidentEdit, NewUpdate } from '../incidents/incidents.ts';
import { type Impact, type Incident, incidentStatuses, maintenanceStatuses } from '../model.ts';
import { incidentAddress, incidentState, incidentTimes, updateList } from '../page/incident-parts.ts';
import { html, type Markup } from '../page/markup.ts';
import { isOpen, stepWords } from '../page/words.ts';
import { affectedIn, type Fields, form, refusalAmong, timeIn } from './fields.ts';
import { incidentEntry } from './overview-page.ts';
import type { OperatorAction, OperatorPage, OperatorParts, Sent, Shown } from './parts.ts';

const listedMax = 200;
const mergeChoicesMax = 50;
const impacts = ['none', 'minor', 'major', 'critical'] as const;

export const incidentsPage: OperatorPage = {
  url: 'operator/incidents',
  show: ({ incidents }, shown) => {
    const all = incidents.list();
    return {
      title: 'Incidents',
      body: html`<div class="head"><h1>Incidents and maintenance</h1><p>The newest ${Math.min(listedMax, all.length)} of ${all.length}.</p></div>
<ul class="rows">${all.slice(0, listedMax).map((incident) => incidentEntry(incident, shown, false))}</ul>`,
    };
  },
};

export const incidentPage: OperatorPage = {
  url: 'operator/incidents/:id',
  show: (parts, shown) => {
    const incident = parts.incidents.find(shown.params.id ?? '');
    if (incident === undefined) return refuse('not-found', 'There is no such incident.');
    return {
      title: incident.name,
      body: html`<div class="head"><h1 dir="auto">${incident.name}</h1>
<p>${incidentState(incident)} <span class="soft">${incidentTimes(incident)}</span> <a href="${shown.root}${incidentAddress(incident)}">As the public sees it</a></p></div>
${sections(parts, shown, incident)}
<section aria-labelledby="told"><h2 id="told">As it was told</h2>
${updateList(parts.view(), incident.updates)}</section>`,
    };
  },
};

function sections(parts: OperatorParts, shown: Shown, incident: Incident): Markup {
  const at = `operator/incidents/${encodeURIComponent(incident.id)}`;
  const isMaintenance = incident.kind === 'maintenance';
  const section = (name: string, title: string, button: string, fields: (own: Fields) => Markup) =>
    html`<section aria-labelledby="${name}-title"><h2 id="${name}-title">${title}</h2>
${form(shown, name, `${at}/${name}`, button, fields)}</section>\n`;
  const end = isMaintenance
    ? section('end', 'End it now', 'End the maintenance', (own) =>
        own.area({ name: 'body', label: 'Text', value: 'The maintenance is over.' }),
      )
    : section('resolve', 'Resolve', 'Resolve', (own) =>
        own.area({ name: 'body', label: 'Text', value: 'This incident is resolved.' }),
      );
  return html`${section('update', 'Write an update', 'Publish the update', (own) => updateFields(parts, incident, own))}
${isOpen(incident) && end}
${section('edit', 'Correct', 'Correct', (own) => editFields(incident, own))}
${section('text', 'Correct the text of an update', 'Correct the text', (own) => textFields(incident, own))}
${!isMaintenance && mergeSection(parts, incident, section)}
${!isMaintenance && !isOpen(incident) && section('postmortem', 'Postmortem', 'Publish', (own) => own.area({ name: 'postmortem', label: 'What happened, and what changes', value: incident.postmortem ?? draftOf(parts, incident), hint: incident.postmortem === undefined ? 'This is a draft; only you see it until you publish it.' : 'This is public.' }))}`;
}

function updateFields(parts: OperatorParts, incident: Incident, own: Fields): Markup {
  const steps = incident.kind === 'maintenance' ? maintenanceStatuses : incidentStatuses.slice(0, 4);
  return html`${own.select({ name: 'status', label: 'Step', value: incident.status }, [['', 'As it is'], ...steps.map((step) => [step, stepWords[step]] as const)])}
${own.area({ name: 'body', label: 'Text' })}
${own.time({ name: 'displayAt', label: 'Happened', isOptional: true, hint: 'Empty: now.' })}
${own.affected(parts.view(), 'What changes for the parts')}`;
}

function editFields(incident: Incident, own: Fields): Markup {
  const name = own.text({ name: 'name', label: 'Name', value: incident.name });
  if (incident.kind === 'maintenance') {
    return html`${name}<div class="pair">${own.time({ name: 'scheduledFor', label: 'Begins', at: incident.scheduledFor })}${own.time({ name: 'scheduledUntil', label: 'Ends', at: incident.scheduledUntil })}</div>`;
  }
  return html`${name}<div class="pair">${own.select(
    { name: 'impact', label: 'Impact', value: incident.impact },
    impacts.map((impact) => [impact, impact] as const),
  )}${own.time({ name: 'startedAt', label: 'Began', at: incident.startedAt })}</div>`;
}

function textFields(incident: Incident, own: Fields): Markup {
  const choices = incident.updates.map(
    ({ id, status, body }) => [id, `${stepWords[status]}: ${body.slice(0, 60)}`] as const,
  );
  return html`${own.select({ name: 'update', label: 'Update' }, choices)}${own.area({ name: 'body', label: 'New text', value: incident.updates[0]?.body ?? '' })}`;
}

type SectionOf = (name: string, title: string, button: string, fields: (own: Fields) => Markup) => Markup;

function mergeSection({ incidents }: OperatorParts, incident: Incident, section: SectionOf): Markup | false {
  const others = incidents.list().filter(({ id, kind }) => id !== incident.id && kind === 'incident');
  if (others.length === 0) return false;
  const choices = others.slice(0, mergeChoicesMax).map(({ id, name }) => [id, name] as const);
  return section('merge', 'Merge into another', 'Merge', (own) =>
    own.select(
      { name: 'into', label: 'It is part of', hint: 'Its updates become the other’s, and its address leads there.' },
      choices,
    ),
  );
}

function draftOf(parts: OperatorParts, incident: Incident): string {
  const made = draftPostmortem(
    { ...parts, subscribers: () => ({}) },
    { params: { id: incident.id }, query: {}, body: undefined as never },
  );
  return isRefusal(made) ? '' : (made as { readonly draft: string }).draft;
}

const idIn = ({ params }: Sent) => params.id ?? '';

function action(
  name: string,
  done: string,
  perform: (parts: OperatorParts, sent: Sent) => ReturnType<OperatorParts['incidents']['edit']>,
): OperatorAction {
  return {
    url: `operator/incidents/:id/${name}`,
    form: name,
    page: incidentPage,
    perform: (parts, sent) => {
      const changed = perform(parts, sent);
      return isRefusal(changed) ? changed : `operator/incidents/${changed.id}?done=${done}`;
    },
  };
}

export const incidentActions: readonly OperatorAction[] = [
  action('update', 'updated', ({ incidents }, sent) => {
    const { values, author } = sent;
    const displayAt = timeIn(values, 'displayAt');
    if (isRefusal(displayAt)) return displayAt;
    const status = values.get('status') ?? '';
    return incidents.update(idIn(sent), {
      body: values.get('body') ?? '',
      affected: affectedIn(values),
      author,
      ...(status === '' ? {} : { status: status as NonNullable<NewUpdate['status']> }),
      ...(displayAt === undefined ? {} : { displayAt }),
    });
  }),
  action('resolve', 'resolved', ({ incidents }, sent) =>
    incidents.update(idIn(sent), { status: 'resolved', body: sent.values.get('body') ?? '', author: sent.author }),
  ),
  action('end', 'ended', ({ incidents }, sent) =>
    incidents.update(idIn(sent), { status: 'completed', body: sent.values.get('body') ?? '', author: sent.author }),
  ),
  action('edit', 'corrected', ({ incidents }, sent) => {
    const edit = editIn(sent.values, incidents.find(idIn(sent)));
    return isRefusal(edit) ? edit : incidents.edit(idIn(sent), edit);
  }),
  action('text', 'corrected', ({ incidents }, sent) => {
    const { values } = sent;
    return incidents.edit(idIn(sent), { update: { id: values.get('update') ?? '', body: values.get('body') ?? '' } });
  }),
  action('merge', 'merged', ({ incidents }, sent) => incidents.merge(idIn(sent), sent.values.get('into') ?? '')),
  action('postmortem', 'explained', ({ incidents }, sent) => {
    const body = sent.values.get('postmortem') ?? '';
    // The first one is told to everybody, as an update; later ones correct it.
    return incidents.find(idIn(sent))?.postmortem === undefined
      ? incidents.update(idIn(sent), { status: 'postmortem', body, author: sent.author })
      : incidents.edit(idIn(sent), { postmortem: body });
  }),
];

/** Only what was changed: a form has minutes, and what it shows is cut. */
function editIn(values: URLSearchParams, incident: Incident | undefined): IncidentEdit | ReturnType<typeof refuse> {
  const startedAt = timeIn(values, 'startedAt');
  const scheduledFor = timeIn(values, 'scheduledFor');
  const scheduledUntil = timeIn(values, 'scheduledUntil');
  const refusal = refusalAmong(startedAt, scheduledFor, scheduledUntil);
  if (refusal !== undefined) return refusal;
  const times = Object.entries({ startedAt, scheduledFor, scheduledUntil } as Record<string, number | undefined>);
  const known = incident as unknown as Readonly<Record<string, number | undefined>>;
  const isChanged = (name: string, at: number | undefined) =>
    at !== undefined && at !== Math.floor((known?.[name] ?? -1) / 60_000) * 60_000;
  const impact = values.get('impact') ?? '';
  return {
    name: values.get('name') ?? '',
    ...(impact === '' || impact === incident?.impact ? {} : { impact: impact as Impact }),
    ...Object.fromEntries(times.filter(([name, at]) => isChanged(name, at))),
  };
}
