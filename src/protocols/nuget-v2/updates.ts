/**
 * What is newer than what somebody has: `GetUpdates`. The answer comes from the documents of the packages that are named, so it
 * needs no search.
 */
import { isInRange, parseNuGetVersion, parseVersionRange, type VersionRange } from '../../identity/nupkg.ts';
import { readTextParameter, readTruthParameter } from '../../odata/read-query.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { FeedEntry } from './feed-entry.ts';
import type { Population } from './keys.ts';
import type { ListRequest } from './list-request.ts';
import { type ShownEntry, showEntries } from './shown-entry.ts';

/** Packages that one request may ask about. */
export const updatePackagesMax = 500;

export interface UpdateQuestion {
  readonly installed: readonly {
    readonly id: string;
    /** Sort key. */
    readonly above: string;
    readonly range: VersionRange | undefined;
  }[];
  readonly hasAllVersions: boolean;
  readonly hasPrerelease: boolean;
}

/**
 * Reads `packageIds='a|b'`, `versions='1.0|2.0'`, `versionConstraints='|[2.0,3.0)'` and the rest. Which frameworks a package is for is
 * not known here, so `targetFrameworks` is not looked at.
 */
export function readUpdateQuestion({ query, includePrerelease }: ListRequest): UpdateQuestion | Refusal {
  const ids = readList(query, 'packageIds');
  const versions = readList(query, 'versions');
  const constraints = readList(query, 'versionConstraints');
  const hasAllVersions = readTruthParameter(query, 'includeAllVersions');
  for (const part of [ids, versions, constraints, hasAllVersions]) if (isRefusal(part)) return part;
  const [names, has, wants] = [ids, versions, constraints] as string[][] as [string[], string[], string[]];
  if (names.length !== has.length) {
    return refuse('query-invalid', 'packageIds and versions must name as many packages as versions.');
  }
  if (names.length > updatePackagesMax) {
    return refuse('query-invalid', `GetUpdates asks about at most ${updatePackagesMax} packages at once.`);
  }
  const installed: { id: string; above: string; range: VersionRange | undefined }[] = [];
  for (const [index, id] of names.entries()) {
    const version = parseNuGetVersion(has[index] ?? '');
    if (version === undefined) return refuse('query-invalid', `versions has "${has[index]}", which is no version.`);
    const constraint = wants[index] ?? '';
    const range = constraint === '' ? undefined : parseVersionRange(constraint);
    if (constraint !== '' && range === undefined) {
      return refuse('query-invalid', `versionConstraints has "${constraint}", which is no version range.`);
    }
    installed.push({ id, above: version.sortKey, range });
  }
  return { installed, hasAllVersions: hasAllVersions === true, hasPrerelease: includePrerelease === true };
}

function readList(query: ListRequest['query'], name: string): readonly string[] | Refusal {
  const text = readTextParameter(query, name) ?? '';
  if (isRefusal(text)) return text;
  return text.trim() === '' ? [] : text.split('|').map((one) => one.trim());
}

/**
 * @param entries all versions of the package, ascending
 * @returns the listed versions that are newer, ascending; of these the newest alone unless all are wanted
 */
export function updatesOf(
  entries: readonly FeedEntry[],
  installed: UpdateQuestion['installed'][number],
  question: UpdateQuestion,
  population: Population,
  hasSemVer2: boolean,
): readonly ShownEntry[] {
  const newer = showEntries(entries, population, hasSemVer2).filter(({ entry }) => {
    if (!entry.isListed || (entry.isPrerelease && !question.hasPrerelease)) return false;
    const version = parseNuGetVersion(entry.normalizedVersion);
    if (version === undefined || version.sortKey <= installed.above) return false;
    return installed.range === undefined || isInRange(version, installed.range);
  });
  return question.hasAllVersions ? newer : newer.slice(-1);
}
