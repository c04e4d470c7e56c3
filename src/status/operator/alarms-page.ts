/** Alarms of the last days, and silences: what keeps an alarm from calling anybody, and until when. */
import { isRefusal } from '../../std/refusals.ts';
import { html, type Markup } from '../page/markup.ts';
import { dayMs, moment } from '../page/times.ts';
import { buttonForm, form, timeIn, timeWanted } from './fields.ts';
import { alarmEntry } from './overview-page.ts';
import type { OperatorAction, OperatorPage, OperatorParts, Shown } from './parts.ts';

const shownDays = 7;
const alarmsMax = 200;

export const alarmsPage: OperatorPage = {
  url: 'operator/alarms',
  show: (parts, shown) => {
    const all = parts.alarms.since(parts.clock.now() - shownDays * dayMs);
    return {
      title: 'Alarms',
      body: html`<div class="head"><h1>Alarms</h1></div>
${silences(parts, shown)}
<section aria-labelledby="alarms"><h2 id="alarms">The last ${shownDays} days</h2>
${all.length === 0 ? html`<p class="soft">There were none.</p>` : html`<ul class="rows">${all.slice(0, alarmsMax).map((alarm) => alarmEntry(alarm, shown))}</ul>`}
${all.length > alarmsMax && html`<p class="soft">And ${all.length - alarmsMax} earlier ones.</p>`}</section>`,
    };
  },
};

function silences({ alarms }: OperatorParts, shown: Shown): Markup {
  const known = alarms.silences().map(
    (silence) =>
      html`<li><code>${silence.pattern}</code> until ${moment(silence.until)} <span class="soft small">from ${moment(silence.from)}, by <bdi>${silence.author}</bdi></span><p dir="auto">${silence.reason}</p>
${buttonForm(shown, `end-${silence.id}`, `operator/silences/${encodeURIComponent(silence.id)}/end`, 'End', silence.pattern)}</li>\n`,
  );
  return html`<section aria-labelledby="silences"><h2 id="silences">Silences</h2>
${known.length === 0 ? html`<p class="soft">None.</p>` : html`<ul class="rows">${known}</ul>`}
${form(
  shown,
  'silence',
  'operator/silences',
  'Silence',
  (
    own,
  ) => html`${own.text({ name: 'pattern', label: 'Key of the alarm', hint: 'Such as probe:install/python, or probe:install/* for all that begin so.' })}
${own.text({ name: 'reason', label: 'Why' })}
<div class="pair">${own.time({ name: 'from', label: 'From', isOptional: true, hint: 'Empty: now.' })}${own.time({ name: 'until', label: 'Until' })}</div>`,
)}</section>`;
}

export const alarmActions: readonly OperatorAction[] = [
  {
    url: 'operator/silences',
    form: 'silence',
    page: alarmsPage,
    perform: ({ alarms, clock }, { author, values }) => {
      const until = timeWanted(values, 'until', 'The end');
      const from = timeIn(values, 'from');
      if (isRefusal(until)) return until;
      if (isRefusal(from)) return from;
      const pattern = values.get('pattern')?.trim() ?? '';
      const reason = values.get('reason') ?? '';
      const silence = alarms.silence({ pattern, reason, author, from: from ?? clock.now(), until });
      return isRefusal(silence) ? silence : 'operator/alarms?done=silenced';
    },
  },
  {
    url: 'operator/silences/:id/end',
    form: 'end',
    page: alarmsPage,
    perform: ({ alarms }, { params }) => {
      const ended = alarms.endSilence(params.id ?? '');
      return isRefusal(ended) ? ended : 'operator/alarms?done=unsilenced';
    },
  },
  {
    url: 'operator/alarms/:id/confirm',
    form: 'confirm',
    page: alarmsPage,
    perform: ({ alarms }, { params, author }) => {
      const confirmed = alarms.confirm(params.id ?? '', author);
      return isRefusal(confirmed) ? confirmed : 'operator/alarms?done=confirmed';
    },
  },
];
