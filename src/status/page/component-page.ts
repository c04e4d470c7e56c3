/** One component, whole: its addresses, its day in response times, and the tables that its bars are drawn from. */
import type { ComponentView, PartView, PeriodView, StatusView } from '../model.ts';
import { bars, troubleText, uptimeOf, worstOf } from './bars.ts';
import { responseChart } from './chart.ts';
import { budget, componentState, objectiveText, whyText } from './component-parts.ts';
import { freshness } from './freshness.ts';
import { state } from './glyphs.ts';
import { incidentAddress, incidentTimes } from './incident-parts.ts';
import { layout } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { dayText, moment, monthText, uptimePercent } from './times.ts';
import { shownStatus, toneOf, wholeName } from './words.ts';

const incidentsShown = 20;
const chartPointsMax = 288;

export function componentPage(view: StatusView, component: ComponentView): string {
  const root = '../'.repeat(component.key.split('/').length);
  const uptime = uptimeOf(component.days);
  return layout({
    pageName: view.page.name,
    title: wholeName(view, component),
    root,
    tone: toneOf(shownStatus(view, component)),
    body: html`<div class="head"><h1 dir="auto">${wholeName(view, component)}</h1>
${component.description !== '' && html`<p class="lead" dir="auto">${component.description}</p>`}
<p>${componentState(view, component)} <span class="soft">${view.isKnown ? html`since ${moment(component.updatedAt)}` : 'because our own measurements have stopped or are late'}</span></p>
${whyText(view, component)}</div>
${parts(view, component.parts)}
<section aria-labelledby="days"><h2 id="days">The last ${component.days.length} days</h2>
${bars(component.days)}
<p class="small soft">${uptime === undefined ? 'Nothing was measured.' : `${uptimePercent(uptime)} uptime in these days. The table below has each of them.`}</p></section>
${responses(view, component)}
${
  component.slo !== undefined &&
  html`<section aria-labelledby="objective"><h2 id="objective">What we promise ourselves</h2>
<p>${objectiveText(component.slo)}. Error budget:</p><p>${budget(component.slo)}</p></section>`
}
${incidents(view, component, root)}
${periodTable('months', 'Months', component.months.toReversed(), (period) => monthText(period, true))}
${periodTable('table', 'Day by day', component.days.toReversed(), (period) => dayText(period))}`,
    footer: freshness(view, root),
  });
}

/** Addresses and families; one that nothing is known of now is not shown as up. */
function parts(view: StatusView, known: readonly PartView[]): Markup | false {
  if (known.length === 0) return false;
  const words = { up: ['operational', 'Up'], down: ['major', 'Down'], unknown: ['unknown', 'Unknown'] } as const;
  const rows = known.map((part) => {
    const [tone, word] = words[view.isKnown ? part.status : 'unknown'];
    return html`<tr><th scope="row"><bdi>${part.name}</bdi></th><td>${state(tone, word)}</td><td dir="auto">${view.isKnown ? part.why : ''}</td></tr>\n`;
  });
  return html`<section aria-labelledby="parts"><h2 id="parts">Addresses</h2>
<table><thead><tr><th scope="col">Address</th><th scope="col">State</th><th scope="col">Why</th></tr></thead><tbody>
${rows}</tbody></table></section>`;
}

function responses(view: StatusView, component: ComponentView): Markup | false {
  const chart = responseChart(component.responses, view.at, { pointsMax: chartPointsMax });
  if (chart === undefined) return false;
  return html`<section class="large" aria-labelledby="responses"><h2 id="responses">Response times</h2>
<p class="soft small">Line: median. Dots: 95th percentile.</p>${chart}</section>`;
}

function incidents(view: StatusView, component: ComponentView, root: string): Markup | false {
  const isAbout = (key: string) => key === component.key || key.startsWith(`${component.key}/`);
  const own = view.incidents.filter((incident) => incident.components.some(({ key }) => isAbout(key)));
  if (own.length === 0) return false;
  return html`<section aria-labelledby="incidents"><h2 id="incidents">Incidents</h2>
<ul>${own.slice(0, incidentsShown).map((incident) => html`<li><a href="${root}${incidentAddress(incident)}"><bdi>${incident.name}</bdi></a> <span class="soft small">${incidentTimes(incident)}</span></li>`)}</ul>
${own.length > incidentsShown && html`<p><a href="${root}history.html">${own.length - incidentsShown} earlier ones</a></p>`}</section>`;
}

const worstWords = {
  operational: 'Operational',
  degraded: 'Degraded',
  partial: 'Partial outage',
  major: 'Major outage',
  maintenance: 'Maintenance',
  unknown: 'Not measured',
} as const;

function periodTable(
  id: string,
  title: string,
  periods: readonly PeriodView[],
  name: (period: string) => string,
): Markup | false {
  if (periods.length === 0) return false;
  const rows = periods.map((period) => {
    const worst = worstOf(period);
    const trouble = troubleText(period);
    return html`<tr><th scope="row">${name(period.period)}</th><td>${state(worst, worstWords[worst])}${trouble !== '' && html`<br><span class="small">${trouble}</span>`}</td><td class="number">${period.uptime === undefined ? '–' : uptimePercent(period.uptime)}</td></tr>\n`;
  });
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
<table><thead><tr><th scope="col">${id === 'months' ? 'Month' : 'Day'}</th><th scope="col">Worst state</th><th scope="col" class="number">Uptime</th></tr></thead><tbody>
${rows}</tbody></table></section>`;
}
