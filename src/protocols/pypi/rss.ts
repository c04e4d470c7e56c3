/**
 * News as RSS 2.0, with the addresses and the lengths that PyPI's have: the newest releases of the feed (`rss/updates.xml`), its
 * newest projects (`rss/packages.xml`), and the newest releases of one project. Nothing here tells when it was rendered, so that
 * the same catalogue gives the same bytes.
 *
 * <item><title>demo 1.0</title><link>https://…</link><guid isPermaLink="false">demo 1.0</guid><description>…</description>…</item>
 */
import type { Document, RenderContext } from '../../documents/output.ts';
import type { PackageView } from '../../documents/package-view.ts';
import { normalizePythonName } from '../../identity/python.ts';
import type { Json } from '../../std/json.ts';
import type { News, NewsItem } from '../protocol.ts';
import { pageUrlOf, rssPackages, rssProject, rssUpdates } from './keys.ts';

/** How many releases a project's own channel shows: as on PyPI. */
const projectReleasesMax = 40;

interface Channel {
  readonly title: string;
  readonly link: string;
  readonly description: string;
  /** Newest first. */
  readonly items: readonly Item[];
}

interface Item {
  readonly title: string;
  readonly link: string;
  /** Names the item for ever; readers show one item for each. */
  readonly id: string;
  readonly metadata: { readonly [key: string]: Json | undefined };
  /** UTC milliseconds. */
  readonly at: number;
}

/** Renders the two channels of a feed. Pure. */
export function renderNews(news: News, context: RenderContext): Document[] {
  const releases = news.releases.map((release) => {
    const name = normalizePythonName(release.name);
    const title = `${release.name} ${release.version}`;
    return itemOf(title, name, `${name} ${release.version}`, release, context);
  });
  const packages = news.packages.map((added) => {
    const name = normalizePythonName(added.name);
    return itemOf(`${added.name} was added`, name, name, added, context);
  });
  const link = `${context.feedUrl}/`;
  return [
    channelDocument(rssUpdates, { title: 'Newest releases', link, description: 'Python releases', items: releases }),
    channelDocument(rssPackages, { title: 'Newest projects', link, description: 'Python projects', items: packages }),
  ];
}

/** Renders the channel of one project, also when it has no version left: its readers ask on. Pure. */
export function renderProjectRss(view: PackageView, context: RenderContext): Document {
  const link = pageUrlOf(view.normalizedName, context);
  // By time; of several in one millisecond, the one with the higher version is the newer one.
  const newest = view.versions.toReversed().sort((a, b) => b.publishedAt - a.publishedAt);
  const items = newest.slice(0, projectReleasesMax).map((version) => {
    const id = `${view.normalizedName} ${version.normalizedVersion}`;
    return itemOf(version.normalizedVersion, view.normalizedName, id, version, context);
  });
  const title = `Newest releases of ${view.normalizedName}`;
  return channelDocument(rssProject(view.normalizedName), { title, link, description: title, items });
}

function itemOf(
  title: string,
  normalizedName: string,
  id: string,
  { metadata, publishedAt }: Pick<NewsItem, 'metadata' | 'publishedAt'>,
  context: RenderContext,
): Item {
  return { title, link: pageUrlOf(normalizedName, context), id, metadata, at: publishedAt };
}

function channelDocument(path: string, channel: Channel): Document {
  const text = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<rss version="2.0">',
    '  <channel>',
    `    <title>${escapeXml(channel.title)}</title>`,
    `    <link>${escapeXml(channel.link)}</link>`,
    `    <description>${escapeXml(channel.description)}</description>`,
    ...channel.items.flatMap(itemLines),
    '  </channel>',
    '</rss>',
    '',
  ].join('\n');
  return { type: 'document', path, rank: 'index', text };
}

function itemLines({ title, link, id, metadata, at }: Item): string[] {
  const author = authorOf(metadata.authorEmail);
  return [
    '    <item>',
    `      <title>${escapeXml(title)}</title>`,
    `      <link>${escapeXml(link)}</link>`,
    `      <guid isPermaLink="false">${escapeXml(id)}</guid>`,
    `      <description>${escapeXml(typeof metadata.summary === 'string' ? metadata.summary : '')}</description>`,
    ...(author === undefined ? [] : [`      <author>${escapeXml(author)}</author>`]),
    `      <pubDate>${new Date(at).toUTCString()}</pubDate>`,
    '    </item>',
  ];
}

/** RSS wants addresses and no names; a field with anything else in it is left out whole, as on PyPI. */
function authorOf(authorEmail: Json | undefined): string | undefined {
  if (typeof authorEmail !== 'string') return undefined;
  const addresses = authorEmail.split(',').map((part) => /<([^<>]*)>\s*$/.exec(part)?.[1] ?? part.trim());
  return addresses.every((address) => /^[^\s@<>]+@[^\s@<>]+$/.test(address)) ? addresses.join(', ') : undefined;
}

/** XML 1.0 cannot write most control characters at all, not even as references; they become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
}
