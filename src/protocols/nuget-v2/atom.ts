/**
 * Entries as Atom. Clients are strict about it in ways that XML is not: the declaration comes first, prefixes are `d:` and `m:` and
 * Atom has none (PSResourceGet looks names up with their prefix), and nothing stands between the children of an entry, not even
 * white space (it takes every child for an element).
 */
import type { RenderContext } from '../../documents/output.ts';
import { type Property, type PropertyValue, properties } from './properties.ts';
import type { ShownEntry } from './shown-entry.ts';

export const xmlStart = '<?xml version="1.0" encoding="utf-8"?>';
export const dataNamespace = 'http://schemas.microsoft.com/ado/2007/08/dataservices';
export const metadataNamespace = 'http://schemas.microsoft.com/ado/2007/08/dataservices/metadata';
const scheme = 'http://schemas.microsoft.com/ado/2007/08/dataservices/scheme';
/** As the public gallery calls it; clients that make objects of entries know it by this name. */
export const entryType = 'NuGetGallery.OData.V2FeedPackage';

/** Where an answer stands. */
export interface Site {
  readonly context: RenderContext;
  /** Address of the root that was asked, inside the feed. */
  readonly base: string;
}

export interface FeedPage {
  /** What was asked, such as `Search`. */
  readonly title: string;
  readonly entries: readonly ShownEntry[];
  /** How many there are on all pages; undefined when nobody asked. */
  readonly count: number | undefined;
  /** Whole address of the next page, where there is one. */
  readonly next: string | undefined;
  /** The properties that are shown. */
  readonly shown: readonly Property[];
  /** UTC milliseconds: of the newest entry, so that the same entries give the same bytes. */
  readonly updatedAt: number;
}

const namespaces = `xmlns="http://www.w3.org/2005/Atom" xmlns:d="${dataNamespace}" xmlns:m="${metadataNamespace}"`;

/** @returns a list of entries as an Atom feed */
export function atomFeed(page: FeedPage, site: Site): string {
  const base = baseUrl(site);
  return [
    xmlStart,
    `<feed xml:base="${escapeXml(base)}" ${namespaces}>`,
    page.count === undefined ? '' : `<m:count>${page.count}</m:count>`,
    `<id>${escapeXml(`${base}/${page.title}`)}</id><title type="text">${escapeXml(page.title)}</title>`,
    `<updated>${dateTime(page.updatedAt)}</updated>`,
    `<link rel="self" title="${escapeXml(page.title)}" href="${escapeXml(page.title)}"/>`,
    page.entries.length === 0 ? '<author><name/></author>' : '',
    ...page.entries.map((entry) => entryElement(entry, page.shown, site, '')),
    page.next === undefined ? '' : `<link rel="next" href="${escapeXml(page.next)}"/>`,
    '</feed>',
  ].join('');
}

/** @returns one entry as a document of its own */
export function atomEntry(shown: ShownEntry, site: Site): string {
  return `${xmlStart}${entryElement(shown, properties, site, ` xml:base="${escapeXml(baseUrl(site))}" ${namespaces}`)}`;
}

/** @returns one property as a document of its own */
export function propertyElement(property: Property, value: PropertyValue): string {
  return `${xmlStart}${element(property, value, '', ` xmlns="${dataNamespace}" xmlns:m="${metadataNamespace}"`)}`;
}

/** What a refusal looks like in OData. */
export function errorElement(sentence: string): string {
  return `${xmlStart}<m:error xmlns:m="${metadataNamespace}"><m:code/><m:message xml:lang="en-US">${escapeXml(sentence)}</m:message></m:error>`;
}

function entryElement(shown: ShownEntry, chosen: readonly Property[], site: Site, attributes: string): string {
  const { entry } = shown;
  const address = entryAddress(shown);
  return [
    `<entry${attributes}>`,
    `<id>${escapeXml(`${baseUrl(site)}/${address}`)}</id>`,
    `<category term="${entryType}" scheme="${scheme}"/>`,
    `<link rel="edit" title="V2FeedPackage" href="${escapeXml(address)}"/>`,
    `<title type="text">${escapeXml(entry.id)}</title>`,
    `<summary type="text">${escapeXml(entry.summary ?? '')}</summary>`,
    `<updated>${dateTime(entry.createdAt)}</updated>`,
    `<author><name>${escapeXml(entry.authors)}</name></author>`,
    `<link rel="edit-media" title="V2FeedPackage" href="${escapeXml(`${address}/$value`)}"/>`,
    `<content type="application/zip" src="${escapeXml(downloadUrl(shown, site))}"/>`,
    '<m:properties>',
    ...chosen.map((property) => element(property, property.value(shown, site.context), 'd:', '')),
    '</m:properties>',
    '</entry>',
  ].join('');
}

/** @returns the address of an entry below its root, as it stands in a URL */
export function entryAddress({ entry }: ShownEntry): string {
  return `Packages(Id='${encodeURIComponent(entry.id)}',Version='${encodeURIComponent(entry.normalizedVersion)}')`;
}

export function baseUrl({ context, base }: Site): string {
  return `${context.feedUrl}/${base}`;
}

/** @returns the whole address of a version's bytes */
export function downloadUrl({ entry }: ShownEntry, site: Site): string {
  return `${baseUrl(site)}/package/${encodeURIComponent(entry.id)}/${encodeURIComponent(entry.normalizedVersion)}`;
}

function element({ name, type }: Property, value: PropertyValue, prefix: string, attributes: string): string {
  const typed = type === 'Edm.String' ? '' : ` m:type="${type}"`;
  if (value === null) return `<${prefix}${name}${attributes}${typed} m:null="true"/>`;
  return `<${prefix}${name}${attributes}${typed}>${escapeXml(propertyText(type, value))}</${prefix}${name}>`;
}

/** @returns a value as XML Schema writes it */
export function propertyText(type: Property['type'], value: Exclude<PropertyValue, null>): string {
  return type === 'Edm.DateTime' ? dateTime(value as number) : String(value);
}

/** Of 1900 too. */
function dateTime(at: number): string {
  return new Date(at).toISOString();
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#xD;',
};

/** What XML 1.0 cannot hold at all is left out: manifests are not XML, and may have it. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[&<>"'\r]/g, (character) => escapes[character] ?? '')
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}
