/**
 * Answers what is asked about one package, from its document alone: this is all that installs need, and no database, search or
 * write service has a part in it.
 */

import type { RenderContext } from '../../documents/output.ts';
import { compileFilter, type ReadValue, workMax } from '../../odata/evaluate.ts';
import { inOrder, makeOrder } from '../../odata/order-and-page.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { DerivedAnswer } from '../protocol.ts';
import {
  badQueryAnswer,
  countAnswer,
  entryAnswer,
  listAnswer,
  namesAnswer,
  notFoundAnswer,
  propertyAnswer,
  redirectAnswer,
} from './answers.ts';
import { downloadUrl, type Site } from './atom.ts';
import type { FeedEntry } from './feed-entry.ts';
import { feedFields } from './fields.ts';
import type { Population } from './keys.ts';
import type { Format, ListRequest } from './list-request.ts';
import type { Operation } from './operation.ts';
import { fitting, takeOf } from './page.ts';
import { propertiesByName } from './properties.ts';
import { isVersion, type ShownEntry, showEntries } from './shown-entry.ts';

/** All versions of the package, ascending; none when there is no such package. */
type Entries = readonly FeedEntry[];

/** Makes a list of its versions: those that the filter lets through, in order, from `$skip` on. */
export function versionsList(
  entries: Entries,
  population: Population,
  list: {
    readonly title: string;
    readonly search: string;
    readonly isCount: boolean;
    /** Left out for all of them. */
    readonly isShown?: (entry: FeedEntry) => boolean;
  },
  request: ListRequest,
  site: Site,
): DerivedAnswer {
  const { isShown = () => true } = list;
  const shown = showEntries(entries, population, request.hasSemVer2).filter(({ entry }) => isShown(entry));
  const found = chosen(shown, request, site.context);
  if (isRefusal(found)) return badQueryAnswer(found.message, request.format);
  if (list.isCount) return countAnswer(found.length);
  const page = fitting(found.slice(request.skip, request.skip + takeOf(request, '')));
  return listAnswer({ ...list, entries: page, total: found.length }, request, site);
}

/** @returns those that the filter lets through, in order; `query-invalid` when the filter is too much work */
export function chosen(
  shown: readonly ShownEntry[],
  { filter, orderBy }: Pick<ListRequest, 'filter' | 'orderBy'>,
  context: RenderContext,
): readonly ShownEntry[] | Refusal {
  const readerOf = (one: ShownEntry) => fieldReader(one, context);
  const work = { left: workMax };
  const isLetThrough = filter && compileFilter(filter, feedFields, work);
  const found = isLetThrough ? shown.filter((one) => isLetThrough(readerOf(one))) : shown;
  if (work.left < 0) return refuse('query-invalid', tooMuchSentence);
  return orderBy.length === 0 ? found : inOrder(found, makeOrder(orderBy, feedFields), readerOf);
}

const tooMuchSentence = 'The filter looks at too much text of this package; ask with fewer functions.';

/** @returns what filters and orders read of an entry; tags have a blank at either end, as clients look for `' tag '` in them */
export function fieldReader(shown: ShownEntry, context: RenderContext): ReadValue {
  return (field) => {
    if (field === 'Tags') return shown.entry.tags && ` ${shown.entry.tags} `;
    const value = propertiesByName.get(field)?.value(shown, context) ?? null;
    return typeof value === 'bigint' ? Number(value) : value;
  };
}

/** One version, or a property of it. A client that asks for exactly this one is shown it, whatever it knows of SemVer 2. */
export function versionAnswer(
  entries: Entries,
  population: Population,
  asked: Extract<Operation, { kind: 'version' }>,
  format: Format,
  site: Site,
): DerivedAnswer {
  const shown = showEntries(entries, population, true).find(({ entry }) => isVersion(entry, asked.version));
  if (shown === undefined) return notFoundAnswer(`There is no version ${asked.version} of ${asked.id} here.`, format);
  if (asked.property === undefined) return entryAnswer(shown, format, site);
  const property = propertiesByName.get(asked.property);
  if (property === undefined) return notFoundAnswer(`Packages have no property ${asked.property}.`, format);
  return propertyAnswer(property, shown, asked.isValue, format, site);
}

/** Leads to the newest stable version, or the newest one where none is stable; to one that only SemVer 2 knows where there is no other. */
export function newestAnswer(
  entries: Entries,
  population: Population,
  id: string,
  format: Format,
  site: Site,
): DerivedAnswer {
  const newest = newestOf(showEntries(entries, population, false)) ?? newestOf(showEntries(entries, population, true));
  if (newest === undefined) return notFoundAnswer(`There is no listed version of ${id} here.`, format);
  return redirectAnswer(downloadUrl(newest, site));
}

function newestOf(shown: readonly ShownEntry[]): ShownEntry | undefined {
  const latest = shown.find(({ isLatestVersion }) => isLatestVersion);
  return latest ?? shown.find(({ isAbsoluteLatestVersion }) => isAbsoluteLatestVersion);
}

/** The listed versions as text, ascending. */
export function versionNames(entries: Entries, population: Population, request: ListRequest): DerivedAnswer {
  const isWanted = ({ entry }: ShownEntry) =>
    entry.isListed && (request.includePrerelease === true || !entry.isPrerelease);
  const shown = showEntries(entries, population, request.hasSemVer2).filter(isWanted);
  return namesAnswer(shown.map(({ entry }) => entry.version));
}
