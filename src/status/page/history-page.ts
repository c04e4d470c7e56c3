/** All incidents and maintenances since the beginning, a page for each year. A page changes only when something of its year does. */
import type { StatusView } from '../model.ts';
import { layout } from './layout.ts';
import { yearAddress, yearLog, yearsOf } from './log.ts';
import { html } from './markup.ts';

/** @param year one of `yearsOf(view)` */
export function historyPage(view: StatusView, year: number): string {
  const years = yearsOf(view);
  const isCurrent = yearAddress(view, year) === 'history.html';
  const root = isCurrent ? '' : '../';
  const title = isCurrent ? 'History' : `History of ${year}`;
  const links = years.map(
    (one) =>
      html`<li><a href="${root}${yearAddress(view, one)}"${one === year && html` aria-current="page"`}>${one}</a></li>`,
  );
  return layout({
    pageName: view.page.name,
    title,
    root,
    current: 'history.html',
    body: html`<div class="head"><h1>${title}</h1>
<p>Every incident and every maintenance since the beginning. Days are UTC; an incident stands at the day on which it began.</p>
${years.length > 1 && html`<nav aria-label="Years"><ul class="years">${links}</ul></nav>`}</div>
${yearLog(view, year, root)}`,
  });
}
