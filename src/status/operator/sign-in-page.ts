/** Signing in with the operator's token, under one's own name, which then stands beside everything that one does. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal } from '../../std/refusals.ts';
import { checkAuthor } from '../incidents/limits.ts';
import { layout, pageHeaders } from '../page/layout.ts';
import { html } from '../page/markup.ts';
import { Fields } from './fields.ts';
import { isFromElsewhere } from './own-forms.ts';
import type { Attempt, OperatorParts } from './parts.ts';
import { type Sessions, type SignInTries, triesMs } from './sessions.ts';
import { isSameToken } from './token.ts';

export const isSecure = (parts: OperatorParts) => parts.view().page.url.startsWith('https:');

export function registerSignIn(app: FastifyInstance, parts: OperatorParts, sessions: Sessions, tries: SignInTries) {
  app.get('/operator/sign-in', (_request, reply) => send(parts, reply, 200, undefined));
  app.post('/operator/sign-in', (request, reply) => {
    const values = request.body as URLSearchParams;
    const { status, sentence } = judge(parts, request, values, tries);
    if (sentence !== undefined) {
      if (status === 429) reply.header('Retry-After', triesMs / 1_000);
      return send(parts, reply, status, { form: 'sign-in', values, sentence });
    }
    return reply
      .header('Set-Cookie', sessions.begin(values.get('author')?.trim() ?? '', isSecure(parts)))
      .header('Cache-Control', 'no-store')
      .redirect('../operator', 303);
  });
}

function judge(
  parts: OperatorParts,
  { headers, ip }: FastifyRequest,
  values: URLSearchParams,
  tries: SignInTries,
): { readonly status: number; readonly sentence?: string } {
  if (isFromElsewhere(headers, parts.view().page.url))
    return { status: 403, sentence: 'This form came from another site. Sign in here.' };
  const author = checkAuthor(values.get('author')?.trim() ?? '');
  if (isRefusal(author)) return { status: author.status, sentence: author.message };
  if (isSameToken(values.get('token')?.trim() ?? '', parts.token)) return { status: 200 };
  // The right token is taken at any time: behind a proxy everybody has one address, and nobody guesses 256 bits.
  if (!tries.isAllowed(ip))
    return {
      status: 429,
      sentence: 'This is not the operator’s token, and too many wrong ones came from your address lately.',
    };
  tries.noteFailure(ip);
  parts.log.warn({ address: ip }, 'a wrong operator token');
  return {
    status: 403,
    sentence: 'This is not the operator’s token. It is in the file operator-token of the service’s folder.',
  };
}

function send(parts: OperatorParts, reply: FastifyReply, status: number, attempt: Attempt | undefined): FastifyReply {
  const own = new Fields('sign-in', { attempt });
  const body = html`<div class="head"><h1>Sign in</h1>
<p>For those who look after the gallery.</p></div>
<section aria-label="Sign in"><form method="post" action="sign-in">
${own.refusal()}${own.text({ name: 'author', label: 'Your name', autocomplete: 'username', hint: 'Stands beside what you write; not shown to the public.' })}
${own.text({ name: 'token', label: 'Operator’s token', type: 'password', autocomplete: 'current-password', hint: 'In the file operator-token of the service’s folder.' })}<p><button>Sign in</button></p>
</form></section>`;
  return reply
    .code(status)
    .headers({ ...pageHeaders, 'Cache-Control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(layout({ pageName: parts.view().page.name, title: 'Sign in', root: '../', body }));
}
