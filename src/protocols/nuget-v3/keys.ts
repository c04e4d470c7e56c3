/**
 * Every path of the NuGet v3 protocol inside a feed, in one place: what `render` writes is what `route` asks for. An address
 * is what clients see, decoded; `urlOf` makes a URL of it and `storedPath` the path of what answers it. Ids and versions are
 * normalised, in lower case, before they come here.
 */
import { normalizePackageId } from '../../identity/nupkg.ts';
import { flatFolder } from '../nupkg-files.ts';

export { type FlatFile, flatFile, flatFolder, storedPath, urlOf } from '../nupkg-files.ts';

export const serviceIndex = 'v3/index.json';
/** Where pushes go; everything below it is answered by the write service. */
export const publishFolder = 'v3/package';
/** Where symbol packages are pushed. */
export const publishSymbolsAddress = 'v3/symbolpackage';
/** The address of the symbol server, as people give it to a debugger. */
export const symbolsFolder = 'v3/symbols';
/** Where the feed speaks NuGet v2 (protocols/nuget-v2). */
export const legacyAddress = 'api/v2';
/** Both answered by the write service. */
export const searchAddress = 'v3/search';
export const autocompleteAddress = 'v3/autocomplete';
export const vulnerabilityIndex = 'v3/vulnerabilities/index.json';
export const vulnerabilityPage = 'v3/vulnerabilities/all.json';

/** One of the two copies of the registrations, for clients of different age. */
export interface Hive {
  readonly folder: string;
  /** The protocol promises gzip whatever the client accepts. */
  readonly alwaysGzip: boolean;
  /** Clients before SemVer 2 fail on such a version, and must not see it. */
  readonly hasSemVer2: boolean;
}

/** `RegistrationsBaseUrl` up to 3.4.0. The last of them promises gzip, which its clients ask for and so get here too. */
export const plainHive: Hive = { folder: 'v3/registration', alwaysGzip: false, hasSemVer2: false };
/** `RegistrationsBaseUrl/3.6.0` */
export const semVer2Hive: Hive = { folder: 'v3/registration-semver2', alwaysGzip: true, hasSemVer2: true };
export const hives: readonly Hive[] = [plainHive, semVer2Hive];

/** Versions a registration page holds. */
export const pageVersionsMax = 64;
/** From so many versions on, pages are documents of their own and the index only leads to them. */
export const pagedFromVersions = 128;

/** @returns the address of a package's list of versions; the id is normalised. */
export function flatIndex(id: string): string {
  return `${flatFolder}/${id}/index.json`;
}

/** What stands for the age of a portable PDB in its key, which has none. */
const portableAge = 'ffffffff';

/**
 * @returns the address of a symbol file, as the Simple Symbol Query Protocol has it for portable PDBs: `NAME/GUIDffffffff/NAME`. Clients
 * send name and key in any letter case; here all is in lower case.
 */
export function symbolFile(name: string, guid: string): string {
  const lower = normalizePackageId(name);
  return `${symbolsFolder}/${lower}/${guid.toLowerCase()}${portableAge}/${lower}`;
}

/** The catalog, in addresses that mirrors find in one another, and none of which ever leads to something else. */
export const catalogFolder = 'v3/catalog';
export const catalogIndex = `${catalogFolder}/index.json`;

/** Items of the catalog that a page holds, as on the public gallery or nearly so. */
export const catalogPageItemsMax = 500;

/** @param page number of the page, from 0 */
export function catalogPage(page: number): string {
  return `${catalogFolder}/page/${page}.json`;
}

/** @param item number of the item, from 0; a folder holds the leaves of a page */
export function catalogLeaf(item: number): string {
  return `${catalogFolder}/data/${Math.floor(item / catalogPageItemsMax)}/${item}.json`;
}

/** @returns the address of a package's registration. */
export function registrationIndex(hive: Hive, id: string): string {
  return `${hive.folder}/${id}/index.json`;
}

/** @param page number of the page, from 0 */
export function registrationPage(hive: Hive, id: string, page: number): string {
  return `${hive.folder}/${id}/page/${page}.json`;
}

/** @returns the address of one version; both hives lead to the same one. */
export function registrationLeaf(id: string, version: string): string {
  return `${semVer2Hive.folder}/${id}/${version}.json`;
}
