/**
 * The link in a message: whoever has it confirms the alarm, signed in or not. Looking at it does nothing, because mail programs look at
 * every link; the button does.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { isRefusal } from '../../std/refusals.ts';
import { layout, pageHeaders } from '../page/layout.ts';
import { html, type Markup } from '../page/markup.ts';
import { moment } from '../page/times.ts';
import { Fields } from './fields.ts';
import { isFromElsewhere } from './own-forms.ts';
import type { Attempt, OperatorParts } from './parts.ts';

/** A name that fits beside an alarm. */
const nameLengthMax = 100;

export function registerConfirm(app: FastifyInstance, parts: OperatorParts): void {
  app.get('/confirm/:token', (_request, reply) => send(parts, reply, 200, question(undefined)));
  app.post('/confirm/:token', (request, reply) => {
    const values = request.body as URLSearchParams;
    const refused = (status: number, sentence: string) =>
      send(parts, reply, status, question({ form: 'confirm', values, sentence }));
    if (isFromElsewhere(request.headers, parts.view().page.url))
      return refused(403, 'This form came from another site. Open the link of the message itself.');
    const by = values.get('by')?.trim() ?? '';
    if (by === '' || by.length > nameLengthMax) return refused(400, 'Give your name, in 100 characters at most.');
    const alarm = parts.alarms.confirmByToken((request.params as { token: string }).token, by);
    if (isRefusal(alarm)) return refused(alarm.status, alarm.message);
    return send(
      parts,
      reply,
      200,
      html`<div class="head"><h1>Confirmed</h1>
<p class="lead" dir="auto">${alarm.title}</p>
<p dir="auto">${alarm.text}</p>
<p class="soft">Since ${moment(alarm.startedAt)}. Nobody else is called about it${alarm.confirmedBy !== undefined && html`; <bdi>${alarm.confirmedBy}</bdi> looks after it`}.${alarm.runbook !== undefined && html` Runbook: ${alarm.runbook}.`}</p>
<p><a href="../operator">Operator’s pages</a></p></div>`,
    );
  });
}

function question(attempt: Attempt | undefined): Markup {
  const own = new Fields('confirm', { attempt });
  return html`<div class="head"><h1>Confirm an alarm</h1>
<p>By confirming you say that you look after it. Nobody else is called about it then.</p></div>
<section aria-label="Confirm"><form method="post">
${own.refusal()}${own.text({ name: 'by', label: 'Your name', autocomplete: 'name' })}<p><button>Confirm</button></p>
</form></section>`;
}

function send(parts: OperatorParts, reply: FastifyReply, status: number, body: Markup): FastifyReply {
  const frame = { pageName: parts.view().page.name, title: 'Confirm an alarm', root: '../', body };
  return reply
    .code(status)
    .headers({ ...pageHeaders, 'Cache-Control': 'no-store' })
    .type('text/html; charset=utf-8')
    .send(layout(frame));
}
