/**
 * Reads the nuspec: what a NuGet package says of itself. Nothing leaves here that a client could stumble over: ids, versions
 * and ranges are ones that NuGet takes, and addresses are absolute.
 */
import assert from 'node:assert/strict';
import {
  anyVersion,
  idAndVersionLengthMax,
  isValidPackageId,
  type NuGetVersion,
  normalizePackageId,
  packageIdLengthMax,
  parseNuGetVersion,
  parseVersionRange,
  versionLengthMax,
} from '../../identity/nupkg.ts';
import { isRefusal, type Refusal, type RefusalCode, refuse } from '../../std/refusals.ts';
import type { PackageKind } from '../candidate.ts';
import type { PowerShellMetadata } from '../powershell/metadata.ts';
import { isLicenseExpression } from './license-expression.ts';
import { readStrictXml, type XmlElement } from './strict-xml.ts';

export type NuspecDependency = {
  readonly id: string;
  /** Normalised: `[1.0.0, )`. */
  readonly range: string;
};

export type NuspecDependencyGroup = {
  /** As the author writes it; absent when the group is for every framework. */
  readonly targetFramework?: string;
  readonly dependencies: readonly NuspecDependency[];
};

export type NuspecRepository = {
  readonly type?: string;
  readonly url?: string;
  readonly branch?: string;
  readonly commit?: string;
};

export type NuspecPackageType = { readonly name: string; readonly version?: string };

/** The metadata of one version, as kept in the catalogue. Texts are without white space around them, and never empty. */
export type NuspecMetadata = {
  /** In the author's letter case. */
  readonly id: string;
  /** As the nuspec has it, such as `1.0`. */
  readonly verbatimVersion: string;
  /** In the author's letter case, such as `1.0.0-Beta.1`. */
  readonly normalizedVersion: string;
  /** What stands behind the plus sign of the version. */
  readonly buildMetadata?: string;
  /** True also when a bound of a dependency's range is a SemVer 2 version. */
  readonly isSemVer2: boolean;
  readonly title?: string;
  readonly authors: string;
  readonly description: string;
  readonly summary?: string;
  readonly releaseNotes?: string;
  readonly copyright?: string;
  readonly language?: string;
  readonly tags: readonly string[];
  readonly projectUrl?: string;
  readonly licenseUrl?: string;
  readonly licenseExpression?: string;
  /** Path inside the package, as the nuspec has it; so are the icon's and the readme's. */
  readonly licenseFile?: string;
  readonly iconUrl?: string;
  readonly iconFile?: string;
  readonly readmeFile?: string;
  readonly requireLicenseAcceptance: boolean;
  readonly minClientVersion?: string;
  readonly developmentDependency: boolean;
  readonly repository?: NuspecRepository;
  readonly packageTypes: readonly NuspecPackageType[];
  readonly dependencyGroups: readonly NuspecDependencyGroup[];
  /** For PowerShell modules and scripts: what their own files say. */
  readonly powershell?: PowerShellMetadata;
};

/** @returns the version with its build metadata, as published; addresses and bounds never show that part */
export function fullVersion({ normalizedVersion, buildMetadata }: NuspecMetadata): string {
  return buildMetadata === undefined ? normalizedVersion : `${normalizedVersion}+${buildMetadata}`;
}

export interface Nuspec {
  readonly version: NuGetVersion;
  readonly metadata: NuspecMetadata;
}

/** The package type that packing tools write into a symbol package. */
const symbolsType = 'SymbolsPackage';
const licenseLengthMax = 500;

/**
 * Reads a nuspec of any of NuGet's namespaces.
 * @param bytes the file as it stands in the archive
 * @returns what it says, or the first thing wrong with it: `metadata-invalid`, `name-invalid` or `version-invalid`
 */
export function readNuspec(bytes: Uint8Array): Nuspec | Refusal {
  const fields = openNuspec(bytes);
  if (isRefusal(fields)) return fields;
  if (isOfType(readPackageTypes(fields), symbolsType)) {
    return refuse('metadata-invalid', 'This is a symbol package (.snupkg); push it to the address for symbols.');
  }
  const nuspec = readFields(fields);
  if (fields.problem !== undefined) return fields.problem;
  assert.ok(nuspec, 'a nuspec without a problem has a version');
  return nuspec;
}

/** Whose symbols a symbol package holds. */
export interface SymbolsNuspec {
  /** In the author's letter case. */
  readonly id: string;
  readonly version: NuGetVersion;
}

/**
 * Reads the nuspec of a symbol package, in which the SDK leaves out what the package itself tells, its authors for one.
 * @returns whose symbols they are; or `metadata-invalid`, `name-invalid` or `version-invalid`
 */
export function readSymbolsNuspec(bytes: Uint8Array): SymbolsNuspec | Refusal {
  const fields = openNuspec(bytes);
  if (isRefusal(fields)) return fields;
  const id = readId(fields);
  const version = readVersion(fields, id);
  if (!isOfType(readPackageTypes(fields), symbolsType)) {
    fields.refuse('metadata-invalid', `The nuspec does not say that this is a symbol package (type ${symbolsType}).`);
  }
  if (fields.problem !== undefined) return fields.problem;
  assert.ok(version, 'a nuspec without a problem has a version');
  return { id, version };
}

function openNuspec(bytes: Uint8Array): Fields | Refusal {
  const root = readStrictXml(bytes, 'The nuspec');
  if (isRefusal(root)) return root;
  const elements = root.children.filter((child) => child.local === 'metadata');
  if (root.local !== 'package' || elements.length !== 1) {
    return refuse('metadata-invalid', 'The nuspec must hold exactly one <metadata> inside <package>.');
  }
  return new Fields(elements[0]!);
}

/** The children of the metadata element. Reading goes on after a problem; the first one is kept. */
class Fields {
  problem: Refusal | undefined;
  readonly element: XmlElement;

  constructor(element: XmlElement) {
    this.element = element;
  }

  refuse(code: RefusalCode, message: string): void {
    this.problem ??= refuse(code, message);
  }

  /** The one child of this name. Other namespaces are nobody's; two children of one name are two readings. */
  child(name: string): XmlElement | undefined {
    const found = childrenOf(this.element, name);
    if (found.length > 1) this.refuse('metadata-invalid', `The nuspec has <${name}> more than once.`);
    return found[0];
  }

  text(name: string): string | undefined {
    const child = this.child(name);
    if (child === undefined) return undefined;
    if (child.children.length > 0) {
      this.refuse('metadata-invalid', `<${name}> of the nuspec must be text and holds other elements.`);
    }
    return child.text.trim() || undefined;
  }

  neededText(name: string): string {
    const text = this.text(name);
    if (text === undefined) this.refuse('metadata-invalid', `The nuspec has no <${name}>, which NuGet needs.`);
    return text ?? '';
  }

  isTrue(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true';
  }

  /** PowerShell's clients fail on an address that is not absolute. */
  webAddress(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined || (/^https?:\/\//i.test(text) && URL.canParse(text))) return text;
    this.refuse('metadata-invalid', `<${name}> of the nuspec must be a whole http or https address.`);
    return undefined;
  }
}

function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.local === name && child.uri === element.uri);
}

function readFields(fields: Fields): Nuspec | undefined {
  const id = readId(fields);
  const version = readVersion(fields, id);
  if (version === undefined) return undefined;
  const groups = readDependencyGroups(fields);
  const minClientVersion = fields.element.attributes.get('minClientVersion')?.trim();
  if (minClientVersion && parseNuGetVersion(minClientVersion) === undefined) {
    fields.refuse('metadata-invalid', `minClientVersion of the nuspec is no version: ${shown(minClientVersion)}.`);
  }
  const metadata = {
    id,
    verbatimVersion: version.original,
    normalizedVersion: version.normalized,
    buildMetadata: version.metadata || undefined,
    isSemVer2: version.isSemVer2 || groups.hasSemVer2Bound,
    title: fields.text('title'),
    authors: fields.neededText('authors'),
    description: fields.neededText('description'),
    summary: fields.text('summary'),
    releaseNotes: fields.text('releaseNotes'),
    copyright: fields.text('copyright'),
    language: fields.text('language'),
    tags:
      fields
        .text('tags')
        ?.split(/[\s,;]+/)
        .filter((tag) => tag !== '') ?? [],
    projectUrl: fields.webAddress('projectUrl'),
    licenseUrl: fields.webAddress('licenseUrl'),
    ...readLicense(fields),
    iconUrl: fields.webAddress('iconUrl'),
    iconFile: fields.text('icon'),
    readmeFile: fields.text('readme'),
    requireLicenseAcceptance: fields.isTrue('requireLicenseAcceptance'),
    minClientVersion: minClientVersion || undefined,
    developmentDependency: fields.isTrue('developmentDependency'),
    repository: readRepository(fields),
    packageTypes: readPackageTypes(fields),
    dependencyGroups: groups.groups,
  };
  return { version, metadata: withoutUndefined(metadata) };
}

/** What is absent is absent in the catalogue too, so that a view read back is the view that was written. */
export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}

function readId(fields: Fields): string {
  const id = fields.neededText('id');
  if (!isValidPackageId(id) || id.normalize('NFC') !== id) {
    fields.refuse(
      'name-invalid',
      `The package id ${shown(id)} is not allowed: letters, digits and _ joined by single dots or hyphens, ` +
        `${packageIdLengthMax} characters at most.`,
    );
  }
  return id;
}

function readVersion(fields: Fields, id: string): NuGetVersion | undefined {
  const text = fields.neededText('version');
  const version = parseNuGetVersion(text);
  if (version === undefined) {
    fields.refuse(
      'version-invalid',
      `The version ${shown(text)} is not one that NuGet takes (such as 1.2.3 or 1.2.3-beta.1, ` +
        `${versionLengthMax} characters at most).`,
    );
  } else if (id.length + version.normalized.length > idAndVersionLengthMax) {
    fields.refuse(
      'version-invalid',
      `Package id and version together have more than ${idAndVersionLengthMax} characters.`,
    );
  }
  return version;
}

function readLicense(fields: Fields): { licenseExpression?: string; licenseFile?: string } {
  const element = fields.child('license');
  if (element === undefined) return {};
  const license = fields.neededText('license');
  const type = element.attributes.get('type');
  if (license.length > licenseLengthMax) {
    fields.refuse('metadata-invalid', `<license> of the nuspec has more than ${licenseLengthMax} characters.`);
    return {};
  }
  if (type === 'file') return { licenseFile: license };
  if (type !== 'expression') {
    fields.refuse('metadata-invalid', '<license> of the nuspec must have the type "expression" or "file".');
  } else if (!isLicenseExpression(license)) {
    fields.refuse('metadata-invalid', `The licence expression ${shown(license)} is not an SPDX expression.`);
  }
  return { licenseExpression: license };
}

function readRepository(fields: Fields): NuspecRepository | undefined {
  const attributes = fields.child('repository')?.attributes;
  if (attributes === undefined) return undefined;
  const read = (name: string): string | undefined => attributes.get(name)?.trim() || undefined;
  const repository = { type: read('type'), url: read('url'), branch: read('branch'), commit: read('commit') };
  return withoutUndefined(repository);
}

function readPackageTypes(fields: Fields): NuspecPackageType[] {
  const list = fields.child('packageTypes');
  if (list === undefined) return [];
  return childrenOf(list, 'packageType').map((element) => {
    const name = element.attributes.get('name')?.trim();
    if (!name) fields.refuse('metadata-invalid', 'A <packageType> of the nuspec has no name.');
    const version = element.attributes.get('version')?.trim();
    return { name: name ?? '', ...(version ? { version } : {}) };
  });
}

function readDependencyGroups(fields: Fields): { groups: NuspecDependencyGroup[]; hasSemVer2Bound: boolean } {
  const list = fields.child('dependencies');
  if (list === undefined) return { groups: [], hasSemVer2Bound: false };
  const groupElements = childrenOf(list, 'group');
  const hasFlat = childrenOf(list, 'dependency').length > 0;
  if (hasFlat && groupElements.length > 0) {
    fields.refuse('metadata-invalid', 'The nuspec has dependencies both inside and outside of groups.');
  }
  let hasSemVer2Bound = false;
  const groups = (hasFlat ? [list] : groupElements).map((element) => {
    const targetFramework = hasFlat ? undefined : element.attributes.get('targetFramework')?.trim();
    const read = readDependencies(fields, element);
    hasSemVer2Bound ||= read.hasSemVer2Bound;
    return { ...(targetFramework ? { targetFramework } : {}), dependencies: read.dependencies };
  });
  return { groups, hasSemVer2Bound };
}

function readDependencies(
  fields: Fields,
  group: XmlElement,
): { dependencies: NuspecDependency[]; hasSemVer2Bound: boolean } {
  const names = new Set<string>();
  let hasSemVer2Bound = false;
  const dependencies = childrenOf(group, 'dependency').map((element) => {
    const id = element.attributes.get('id')?.trim() ?? '';
    if (!isValidPackageId(id)) {
      fields.refuse('metadata-invalid', `The nuspec depends on ${shown(id)}, which is not an allowed package id.`);
    }
    const name = normalizePackageId(id);
    if (names.has(name)) fields.refuse('metadata-invalid', `The nuspec names the dependency ${id} twice in one group.`);
    names.add(name);
    const text = element.attributes.get('version')?.trim();
    const range = text ? parseVersionRange(text) : anyVersion;
    if (range === undefined) {
      fields.refuse(
        'metadata-invalid',
        `The dependency ${shown(id)} has the version range ${shown(text ?? '')}, which is none.`,
      );
    }
    hasSemVer2Bound ||= range?.isSemVer2 ?? false;
    return { id, range: range?.normalized ?? '' };
  });
  return { dependencies, hasSemVer2Bound };
}

/** What a version is for: its package types say it, and PowerShell's tags. Letter case does not matter in either. */
export function kindOf(metadata: NuspecMetadata): PackageKind {
  if (hasPackageType(metadata, 'DotnetTool')) return 'tool';
  if (hasPackageType(metadata, 'Template')) return 'template';
  const tags = new Set(metadata.tags.map((tag) => tag.toLowerCase()));
  if (tags.has('psmodule')) return 'powershell-module';
  return tags.has('psscript') ? 'powershell-script' : 'library';
}

/** Tells whether the version is of a package type, in any letter case. */
export function hasPackageType(metadata: NuspecMetadata, name: string): boolean {
  return isOfType(metadata.packageTypes, name);
}

function isOfType(types: readonly NuspecPackageType[], name: string): boolean {
  return types.some((type) => type.name.toLowerCase() === name.toLowerCase());
}

/** A stranger's text for a message: short, and in quotation marks. */
function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
