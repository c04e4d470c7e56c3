/** Opening an incident, from nothing or from a template, and announcing maintenance. */
import { isRefusal } from '../../std/refusals.ts';
import { fillTemplate, placeholdersOf, type Template } from '../incidents/templates.ts';
import type { Impact, IncidentStatus } from '../model.ts';
import { html, type Markup } from '../page/markup.ts';
import { stepWords } from '../page/words.ts';
import { affectedIn, form, refusalAmong, timeIn, timeWanted } from './fields.ts';
import type { OperatorAction, OperatorPage, OperatorParts, Shown } from './parts.ts';

const impacts = [
  ['', 'As the parts say'],
  ['none', 'None'],
  ['minor', 'Minor'],
  ['major', 'Major'],
  ['critical', 'Critical'],
] as const;
const steps = (['investigating', 'identified', 'monitoring'] as const).map((step) => [step, stepWords[step]] as const);

export const newIncidentPage: OperatorPage = {
  url: 'operator/incidents/new',
  show: (parts, shown) => {
    const { title, body } = fromTemplate(parts, shown);
    return {
      title: 'Open an incident',
      body: html`<div class="head"><h1>Open an incident</h1></div>
${templates(parts, shown, 'operator/incidents/new')}
<section aria-label="Incident">${form(
        shown,
        'open',
        openAction.url,
        'Open and tell everybody',
        (
          own,
        ) => html`${own.text({ name: 'name', label: 'What people notice', value: title, hint: 'Such as: Python packages cannot be installed.' })}
${own.area({ name: 'body', label: 'What is known', value: body, hint: 'Plain text; an empty line begins a paragraph.' })}
<div class="pair">${own.select({ name: 'status', label: 'Step' }, steps)}${own.select({ name: 'impact', label: 'Impact' }, impacts)}</div>
${own.time({ name: 'startedAt', label: 'Began', isOptional: true, hint: 'Empty: now.' })}
${own.affected(parts.view(), 'What is affected')}`,
      )}</section>`,
    };
  },
};

export const openAction: OperatorAction = {
  url: 'operator/incidents',
  form: 'open',
  page: newIncidentPage,
  perform: ({ incidents }, { author, values }) => {
    const startedAt = timeIn(values, 'startedAt');
    if (isRefusal(startedAt)) return startedAt;
    const impact = values.get('impact') ?? '';
    const opened = incidents.open({
      name: values.get('name') ?? '',
      body: values.get('body') ?? '',
      status: (values.get('status') ?? 'investigating') as IncidentStatus,
      affected: affectedIn(values),
      author,
      ...(impact === '' ? {} : { impact: impact as Impact }),
      ...(startedAt === undefined ? {} : { startedAt }),
    });
    return isRefusal(opened) ? opened : `operator/incidents/${opened.id}?done=opened`;
  },
};

export const newMaintenancePage: OperatorPage = {
  url: 'operator/maintenance/new',
  show: (parts, shown) => {
    const { title, body } = fromTemplate(parts, shown);
    return {
      title: 'Announce maintenance',
      body: html`<div class="head"><h1>Announce maintenance</h1>
<p>It begins and ends by itself. Alarms of the parts that you name call nobody meanwhile.</p></div>
${templates(parts, shown, 'operator/maintenance/new')}
<section aria-label="Maintenance">${form(
        shown,
        'schedule',
        scheduleAction.url,
        'Announce',
        (own) => html`${own.text({ name: 'name', label: 'What is done', value: title })}
${own.area({ name: 'body', label: 'What people will notice', value: body })}
<div class="pair">${own.time({ name: 'scheduledFor', label: 'Begins' })}${own.time({ name: 'scheduledUntil', label: 'Ends' })}</div>
${own.affected(parts.view(), 'What is affected')}`,
      )}</section>`,
    };
  },
};

export const scheduleAction: OperatorAction = {
  url: 'operator/maintenance',
  form: 'schedule',
  page: newMaintenancePage,
  perform: ({ incidents }, { author, values }) => {
    const scheduledFor = timeWanted(values, 'scheduledFor', 'The beginning');
    const scheduledUntil = timeWanted(values, 'scheduledUntil', 'The end');
    if (isRefusal(scheduledFor) || isRefusal(scheduledUntil)) return refusalAmong(scheduledFor, scheduledUntil)!;
    const name = values.get('name') ?? '';
    const body = values.get('body') ?? '';
    const affected = affectedIn(values);
    const scheduled = incidents.schedule({ name, body, affected, scheduledFor, scheduledUntil, author });
    return isRefusal(scheduled) ? scheduled : `operator/incidents/${scheduled.id}?done=scheduled`;
  },
};

/** Values of a template’s placeholders are sent as `value:NAME`. */
const valuePrefix = 'value:';

function chosenTemplate({ templates: known }: OperatorParts, { query }: Shown): Template | undefined {
  return known().find(({ name }) => name === query.get('template'));
}

/** @returns title and text of the template in the address, once every value is given */
function fromTemplate(parts: OperatorParts, shown: Shown): { readonly title: string; readonly body: string } {
  const template = chosenTemplate(parts, shown);
  if (template === undefined) return { title: '', body: '' };
  const given = [...shown.query].filter(([name]) => name.startsWith(valuePrefix));
  const filled = fillTemplate(
    template,
    Object.fromEntries(given.map(([name, value]) => [name.slice(valuePrefix.length), value])),
  );
  return isRefusal(filled) ? { title: template.title, body: template.body } : filled;
}

/** A choice of templates, and the values that the chosen one asks for. */
function templates(parts: OperatorParts, shown: Shown, address: string): Markup | false {
  const known = parts.templates();
  if (known.length === 0) return false;
  const chosen = chosenTemplate(parts, shown);
  const asked = chosen === undefined ? [] : placeholdersOf(chosen);
  return html`<section aria-labelledby="templates"><h2 id="templates">Templates</h2>
<ul>${known.map(({ name }) => html`<li><a href="${shown.root}${address}?${new URLSearchParams({ template: name }).toString()}"${name === chosen?.name && html` aria-current="true"`}><bdi>${name}</bdi></a></li>`)}</ul>
${
  asked.length > 0 &&
  html`<form method="get" action="${shown.root}${address}"><input type="hidden" name="template" value="${chosen?.name}">
${asked.map((name) => html`<div class="field"><label for="value-${name}">${name}</label><input id="value-${name}" name="${valuePrefix}${name}" value="${shown.query.get(`${valuePrefix}${name}`) ?? ''}" required></div>\n`)}<p><button class="plain">Fill in</button></p></form>`
}</section>`;
}
