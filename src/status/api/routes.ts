/**
 * The management API of the status service, JSON under `/api/`: every route in one table (docs/STATUS-API.md). Each asks for the
 * operator's token in the Authorization header, which no other page can make a browser send. Every refusal is `{code, message}`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Compile } from 'typebox/compile';
import Value from 'typebox/value';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { isSameToken } from '../operator/token.ts';
import { withTimes } from './fields.ts';
import { dropImport, importBody, importIncidents } from './imports.ts';
import {
  announce,
  correct,
  draftPostmortem,
  editBody,
  listIncidents,
  mergeBody,
  mergeTwo,
  newIncidentBody,
  newMaintenanceBody,
  newUpdateBody,
  openOne,
  showIncident,
  showTimeline,
  writeUpdate,
} from './incidents.ts';
import {
  addMark,
  addSilence,
  confirmAlarm,
  confirmBody,
  listAlarms,
  listMarks,
  listTemplates,
  markBody,
  sendTestPage,
  showState,
  silenceBody,
} from './operations.ts';
import type { ManagedParts, ManagementRoute } from './parts.ts';

/** One body; the largest are imports. */
export const bodyBytesMax = 4 * 1024 * 1024;

const one = '/api/incidents/:id';

export const managementRoutes: readonly ManagementRoute[] = [
  { method: 'GET', url: '/api/state', does: 'what is wrong, what is open, who is on duty', handle: showState },
  {
    method: 'GET',
    url: '/api/incidents',
    does: 'lists incidents, the newest first; `?open=true`, `?limit=`',
    handle: (parts, asked) => listIncidents(parts, asked, 'incident'),
  },
  { method: 'POST', url: '/api/incidents', does: 'opens an incident', body: newIncidentBody, handle: openOne },
  { method: 'GET', url: one, does: 'shows an incident or a maintenance', handle: showIncident },
  {
    method: 'PATCH',
    url: one,
    does: 'corrects name, impact, times, or the text of an update',
    body: editBody,
    handle: correct,
  },
  { method: 'POST', url: `${one}/updates`, does: 'writes an update', body: newUpdateBody, handle: writeUpdate },
  {
    method: 'POST',
    url: `${one}/resolve`,
    does: 'writes the update that resolves it',
    body: newUpdateBody,
    handle: (parts, asked) => writeUpdate(parts, asked, 'resolved'),
  },
  { method: 'POST', url: `${one}/merge`, does: 'makes it a part of another', body: mergeBody, handle: mergeTwo },
  { method: 'GET', url: `${one}/timeline`, does: 'what happened, in order', handle: showTimeline },
  { method: 'GET', url: `${one}/postmortem`, does: 'a draft of its postmortem, in Markdown', handle: draftPostmortem },
  {
    method: 'GET',
    url: '/api/maintenances',
    does: 'lists maintenances; `?open=true`, `?limit=`',
    handle: (parts, asked) => listIncidents(parts, asked, 'maintenance'),
  },
  {
    method: 'POST',
    url: '/api/maintenances',
    does: 'announces a maintenance',
    body: newMaintenanceBody,
    handle: announce,
  },
  {
    method: 'POST',
    url: '/api/maintenances/:id/end',
    does: 'ends a maintenance now',
    body: newUpdateBody,
    handle: (parts, asked) => writeUpdate(parts, asked, 'completed'),
  },
  { method: 'GET', url: '/api/templates', does: 'lists templates and what they ask for', handle: listTemplates },
  { method: 'GET', url: '/api/marks', does: 'lists marks; `?from=`, `?until=`', handle: listMarks },
  { method: 'POST', url: '/api/marks', does: 'marks a moment, such as a deploy', body: markBody, handle: addMark },
  { method: 'GET', url: '/api/alarms', does: 'lists alarms; `?since=`', handle: listAlarms },
  {
    method: 'POST',
    url: '/api/alarms/:id/confirm',
    does: 'says that somebody looks after it',
    body: confirmBody,
    handle: confirmAlarm,
  },
  { method: 'POST', url: '/api/test-page', does: 'sends a test page now', handle: sendTestPage },
  {
    method: 'GET',
    url: '/api/silences',
    does: 'lists silences',
    handle: ({ alarms }) => ({ silences: alarms.silences() }),
  },
  {
    method: 'POST',
    url: '/api/silences',
    does: 'keeps alarms from calling anybody for a while',
    body: silenceBody,
    handle: addSilence,
  },
  {
    method: 'DELETE',
    url: '/api/silences/:id',
    does: 'ends a silence',
    handle: ({ alarms }, { params }) => alarms.endSilence(params.id ?? ''),
  },
  {
    method: 'GET',
    url: '/api/heartbeats',
    does: 'lists signs of life that are awaited, with their addresses',
    handle: ({ heartbeats }) => ({ heartbeats: heartbeats() }),
  },
  {
    method: 'GET',
    url: '/api/subscribers',
    does: 'how many subscribers there are',
    handle: ({ subscribers }) => ({ subscribers: subscribers() }),
  },
  {
    method: 'POST',
    url: '/api/imports',
    does: 'takes over incidents from elsewhere, 50 at once',
    body: importBody,
    handle: importIncidents,
  },
  { method: 'DELETE', url: '/api/imports', does: 'removes what was imported from `?source=`', handle: dropImport },
];

/** Registers all routes, on an instance of their own. */
export function registerManagement(app: FastifyInstance, parts: ManagedParts): void {
  app.register(async (api) => {
    api.removeAllContentTypeParsers();
    api.addContentTypeParser('application/json', { parseAs: 'string' }, api.getDefaultJsonParser('error', 'error'));
    // Before any of the body is read: a stranger could send one for hours.
    api.addHook('onRequest', async (request, reply) => {
      const refusal = refuseStranger(request, parts.token);
      if (refusal) return answerRefused(reply, refusal, refusal.status);
    });
    for (const { method, url, body, handle } of managementRoutes) {
      const read = body === undefined ? undefined : reader(body);
      api.route({
        method,
        url,
        bodyLimit: bodyBytesMax,
        handler: async (request, reply) => {
          const value = read === undefined ? undefined : read(request.body ?? {});
          if (isRefusal(value)) return answer(reply, value);
          const params = request.params as Record<string, string>;
          return answer(reply, handle(parts, { params, query: queryOf(request), body: value as never }));
        },
      });
    }
    api.setErrorHandler((error, request, reply) => answerError(parts, error as Error, request, reply));
  });
}

function refuseStranger({ headers }: FastifyRequest, token: string): Refusal | undefined {
  const [, given] = /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (given === undefined) {
    return refuse('credentials-missing', 'Send the operator’s token: "Authorization: Bearer TOKEN".');
  }
  return isSameToken(given, token) ? undefined : refuse('credentials-invalid', 'This is not the operator’s token.');
}

/** Of a parameter that is given twice, the first counts. */
function queryOf({ query }: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(query as Record<string, string | string[]>).map(([key, value]) => [
      key,
      Array.isArray(value) ? value[0] : value,
    ]),
  );
}

/** @returns a function that fills defaults in and checks; what it refuses names the field */
function reader(schema: NonNullable<ManagementRoute['body']>): (body: unknown) => unknown {
  const check = Compile(schema);
  return (body) => {
    const value = Value.Default(schema, body);
    if (check.Check(value)) return value;
    return refuse('form-field-invalid', complaintOf(check.Errors(value)));
  };
}

/** What is wrong with a body, in one sentence that names the field. */
function complaintOf(errors: ReturnType<ReturnType<typeof Compile>['Errors']>): string {
  // A field that is not known is also said to be "false", which helps nobody.
  const error = errors.find(({ keyword }) => keyword === 'additionalProperties') ?? errors[0];
  const field = error?.instancePath.slice(1).replaceAll('/', '.') ?? '';
  const { additionalProperties = [] } = (error?.params ?? {}) as { additionalProperties?: readonly string[] };
  const unknown = `does not know "${additionalProperties.join('", "')}"`;
  const problem = additionalProperties.length > 0 ? unknown : (error?.message ?? 'cannot be used');
  return `${field === '' ? 'The body' : `"${field}"`} ${problem}.`;
}

function answer(reply: FastifyReply, result: unknown): FastifyReply {
  if (isRefusal(result)) return answerRefused(reply, result, result.status);
  return send(reply.code(200), withTimes(result ?? {}));
}

function send(reply: FastifyReply, value: unknown): FastifyReply {
  reply.header('Cache-Control', 'no-store').type('application/json; charset=utf-8');
  return reply.send(`${JSON.stringify(value)}\n`);
}

function answerRefused(reply: FastifyReply, { code, message }: Refusal, status: number): FastifyReply {
  if (status === 401) reply.header('WWW-Authenticate', 'Bearer realm="status"');
  if (status === 503) reply.header('Retry-After', '5');
  return send(reply.code(status), { code, message });
}

/** A body that cannot be read is the caller’s to mend; whatever else failed was infrastructure or a bug. */
function answerError(parts: ManagedParts, error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  if (status < 500) {
    const code = status === 413 ? 'upload-too-large' : 'form-unreadable';
    return answerRefused(reply, refuse(code, `${error.message.replace(/\.$/, '')}.`), status);
  }
  parts.log.error({ err: error, url: request.url }, 'a request of the management API failed');
  return answerRefused(reply, refuse('unavailable', 'This cannot be done for the moment; nothing was changed.'), 503);
}
