/**
 * The properties of an entry: their names, types and order, once for Atom, JSON, `$metadata`, `$select` and filters. Names and types
 * are those of the public NuGet gallery, and behind them those that the PowerShell Gallery adds.
 */
import type { RenderContext } from '../../documents/output.ts';
import { type FlatFile, flatFile, urlOf } from '../nupkg-files.ts';
import { lowerIdentity, publishedAt, type ShownEntry } from './shown-entry.ts';

export type EdmType = 'Edm.String' | 'Edm.Boolean' | 'Edm.Int32' | 'Edm.Int64' | 'Edm.DateTime';

/** Times are UTC milliseconds; null where an entry has no such thing. */
export type PropertyValue = string | number | bigint | boolean | null;

export interface Property {
  readonly name: string;
  readonly type: EdmType;
  readonly isNullable: boolean;
  value(shown: ShownEntry, context: RenderContext): PropertyValue;
}

type Value = Property['value'];

const text = (name: string, value: Value): Property => ({ name, type: 'Edm.String', isNullable: true, value });
const flag = (name: string, value: Value): Property => ({ name, type: 'Edm.Boolean', isNullable: false, value });
const time = (name: string, value: Value): Property => ({ name, type: 'Edm.DateTime', isNullable: false, value });

/** A text of PowerShell's own; null for other packages. */
const fromPowerShell = (name: string, key: keyof NonNullable<ShownEntry['entry']['powershell']>): Property =>
  text(name, ({ entry }) => entry.powershell?.[key] || null);

export const properties: readonly Property[] = [
  { ...text('Id', ({ entry }) => entry.id), isNullable: false },
  { ...text('Version', ({ entry }) => entry.version), isNullable: false },
  text('NormalizedVersion', ({ entry }) => entry.normalizedVersion),
  text('Authors', ({ entry }) => entry.authors),
  text('Copyright', ({ entry }) => entry.copyright ?? null),
  time('Created', ({ entry }) => entry.createdAt),
  text('Dependencies', ({ entry }) => entry.dependencies),
  text('Description', ({ entry }) => entry.description),
  { name: 'DownloadCount', type: 'Edm.Int32', isNullable: false, value: ({ downloads }) => int32(downloads) },
  text('GalleryDetailsUrl', () => null),
  text('IconUrl', (shown, context) => fileUrl(shown, shown.entry.iconFile, context) ?? shown.entry.iconUrl ?? null),
  flag('IsLatestVersion', ({ isLatestVersion }) => isLatestVersion),
  flag('IsAbsoluteLatestVersion', ({ isAbsoluteLatestVersion }) => isAbsoluteLatestVersion),
  flag('IsPrerelease', ({ entry }) => entry.isPrerelease),
  text('Language', ({ entry }) => entry.language ?? null),
  time('LastUpdated', ({ entry }) => entry.createdAt),
  time('Published', publishedAt),
  text('PackageHash', ({ entry }) => entry.packageHash),
  text('PackageHashAlgorithm', () => 'SHA512'),
  { name: 'PackageSize', type: 'Edm.Int64', isNullable: false, value: ({ entry }) => BigInt(entry.packageSize) },
  text('ProjectUrl', ({ entry }) => entry.projectUrl ?? null),
  text('ReportAbuseUrl', () => null),
  text('ReleaseNotes', ({ entry }) => entry.releaseNotes ?? null),
  flag('RequireLicenseAcceptance', ({ entry }) => entry.requireLicenseAcceptance),
  text('Summary', ({ entry }) => entry.summary ?? null),
  text('Tags', ({ entry }) => entry.tags),
  text('Title', ({ entry }) => entry.title ?? entry.id),
  { name: 'VersionDownloadCount', type: 'Edm.Int32', isNullable: false, value: () => 0 },
  text('MinClientVersion', ({ entry }) => systemVersion(entry.minClientVersion)),
  { ...time('LastEdited', () => null), isNullable: true },
  text('LicenseUrl', licenseUrl),
  text('LicenseNames', ({ entry }) => entry.licenseNames ?? null),
  text('LicenseReportUrl', () => null),
  flag('DevelopmentDependency', ({ entry }) => entry.developmentDependency),
  text('Owners', ({ entry }) => entry.owners ?? null),
  fromPowerShell('ItemType', 'itemType'),
  fromPowerShell('FileList', 'fileList'),
  fromPowerShell('GUID', 'guid'),
  fromPowerShell('CompanyName', 'companyName'),
  fromPowerShell('PowerShellVersion', 'powerShellVersion'),
  fromPowerShell('PowerShellHostVersion', 'powerShellHostVersion'),
  fromPowerShell('DotNetFrameworkVersion', 'dotNetFrameworkVersion'),
  fromPowerShell('CLRVersion', 'clrVersion'),
  fromPowerShell('ProcessorArchitecture', 'processorArchitecture'),
  fromPowerShell('Cmdlets', 'cmdlets'),
  fromPowerShell('Functions', 'functions'),
  fromPowerShell('DscResources', 'dscResources'),
  fromPowerShell('RoleCapabilities', 'roleCapabilities'),
  fromPowerShell('Workflows', 'workflows'),
];

export const propertiesByName: ReadonlyMap<string, Property> = new Map(properties.map((one) => [one.name, one]));

/** NuGet 2 reads the count into 32 bits. */
function int32(count: bigint): number {
  return count > 0x7fffffffn ? 0x7fffffff : Number(count);
}

/** As .NET's System.Version reads it, two numbers at least: the NuGet provider of PowerShellGet fails on anything else. */
function systemVersion(version: string | undefined): string | null {
  if (version === undefined || !/^\d+(\.\d+){0,3}$/.test(version)) return null;
  return version.includes('.') ? version : `${version}.0`;
}

/** For an expression, packing tools write the address of its text into the nuspec. */
function licenseUrl(shown: ShownEntry, context: RenderContext): string | null {
  return fileUrl(shown, shown.entry.hasLicenseFile ? 'license' : undefined, context) ?? shown.entry.licenseUrl ?? null;
}

function fileUrl({ entry }: ShownEntry, file: FlatFile | undefined, context: RenderContext): string | undefined {
  const { id, version } = lowerIdentity(entry);
  return file && urlOf(flatFile(id, version, file), context);
}
