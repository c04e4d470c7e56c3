/**
 * What a PowerShell module's manifest or a script's own comment says beyond the nuspec. It is part of the metadata of a version
 * (`NuspecMetadata.powershell`), and what the PowerShell Gallery shows beyond NuGet's own properties is made from it.
 */

export type PowerShellMetadata = {
  readonly itemType: 'Module' | 'Script';
  readonly guid?: string;
  readonly companyName?: string;
  /** Least version of PowerShell. */
  readonly powerShellVersion?: string;
  readonly powerShellHostName?: string;
  readonly powerShellHostVersion?: string;
  readonly dotNetFrameworkVersion?: string;
  readonly clrVersion?: string;
  readonly processorArchitecture?: string;
  /** `Desktop`, `Core`. */
  readonly compatiblePSEditions: readonly string[];
  /** Names that are exported; wildcards are left out. */
  readonly functions: readonly string[];
  readonly cmdlets: readonly string[];
  readonly aliases: readonly string[];
  readonly workflows: readonly string[];
  readonly dscResources: readonly string[];
  readonly roleCapabilities: readonly string[];
  /** Modules that the author says come from elsewhere: no dependencies of the package. */
  readonly externalModuleDependencies: readonly string[];
  /** Files that the archive has, by their paths with forward slashes, without those that packing tools add; the first two thousand. */
  readonly fileList: readonly string[];
};
