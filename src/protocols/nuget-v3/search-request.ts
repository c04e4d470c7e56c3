/**
 * Reads what search and autocomplete are asked for. Nothing is refused: what is not understood has its default, what is too
 * large is cut, and unknown parameters are ignored, as clients send many. PSResourceGet writes `prerelease=True`.
 */
import { knowsSemVer2 } from '../../identity/nupkg.ts';

export const skipMax = 3_000;
export const takeMax = 1_000;
const takeDefault = 20;

export interface SearchParameters {
  readonly text: string;
  /** Autocomplete alone knows it: the package whose versions are wanted. */
  readonly id: string | undefined;
  readonly skip: number;
  readonly take: number;
  readonly hasPrerelease: boolean;
  readonly hasSemVer2: boolean;
  readonly packageType: string | undefined;
}

/** @param query what stands behind the question mark; of a parameter that comes twice, the first counts */
export function readSearchParameters(query: URLSearchParams): SearchParameters {
  const first = new Map<string, string>();
  for (const [name, value] of query) if (!first.has(name.toLowerCase())) first.set(name.toLowerCase(), value);
  const type = first.get('packagetype') || first.get('packagetypefilter');
  return {
    text: first.get('q') ?? '',
    id: first.get('id'),
    skip: count(first.get('skip'), 0, skipMax),
    take: count(first.get('take'), takeDefault, takeMax),
    hasPrerelease: first.get('prerelease')?.trim().toLowerCase() === 'true',
    hasSemVer2: knowsSemVer2(first.get('semverlevel')),
    packageType: type || undefined,
  };
}

function count(text: string | undefined, fallback: number, highest: number): number {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Math.min(Number(text), highest) : fallback;
}
