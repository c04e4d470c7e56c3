/** The operator's first page: what is wrong, what is open, who is on duty, and whether the ways to tell them work. */

import { isRefusal } from '../../std/refusals.ts';
import type { Alarm } from '../alarms/alarms.ts';
import type { Incident } from '../model.ts';
import { state } from '../page/glyphs.ts';
import { incidentState, incidentTimes } from '../page/incident-parts.ts';
import { html, type Markup } from '../page/markup.ts';
import { lengthText, moment } from '../page/times.ts';
import { isOpen, statementOf } from '../page/words.ts';
import { buttonForm, form, timeIn } from './fields.ts';
import type { OperatorAction, OperatorPage, OperatorParts, Shown } from './parts.ts';

export const overviewPage: OperatorPage = { url: 'operator', show };

export const markAction: OperatorAction = {
  url: 'operator/marks',
  form: 'mark',
  page: overviewPage,
  perform: ({ incidents }, { author, values }) => {
    const at = timeIn(values, 'at');
    if (isRefusal(at)) return at;
    return incidents.mark(values.get('text') ?? '', author, at) ?? 'operator?done=marked';
  },
};

function show(parts: OperatorParts, shown: Shown) {
  const view = parts.view();
  const statement = statementOf(view);
  return {
    title: 'Operator',
    body: html`<div class="head"><h1>Operator</h1>
<p>${state(statement.tone, statement.sentence)} <span class="soft">As of ${moment(view.at)}. Signed in as <bdi>${shown.author}</bdi>.</span></p>
${buttonForm(shown, 'sign-out', 'operator/sign-out', 'Sign out', shown.author)}</div>
${firing(parts, shown)}
${open(parts, shown)}
${duty(parts)}
${heartbeats(parts)}
${channels(parts)}
<section aria-labelledby="mark-title"><h2 id="mark-title">Mark a moment</h2>
<p class="soft">A deploy, a change: it stands in the timelines of incidents.</p>
${form(shown, 'mark', markAction.url, 'Mark', (own) => html`${own.text({ name: 'text', label: 'What happened' })}${own.time({ name: 'at', label: 'When', isOptional: true, hint: 'Empty: now.' })}`)}</section>`,
  };
}

/** One alarm, wherever it stands. */
export function alarmEntry(alarm: Alarm, shown: Shown): Markup {
  const tone = alarm.endedAt !== undefined ? 'operational' : alarm.severity === 'page' ? 'major' : 'degraded';
  const words = alarm.endedAt !== undefined ? 'Ended' : alarm.severity === 'page' ? 'Page' : 'Ticket';
  const told = alarm.toldAt === undefined ? 'nobody was told yet' : html`told ${moment(alarm.toldAt)}`;
  const confirmed =
    alarm.confirmedAt !== undefined &&
    html`, confirmed ${moment(alarm.confirmedAt)} by <bdi>${alarm.confirmedBy ?? ''}</bdi>`;
  const canBeConfirmed = alarm.endedAt === undefined && alarm.confirmedAt === undefined;
  return html`<li>${state(tone, words)} <strong dir="auto">${alarm.title}</strong>
<p class="small" dir="auto">${alarm.text}</p>
<p class="soft small"><code>${alarm.key}</code>, since ${moment(alarm.startedAt)}, ${told}${confirmed}${alarm.endedAt !== undefined && html`, ended ${moment(alarm.endedAt)}`}${alarm.silencedBy !== undefined && html`, silenced by <bdi>${alarm.silencedBy}</bdi>`}${alarm.partOf !== undefined && html`, part of <code>${alarm.partOf}</code>`}${alarm.runbook !== undefined && html`, runbook ${alarm.runbook}`}</p>
${canBeConfirmed && buttonForm(shown, `confirm-${alarm.id}`, `operator/alarms/${encodeURIComponent(alarm.id)}/confirm`, 'Confirm', alarm.title)}</li>
`;
}

function firing({ alarms }: OperatorParts, shown: Shown): Markup {
  const all = alarms.firing();
  return html`<section aria-labelledby="firing"><h2 id="firing">Alarms</h2>
${all.length === 0 ? html`<p class="soft">None fires.</p>` : html`<ul class="rows">${all.map((alarm) => alarmEntry(alarm, shown))}</ul>`}
<p><a href="${shown.root}operator/alarms">Alarms of the last days, silences</a></p></section>`;
}

/** One incident or maintenance in a list, with the way to its forms. */
export function incidentEntry(incident: Incident, { root }: Shown, isForgotten: boolean): Markup {
  return html`<li><strong><a href="${root}operator/incidents/${encodeURIComponent(incident.id)}" dir="auto">${incident.name}</a></strong><br>${incidentState(incident)} <span class="soft small">${incidentTimes(incident)}</span>${isForgotten && html`<br><strong>Has had no update for long.</strong>`}</li>\n`;
}

function open({ incidents }: OperatorParts, shown: Shown): Markup {
  const forgotten = new Set(incidents.forgotten().map(({ id }) => id));
  const entry = (incident: Incident) => incidentEntry(incident, shown, forgotten.has(incident.id));
  const entries = incidents.list().filter(isOpen).map(entry);
  return html`<section aria-labelledby="open"><h2 id="open">Open incidents and maintenance</h2>
${entries.length === 0 ? html`<p class="soft">None.</p>` : html`<ul class="rows">${entries}</ul>`}
<p><a href="${shown.root}operator/incidents/new">Open an incident</a> · <a href="${shown.root}operator/maintenance/new">Announce maintenance</a> · <a href="${shown.root}operator/incidents">All incidents</a></p></section>`;
}

function duty({ alarms, clock }: OperatorParts): Markup {
  const onDuty = Object.entries(alarms.onDuty());
  const { sentAt, confirmedAt } = alarms.testPage();
  const isConfirmed = sentAt !== undefined && confirmedAt !== undefined && confirmedAt >= sentAt;
  const page =
    sentAt === undefined
      ? state('unknown', 'No test page was sent yet')
      : isConfirmed
        ? html`${state('operational', 'Confirmed')} ${moment(confirmedAt)}`
        : html`${state('degraded', 'Not confirmed')} for ${lengthText(clock.now() - sentAt)}`;
  return html`<section aria-labelledby="duty"><h2 id="duty">On duty</h2>
${
  onDuty.length === 0
    ? html`<p class="soft">No rotation is configured.</p>`
    : html`<ul>${onDuty.map(([rotation, person]) => html`<li><bdi>${rotation}</bdi>: <bdi>${person}</bdi></li>`)}</ul>`
}
<p>Daily test page: ${page}${sentAt !== undefined && html` <span class="soft small">(sent ${moment(sentAt)})</span>`}</p></section>`;
}

function heartbeats(parts: OperatorParts): Markup {
  const rows = parts
    .heartbeats()
    .map(
      ({ name, means, lastAt, isLate, url }) =>
        html`<tr><th scope="row"><bdi>${name}</bdi>${means !== '' && html`<br><span class="soft small" dir="auto">${means}</span>`}</th><td>${isLate ? state('major', 'Late') : lastAt === undefined ? state('unknown', 'Awaited') : state('operational', 'Heard')}</td><td>${lastAt === undefined ? 'never' : moment(lastAt)}<br><bdi><code class="small">${url}</code></bdi></td></tr>\n`,
    );
  return html`<section aria-labelledby="heartbeats"><h2 id="heartbeats">Signs of life</h2>
${
  rows.length === 0
    ? html`<p class="soft">None is awaited.</p>`
    : html`<table><thead><tr><th scope="col">From</th><th scope="col">State</th><th scope="col">Last, and where it is sent to</th></tr></thead><tbody>
${rows}</tbody></table>`
}</section>`;
}

function channels(parts: OperatorParts): Markup {
  const rows = parts.channels().map((channel) => {
    const { name, lastSuccessAt, lastFailureAt, lastFailureWords, failuresInRow, waiting } = channel;
    const shape =
      failuresInRow > 0
        ? state('major', 'Failing')
        : lastSuccessAt === undefined
          ? state('unknown', 'Not used yet')
          : state('operational', 'Works');
    return html`<tr><th scope="row"><bdi>${name}</bdi></th><td>${shape}${waiting > 0 && html`<br><span class="small">${waiting} waiting</span>`}</td><td>${lastSuccessAt !== undefined && html`taken ${moment(lastSuccessAt)}`}${lastFailureAt !== undefined && html`<br><span class="small">failed ${moment(lastFailureAt)}: <bdi>${lastFailureWords}</bdi></span>`}</td></tr>\n`;
  });
  return html`<section aria-labelledby="channels"><h2 id="channels">Ways to tell people</h2>
${
  rows.length === 0
    ? html`<p class="soft">None is configured: alarms reach nobody.</p>`
    : html`<table><thead><tr><th scope="col">Channel</th><th scope="col">State</th><th scope="col">Last</th></tr></thead><tbody>
${rows}</tbody></table>`
}</section>`;
}
