/**
 * From the events of an OSV file (introduced, fixed, last affected, limit) to plain intervals. Follows the evaluation that the OSV
 * schema 1.7 gives, in the ecosystem's own order of versions.
 */
import { type AffectedRange, type OrderedVersion, parseVersionOf, rangeTest } from '../documents/affected.ts';
import type { Ecosystem } from '../validate/candidate.ts';

/** What an entry of `affected` says of versions. Ranges of commits (`GIT`) are left out before: a gallery knows no commits. */
export interface OsvVersions {
  /** The events of each range, such as `{introduced: '0'}`. */
  readonly ranges: readonly (readonly OsvEvent[])[];
  readonly versions: readonly string[];
}

export type OsvEvent = { readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit'; readonly version: string };

export interface Affected {
  readonly ranges: readonly AffectedRange[];
  /** Ascending. */
  readonly fixedIn: readonly string[];
}

/** An event's version is none of the ecosystem. */
export class UnknownVersionError extends Error {}

/** @returns the intervals, none of which lies inside another's versions list; throws UnknownVersionError */
export function affectedBy(ecosystem: Ecosystem, told: readonly OsvVersions[]): Affected {
  const ranges = told.flatMap((entry) => entry.ranges.flatMap((events) => intervalsOf(ecosystem, events)));
  const isInRange = rangeTest(ecosystem, ranges);
  const single = new Map<string, OrderedVersion>();
  for (const text of told.flatMap((entry) => entry.versions)) {
    // A version that the ecosystem does not know cannot be here, and so cannot be affected here.
    const version = parseVersionOf(ecosystem, text);
    if (version && !isInRange(version.sortKey)) single.set(version.sortKey, version);
  }
  const exact = ascending([...single.values()]).map(({ normalized }) => ({
    from: normalized,
    to: normalized,
    includesTo: true,
  }));
  return { ranges: distinct([...ranges, ...exact]), fixedIn: fixesOf(ecosystem, told) };
}

function distinct(ranges: readonly AffectedRange[]): AffectedRange[] {
  return [...new Map(ranges.map((range) => [JSON.stringify(range), range])).values()];
}

/** `0` is what lies before every version, prereleases of 0 included. */
const beginning: OrderedVersion = { normalized: '', sortKey: '' };

function intervalsOf(ecosystem: Ecosystem, events: readonly OsvEvent[]): AffectedRange[] {
  const limit = highestLimit(ecosystem, events);
  const changes = events
    .filter(({ kind }) => kind !== 'limit')
    .map(({ kind, version }) => ({
      kind,
      version: kind === 'introduced' && version === '0' ? beginning : read(ecosystem, version),
    }))
    // Sorting is stable, and at one version what introduces comes before what mends.
    .sort((a, b) => byKey(a.version, b.version) || Number(a.kind !== 'introduced') - Number(b.kind !== 'introduced'));
  const intervals: AffectedRange[] = [];
  let open: OrderedVersion | undefined;
  const close = (from: OrderedVersion, to: OrderedVersion | undefined, includesTo: boolean) => {
    const isCut = limit !== undefined && (to === undefined || to.sortKey >= limit.sortKey);
    const end = isCut ? limit : to;
    const includesEnd = !isCut && includesTo;
    if (end !== undefined && (end.sortKey < from.sortKey || (end.sortKey === from.sortKey && !includesEnd))) return;
    intervals.push({ from: from.normalized, to: end?.normalized ?? '', includesTo: includesEnd });
  };
  for (const { kind, version } of changes) {
    if (kind === 'introduced') {
      open ??= version;
    } else if (open !== undefined) {
      close(open, version, kind === 'last_affected');
      open = undefined;
    }
  }
  if (open !== undefined) close(open, undefined, false);
  return intervals;
}

/** A version is in the range when it is below any of the limits, so the highest one counts. */
function highestLimit(ecosystem: Ecosystem, events: readonly OsvEvent[]): OrderedVersion | undefined {
  const limits = events.filter(({ kind }) => kind === 'limit').map(({ version }) => version);
  if (limits.length === 0 || limits.includes('*')) return undefined;
  return ascending(limits.map((version) => read(ecosystem, version))).at(-1);
}

function fixesOf(ecosystem: Ecosystem, told: readonly OsvVersions[]): string[] {
  const fixes = told
    .flatMap((entry) => entry.ranges.flat())
    .filter(({ kind }) => kind === 'fixed')
    .map(({ version }) => read(ecosystem, version));
  return [...new Set(ascending(fixes).map(({ normalized }) => normalized))];
}

function read(ecosystem: Ecosystem, text: string): OrderedVersion {
  const version = parseVersionOf(ecosystem, text);
  if (version) return version;
  throw new UnknownVersionError(
    `"${text.slice(0, 100)}" is no version of ${ecosystem === 'python' ? 'PyPI' : 'NuGet'}`,
  );
}

function byKey(a: OrderedVersion, b: OrderedVersion): number {
  return a.sortKey < b.sortKey ? -1 : Number(a.sortKey > b.sortKey);
}

function ascending(versions: readonly OrderedVersion[]): OrderedVersion[] {
  return [...versions].sort(byKey);
}
