/** Uptime of every component in every month, with the formula that it was reckoned by. */

import { uptimeFormula } from '../history/uptime.ts';
import type { PeriodView, StatusView } from '../model.ts';
import { componentAddress } from './component-parts.ts';
import { freshness } from './freshness.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';
import { monthText, uptimePercent } from './times.ts';
import { wholeName } from './words.ts';

export function uptimePage(view: StatusView): string {
  const months = [...new Set(view.components.flatMap(({ months: own }) => own.map(({ period }) => period)))]
    .sort()
    .reverse();
  const cell = (period: PeriodView | undefined) =>
    period?.uptime === undefined ? '–' : html`${uptimePercent(period.uptime)}${!period.isFrozen && '*'}`;
  const rows = view.components.map(
    (component) =>
      html`<tr><th scope="row"><a href="${componentAddress(component)}"><bdi>${wholeName(view, component)}</bdi></a></th>${months.map((month) => html`<td class="number">${cell(component.months.find(({ period }) => period === month))}</td>`)}</tr>\n`,
  );
  const table = html`<div class="scroll" role="region" aria-label="Uptime by month" tabindex="0"><table>
<thead><tr><th scope="col">Part</th>${months.map((month) => html`<th scope="col" class="number">${monthText(month, true)}</th>`)}</tr></thead><tbody>
${rows}</tbody></table></div>
<p class="small soft">* not closed yet: the number can still change. Closed months never do.</p>`;
  return layout({
    pageName: view.page.name,
    title: 'Uptime',
    root: '',
    current: 'uptime.html',
    body: html`<div class="head"><h1>Uptime</h1>
<p class="formula">${uptimeFormula}</p></div>
<section aria-labelledby="months"><h2 id="months">By month</h2>
${months.length === 0 ? html`<p>No month has been measured yet.</p>` : table}</section>`,
    footer: freshness(view, ''),
  });
}
