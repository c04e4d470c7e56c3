/** Entries as JSON, in the form that OData 2 calls verbose. 64-bit numbers and times are text in it. */
import { baseUrl, downloadUrl, entryAddress, entryType, type FeedPage, type Site } from './atom.ts';
import { type Property, type PropertyValue, properties } from './properties.ts';
import type { ShownEntry } from './shown-entry.ts';

/** @returns a list of entries */
export function jsonFeed(page: FeedPage, site: Site): string {
  const results = page.entries.map((entry) => entryObject(entry, page.shown, site));
  const count = page.count === undefined ? undefined : String(page.count);
  return JSON.stringify({ d: { results, __count: count, __next: page.next } });
}

/** @returns one entry */
export function jsonEntry(shown: ShownEntry, site: Site): string {
  return JSON.stringify({ d: entryObject(shown, properties, site) });
}

/** @returns one property */
export function jsonProperty(property: Property, value: PropertyValue): string {
  return JSON.stringify({ d: { [property.name]: propertyValue(property, value) } });
}

/** What a refusal looks like. */
export function jsonError(sentence: string): string {
  return JSON.stringify({ error: { code: '', message: { lang: 'en-US', value: sentence } } });
}

function entryObject(shown: ShownEntry, chosen: readonly Property[], site: Site): object {
  const uri = `${baseUrl(site)}/${entryAddress(shown)}`;
  return {
    __metadata: {
      id: uri,
      uri,
      type: entryType,
      edit_media: `${uri}/$value`,
      media_src: downloadUrl(shown, site),
      content_type: 'application/zip',
    },
    ...Object.fromEntries(
      chosen.map((property) => [property.name, propertyValue(property, property.value(shown, site.context))]),
    ),
  };
}

function propertyValue({ type }: Property, value: PropertyValue): string | number | boolean | null {
  if (type === 'Edm.DateTime' && value !== null) return `/Date(${value})/`;
  return typeof value === 'bigint' ? value.toString() : value;
}
