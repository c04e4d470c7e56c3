/**
 * The operator's pages: every verb of incidents and alarms as a form, without a script. Nothing is shown or done without a session,
 * nothing is done by looking, and a form counts only when one of our own pages sent it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal } from '../../std/refusals.ts';
import { layout, pageHeaders } from '../page/layout.ts';
import { html } from '../page/markup.ts';
import { alarmActions, alarmsPage } from './alarms-page.ts';
import { registerConfirm } from './confirm-page.ts';
import { incidentActions, incidentPage, incidentsPage } from './incident-page.ts';
import { newIncidentPage, newMaintenancePage, openAction, scheduleAction } from './new-incident-pages.ts';
import { markAction, overviewPage } from './overview-page.ts';
import { isFromElsewhere } from './own-forms.ts';
import type { Attempt, OperatorAction, OperatorPage, OperatorParts } from './parts.ts';
import { type Session, Sessions, SignInTries } from './sessions.ts';
import { isSecure, registerSignIn } from './sign-in-page.ts';
import { isSameToken } from './token.ts';

/** One form; a letter may take nine characters of it. */
export const formBytesMax = 1024 * 1024;

const pages: readonly OperatorPage[] = [
  overviewPage,
  incidentsPage,
  newIncidentPage,
  newMaintenancePage,
  incidentPage,
  alarmsPage,
];
const actions: readonly OperatorAction[] = [
  openAction,
  scheduleAction,
  markAction,
  ...incidentActions,
  ...alarmActions,
];

/** What is said after something was done, by the word in the address. */
const doneWords: Readonly<Record<string, string>> = {
  opened: 'The incident is open.',
  scheduled: 'The maintenance is announced.',
  updated: 'The update is public.',
  resolved: 'The incident is resolved.',
  ended: 'The maintenance is over.',
  corrected: 'It is corrected.',
  merged: 'They are one incident now.',
  explained: 'The postmortem is public.',
  marked: 'The moment is marked.',
  silenced: 'The silence is in force.',
  unsilenced: 'The silence has ended.',
  confirmed: 'You look after the alarm.',
};

export function registerOperator(app: FastifyInstance, parts: OperatorParts): void {
  const sessions = new Sessions(parts.clock, parts.random);
  const tries = new SignInTries(parts.clock);
  app.register(async (own) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formBytesMax },
      (_request, text, done) => done(null, readForm(text as string)),
    );
    own.addHook('preHandler', async (request) => {
      if (request.method === 'POST' && request.body === undefined) request.body = new URLSearchParams();
    });
    registerSignIn(own, parts, sessions, tries);
    registerConfirm(own, parts);
    own.post('/operator/sign-out', (request, reply) => {
      const session = sessions.find(request.headers.cookie);
      if (session === undefined || !isOwn(request, session, parts)) return reply.redirect('sign-in', 303);
      return reply.header('Set-Cookie', sessions.end(request.headers.cookie, isSecure(parts))).redirect('sign-in', 303);
    });
    for (const page of pages) {
      own.get(`/${page.url}`, (request, reply) => {
        const session = sessions.find(request.headers.cookie);
        if (session === undefined) return toSignIn(request, reply);
        return show(parts, page, session, request, reply, 200, undefined);
      });
    }
    for (const action of actions) {
      own.post(`/${action.url}`, (request, reply) => {
        const session = sessions.find(request.headers.cookie);
        if (session === undefined) return toSignIn(request, reply);
        return perform(parts, action, session, request, reply);
      });
    }
  });
}

/** Browsers end lines of texts in two characters; texts have one. */
function readForm(text: string): URLSearchParams {
  return new URLSearchParams(text.replaceAll(/%0D%0A/gi, '%0A'));
}

/** Whether a form was sent from one of our pages, by whoever is signed in. */
function isOwn(request: FastifyRequest, session: Session, parts: OperatorParts): boolean {
  const given = (request.body as URLSearchParams).get('form-token') ?? '';
  return !isFromElsewhere(request.headers, parts.view().page.url) && isSameToken(given, session.formToken);
}

function perform(
  parts: OperatorParts,
  action: OperatorAction,
  session: Session,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const values = request.body as URLSearchParams;
  const params = request.params as Record<string, string>;
  const again = (status: number, sentence: string) =>
    // Forms that are one button are told apart by what they are about.
    show(parts, action.page, session, request, reply, status, {
      form: action.form === 'end' || action.form === 'confirm' ? nameOf(action, params) : action.form,
      values,
      sentence,
    });
  if (!isOwn(request, session, parts)) return again(403, 'This form is from before you signed in. Send it once more.');
  const next = action.perform(parts, { author: session.author, params, values });
  if (isRefusal(next)) return again(next.status, next.message);
  parts.log.info({ action: action.url, author: session.author, ...params }, 'an operator did something');
  return reply.header('Cache-Control', 'no-store').redirect(`${rootOf(request)}${next}`, 303);
}

function nameOf(action: OperatorAction, { id = '' }: Record<string, string>): string {
  return action.page === alarmsPage ? `${action.form}-${id}` : action.form;
}

function toSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.header('Cache-Control', 'no-store').redirect(`${rootOf(request)}operator/sign-in`, 303);
}

/** What leads from the request’s address to the root: nothing from `/operator`, `../` from `/operator/alarms`. */
function rootOf({ url }: FastifyRequest): string {
  const path = url.split('?')[0] ?? '';
  return '../'.repeat(path.split('/').length - 2);
}

function show(
  parts: OperatorParts,
  page: OperatorPage,
  session: Session,
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  attempt: Attempt | undefined,
): FastifyReply {
  const root = rootOf(request);
  const query = new URLSearchParams(request.url.split('?')[1] ?? '');
  const shown = page.show(parts, {
    root,
    author: session.author,
    formToken: session.formToken,
    params: request.params as Record<string, string>,
    query,
    attempt,
  });
  const done = doneWords[query.get('done') ?? ''];
  const { title, body } = isRefusal(shown)
    ? { title: 'Not found', body: html`<div class="head"><h1>${shown.message}</h1></div>` }
    : shown;
  const whole = html`${done !== undefined && attempt === undefined && html`<p class="done" role="status">${done}</p>`}${body}`;
  return reply
    .code(isRefusal(shown) ? shown.status : status)
    .headers({ ...pageHeaders, 'Cache-Control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(
      layout({
        pageName: parts.view().page.name,
        title,
        root,
        body: whole,
        footer: html`<p><a href="${root}operator">Operator’s pages</a> · <a href="${root}index.html">What the public sees</a></p>`,
      }),
    );
}
