/** What a request for a list of entries says: the options of OData, and the parameters of the functions. */

import { knowsSemVer2 } from '../../identity/nupkg.ts';
import { conjunctsOf, textEqualTo } from '../../odata/conjuncts.ts';
import type { Filter, OrderBy } from '../../odata/filter-tree.ts';
import {
  readCount,
  readFormat,
  readInlineCount,
  readOrderBy,
  readSelect,
  readSkipToken,
} from '../../odata/order-and-page.ts';
import { readFilter } from '../../odata/read-filter.ts';
import { type Query, readQuery, readTextParameter, readTruthParameter } from '../../odata/read-query.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { feedFields } from './fields.ts';
import { type Property, properties } from './properties.ts';

export type Format = 'atom' | 'json';

export interface ListRequest {
  readonly query: Query;
  readonly format: Format;
  readonly filter: Filter | undefined;
  readonly orderBy: readonly OrderBy[];
  readonly skip: number;
  /** Undefined when the client leaves it to us. */
  readonly top: number | undefined;
  /** Whether the answer tells how many there are in all. */
  readonly hasCount: boolean;
  /** The properties that are shown. */
  readonly shown: readonly Property[];
  readonly hasSemVer2: boolean;
  /** Undefined when the client does not say. */
  readonly includePrerelease: boolean | undefined;
}

/**
 * @param search the query with its question mark, or nothing
 * @param accept the Accept header
 * @returns `query-invalid` with a sentence about the first thing wrong
 */
export function readListRequest(search: string, accept: string): ListRequest | Refusal {
  const query = readQuery(search.replace(/^\?/, ''));
  if (isRefusal(query)) return query;
  const parts = {
    filter: readFilter(query.get('$filter') ?? '', feedFields),
    orderBy: readOrderBy(query.get('$orderby'), feedFields),
    skip: readCount(query.get('$skip'), '$skip'),
    top: readCount(query.get('$top'), '$top'),
    hasCount: readInlineCount(query.get('$inlinecount')),
    selected: readSelect(
      query.get('$select'),
      properties.map(({ name }) => name),
    ),
    passed: readPassed(query.get('$skiptoken')),
    format: readFormat(query.get('$format')),
    includePrerelease: readTruthParameter(query, 'includePrerelease'),
    level: readTextParameter(query, 'semVerLevel'),
  };
  const refusal = Object.values(parts).find(isRefusal);
  if (refusal !== undefined) return refusal;
  const {
    filter,
    orderBy,
    skip = 0,
    top,
    hasCount,
    selected,
    passed,
    format,
    includePrerelease,
    level,
  } = parts as Exclude0<typeof parts>;
  return {
    query,
    format: format ?? formatOf(accept),
    filter,
    orderBy,
    skip: skip + passed,
    top,
    hasCount,
    shown: selected === undefined ? properties : properties.filter(({ name }) => selected.has(name)),
    hasSemVer2: knowsSemVer2(level),
    includePrerelease,
  };
}

/** The same without refusals. */
type Exclude0<Parts> = { [Name in keyof Parts]: Exclude<Parts[Name], Refusal> };

/** Clients that want JSON say so first; those that want Atom often take anything besides. */
export function formatOf(accept: string): Format {
  return /^\s*application\/json/i.test(accept) ? 'json' : 'atom';
}

/** What the query says goes before what the Accept header says, in refusals of the query as well. */
export function askedFormat(search: string, accept: string): Format {
  const query = readQuery(search.replace(/^\?/, ''));
  const format = isRefusal(query) ? undefined : readFormat(query.get('$format'));
  return format === undefined || isRefusal(format) ? formatOf(accept) : format;
}

/** Our own next links go by `$skip`. A number in a skip token is how many entries came before; anything else would begin anew. */
function readPassed(text: string | undefined): number | Refusal {
  const parts = readSkipToken(text);
  if (isRefusal(parts)) return parts;
  if (parts === undefined) return 0;
  const [count = ''] = parts;
  if (parts.length === 1 && /^\d{1,9}$/.test(count)) return Number(count);
  return refuse('query-invalid', '$skiptoken must be a number of entries here; links to the next page have $skip.');
}

/** @returns the id that a filter demands, so that one package's document answers it; undefined when it is about many */
export function idOf(filter: Filter | undefined): string | undefined {
  return filter && textEqualTo(filter, 'Id');
}

const latestFields = new Set(['IsLatestVersion', 'IsAbsoluteLatestVersion']);
const absoluteLatest = new Set(['IsAbsoluteLatestVersion']);

/** @returns whether a filter lets through the latest version of each package only */
export function isOfLatest(filter: Filter | undefined): boolean {
  return filter !== undefined && conjunctsOf(filter).some((one) => saysLatest(one, latestFields));
}

/** @returns whether it says that and nothing else */
export function isOnlyOfLatest(filter: Filter | undefined): boolean {
  return filter !== undefined && saysLatest(filter, latestFields);
}

/** @returns whether a filter lets through the newest version of each package only, be it a prerelease */
export function isOfAbsoluteLatest(filter: Filter | undefined): boolean {
  return filter !== undefined && conjunctsOf(filter).some((one) => saysLatest(one, absoluteLatest));
}

/** One of these fields, or the same compared with true. */
function saysLatest(filter: Filter, fields: ReadonlySet<string>): boolean {
  if (filter.kind === 'field') return fields.has(filter.name);
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return false;
  const { left, right } = filter;
  return (saysLatest(left, fields) && isTrue(right)) || (isTrue(left) && saysLatest(right, fields));
}

function isTrue(filter: Filter): boolean {
  return filter.kind === 'literal' && filter.value === true;
}
