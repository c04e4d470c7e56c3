/** How to tell a living page from an old copy; stands at the foot of every page that speaks about now. */
import type { StatusView } from '../model.ts';
import { html, type Markup } from './markup.ts';
import { moment } from './times.ts';

/** A page older than this is a copy that nobody renews. */
export const renewedWithinMinutes = 5;

/** @param root what leads to the front page’s folder */
export function freshness(view: StatusView, root: string): Markup {
  const gallery = html`<bdi>${view.galleryUrl}</bdi>`;
  return html`<p>As of ${moment(view.at)}. This page is made anew every minute at least. If that time is more than ${renewedWithinMinutes} minutes past when you load it, you see a copy that is no longer renewed: then it tells nothing about now.</p>
<p>All times and days are UTC. The same for programs: <a href="${root}api/v2/summary.json">summary.json</a>. The gallery: ${/^https?:\/\//i.test(view.galleryUrl) ? html`<a href="${view.galleryUrl}">${gallery}</a>` : gallery}</p>`;
}
