/** What the v2 protocol's queries mean, told once more in the plainest way: every row is made, and the filter is asked of each. */
import type { PackageView, VersionView } from '../../src/documents/package-view.ts';
import { parseNuGetVersion } from '../../src/identity/nupkg.ts';
import type { Filter } from '../../src/odata/filter-tree.ts';
import type { FeedQuery } from '../../src/search/feed-query.ts';
import type { NuspecMetadata } from '../../src/validate/nupkg/nuspec.ts';

export interface ModelRow {
  readonly id: string;
  readonly lower: string;
  readonly isLatestVersion: boolean;
  readonly isAbsoluteLatestVersion: boolean;
  readonly kind: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const metadataOf = (version: VersionView) => version.metadata as NuspecMetadata;

/** All rows of a gallery that a query could show, before its filter. */
export function modelRows(views: readonly PackageView[], query: FeedQuery): ModelRow[] {
  return views
    .filter(({ feed, status }) => feed === query.feed && status !== 'quarantined')
    .flatMap((view) => rowsOf(view, query))
    .filter(({ kind }) => isShown(kind, query.population));
}

function rowsOf(view: PackageView, query: FeedQuery): ModelRow[] {
  const known = view.versions.filter((one) => one.isListed && (query.hasSemVer2 || !metadataOf(one).isSemVer2));
  const latest = known.findLast((one) => !one.isPrerelease);
  const absolute = known.at(-1);
  const seen = known.filter((one) => query.hasPrerelease || !one.isPrerelease);
  const shown = query.hasAllVersions ? seen : seen.filter((one) => one === latest || one === absolute);
  return shown.map((one) => {
    const about = query.hasAllVersions ? seen.at(-1)! : one;
    const { title = null, description, tags, authors } = metadataOf(about);
    const isLatestVersion = one === latest;
    const isAbsoluteLatestVersion = one === absolute;
    const createdAt = one.publishedAt;
    return {
      id: view.normalizedName,
      lower: one.normalizedVersion,
      isLatestVersion,
      isAbsoluteLatestVersion,
      kind: one.kind,
      values: {
        Id: metadataOf(about).id,
        Title: title ?? metadataOf(about).id,
        Description: description,
        Tags: tags.length === 0 ? '' : ` ${tags.join(' ')} `,
        Authors: authors,
        Summary: null,
        Version: metadataOf(one).buildMetadata ? `${one.normalizedVersion}+build` : one.normalizedVersion,
        NormalizedVersion: one.normalizedVersion,
        IsLatestVersion: isLatestVersion,
        IsAbsoluteLatestVersion: isAbsoluteLatestVersion,
        IsPrerelease: one.isPrerelease,
        RequireLicenseAcceptance: false,
        Created: createdAt,
        Published: createdAt,
        LastUpdated: createdAt,
        LastEdited: null,
        DownloadCount: 0,
        VersionDownloadCount: 0,
        PackageSize: 1_000,
      },
    };
  });
}

function isShown(kind: string, population: FeedQuery['population']): boolean {
  const isModule = kind === 'powershell-module';
  const isScript = kind === 'powershell-script';
  if (population === 'powershell') return isModule || isScript;
  if (population === 'modules') return isModule;
  if (population === 'scripts') return isScript;
  return population === 'all' || !isScript;
}

type Value = string | number | boolean | null;

/** Small letters, as package ids have them. */
const lower = (text: string) =>
  [...text].map((one) => (one.toLowerCase().length === one.length ? one.toLowerCase() : one)).join('');

/** @returns whether the filter is true of the row */
export function isTrueOf(filter: Filter, row: ModelRow): boolean {
  return evaluate(filter, row) === true;
}

function evaluate(filter: Filter, row: ModelRow): Value {
  const of = (part: Filter) => evaluate(part, row);
  switch (filter.kind) {
    case 'literal':
      return typeof filter.value === 'string' ? lower(filter.value) : filter.value;
    case 'field': {
      const value = row.values[filter.name] as Value;
      return typeof value === 'string' ? lower(value) : value;
    }
    case 'and':
      return of(filter.left) === true && of(filter.right) === true;
    case 'or':
      return of(filter.left) === true || of(filter.right) === true;
    case 'not':
      return of(filter.operand) !== true;
    case 'compare': {
      const isVersion = [filter.left, filter.right].some(
        (part) => part.kind === 'field' && /Version$/.test(part.name) && !/^Is/.test(part.name),
      );
      const [one, other] = [of(filter.left), of(filter.right)].map((value) =>
        isVersion && typeof value === 'string' ? keyOf(value) : value,
      ) as [Value, Value];
      if (filter.operator === 'eq') return one === other;
      if (filter.operator === 'ne') return one !== other;
      if (one === null || other === null) return false;
      const order = one < other ? -1 : one > other ? 1 : 0;
      return { gt: order > 0, ge: order >= 0, lt: order < 0, le: order <= 0 }[filter.operator];
    }
    case 'call':
      return call(filter.name, filter.parameters.map(of));
  }
}

function keyOf(text: string): string {
  return parseNuGetVersion(text.replace(' ', '+'))?.sortKey ?? `!${text}`;
}

function call(name: string, [one, other]: readonly Value[]): Value {
  const isAbsent = one === null || other === null;
  const [text, more] = [String(one), String(other)];
  if (name === 'substringof') return !isAbsent && more.includes(text);
  if (name === 'startswith') return !isAbsent && text.startsWith(more);
  if (name === 'endswith') return !isAbsent && text.endsWith(more);
  if (isAbsent) return null;
  if (name === 'indexof') return text.indexOf(more);
  if (name === 'concat') return text + more;
  if (name === 'length') return text.length;
  return name === 'trim' ? text.trim() : text;
}
