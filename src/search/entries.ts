/**
 * What search keeps of a package, made from its view alone: its listed versions, and an entry for each version that is the
 * newest one to some kind of asker. An asker sees prereleases or not, and SemVer 2 or not, so a package has one to four entries,
 * and every asker finds exactly one of them.
 */
import { advisoriesOf } from '../documents/affected.ts';
import type { AdvisoryView, Deprecation, PackageView, VersionView } from '../documents/package-view.ts';
import { parseNuGetVersion } from '../identity/nupkg.ts';
import { feedEntryOf } from '../protocols/nuget-v2/feed-entry.ts';
import type { Int64 } from '../std/int64.ts';
import type { PackageKind } from '../validate/candidate.ts';
import { fullVersion, type NuspecMetadata } from '../validate/nupkg/nuspec.ts';

/** What an asker must want in order to see a version: the sum of these. */
export const needsPrerelease = 1;
export const needsSemVer2 = 2;

/** Every kind of asker, by what it wants; `1 << wants` is its bit in an entry's `filters`. */
const everyWant = [0, needsPrerelease, needsSemVer2, needsPrerelease | needsSemVer2] as const;

/** Characters of a description, and of all tags together, that are kept; the registration has the whole text. */
export const descriptionLengthMax = 4_000;
export const tagsLengthMax = 64 * 1024;

export interface SearchVersion {
  /** With build metadata, in the author's letter case. */
  readonly version: string;
  /** Normalised, in lower case: part of addresses. */
  readonly lower: string;
  readonly needs: number;
  /** Orders as versions do. */
  readonly sortKey: string;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly kind: SearchKind;
}

/** What the v2 protocol tells apart: 0 anything else, 1 a PowerShell module, 2 a PowerShell script. */
export type SearchKind = 0 | 1 | 2;
export const otherKind = 0;
export const moduleKind = 1;
export const scriptKind = 2;

/** What a hit shows; kept as JSON. */
export interface EntryDocument {
  readonly id: string;
  readonly version: string;
  readonly title?: string;
  readonly authors: string;
  readonly description: string;
  readonly summary?: string;
  readonly tags: readonly string[];
  readonly projectUrl?: string;
  readonly iconUrl?: string;
  /** Name of the embedded icon among the version's files, which then goes before `iconUrl`. */
  readonly iconFile?: 'icon' | 'icon.jpg';
  readonly licenseUrl?: string;
  readonly hasLicenseFile: boolean;
  readonly packageTypes: readonly string[];
  readonly owners: readonly string[];
  /** Normalised, in lower case. */
  readonly lowerVersion: string;
  readonly deprecation?: Deprecation;
  /** Of the version that is shown; left out when none is known. */
  readonly vulnerabilities?: readonly { readonly advisoryUrl: string; readonly severity: number }[];
}

export interface SearchEntry {
  /** A bit for each kind of asker to whom this version is the newest. */
  readonly filters: number;
  /** Of its version, among the package's. */
  readonly position: number;
  readonly document: EntryDocument;
  /** What the v2 protocol shows of the version: JSON of protocols/nuget-v2/feed-entry.ts. */
  readonly feedEntry: string;
}

export interface SearchedPackage {
  readonly packageId: Int64;
  readonly feed: string;
  readonly normalizedId: string;
  readonly serial: Int64;
  /** Listed ones, ascending. */
  readonly versions: readonly SearchVersion[];
  readonly entries: readonly SearchEntry[];
}

/**
 * @param owners names of the package's owners
 * @returns what search keeps of the package; no entries when nothing of it is listed
 */
export function searchedPackage(packageId: Int64, view: PackageView, owners: readonly string[]): SearchedPackage {
  const offered = view.status === 'quarantined' ? [] : view.versions;
  const listed = offered.filter((version) => version.isListed && version.files.some((file) => file.kind === 'nupkg'));
  const filtersOf = new Map<VersionView, number>();
  for (const wants of everyWant) {
    const newest = listed.findLast((version) => isSeen(needsOf(version), wants));
    if (newest) filtersOf.set(newest, (filtersOf.get(newest) ?? 0) | filterBit(wants));
  }
  const advisoriesAbout = advisoriesOf(view);
  return {
    packageId,
    feed: view.feed,
    normalizedId: view.normalizedName,
    serial: view.serial,
    versions: listed.map((version) => ({
      version: fullVersion(metadataOf(version)),
      lower: version.normalizedVersion,
      needs: needsOf(version),
      sortKey: parseNuGetVersion(version.normalizedVersion)?.sortKey ?? '',
      createdAt: version.publishedAt,
      kind: kindOf(version.kind),
    })),
    entries: [...filtersOf].map(([version, filters]) => ({
      filters,
      position: listed.indexOf(version),
      document: documentOf(version, owners, advisoriesAbout(version.normalizedVersion)),
      feedEntry: JSON.stringify(feedEntryOf(version)),
    })),
  };
}

/** @returns whether an asker who wants this sees a version that needs that */
function isSeen(needs: number, wants: number): boolean {
  return (needs & ~wants) === 0;
}

export function filterBit(wants: number): number {
  return 1 << wants;
}

function kindOf(kind: PackageKind): SearchKind {
  return kind === 'powershell-module' ? moduleKind : kind === 'powershell-script' ? scriptKind : otherKind;
}

const metadataOf = (version: VersionView) => version.metadata as NuspecMetadata;

function needsOf(version: VersionView): number {
  return (version.isPrerelease ? needsPrerelease : 0) | (metadataOf(version).isSemVer2 ? needsSemVer2 : 0);
}

function documentOf(
  version: VersionView,
  owners: readonly string[],
  advisories: readonly AdvisoryView[],
): EntryDocument {
  const metadata = metadataOf(version);
  const extracts = version.files.find((file) => file.kind === 'nupkg')?.extracts ?? [];
  const icon = extracts.find((extract) => extract.name === 'icon');
  // A package that names no type is one that others depend on.
  const types = metadata.packageTypes.length === 0 ? ['Dependency'] : metadata.packageTypes.map(({ name }) => name);
  return {
    id: metadata.id,
    version: fullVersion(metadata),
    ...(metadata.title === undefined ? {} : { title: metadata.title }),
    authors: metadata.authors,
    description: metadata.description.slice(0, descriptionLengthMax),
    ...(metadata.summary === undefined ? {} : { summary: metadata.summary.slice(0, descriptionLengthMax) }),
    tags: firstTags(metadata.tags),
    ...(metadata.projectUrl === undefined ? {} : { projectUrl: metadata.projectUrl }),
    ...(metadata.iconUrl === undefined ? {} : { iconUrl: metadata.iconUrl }),
    ...(icon === undefined
      ? {}
      : { iconFile: icon.contentType === 'image/jpeg' ? ('icon.jpg' as const) : ('icon' as const) }),
    ...(metadata.licenseUrl === undefined ? {} : { licenseUrl: metadata.licenseUrl }),
    hasLicenseFile: extracts.some((extract) => extract.name === 'license'),
    packageTypes: types,
    owners,
    lowerVersion: version.normalizedVersion,
    ...(version.deprecation === null ? {} : { deprecation: version.deprecation }),
    ...(advisories.length === 0
      ? {}
      : { vulnerabilities: advisories.map(({ url, severity }) => ({ advisoryUrl: url, severity })) }),
  };
}

function firstTags(tags: readonly string[]): string[] {
  let left = tagsLengthMax;
  return tags.filter((tag) => {
    left -= tag.length + 1;
    return left >= 0;
  });
}
