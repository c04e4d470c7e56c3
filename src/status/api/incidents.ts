/** Incidents and maintenances over the API: the verbs of status/incidents/incidents.ts, with templates, timelines and drafts. */
import Type, { type Static } from 'typebox';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { postmortemDraft } from '../incidents/postmortem.ts';
import { isOpen, ownerOf } from '../incidents/stored-incident.ts';
import { fillTemplate } from '../incidents/templates.ts';
import { spanOf, type TimelineEntry, timelineOf } from '../incidents/timeline.ts';
import type { Incident, IncidentStatus, MaintenanceStatus } from '../model.ts';
import { closed, fields, given, timeOf, timesOf } from './fields.ts';
import type { Asked, ManagedParts } from './parts.ts';

/** Incidents in one answer. */
export const listedMax = 500;

const template = {
  template: Type.Optional(fields.name),
  values: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), fields.text)),
};

export const newIncidentBody = Type.Object(
  {
    name: Type.Optional(fields.name),
    body: Type.Optional(fields.body),
    status: Type.Optional(fields.status),
    impact: Type.Optional(fields.impact),
    affected: Type.Optional(fields.affected),
    startedAt: Type.Optional(fields.time),
    author: fields.author,
    ...template,
  },
  closed,
);

export const newUpdateBody = Type.Object(
  {
    body: Type.Optional(fields.body),
    status: Type.Optional(fields.status),
    affected: Type.Optional(fields.affected),
    displayAt: Type.Optional(fields.time),
    author: fields.author,
    ...template,
  },
  closed,
);

export const editBody = Type.Object(
  {
    name: Type.Optional(fields.name),
    impact: Type.Optional(fields.impact),
    startedAt: Type.Optional(fields.time),
    postmortem: Type.Optional(fields.body),
    scheduledFor: Type.Optional(fields.time),
    scheduledUntil: Type.Optional(fields.time),
    update: Type.Optional(Type.Object({ id: fields.name, body: fields.body }, closed)),
  },
  closed,
);

export const mergeBody = Type.Object({ into: fields.name }, closed);

export const newMaintenanceBody = Type.Object(
  {
    name: Type.Optional(fields.name),
    body: Type.Optional(fields.body),
    affected: Type.Optional(fields.affected),
    scheduledFor: fields.time,
    scheduledUntil: fields.time,
    author: fields.author,
    ...template,
  },
  closed,
);

type Id = { readonly id: string };
const idOf = ({ params }: Asked) => params.id ?? '';

/** An incident as the API shows it: everything, and who looks after it. */
function shownAs(incident: Incident): unknown {
  return { ...incident, owner: ownerOf(incident) };
}

function answered(result: Incident | Refusal): unknown {
  return isRefusal(result) ? result : shownAs(result);
}

export function listIncidents(parts: ManagedParts, { query }: Asked, kind: Incident['kind']): unknown {
  const all = parts.incidents.list().filter((incident) => incident.kind === kind);
  const wanted = query.open === 'true' ? all.filter(isOpen) : all;
  const limit = Math.min(listedMax, Math.max(1, Number(query.limit) || listedMax));
  const list = wanted.slice(0, limit).map(shownAs);
  return { count: wanted.length, [kind === 'incident' ? 'incidents' : 'maintenances']: list };
}

export function showIncident(parts: ManagedParts, asked: Asked): unknown {
  const incident = parts.incidents.find(idOf(asked));
  return incident === undefined ? missing(asked) : shownAs(incident);
}

export function openOne(parts: ManagedParts, { body }: { body: Static<typeof newIncidentBody> }): unknown {
  const text = textOf(parts, body);
  if (isRefusal(text)) return text;
  const startedAt = timeOf('startedAt', body.startedAt);
  if (isRefusal(startedAt)) return startedAt;
  const { status, impact, affected, author } = body;
  return answered(
    parts.incidents.open({
      ...text,
      author,
      ...given({
        status: status as IncidentStatus | undefined,
        impact,
        affected,
        startedAt,
      }),
    }),
  );
}

export function writeUpdate(parts: ManagedParts, asked: Asked, fixed?: IncidentStatus | MaintenanceStatus): unknown {
  const body = asked.body as Static<typeof newUpdateBody>;
  const text = textOf(parts, body);
  if (isRefusal(text)) return text;
  const displayAt = timeOf('displayAt', body.displayAt);
  if (isRefusal(displayAt)) return displayAt;
  const status = (fixed ?? body.status) as IncidentStatus | undefined;
  return answered(
    parts.incidents.update(idOf(asked), {
      body: text.body === '' ? (sentences[status ?? ''] ?? '') : text.body,
      author: body.author,
      ...given({
        status,
        affected: body.affected,
        displayAt,
      }),
    }),
  );
}

/** Steps that need no explanation get one all the same. */
const sentences: Readonly<Record<string, string>> = {
  resolved: 'This incident is resolved.',
  completed: 'The maintenance is over.',
};

export function correct(parts: ManagedParts, asked: Asked): unknown {
  const { startedAt, scheduledFor, scheduledUntil, name, impact, postmortem, update } = asked.body as Static<
    typeof editBody
  >;
  const times = timesOf({ startedAt, scheduledFor, scheduledUntil });
  if (isRefusal(times)) return times;
  const edit = { ...given({ name, impact, postmortem, update }), ...given(times) };
  return answered(parts.incidents.edit(idOf(asked), edit));
}

export function mergeTwo(parts: ManagedParts, asked: Asked): unknown {
  return answered(parts.incidents.merge(idOf(asked), (asked.body as { into: string }).into));
}

export function announce(parts: ManagedParts, { body }: { body: Static<typeof newMaintenanceBody> }): unknown {
  const text = textOf(parts, body);
  if (isRefusal(text)) return text;
  const times = timesOf({ scheduledFor: body.scheduledFor, scheduledUntil: body.scheduledUntil });
  if (isRefusal(times)) return times;
  const { scheduledFor = 0, scheduledUntil = 0 } = times;
  const { affected, author } = body;
  return answered(parts.incidents.schedule({ ...text, author, scheduledFor, scheduledUntil, ...given({ affected }) }));
}

/** Name and text of a body, from its template where it names one; what is written beside the template wins. */
function textOf(
  { templates }: ManagedParts,
  body: {
    readonly name?: string;
    readonly body?: string;
    readonly template?: string;
    readonly values?: Readonly<Record<string, string>>;
  },
): { readonly name: string; readonly body: string } | Refusal {
  if (body.template === undefined) return { name: body.name ?? '', body: body.body ?? '' };
  const found = templates().find(({ name }) => name === body.template);
  if (found === undefined) return refuse('not-found', `There is no template "${body.template}".`);
  const filled = fillTemplate(found, body.values ?? {});
  if (isRefusal(filled)) return filled;
  const { title, body: text } = filled;
  return { name: body.name ?? title, body: body.body ?? text };
}

export function showTimeline(parts: ManagedParts, asked: Asked): unknown {
  const incident = parts.incidents.find(idOf(asked));
  return incident === undefined ? missing(asked) : { timeline: timelineFor(parts, incident) };
}

export function draftPostmortem(parts: ManagedParts, asked: Asked): unknown {
  const incident = parts.incidents.find(idOf(asked));
  if (incident === undefined) return missing(asked);
  const { startedAt, resolvedAt } = incident;
  const until = resolvedAt ?? parts.clock.now();
  const events = incident.components.map(({ key, name }) => ({
    name: `${name} (${key})`,
    counts: parts.history.events(key, startedAt, until),
  }));
  return { draft: postmortemDraft(incident, { timeline: timelineFor(parts, incident), events }) };
}

function timelineFor(
  { incidents, alarms, history, clock }: ManagedParts,
  incident: Incident,
): readonly TimelineEntry[] {
  const now = clock.now();
  const { from, until } = spanOf(incident, now);
  return timelineOf(
    incident,
    {
      changes: incident.components.flatMap(({ key }) => history.changes(key, from, until)),
      alarms: alarms.since(from),
      marks: incidents.marks(from, until),
    },
    now,
  );
}

function missing({ params }: { readonly params: Partial<Id> }): Refusal {
  return refuse('not-found', `There is no incident "${params.id ?? ''}" here.`);
}
