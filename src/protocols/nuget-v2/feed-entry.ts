/**
 * One version as the v2 protocol shows it, without anything that depends on who asks: no address, and not whether it is the
 * latest one. A package's stored document holds these, and so does search.
 */
import type { VersionView } from '../../documents/package-view.ts';
import { anyVersion } from '../../identity/nupkg.ts';
import { fullVersion, type NuspecDependencyGroup, type NuspecMetadata } from '../../validate/nupkg/nuspec.ts';
import type { PowerShellMetadata } from '../../validate/powershell/metadata.ts';

export interface FeedEntry {
  /** In the author's letter case. */
  readonly id: string;
  /** As published, with build metadata. */
  readonly version: string;
  /** In the author's letter case, without build metadata. */
  readonly normalizedVersion: string;
  readonly isPrerelease: boolean;
  /** Clients that know SemVer 1 only must not see it. */
  readonly isSemVer2: boolean;
  readonly isListed: boolean;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly title?: string | undefined;
  readonly authors: string;
  /** Names of the package's owners are not known to its documents; a module's CompanyName stands in their place. */
  readonly owners?: string | undefined;
  readonly description: string;
  readonly summary?: string | undefined;
  readonly releaseNotes?: string | undefined;
  readonly copyright?: string | undefined;
  readonly language?: string | undefined;
  /** Parted by single spaces. */
  readonly tags: string;
  /** As v2 has them: `id:range:framework|id:range:framework`. */
  readonly dependencies: string;
  readonly requireLicenseAcceptance: boolean;
  readonly developmentDependency: boolean;
  readonly minClientVersion?: string | undefined;
  readonly projectUrl?: string | undefined;
  readonly iconUrl?: string | undefined;
  readonly licenseUrl?: string | undefined;
  readonly licenseNames?: string | undefined;
  /** Name of what is served out of the package itself, which goes before the addresses above. */
  readonly iconFile?: 'icon' | 'icon.jpg' | undefined;
  readonly hasLicenseFile: boolean;
  /** SHA-512, base64. */
  readonly packageHash: string;
  /** In bytes. */
  readonly packageSize: number;
  readonly powershell?: FeedEntryPowerShell | undefined;
}

/** What the PowerShell Gallery shows beyond NuGet's own properties. Lists are texts, parted as that gallery parts them. */
export interface FeedEntryPowerShell {
  readonly itemType: 'Module' | 'Script';
  readonly guid?: string | undefined;
  readonly companyName?: string | undefined;
  readonly powerShellVersion?: string | undefined;
  readonly powerShellHostVersion?: string | undefined;
  readonly dotNetFrameworkVersion?: string | undefined;
  readonly clrVersion?: string | undefined;
  readonly processorArchitecture?: string | undefined;
  readonly cmdlets: string;
  readonly functions: string;
  readonly dscResources: string;
  readonly roleCapabilities: string;
  readonly workflows: string;
  readonly fileList: string;
}

/**
 * Makes the entry of a version.
 * @returns undefined when the version's nupkg is gone
 */
export function feedEntryOf(version: VersionView): FeedEntry | undefined {
  const file = version.files.find((candidate) => candidate.kind === 'nupkg');
  if (file === undefined) return undefined;
  const metadata = version.metadata as NuspecMetadata;
  const icon = file.extracts.find((extract) => extract.name === 'icon');
  return {
    id: metadata.id,
    version: fullVersion(metadata),
    normalizedVersion: metadata.normalizedVersion,
    isPrerelease: version.isPrerelease,
    isSemVer2: metadata.isSemVer2,
    isListed: version.isListed,
    createdAt: version.publishedAt,
    title: metadata.title,
    authors: metadata.authors,
    owners: metadata.powershell?.companyName,
    description: metadata.description,
    summary: metadata.summary,
    releaseNotes: metadata.releaseNotes,
    copyright: metadata.copyright,
    language: metadata.language,
    tags: metadata.tags.join(' '),
    dependencies: dependenciesText(metadata.dependencyGroups),
    requireLicenseAcceptance: metadata.requireLicenseAcceptance,
    developmentDependency: metadata.developmentDependency,
    minClientVersion: metadata.minClientVersion,
    projectUrl: metadata.projectUrl,
    iconUrl: metadata.iconUrl,
    licenseUrl: metadata.licenseUrl,
    licenseNames: metadata.licenseExpression,
    iconFile: icon && (icon.contentType === 'image/jpeg' ? 'icon.jpg' : 'icon'),
    hasLicenseFile: file.extracts.some((extract) => extract.name === 'license'),
    packageHash: Buffer.from(file.digests.sha512, 'hex').toString('base64'),
    packageSize: Number(file.sizeBytes),
    powershell: metadata.powershell && powershellOf(metadata.powershell),
  };
}

/**
 * The PowerShell Gallery's own form has a colon at the end where there is no framework; PSResourceGet and the NuGet provider read
 * both. A group without dependencies says that there are none for its framework.
 */
function dependenciesText(groups: readonly NuspecDependencyGroup[]): string {
  return groups
    .flatMap(({ targetFramework = '', dependencies }) =>
      dependencies.length === 0
        ? [`::${targetFramework}`]
        : dependencies.map(
            ({ id, range }) => `${id}:${range === anyVersion.normalized ? '' : range}:${targetFramework}`,
          ),
    )
    .filter((text) => text !== '::')
    .join('|');
}

function powershellOf(powershell: PowerShellMetadata): FeedEntryPowerShell {
  return {
    itemType: powershell.itemType,
    guid: powershell.guid,
    companyName: powershell.companyName,
    powerShellVersion: powershell.powerShellVersion,
    powerShellHostVersion: powershell.powerShellHostVersion,
    dotNetFrameworkVersion: powershell.dotNetFrameworkVersion,
    clrVersion: powershell.clrVersion,
    processorArchitecture: powershell.processorArchitecture,
    cmdlets: powershell.cmdlets.join(' '),
    functions: powershell.functions.join(' '),
    dscResources: powershell.dscResources.join(' '),
    roleCapabilities: powershell.roleCapabilities.join(' '),
    workflows: powershell.workflows.join(' '),
    fileList: powershell.fileList.join('|'),
  };
}
