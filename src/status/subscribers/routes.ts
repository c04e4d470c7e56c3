/**
 * The addresses that subscribers open: to ask, to confirm, to end. A link alone changes nothing, because mail scanners open links;
 * the button on its page does. One-click unsubscribing by mail programs (RFC 8058) is the same POST.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { isRefusal } from '../../std/refusals.ts';
import { pageHeaders } from '../page/layout.ts';
import { html, type Markup } from '../page/markup.ts';
import { confirmHours, type Subscribers, type Subscription } from './subscribers.ts';

const formBytesMax = 16 * 1024;
const retryAfterSeconds = 3_600;

/** The address of a page holds a token. */
const secretHeaders = { 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' };

/** Makes a whole page of a title, what stands below it, and what leads from its address to the front page. */
export type Layout = (title: string, body: Markup, root: string) => string;

export function registerSubscribers(app: FastifyInstance, subscribers: Subscribers, layout: Layout): void {
  app.register(async (scope) => {
    // Forms of browsers, and whatever mail programs send; nothing is done with it but reading fields.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: formBytesMax }, (_request, body, done) =>
      done(null, body),
    );
    const show = (reply: FastifyReply, status: number, title: string, body: Markup) =>
      reply
        .code(status)
        .headers({ ...pageHeaders, ...secretHeaders })
        .type('text/html; charset=utf-8')
        .send(layout(title, body, rootOf(reply.request.url)));
    const gone = (reply: FastifyReply) =>
      show(
        reply,
        404,
        'This link does not work',
        html`<p>It was used already, or it is too old. You can subscribe again at any time.</p>`,
      );
    scope.post('/subscribe', (request, reply) => {
      const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
      const kind = form.get('kind') ?? 'mail';
      const wanted = { kind, address: form.get('address') ?? '', components: form.getAll('component') };
      const refusal = subscribers.request(wanted, request.ip);
      if (!isRefusal(refusal)) return show(reply, 202, 'One more step', asked(kind));
      if (refusal.code === 'too-often') reply.header('Retry-After', retryAfterSeconds);
      return show(reply, refusal.status, 'That did not work', html`<p>${refusal.message}</p>`);
    });
    scope.get<Link>('/subscribe/confirm/:token', (request, reply) => {
      const found = subscribers.awaiting(request.params.token);
      if (found === undefined) return gone(reply);
      return show(reply, 200, 'Confirm your subscription', button(found, 'You will be told of news at', 'Confirm'));
    });
    scope.post<Link>('/subscribe/confirm/:token', (request, reply) => {
      const found = subscribers.confirm(request.params.token);
      if (found === undefined) return gone(reply);
      return show(reply, 200, 'You are subscribed', html`<p>News are sent to ${address(found)} from now on.</p>`);
    });
    scope.get<Link>('/unsubscribe/:token', (request, reply) => {
      const found = subscribers.subscribed(request.params.token);
      if (found === undefined) return gone(reply);
      return show(reply, 200, 'End your subscription', button(found, 'No more news will be sent to', 'Unsubscribe'));
    });
    // Whether there was a subscription or not, there is none now.
    scope.post<Link>('/unsubscribe/:token', (request, reply) => {
      subscribers.unsubscribe(request.params.token);
      return show(reply, 200, 'You are not subscribed any more', html`<p>No more news are sent to you.</p>`);
    });
  });
}

/** @returns `../../` for `/subscribe/confirm/TOKEN` */
function rootOf(url: string): string {
  return '../'.repeat((url.split('?')[0] ?? '').split('/').length - 2);
}

interface Link {
  Params: { token: string };
}

function asked(kind: string): Markup {
  const how =
    kind === 'webhook'
      ? html`The address was sent a request with a link in <code>subscription.confirm_url</code>. Open it to confirm.`
      : 'You were sent a mail with a link. Open it to confirm.';
  return html`<p>${how} The link works for ${confirmHours} hours. When nothing comes, wait an hour before you try again.</p>`;
}

/** A form without an action goes to the address of its own page. */
function button(found: Subscription, sentence: string, label: string): Markup {
  return html`<p>${sentence} ${address(found)}.</p>
<form method="post"><button type="submit">${label}</button></form>`;
}

function address({ target }: Subscription): Markup {
  return html`<strong>${target.kind === 'mail' ? target.to : target.url}</strong>`;
}
