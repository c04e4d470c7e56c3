/**
 * One `<entry>` as the NuGet provider 2.8.5.208 reads it (Utility/PackageUtility.cs ReadEntryElement, Package/PackageBase.cs): local names in any
 * letter case, of the entry and of its properties alike, the later one winning. What it cannot convert throws, and the whole feed is lost.
 */
import { innerText, type XmlElement } from './dotnet-xml.ts';
import {
  type DependencyVersion,
  dependencyVersion,
  type SemanticVersion,
  semanticVersion,
} from './nuget-provider-version.ts';
import { parseSystemVersion } from './versions.ts';

export interface ProviderDependency {
  readonly id: string;
  readonly version: DependencyVersion;
}

/** PackageBase. */
export interface ProviderPackage {
  readonly id: string;
  readonly version: SemanticVersion;
  /** content/@src */
  readonly contentUrl: string | undefined;
  readonly isLatestVersion: boolean;
  readonly isAbsoluteLatestVersion: boolean;
  /** undefined where there is no date; 1900 is unlisted. */
  readonly publishedYear: number | undefined;
  readonly tags: string;
  readonly authors: readonly string[];
  readonly owners: readonly string[];
  readonly description: string;
  readonly dependencies: readonly ProviderDependency[];
  readonly packageHash: string;
  readonly packageHashAlgorithm: string;
  readonly fields: ReadonlyMap<string, string>;
  /** Names that the provider does not know, as written; only with a value. They reach the user as AdditionalMetadata. */
  readonly additional: ReadonlyMap<string, string>;
}

const addresses = ['licenseurl', 'projecturl', 'iconurl', 'gallerydetailsurl', 'licensereporturl', 'reportabuseurl'];
const wholeNumbers = ['downloadcount', 'versiondownloadcount', 'packagesize'];
const xmlFlags = ['requirelicenseacceptance', 'developmentdependency'];
const flags = ['islatestversion', 'isabsolutelatestversion'];
const dates = ['published', 'created', 'lastupdated', 'lastedited'];
const texts = [
  ...[
    'id',
    'version',
    'minclientversion',
    'author',
    'owners',
    'description',
    'summary',
    'content',
    'releasenotes',
    'copyright',
  ],
  ...['language', 'title', 'tags', 'dependencies', 'packagehash', 'packagehashalgorithm', 'properties'],
];
const known = new Set([...addresses, ...wholeNumbers, ...xmlFlags, ...flags, ...dates, ...texts]);

/** Reads an entry, and the version that LINQ reads a moment later. */
export function readEntry(entry: XmlElement): ProviderPackage {
  const fields = new Map<string, string>();
  const additional = new Map<string, string>();
  readChildren(entry, fields, additional);
  const field = (name: string) => fields.get(name) ?? '';
  return {
    id: field('id'),
    version: semanticVersion(field('version')),
    contentUrl: fields.get('content@src'),
    isLatestVersion: field('islatestversion').toLowerCase() === 'true',
    isAbsoluteLatestVersion: field('isabsolutelatestversion').toLowerCase() === 'true',
    publishedYear: yearOf(field('published')),
    tags: field('tags'),
    authors: list(field('author')),
    owners: list(field('owners')),
    description: field('description'),
    dependencies: dependenciesOf(field('dependencies')),
    packageHash: field('packagehash'),
    packageHashAlgorithm: field('packagehashalgorithm'),
    fields,
    additional,
  };
}

function readChildren(element: XmlElement, fields: Map<string, string>, additional: Map<string, string>): void {
  for (const child of element.children) {
    if (child.kind !== 'element') continue;
    const name = child.localName.toLowerCase();
    const value = innerText(child).trim();
    if (name === 'properties') {
      readChildren(child, fields, additional);
      continue;
    }
    convert(name, value);
    if (name === 'content') setIfGiven(fields, 'content@src', child.attributes.get('src'));
    else if (known.has(name)) fields.set(name, name === 'id' ? idIn(value) : value);
    else if (value !== '') additional.set(child.localName, value);
  }
}

function setIfGiven(fields: Map<string, string>, name: string, value: string | undefined): void {
  if (value !== undefined) fields.set(name, value);
}

/** Throws what .NET's conversions throw. */
function convert(name: string, value: string): void {
  if (addresses.includes(name) && value !== '' && !URL.canParse(value)) {
    throw new Error(`UriFormatException: ${name} is no absolute address: ${value}`);
  }
  if (wholeNumbers.includes(name) && !/^[+-]?\d{1,19}$/.test(value))
    throw new Error(`FormatException: ${name} is no number: ${value}`);
  if (xmlFlags.includes(name) && !/^(true|false|1|0)$/.test(value))
    throw new Error(`FormatException: ${name} is no boolean: ${value}`);
  if (flags.includes(name) && !/^(true|false)$/i.test(value))
    throw new Error(`FormatException: ${name} is no boolean: ${value}`);
  if (name === 'minclientversion' && value !== '' && parseSystemVersion(value) === undefined) {
    throw new Error(`ArgumentException: ${name} is no System.Version: ${value}`);
  }
}

/** ExtractId: the first text in quotation marks of `…Packages(Id='X',Version='Y')`. */
function idIn(value: string): string {
  return /[^']+?\+?'([^']+?)'/.exec(value)?.[1] ?? value;
}

/** GetDateTime: what is no date is none. */
function yearOf(value: string): number | undefined {
  const match = /^(\d{4})-\d\d-\d\d/.exec(value);
  return match === null ? undefined : Number(match[1]);
}

const list = (value: string): string[] =>
  value
    .split(',')
    .filter((part) => part !== '')
    .map((part) => part.trim());

/** ParseDependencySet: pieces between `|`, none of them empty, each `id:range:framework`; a piece without an id says "none". */
function dependenciesOf(value: string): ProviderDependency[] {
  if (value === '') return [];
  return value.split('|').flatMap((piece) => {
    if (piece.trim() === '') throw new Error('NullReferenceException: an empty piece in Dependencies');
    const [id = '', range = ''] = piece.trim().split(':');
    const version = dependencyVersion(range);
    return id.trim() === '' ? [] : [{ id: id.trim(), version }];
  });
}
