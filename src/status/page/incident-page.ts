/** One incident or maintenance, whole: what happened, how soon it was noticed, told and mended, and what was learnt. */
import type { ComponentStatus, Incident, StatusView } from '../model.ts';
import { componentAddress } from './component-parts.ts';
import { incidentState, incidentTimes, updateList } from './incident-parts.ts';
import { layout } from './layout.ts';
import { chapters, html, type Markup } from './markup.ts';
import { lengthText, moment } from './times.ts';
import { incidentTone, isPlanned, statusWords, wholeName } from './words.ts';

/** Says nothing about now, so that it stays the same as long as the incident does. */
export function incidentPage(view: StatusView, incident: Incident): string {
  const isMaintenance = incident.kind === 'maintenance';
  return layout({
    pageName: view.page.name,
    title: incident.name,
    root: '../',
    tone: incidentTone(incident),
    body: html`<div class="head"><p class="soft">${isMaintenance ? 'Maintenance' : 'Incident'}</p>
<h1 dir="auto">${incident.name}</h1>
<p>${incidentState(incident)} <span class="soft">${incidentTimes(incident)}</span></p></div>
${!isMaintenance && figures(incident)}
${affected(view, incident)}
${
  incident.postmortem !== undefined &&
  incident.postmortem.trim() !== '' &&
  html`<section aria-labelledby="postmortem"><h2 id="postmortem">Postmortem</h2>
${chapters(incident.postmortem, incident.name)}</section>`
}
<section aria-labelledby="updates"><h2 id="updates">As it was told</h2>
${updateList(
  view,
  incident.updates.filter(({ status }) => status !== 'postmortem' || incident.postmortem === undefined),
)}</section>`,
    footer: html`<p>This page was last changed ${moment(incident.updatedAt)}. <a href="../index.html">What is the state now?</a></p>`,
  });
}

/** What is not known is left out. */
function figures(incident: Incident): Markup | false {
  const known = (
    [
      ['Detected after', incident.detectedAfterMs],
      ['Told after', incident.toldAfterMs],
      ['Mended after', incident.mendedAfterMs],
    ] as const
  ).filter(([, ms]) => ms !== undefined);
  if (known.length === 0) return false;
  return html`<dl class="figures">${known.map(([what, ms]) => html`<div><dt>${what}</dt><dd>${lengthText(ms ?? 0)}</dd></div>`)}</dl>
<p class="soft small">Counted from the first sign of it.</p>`;
}

/** What is only planned has touched nothing yet, and a maintenance is not a matter of better and worse. */
function atWorst(incident: Incident, status: ComponentStatus): string {
  if (isPlanned(incident)) return '';
  return `: ${statusWords[status].toLowerCase()}${incident.kind === 'maintenance' ? '' : ' at worst'}`;
}

function affected(view: StatusView, incident: Incident): Markup | false {
  if (incident.components.length === 0) return false;
  return html`<section aria-labelledby="affected"><h2 id="affected">Affected</h2>
<ul>${incident.components.map((one) => {
    const known = view.components.find(({ key }) => key === one.key);
    const shown = html`<bdi>${wholeName(view, one)}</bdi>`;
    return html`<li>${known === undefined ? shown : html`<a href="../${componentAddress(known)}">${shown}</a>`}${atWorst(incident, one.status)}</li>`;
  })}</ul></section>`;
}
