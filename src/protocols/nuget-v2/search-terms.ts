/**
 * What a search is for, as this protocol's clients mean it. They have habits of their own: wildcards in the search term, a filter for
 * the latest stable version together with a wish for prereleases, and everything asked for twice.
 */
import type { Filter } from '../../odata/filter-tree.ts';
import type { Place, Population } from './keys.ts';
import { isOnlyOfLatest, type ListRequest } from './list-request.ts';

export interface SearchTerms {
  /** In the language of the search box; empty for nothing. */
  readonly text: string;
  readonly filter: Filter | undefined;
  readonly population: Population;
}

/** Pieces of one name with wildcards that are looked at. */
const piecesMax = 8;

/**
 * @param term the `searchTerm` as it was sent
 * @param place the address that was asked
 */
export function readSearchTerms(term: string, list: ListRequest, place: Place): SearchTerms {
  const words = term.split(/\s+/).filter((word) => word !== '');
  const patterns = words.filter(isPattern);
  const text = patterns.length === 0 ? term.trim() : words.filter((word) => !isPattern(word)).join(' ');
  const filters = [latestOf(list), ...patterns.flatMap(patternFilters)].filter((one) => one !== undefined);
  const isEverything = term.trim() === '' && isOnlyOfLatest(list.filter);
  return {
    text,
    filter: filters.length === 0 ? undefined : filters.reduce((left, right) => ({ kind: 'and', left, right })),
    // PSResourceGet asks such an address for everything twice, here and among the scripts, and shows both.
    population: place.isAlias && isEverything && place.population === 'powershell' ? 'modules' : place.population,
  };
}

/**
 * PowerShellGet asks for `IsLatestVersion` also when prereleases are wanted; who wants them with no other filter means the newest
 * version of all (NuGet provider 2.8.5.208, NuGetWebUtility).
 */
function latestOf({ filter, includePrerelease }: ListRequest): Filter | undefined {
  if (includePrerelease !== true || !isOnlyOfLatest(filter)) return filter;
  return { kind: 'field', name: 'IsAbsoluteLatestVersion' };
}

/** `Az.*` and the like; a field (`tag:X*`) is no name. */
function isPattern(word: string): boolean {
  return /[*?]/.test(word) && !word.includes(':');
}

/** What an id has to be like: `Az.*Data*s` begins, contains, ends so. The client goes over the answer with the pattern itself. */
function patternFilters(pattern: string): Filter[] {
  const pieces = pattern.split(/[*?]+/).slice(0, piecesMax);
  return pieces.flatMap((piece, index): Filter[] => {
    if (piece === '') return [];
    const value = { kind: 'literal', type: 'string', value: piece } as const;
    const id = { kind: 'field', name: 'Id' } as const;
    if (index === 0) return [{ kind: 'call', name: 'startswith', parameters: [id, value] }];
    if (index === pieces.length - 1) return [{ kind: 'call', name: 'endswith', parameters: [id, value] }];
    return [{ kind: 'call', name: 'substringof', parameters: [value, id] }];
  });
}
