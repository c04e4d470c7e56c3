/** How to be told: mail and webhook by a form, feeds and calendar by their addresses. Sending the form needs the service itself. */
import type { StatusView } from '../model.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';
import { wholeName } from './words.ts';

/** Where the forms are sent, from the page’s root. */
export const subscriptionsAddress = 'subscribe';

export function subscribePage(view: StatusView): string {
  const choices = view.components.filter((component) => !component.isGroup);
  const components = (form: string) => html`<details><summary>Only about some parts</summary>
<fieldset><legend>Parts</legend>${choices.map(
    (component) =>
      html`<label class="check" for="${form}-${component.id}"><input type="checkbox" id="${form}-${component.id}" name="component" value="${component.key}"><bdi>${wholeName(view, component)}</bdi></label>`,
  )}
<p class="hint">None ticked: you are told about everything.</p></fieldset></details>`;
  return layout({
    pageName: view.page.name,
    title: 'Subscribe',
    root: '',
    current: 'subscribe.html',
    body: html`<div class="head"><h1>Subscribe</h1>
<p>You are told when an incident opens, changes or ends, and before maintenance. Nothing else is sent.</p></div>
${
  view.sendsMail &&
  html`<section aria-labelledby="mail"><h2 id="mail">By mail</h2>
<form method="post" action="${subscriptionsAddress}">
<input type="hidden" name="kind" value="mail">
<div class="field"><label for="mail-address">Your address</label><input id="mail-address" name="address" type="email" autocomplete="email" maxlength="254" required></div>
${components('mail')}
<p class="hint">A message with a link comes first; nothing is sent before you follow it. Each message has a link that ends it.</p>
<p><button>Subscribe</button></p>
</form></section>`
}
<section aria-labelledby="webhook"><h2 id="webhook">By webhook</h2>
<form method="post" action="${subscriptionsAddress}">
<input type="hidden" name="kind" value="webhook">
<div class="field"><label for="webhook-address">Address that takes a POST</label><input id="webhook-address" name="address" type="url" maxlength="2000" placeholder="https://" required></div>
${components('webhook')}
<p class="hint">It gets JSON in the shape that webhooks of Statuspage have.</p>
<p><button>Subscribe</button></p>
</form></section>
<section aria-labelledby="feeds"><h2 id="feeds">With a feed reader or a calendar</h2>
<ul>
<li><a href="history.atom">Atom feed</a></li>
<li><a href="history.rss">RSS feed</a></li>
<li><a href="calendar.ics">Calendar of maintenances and incidents (iCalendar)</a></li>
</ul></section>`,
    footer: html`<p>Sending fails? Then this is a copy of the page. The original is at ${/^https?:\/\//i.test(view.page.url) ? html`<a href="${view.page.url}"><bdi>${view.page.url}</bdi></a>` : html`<bdi>${view.page.url}</bdi>`}.</p>`,
  });
}
