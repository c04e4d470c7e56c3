/** Alarms, silences, marks, heartbeats, subscribers and the state of it all, over the API. */
import Type, { type Static } from 'typebox';
import { isRefusal, refuse } from '../../std/refusals.ts';
import { isOpen } from '../incidents/stored-incident.ts';
import { placeholdersOf } from '../incidents/templates.ts';
import { closed, fields, timeOf, timesOf } from './fields.ts';
import type { Asked, ManagedParts } from './parts.ts';

const dayMs = 86_400_000;

export const markBody = Type.Object(
  { text: fields.text, at: Type.Optional(fields.time), author: fields.author },
  closed,
);
export const confirmBody = Type.Object({ author: fields.author }, closed);
export const silenceBody = Type.Object(
  {
    pattern: fields.name,
    reason: fields.text,
    from: Type.Optional(fields.time),
    until: fields.time,
    author: fields.author,
  },
  closed,
);

/** In one screen: is it known, what is wrong, what is open, who is on duty. */
export function showState({ view, incidents, alarms, heartbeats }: ManagedParts): unknown {
  const { page, galleryUrl, at, isKnown, components } = view();
  return {
    page,
    galleryUrl,
    at,
    isKnown,
    components: components.map(({ key, name, isGroup, status, why, parts, slo }) => ({
      key,
      name,
      isGroup,
      status,
      why,
      parts,
      slo,
    })),
    open: incidents
      .list()
      .filter(isOpen)
      .map(({ id, kind, name, status, impact, startedAt, updatedAt, scheduledFor, scheduledUntil }) => ({
        id,
        kind,
        name,
        status,
        impact,
        startedAt,
        updatedAt,
        scheduledFor,
        scheduledUntil,
      })),
    forgotten: incidents.forgotten().map(({ id }) => id),
    firing: alarms.firing(),
    onDuty: alarms.onDuty(),
    testPage: alarms.testPage(),
    lateHeartbeats: heartbeats()
      .filter(({ isLate }) => isLate)
      .map(({ name }) => name),
  };
}

export function listAlarms({ alarms, clock }: ManagedParts, { query }: Asked): unknown {
  const since = timeOf('since', query.since);
  if (isRefusal(since)) return since;
  return { alarms: alarms.since(since ?? clock.now() - dayMs) };
}

export function confirmAlarm({ alarms }: ManagedParts, { params, body }: Asked): unknown {
  return alarms.confirm(params.id ?? '', (body as Static<typeof confirmBody>).author);
}

export function sendTestPage({ alarms }: ManagedParts): unknown {
  const sentAt = alarms.sendTestPage();
  return isRefusal(sentAt) ? sentAt : { sentAt };
}

export function addSilence({ alarms, clock }: ManagedParts, { body }: { body: Static<typeof silenceBody> }): unknown {
  const times = timesOf({ from: body.from, until: body.until });
  if (isRefusal(times)) return times;
  const { from, until = 0 } = times;
  if (body.pattern.trim() === '') return refuse('form-field-invalid', 'A silence names the alarms that it is for.');
  const { pattern, reason, author } = body;
  return alarms.silence({ pattern, reason, author, from: from ?? clock.now(), until });
}

export function addMark({ incidents }: ManagedParts, { body }: { body: Static<typeof markBody> }): unknown {
  const at = timeOf('at', body.at);
  return isRefusal(at) ? at : incidents.mark(body.text, body.author, at);
}

/** Of the last day, unless told otherwise. */
export function listMarks({ incidents, clock }: ManagedParts, { query }: Asked): unknown {
  const times = timesOf({ from: query.from, until: query.until });
  if (isRefusal(times)) return times;
  const { from, until } = times;
  const now = clock.now();
  return { marks: incidents.marks(from ?? now - dayMs, until ?? now) };
}

export function listTemplates({ templates }: ManagedParts): unknown {
  return { templates: templates().map((one) => ({ ...one, values: placeholdersOf(one) })) };
}
