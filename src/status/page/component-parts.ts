/** Components as the front page and their own pages show them: state in words, ninety days, uptime, what is left of an objective. */
import type { ComponentView, SloView, StatusView } from '../model.ts';
import { bars, uptimeOf } from './bars.ts';
import { state } from './glyphs.ts';
import { html, type Markup } from './markup.ts';
import { percentText, uptimePercent } from './times.ts';
import { shownStatus, statusWords, toneOf } from './words.ts';

/** The address of a component’s page, from the page’s root. */
export const componentAddress = (component: Pick<ComponentView, 'key'>): string =>
  `components/${component.key.split('/').map(encodeURIComponent).join('/')}.html`;

export function componentState(view: StatusView, component: ComponentView): Markup {
  const status = shownStatus(view, component);
  return state(toneOf(status), statusWords[status]);
}

/** Why it is not well; nothing when the whole is unknown, because then the page says so once. */
export function whyText(view: StatusView, component: ComponentView): Markup | false {
  if (!view.isKnown || component.why === '' || component.status === 'operational') return false;
  return html`<p class="why" dir="auto">${component.why}</p>`;
}

/** `99.98% uptime`, or that nothing was measured. */
export function uptimeText(component: ComponentView): string {
  const uptime = uptimeOf(component.days);
  return uptime === undefined ? 'Not measured' : uptimePercent(uptime);
}

/** @param level of its heading */
export function componentRow(view: StatusView, component: ComponentView, level: 3 | 4): Markup {
  const link = html`<a href="${componentAddress(component)}" dir="auto">${component.name}</a>`;
  return html`<li class="component"><div class="name">${level === 3 ? html`<h3>${link}</h3>` : html`<h4>${link}</h4>`}${componentState(view, component)}</div>
${bars(component.days)}
<div class="share">${uptimeText(component)}<span> uptime</span></div>
${whyText(view, component)}</li>
`;
}

/** `99.9% of events good within 30 days, none slower than 2 s`. */
export function objectiveText(slo: SloView): string {
  const slower = slo.slowerThanMs === undefined ? '' : `, and answered within ${lengthOfAnswer(slo.slowerThanMs)}`;
  return `${percentText(slo.objective)} good in ${slo.windowDays} days${slower}`;
}

const lengthOfAnswer = (ms: number) => (ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`);

/** @param spent above 1; @returns `Spent 130% of it`, `Spent 57 times over`: nobody reads thousands of percent */
function spentText(spent: number): string {
  return spent < 2 ? `Spent ${percentText(spent)} of it` : `Spent ${Math.floor(spent)} times over`;
}

/** What is left of the error budget, in words and as a bar. */
export function budget(slo: SloView): Markup {
  const left = slo.budgetLeft;
  if (left === undefined) return html`<span class="soft">Nothing was measured yet.</span>`;
  const tone = left > 0.25 ? 'operational' : left > 0 ? 'degraded' : 'major';
  const width = Math.round(Math.min(1, Math.max(0, left)) * 100);
  const words = left < 0 ? spentText(1 - left) : `${percentText(left)} left`;
  return html`<span class="${tone}"><svg class="budget" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><path class="all" d="M0 0h100v8H0z"/><path class="left" d="M0 0h${width}v8H0z"/></svg></span>${words} <span class="soft small">(${slo.badEvents} bad of ${slo.events})</span>`;
}
