/** Histories from elsewhere over the API. Each incident is taken or refused on its own; the same import again changes nothing. */
import Type, { type Static } from 'typebox';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { PastIncident } from '../incidents/incidents.ts';
import { postmortemLengthMax } from '../incidents/limits.ts';
import type { AffectedComponent, IncidentStatus } from '../model.ts';
import { closed, fields, given, timeOf, timesOf } from './fields.ts';
import type { Asked, ManagedParts } from './parts.ts';

/** Incidents of one request. */
export const importedAtOnceMax = 50;

const { componentStatus } = fields;
const long = Type.String({ maxLength: postmortemLengthMax });

const importedIncident = Type.Object(
  {
    foreignId: fields.name,
    kind: Type.Union([Type.Literal('incident'), Type.Literal('maintenance')]),
    name: fields.name,
    impact: fields.impact,
    startedAt: fields.time,
    endedAt: fields.time,
    monitoringAt: Type.Optional(fields.time),
    scheduledFor: Type.Optional(fields.time),
    scheduledUntil: Type.Optional(fields.time),
    updates: Type.Array(
      Type.Object(
        {
          status: fields.status,
          body: long,
          at: fields.time,
          affected: Type.Array(
            Type.Object({ name: fields.name, oldStatus: componentStatus, newStatus: componentStatus }, closed),
            { maxItems: 200 },
          ),
        },
        closed,
      ),
      { maxItems: 1_000 },
    ),
    components: Type.Array(Type.Object({ name: fields.name, status: componentStatus }, closed), { maxItems: 200 }),
  },
  closed,
);

export const importBody = Type.Object(
  {
    source: Type.String({ minLength: 1, maxLength: 500 }),
    incidents: Type.Array(importedIncident, { maxItems: importedAtOnceMax }),
  },
  closed,
);

/** An incident as it is sent to be imported: components by name, because keys are ours. */
export type ImportedIncident = Static<typeof importedIncident>;

export function importIncidents(parts: ManagedParts, { body }: { body: Static<typeof importBody> }): unknown {
  const keyOf = componentKeys(parts);
  const outcomes = { new: 0, changed: 0, unchanged: 0 };
  const refused: { foreignId: string; code: string; message: string }[] = [];
  for (const one of body.incidents) {
    const past = pastOf(one, keyOf);
    const outcome = isRefusal(past) ? past : parts.incidents.importPast(body.source, past);
    if (isRefusal(outcome)) refused.push({ foreignId: one.foreignId, code: outcome.code, message: outcome.message });
    else outcomes[outcome] += 1;
  }
  return { ...outcomes, refused };
}

export function dropImport(parts: ManagedParts, { query }: Asked): unknown {
  const { source = '' } = query;
  if (source === '') return refuse('form-field-invalid', 'Name the source that is to be removed: ?source=…');
  return { removed: parts.incidents.removeImported(source) };
}

/** The key of ours that has this name, in any spelling; otherwise one made of the name. */
function componentKeys({ view }: ManagedParts): (name: string) => string {
  const known = new Map(
    view()
      .components.filter(({ key, isGroup }) => isGroup || !key.includes('/'))
      .map(({ key, name }) => [name.toLowerCase(), key]),
  );
  return (name) => known.get(name.toLowerCase()) ?? slugOf(name);
}

function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return slug === '' ? 'elsewhere' : slug;
}

/** @returns what is stored of it; every text that ought to be a time is one, or it is refused */
function pastOf(one: ImportedIncident, keyOf: (name: string) => string): PastIncident | Refusal {
  const { startedAt, endedAt, monitoringAt, scheduledFor, scheduledUntil } = one;
  const times = timesOf({ startedAt, endedAt, monitoringAt, scheduledFor, scheduledUntil });
  if (isRefusal(times)) return times;
  const updates: PastIncident['updates'][number][] = [];
  for (const update of one.updates) {
    const at = timeOf('at', update.at) ?? 0;
    if (isRefusal(at)) return at;
    const affected: AffectedComponent[] = update.affected.map((own) => ({ key: keyOf(own.name), ...own }));
    updates.push({ status: update.status as IncidentStatus, body: update.body, at, affected });
  }
  // Of two components that are one to us, the incident has one.
  const components = new Map(one.components.map((own) => [keyOf(own.name), own]));
  return {
    foreignId: one.foreignId,
    kind: one.kind,
    name: one.name,
    impact: one.impact,
    startedAt: times.startedAt ?? 0,
    endedAt: times.endedAt ?? 0,
    ...given({
      monitoringAt: times.monitoringAt,
      scheduledFor: times.scheduledFor,
      scheduledUntil: times.scheduledUntil,
    }),
    updates,
    components: [...components].map(([key, own]) => ({ key, name: own.name, status: own.status })),
  };
}
