/** The history as Atom (RFC 4287). An entry keeps its id through all of its updates, so that readers show it once. */
import type { StatusView } from '../model.ts';
import { timeOf } from '../statuspage/rows.ts';
import { type FeedEntry, feedEntries } from './entries.ts';
import { xmlText } from './xml.ts';

/** @returns the document */
export function atomFeed(view: StatusView): string {
  const { page } = view;
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<id>${xmlText(tagOf(page.url, 'history'))}</id>
<title>${xmlText(`${page.name} status: history`)}</title>
<updated>${timeOf(view.updatedAt)}</updated>
<link rel="alternate" type="text/html" href="${xmlText(page.url)}/"/>
<link rel="self" type="application/atom+xml" href="${xmlText(page.url)}/history.atom"/>
<author><name>${xmlText(page.name)}</name></author>
${feedEntries(view)
  .map((entry) => entryXml(page.url, entry))
  .join('')}</feed>
`;
}

function entryXml(pageUrl: string, entry: FeedEntry): string {
  return `<entry>
<id>${xmlText(tagOf(pageUrl, entry.name))}</id>
<published>${timeOf(entry.publishedAt)}</published>
<updated>${timeOf(entry.updatedAt)}</updated>
<link rel="alternate" type="text/html" href="${xmlText(entry.address)}"/>
<title>${xmlText(entry.title)}</title>
<content type="html">${xmlText(entry.html)}</content>
</entry>
`;
}

/** A tag URI (RFC 4151): an id that is no address, and stays when addresses below the host change. */
function tagOf(pageUrl: string, name: string): string {
  return `tag:${new URL(pageUrl).hostname},2026:${name}`;
}
