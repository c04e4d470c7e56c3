/**
 * A module's manifest, `{id}.psd1`: what it declares, and what it must declare so that PowerShell's own clients would publish it
 * (Publish-Module, Publish-PSResource): ModuleVersion, Author, Description, and values of their types.
 */
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import { isTrue } from '../powershell/data-casts.ts';
import { DataProblem, readDataFile } from '../powershell/data-language.ts';
import { type DataTable, distinct } from '../powershell/data-values.ts';
import { type Declaration, printedGuid, printedVersion, splitTags } from '../powershell/declaration.ts';
import type { PowerShellMetadata } from '../powershell/metadata.ts';
import { readPackageVersion } from '../powershell/package-version.ts';
import { readRequiredModules } from '../powershell/required-modules.ts';

/** What lies in the module's folders, by name. */
export interface ModuleFolders {
  /** Folders in DSCResources/. */
  readonly dscResources: readonly string[];
  /** Files in RoleCapabilities/, without their ending. */
  readonly roleCapabilities: readonly string[];
  readonly fileList: readonly string[];
}

/**
 * Reads a manifest.
 * @param text of the file
 * @param filename for the sentences
 * @param folders of the archive
 * @returns what it declares; or `metadata-invalid`, `version-invalid`
 */
export function readManifest(text: string, filename: string, folders: ModuleFolders): Declaration | Refusal {
  const file = readDataFile(text);
  if (file instanceof DataProblem) {
    const where = `${shownName(filename)} could not be read as a module manifest`;
    return refuse('metadata-invalid', `${where} (${file.problem}).`);
  }
  const { table } = file;
  const problem = fieldsProblem(table);
  if (problem !== undefined) return refuse('metadata-invalid', `The manifest ${shownName(filename)} ${problem}.`);
  const data = table.table('PrivateData').table('PSData');
  const version = readPackageVersion(table.text('ModuleVersion')!, data.text('Prerelease') ?? '', filename);
  if (isRefusal(version)) return version;
  const external = distinct([
    ...data.texts('ExternalModuleDependencies'),
    ...table.texts('ExternalModuleDependencies'),
  ]);
  const dependencies = readRequiredModules(table.get('RequiredModules') ?? null, external, filename);
  if (isRefusal(dependencies)) return dependencies;
  return {
    version,
    powershell: powershellOf(table, external, folders),
    tags: splitTags(data.texts('Tags')),
    copyright: table.text('Copyright'),
    releaseNotes: data.text('ReleaseNotes'),
    licenseUri: data.text('LicenseUri'),
    projectUri: data.text('ProjectUri'),
    iconUri: data.text('IconUri'),
    requireLicenseAcceptance: requiresAcceptance(data),
    dependencies,
  };
}

function fieldsProblem(table: DataTable): string | undefined {
  for (const key of ['ModuleVersion', 'Author', 'Description']) {
    if (table.text(key) === undefined) return `has no ${key}, which PowerShell's clients need`;
  }
  const guid = table.text('GUID');
  if (guid !== undefined && printedGuid(guid) === undefined && !/^[-{}()0]+$/.test(guid)) {
    return `has the GUID ${shownName(guid)}, which is none`;
  }
  return undefined;
}

function powershellOf(table: DataTable, external: readonly string[], folders: ModuleFolders): PowerShellMetadata {
  return {
    itemType: 'Module',
    ...optional('guid', printedGuid(table.text('GUID'))),
    ...optional('companyName', table.text('CompanyName')),
    ...optional('powerShellVersion', printedVersion(table.text('PowerShellVersion'))),
    ...optional('powerShellHostName', table.text('PowerShellHostName')),
    ...optional('powerShellHostVersion', printedVersion(table.text('PowerShellHostVersion'))),
    ...optional('dotNetFrameworkVersion', printedVersion(table.text('DotNetFrameworkVersion'))),
    ...optional('clrVersion', printedVersion(table.text('CLRVersion'))),
    ...optional('processorArchitecture', table.text('ProcessorArchitecture')),
    compatiblePSEditions: table.texts('CompatiblePSEditions'),
    functions: exported(table, 'FunctionsToExport'),
    cmdlets: exported(table, 'CmdletsToExport'),
    aliases: exported(table, 'AliasesToExport'),
    workflows: exported(table, 'WorkflowsToExport'),
    dscResources: dscResourcesOf(table, folders.dscResources),
    roleCapabilities: folders.roleCapabilities,
    externalModuleDependencies: external,
    fileList: folders.fileList,
  };
}

function optional<K extends string>(key: K, value: string | undefined): { [key in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [key in K]?: string };
}

/** What `*` stands for is known only to those who run the module. */
function exported(table: DataTable, key: string): string[] {
  return table.texts(key).filter((name) => !/[*?[\]]/.test(name));
}

/** Unless the manifest names them all, the folders tell; PowerShellGet goes by them too (Get-ExportedDscResources). */
function dscResourcesOf(table: DataTable, folders: readonly string[]): string[] {
  const named = table.get('DscResourcesToExport');
  const isOpen = named === undefined || named === null || table.texts('DscResourcesToExport').includes('*');
  return distinct([...exported(table, 'DscResourcesToExport'), ...(isOpen ? folders : [])]);
}

/** A truth value, or its name: clients write both. */
function requiresAcceptance(data: DataTable): boolean {
  const value = data.get('RequireLicenseAcceptance') ?? false;
  return typeof value === 'string' ? value.trim().toLowerCase() === 'true' : isTrue(value);
}
