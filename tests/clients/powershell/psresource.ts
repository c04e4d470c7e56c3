/** What PSResourceGet knows of a package after it read an answer, and how it fails. */
import { type NuGetVersion, parseNuGetVersion, parseSystemVersion, type VersionRange } from './versions.ts';

export type ResourceType = 'None' | 'Module' | 'Script';

export interface Dependency {
  readonly name: string;
  readonly range: VersionRange;
}

/** PSResourceInfo, as far as finding and installing need it. */
export interface PSResource {
  readonly name: string;
  /** System.Version: numbers without the label. `0.0` where it could not be read. */
  readonly version: string;
  readonly prerelease: string;
  readonly isPrerelease: boolean;
  readonly type: ResourceType;
  readonly tags: readonly string[];
  readonly commands: readonly string[];
  readonly cmdlets: readonly string[];
  readonly dscResources: readonly string[];
  readonly dependencies: readonly Dependency[];
  /** AdditionalMetadata: what the download is asked with. */
  readonly normalizedVersion: string | undefined;
  readonly publishedYear: number | undefined;
  readonly author: string;
  readonly companyName: string;
  readonly description: string;
  readonly copyright: string;
  readonly releaseNotes: string;
  readonly licenseUri: string | undefined;
  readonly projectUri: string | undefined;
  readonly iconUri: string | undefined;
}

/** PSResourceResult: a package, or why it could not be read. */
export type Converted = { readonly resource: PSResource } | { readonly error: string };

/** An error record: what PowerShell prints, and its id. Thrown where the client would stop with -ErrorAction Stop. */
export class PowerShellError extends Error {
  readonly errorId: string;
  /** ResourceNotFoundException: install and dependencies tell it from other failures. */
  readonly isNotFound: boolean;

  constructor(message: string, errorId: string, isNotFound = false) {
    super(message);
    this.name = 'PowerShellError';
    this.errorId = errorId;
    this.isNotFound = isNotFound;
  }
}

/** One kind of repository: ServerApiCall and ResponseUtil together. What it cannot do or find it throws as a PowerShellError. */
export interface RepositoryServer {
  findAll(prerelease: boolean, type: ResourceType): Promise<string[]>;
  findTags(tags: readonly string[], prerelease: boolean, type: ResourceType): Promise<string[]>;
  findCommandOrDscResource(
    names: readonly string[],
    prerelease: boolean,
    kind: 'Command' | 'DscResource',
  ): Promise<string[]>;
  findName(name: string, tags: readonly string[], prerelease: boolean, type: ResourceType): Promise<string[]>;
  findNameGlobbing(name: string, tags: readonly string[], prerelease: boolean, type: ResourceType): Promise<string[]>;
  findVersionGlobbing(
    name: string,
    range: VersionRange,
    prerelease: boolean,
    type: ResourceType,
    getOnlyLatest: boolean,
  ): Promise<string[]>;
  findVersion(name: string, version: NuGetVersion, tags: readonly string[], type: ResourceType): Promise<string[]>;
  /** ConvertToPSResourceResult. */
  convert(responses: readonly string[], isRequestedWithWildcard?: boolean): Iterable<Converted>;
  /** InstallPackage: the bytes of a version. */
  download(name: string, version: string): Promise<Buffer>;
}

/** ParseHttpVersion (PSResourceInfo.cs): numbers, and the label between the first hyphen and the second. */
export function splitVersion(text: string): { version: string; prerelease: string } {
  const [numbers = '', label = ''] = text.split('-');
  const version = parseSystemVersion(numbers);
  return version === undefined ? { version: '0.0', prerelease: '' } : { version, prerelease: label };
}

/** The version that FindHelper tests against a range: System.Version and the label. */
export function testedVersion(resource: PSResource): NuGetVersion | undefined {
  return parseNuGetVersion(fullVersion(resource));
}

/** FormatPkgVersionString (FindHelper.cs). */
export function fullVersion({ version, prerelease }: PSResource): string {
  return prerelease === '' ? version : `${version}-${prerelease}`;
}

/** ParseHttpUrl: an absolute address, or nothing; never a failure. */
export function absoluteUrl(text: string | undefined): string | undefined {
  return text !== undefined && URL.canParse(text) ? text : undefined;
}

/** ParseHttpMetadataType (PSResourceInfo.cs): the tag PSScript makes a script, everything else is a module. */
export function readTags(tags: readonly string[]): Pick<PSResource, 'type' | 'commands' | 'cmdlets' | 'dscResources'> {
  const named = (prefix: string) =>
    tags.filter((tag) => tag.toLowerCase().startsWith(prefix.toLowerCase())).map((tag) => tag.split('_')[1] ?? '');
  return {
    type: tags.some((tag) => tag.toLowerCase() === 'psscript') ? 'Script' : 'Module',
    commands: named('PSCommand_'),
    cmdlets: named('PSCmdlet_'),
    dscResources: named('PSDscResource_'),
  };
}
