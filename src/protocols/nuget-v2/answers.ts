/** Answers of this protocol as they are sent: a feed, an entry, a property, a number, a refusal, each as Atom or as JSON. */
import type { DerivedAnswer } from '../protocol.ts';
import {
  atomEntry,
  atomFeed,
  baseUrl,
  errorElement,
  type FeedPage,
  propertyElement,
  propertyText,
  type Site,
} from './atom.ts';
import { jsonEntry, jsonError, jsonFeed, jsonProperty } from './json.ts';
import type { Format, ListRequest } from './list-request.ts';
import { nextSearch } from './page.ts';
import type { Property } from './properties.ts';
import type { ShownEntry } from './shown-entry.ts';

/** WCF's clients want to be told; those of NuGet 2 take no later version. */
const versionHeaders = ['DataServiceVersion', '2.0;'];

const atomTypes = {
  feed: 'application/atom+xml;type=feed;charset=utf-8',
  entry: 'application/atom+xml;type=entry;charset=utf-8',
  property: 'application/xml;charset=utf-8',
} as const;
const jsonType = 'application/json;odata=verbose;charset=utf-8';

function answer(
  format: Format,
  kind: keyof typeof atomTypes,
  body: string,
  status: DerivedAnswer['status'] = 200,
): DerivedAnswer {
  return { status, contentType: format === 'json' ? jsonType : atomTypes[kind], body, headers: versionHeaders };
}

/** One page of a list. */
export interface ListPage {
  /** What was asked, such as `FindPackagesById`. */
  readonly title: string;
  /** The query as it came. */
  readonly search: string;
  readonly entries: readonly ShownEntry[];
  /** How many the page stands for, when that is not the number of its entries. */
  readonly taken?: number;
  /** Of all pages. */
  readonly total: number;
}

/** @returns a page as it is shown */
export function feedPage(
  { title, search, entries, taken = entries.length, total }: ListPage,
  request: ListRequest,
  site: Site,
): FeedPage {
  const next = nextSearch(search, request, taken, total);
  return {
    title,
    entries,
    count: request.hasCount ? total : undefined,
    next: next && `${baseUrl(site)}/${title}()${next}`,
    shown: request.shown,
    updatedAt: entries.reduce((newest, { entry }) => Math.max(newest, entry.createdAt), 0),
  };
}

export function listAnswer(page: ListPage, request: ListRequest, site: Site): DerivedAnswer {
  const shown = feedPage(page, request, site);
  return answer(request.format, 'feed', request.format === 'json' ? jsonFeed(shown, site) : atomFeed(shown, site));
}

export function entryAnswer(shown: ShownEntry, format: Format, site: Site): DerivedAnswer {
  return answer(format, 'entry', format === 'json' ? jsonEntry(shown, site) : atomEntry(shown, site));
}

/** @param isValue whether the bare text is wanted */
export function propertyAnswer(
  property: Property,
  shown: ShownEntry,
  isValue: boolean,
  format: Format,
  site: Site,
): DerivedAnswer {
  const value = property.value(shown, site.context);
  if (isValue)
    return value === null
      ? notFoundAnswer(`${property.name} is not set.`, format)
      : text(propertyText(property.type, value));
  const body = format === 'json' ? jsonProperty(property, value) : propertyElement(property, value);
  return answer(format, 'property', body);
}

export function countAnswer(count: number): DerivedAnswer {
  return text(String(count));
}

export function redirectAnswer(location: string): DerivedAnswer {
  return { ...text(''), status: 302, headers: ['Location', location] };
}

/** A list of names, as the console of Visual Studio asks for it. */
export function namesAnswer(names: readonly string[]): DerivedAnswer {
  return { status: 200, contentType: 'application/json;charset=utf-8', body: JSON.stringify(names), headers: [] };
}

export function xmlAnswer(body: string): DerivedAnswer {
  return { status: 200, contentType: atomTypes.property, body, headers: versionHeaders };
}

/** The sentence stands in the status line too: it is all that some clients show. */
export function badQueryAnswer(sentence: string, format: Format): DerivedAnswer {
  return { ...errorAnswer(sentence, format, 400), reason: sentence };
}

export function notFoundAnswer(sentence: string, format: Format): DerivedAnswer {
  return errorAnswer(sentence, format, 404);
}

function errorAnswer(sentence: string, format: Format, status: 400 | 404): DerivedAnswer {
  return answer(format, 'property', errorBody(sentence, format), status);
}

/** @returns the body of a refusal */
export function errorBody(sentence: string, format: Format): string {
  return format === 'json' ? jsonError(sentence) : errorElement(sentence);
}

function text(body: string): DerivedAnswer {
  return { status: 200, contentType: 'text/plain;charset=utf-8', body, headers: versionHeaders };
}
