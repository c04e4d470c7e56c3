/**
 * The front page. The state of the whole comes first, in one sentence; then what is being done about it; then everything that was
 * measured. When nothing is known it says so, and calls nothing operational.
 */

import { uptimeFormula } from '../history/uptime.ts';
import type { ComponentView, Incident, PeriodView, StatusView } from '../model.ts';
import { responseChart } from './chart.ts';
import { budget, componentAddress, componentRow, componentState, objectiveText, whyText } from './component-parts.ts';
import { freshness } from './freshness.ts';
import { glyph } from './glyphs.ts';
import { incidentTimes, logEntry, openIncident } from './incident-parts.ts';
import { layout } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { dayMs, dayOf, dayText, moment, monthText, responseText, uptimePercent } from './times.ts';
import { isOpen, isPlanned, isUnderWay, type Statement, statementOf, statusWords, wholeName } from './words.ts';

/** What the front page shows whole; the rest stands on pages of its own. */
const openMax = 10;
const updatesMax = 4;
const recentDays = 15;
const entriesMax = 60;
const monthsShown = 3;
const chartPointsMax = 48;

export function indexPage(view: StatusView): string {
  const statement = statementOf(view);
  return layout({
    pageName: view.page.name,
    title: '',
    root: '',
    current: 'index.html',
    tone: statement.tone,
    description: `${statement.sentence} ${statement.phrase}.`,
    body: html`${head(view, statement)}
${openIncidents(view)}
${maintenances(view)}
${components(view)}
${responseTimes(view)}
${monthsTable(view)}
${objectives(view)}
${recent(view)}`,
    footer: freshness(view, ''),
  });
}

function head(view: StatusView, statement: Statement): Markup {
  return html`<div class="statement ${statement.tone}">
${glyph(statement.tone)}
<h1>${statement.sentence}</h1>
<div><p class="phrase">${statement.phrase}</p>
${details(view)}
<p class="soft small">As of ${moment(view.at)}</p></div>
</div>
`;
}

/** The second thing to know: why it is unknown, or what exactly is not well. */
function details(view: StatusView): Markup | false {
  const members = view.components.filter((component) => !component.isGroup);
  if (members.length === 0)
    return html`<p class="lead">Nothing has been measured yet. The first results are a matter of minutes.</p>`;
  if (!view.isKnown)
    return html`<p class="lead">Our own measurements have stopped or are late. Nothing below says that anything works now; the past is as it was measured.</p>`;
  const troubled = members.filter((component) => component.status !== 'operational');
  if (troubled.length === 0) return false;
  if (troubled.length > 6)
    return html`<p class="lead">${troubled.length} of ${members.length} parts are not operational.</p>`;
  return html`<p class="lead">${troubled.map((component, index) => [
    index > 0 && '; ',
    html`<bdi>${wholeName(view, component)}</bdi>: ${statusWords[component.status].toLowerCase()}`,
  ])}.</p>`;
}

function openIncidents(view: StatusView): Markup | false {
  const open = view.incidents.filter((incident) => incident.kind === 'incident' && isOpen(incident));
  if (open.length === 0) return false;
  return html`<section aria-labelledby="open"><h2 id="open">${open.length === 1 ? 'Open incident' : `${open.length} open incidents`}</h2>
${open.slice(0, openMax).map((incident) => openIncident(view, incident, '', updatesMax))}${more(open.slice(openMax))}</section>`;
}

function maintenances(view: StatusView): Markup | false {
  const known = view.incidents.filter((incident) => isUnderWay(incident) || isPlanned(incident));
  if (known.length === 0) return false;
  const inOrder = [...known].sort((a, b) => (a.scheduledFor ?? a.startedAt) - (b.scheduledFor ?? b.startedAt));
  return html`<section aria-labelledby="maintenance"><h2 id="maintenance">Maintenance</h2>
${inOrder.slice(0, openMax).map((incident) => openIncident(view, incident, '', updatesMax))}${more(inOrder.slice(openMax))}</section>`;
}

/** Those that are too many to tell here. */
function more(incidents: readonly Incident[]): Markup | false {
  if (incidents.length === 0) return false;
  return html`<p>${incidents.length} more are in the <a href="history.html">history</a>; the newest of them: <bdi>${incidents[0]!.name}</bdi>, ${incidentTimes(incidents[0]!)}.</p>`;
}

function components(view: StatusView): Markup | false {
  if (view.components.length === 0) return false;
  const isMember = (component: ComponentView) =>
    component.key.includes('/') &&
    view.components.some(({ key, isGroup }) => isGroup && component.key.startsWith(`${key}/`));
  const rows = view.components
    .filter((component) => !isMember(component))
    .map((component) =>
      component.isGroup
        ? group(view, component)
        : html`<ul class="components">${componentRow(view, component, 3)}</ul>\n`,
    );
  const days = Math.max(...view.components.map((component) => component.days.length));
  return html`<section aria-labelledby="components"><h2 id="components">The last ${days} days</h2>
${rows}<div class="axis" aria-hidden="true"><span>${dayText(dayOf(view.at - (days - 1) * dayMs))}</span><span>today</span></div>
${legend}</section>`;
}

function group(view: StatusView, component: ComponentView): Markup {
  const members = view.components.filter(({ key }) => key.startsWith(`${component.key}/`));
  return html`<div class="group"><div class="grouphead"><h3><a href="${componentAddress(component)}" dir="auto">${component.name}</a></h3>${componentState(view, component)}</div>
${members.length === 0 && whyText(view, component)}<ul>
${members.map((member) => componentRow(view, member, 4))}</ul></div>
`;
}

const legend = html`<ul class="legend">${(
  [
    ['operational', 9, 'operational'],
    ['degraded', 16, 'degraded'],
    ['partial', 24, 'partial outage'],
    ['major', 32, 'major outage'],
    ['maintenance', 4, 'maintenance'],
    ['unknown', 2, 'not measured'],
  ] as const
).map(
  ([tone, depth, words]) =>
    html`<li><svg class="${tone}" viewBox="0 0 10 32" preserveAspectRatio="none" aria-hidden="true"><rect width="10" height="${depth}"/></svg>${words}</li>`,
)}</ul>`;

function responseTimes(view: StatusView): Markup | false {
  const charts = view.components.flatMap((component) => {
    const chart = responseChart(component.responses, view.at, { pointsMax: chartPointsMax });
    const last = component.responses.at(-1);
    if (chart === undefined || last === undefined) return [];
    return [
      html`<li><h3><bdi>${wholeName(view, component)}</bdi></h3><span class="soft small">median ${responseText(last.p50Ms)}, 95% within ${responseText(last.p95Ms)}</span>${chart}</li>\n`,
    ];
  });
  if (charts.length === 0) return false;
  return html`<section aria-labelledby="responses"><h2 id="responses">Response times</h2>
<p class="soft small">Line: median. Dots: 95th percentile.</p>
<ul class="charts">
${charts}</ul></section>`;
}

function monthsTable(view: StatusView): Markup | false {
  const months = [...new Set(view.components.flatMap((component) => component.months.map(({ period }) => period)))]
    .sort()
    .reverse()
    .slice(0, monthsShown);
  if (months.length === 0) return false;
  const cell = (period: PeriodView | undefined) => (period?.uptime === undefined ? '–' : uptimePercent(period.uptime));
  const rows = view.components
    .filter((component) => !component.isGroup)
    .map(
      (component) =>
        html`<tr><th scope="row"><bdi>${wholeName(view, component)}</bdi></th>${months.map((month, index) => html`<td class="number${index > 1 && ' further'}">${cell(component.months.find(({ period }) => period === month))}</td>`)}</tr>\n`,
    );
  return html`<section aria-labelledby="months"><h2 id="months">Uptime by month</h2>
<table><thead><tr><th scope="col">Part</th>${months.map((month, index) => html`<th scope="col" class="number${index > 1 && ' further'}">${monthText(month, true)}${month === dayOf(view.at).slice(0, 7) && html`<br><small>so far</small>`}</th>`)}</tr></thead><tbody>
${rows}</tbody></table>
<p class="formula" id="formula">${uptimeFormula}</p>
<p><a href="uptime.html">All months</a></p></section>`;
}

function objectives(view: StatusView): Markup | false {
  const rows = view.components.flatMap((component) =>
    component.slo === undefined
      ? []
      : [
          html`<tr><th scope="row"><bdi>${wholeName(view, component)}</bdi><br><span class="soft small">${objectiveText(component.slo)}</span></th><td>${budget(component.slo)}</td></tr>\n`,
        ],
  );
  if (rows.length === 0) return false;
  return html`<section aria-labelledby="objectives"><h2 id="objectives">What we promise ourselves</h2>
<table><thead><tr><th scope="col">Objective</th><th scope="col">Error budget</th></tr></thead><tbody>
${rows}</tbody></table></section>`;
}

/** Days since the beginning of the service, each with what was reported; quiet ones say so. */
function recent(view: StatusView): Markup {
  const began = dayOf(Math.min(view.at, ...view.components.map(({ createdAt }) => createdAt)));
  const byDay = Map.groupBy(
    view.incidents.filter((incident) => !isPlanned(incident)),
    (incident) => dayOf(incident.startedAt),
  );
  let left = entriesMax;
  const days = Array.from({ length: recentDays }, (_, back) => dayOf(view.at - back * dayMs)).flatMap((day) => {
    const incidents = byDay.get(day) ?? [];
    if (incidents.length === 0 && day < began) return [];
    const shown = incidents.slice(0, Math.max(0, left));
    left -= shown.length;
    const rest = incidents.length - shown.length;
    return [
      html`<li><h3><time datetime="${day}">${dayText(day)}</time></h3><div>${incidents.length === 0 ? html`<p class="quiet">No incidents reported.</p>` : shown.map((incident) => logEntry(incident, ''))}${rest > 0 && html`<p><a href="history.html">${rest} more</a></p>`}</div></li>\n`,
    ];
  });
  return html`<section aria-labelledby="recent"><h2 id="recent">The last ${recentDays} days</h2>
<ol class="log">
${days}</ol>
<p><a href="history.html">The whole history</a></p></section>`;
}
