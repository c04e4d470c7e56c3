/** The history as RSS 2.0, for readers that take no Atom. */
import type { StatusView } from '../model.ts';
import { type FeedEntry, feedEntries, feedMaxAgeSeconds } from './entries.ts';
import { xmlText } from './xml.ts';

/** @param name of the file, because a feed says where it is */
export function rssFeed(view: StatusView, name: string): string {
  const { page } = view;
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${xmlText(`${page.name} status: history`)}</title>
<link>${xmlText(page.url)}/</link>
<atom:link rel="self" type="application/rss+xml" href="${xmlText(`${page.url}/${name}`)}"/>
<description>${xmlText(`Incidents and maintenance of ${page.name}`)}</description>
<language>en</language>
<lastBuildDate>${rssTime(view.updatedAt)}</lastBuildDate>
<ttl>${feedMaxAgeSeconds / 60}</ttl>
${feedEntries(view).map(itemXml).join('')}</channel>
</rss>
`;
}

function itemXml(entry: FeedEntry): string {
  return `<item>
<title>${xmlText(entry.title)}</title>
<description>${xmlText(entry.html)}</description>
<pubDate>${rssTime(entry.publishedAt)}</pubDate>
<link>${xmlText(entry.address)}</link>
<guid isPermaLink="false">${xmlText(entry.name)}</guid>
</item>
`;
}

/** @returns `Sat, 21 Nov 2026 12:00:00 GMT` (RFC 822 with four digits for the year) */
function rssTime(at: number): string {
  return new Date(at).toUTCString();
}
