/**
 * The addresses that subscribers open: to ask, to confirm, to end. A link alone changes nothing, because mail scanners open links;
 * the button on its page does. One-click unsubscribing by mail programs (RFC 8058) is the same POST.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { isRefusal } from '../../std/refusals.ts';
import { confirmHours, type Subscribers, type Subscription } from './subscribers.ts';

const formBytesMax = 16 * 1024;
const retryAfterSeconds = 3_600;

/** Makes a whole page of a title (text), a body (HTML), and what leads from its address to the front page. */
export type Layout = (title: string, bodyHtml: string, root: string) => string;

export function registerSubscribers(app: FastifyInstance, subscribers: Subscribers, layout: Layout): void {
  app.register(async (scope) => {
    // Forms of browsers, and whatever mail programs send; nothing is done with it but reading fields.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string', bodyLimit: formBytesMax }, (_request, body, done) =>
      done(null, body),
    );
    const show = (reply: FastifyReply, status: number, title: string, body: string) =>
      reply
        .code(status)
        // The address holds a token.
        .header('Referrer-Policy', 'no-referrer')
        .header('Cache-Control', 'no-store')
        .header('X-Robots-Tag', 'noindex')
        .type('text/html; charset=utf-8')
        .send(layout(title, body, rootOf(reply.request.url)));
    const gone = (reply: FastifyReply) =>
      show(
        reply,
        404,
        'This link does not work',
        '<p>It was used already, or it is too old. You can subscribe again at any time.</p>',
      );
    // The page's form sends to the first; the second is what people guess.
    for (const address of ['/subscriptions', '/subscribe'])
      scope.post(address, (request, reply) => {
        const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
        const kind = form.get('kind') ?? 'mail';
        const wanted = { kind, address: form.get('address') ?? '', components: form.getAll('component') };
        const refusal = subscribers.request(wanted, request.ip);
        if (!isRefusal(refusal)) return show(reply, 202, 'One more step', askedHtml(kind));
        if (refusal.code === 'too-often') reply.header('Retry-After', retryAfterSeconds);
        return show(reply, refusal.status, 'That did not work', `<p>${escapeHtml(refusal.message)}</p>`);
      });
    scope.get<Link>('/subscribe/confirm/:token', (request, reply) => {
      const found = subscribers.awaiting(request.params.token);
      if (found === undefined) return gone(reply);
      return show(reply, 200, 'Confirm your subscription', buttonHtml(found, 'You will be told of news at', 'Confirm'));
    });
    scope.post<Link>('/subscribe/confirm/:token', (request, reply) => {
      const found = subscribers.confirm(request.params.token);
      if (found === undefined) return gone(reply);
      return show(reply, 200, 'You are subscribed', `<p>News are sent to ${addressHtml(found)} from now on.</p>`);
    });
    scope.get<Link>('/unsubscribe/:token', (request, reply) => {
      const found = subscribers.subscribed(request.params.token);
      if (found === undefined) return gone(reply);
      return show(
        reply,
        200,
        'End your subscription',
        buttonHtml(found, 'No more news will be sent to', 'Unsubscribe'),
      );
    });
    // Whether there was a subscription or not, there is none now.
    scope.post<Link>('/unsubscribe/:token', (request, reply) => {
      subscribers.unsubscribe(request.params.token);
      return show(reply, 200, 'You are not subscribed any more', '<p>No more news are sent to you.</p>');
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

function askedHtml(kind: string): string {
  const how =
    kind === 'webhook'
      ? 'The address was sent a request with a link in <code>subscription.confirm_url</code>. Open it to confirm.'
      : 'You were sent a mail with a link. Open it to confirm.';
  return `<p>${how} The link works for ${confirmHours} hours. When nothing comes, wait an hour before you try again.</p>`;
}

/** A form without an action goes to the address of its own page. */
function buttonHtml(found: Subscription, sentence: string, label: string): string {
  return `<p>${sentence} ${addressHtml(found)}.</p>\n<form method="post"><button type="submit">${label}</button></form>`;
}

function addressHtml({ target }: Subscription): string {
  return `<strong>${escapeHtml(target.kind === 'mail' ? target.to : target.url)}</strong>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
