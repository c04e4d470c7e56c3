/**
 * Makes PowerShell modules as Publish-Module and Publish-PSResource pack them: the module's files at the root of the archive, and
 * a nuspec made from the manifest. The module works: what it exports can be called. The same arguments give the same bytes.
 */
import { createHash } from 'node:crypto';
import type { FileContents } from './archive.ts';
import { type MadeNupkg, makeNupkg } from './nupkg.ts';
import { moduleText, powershellNuspec, quoted, type RequiredModule } from './powershell-nuspec.ts';

export interface PsModuleOptions {
  readonly id: string;
  /** `ModuleVersion`, two to four numbers. */
  readonly version: string;
  /** Label without the hyphen, such as `beta1`. */
  readonly prerelease?: string;
  readonly guid?: string;
  readonly author?: string;
  readonly companyName?: string;
  readonly copyright?: string;
  readonly description?: string;
  /** Default `5.1`. */
  readonly powerShellVersion?: string;
  /** `Desktop`, `Core`. */
  readonly compatiblePSEditions?: readonly string[];
  /** Each gives a text with its own name, the module's, and its version. */
  readonly functions?: readonly string[];
  /** Only named; no assembly is made. */
  readonly cmdlets?: readonly string[];
  /** Each stands for the first function. */
  readonly aliases?: readonly string[];
  readonly dscResources?: readonly string[];
  /** Files in RoleCapabilities/. */
  readonly roleCapabilities?: readonly string[];
  readonly requiredModules?: readonly RequiredModule[];
  /** Of the required modules those that are no dependencies. */
  readonly externalModuleDependencies?: readonly string[];
  readonly tags?: readonly string[];
  readonly licenseUri?: string;
  readonly projectUri?: string;
  readonly iconUri?: string;
  readonly releaseNotes?: string;
  /** More lines of the manifest, at its end. */
  readonly manifestLines?: readonly string[];
  /** The whole manifest, instead of the one that the options above make; text becomes UTF-8. */
  readonly manifest?: string | Uint8Array;
  /** Default `{id}.psd1`. */
  readonly manifestName?: string;
  /** Extra files, by path from the root of the package. */
  readonly files?: FileContents;
  /** True writes the tags that PowerShellGet 2 makes from what is exported; PSResourceGet does not. Default false. */
  readonly hasClientTags?: boolean;
  /** The whole nuspec, instead of the clients'. */
  readonly nuspec?: string;
}

/** @returns a package named `{id}.{version}.nupkg` */
export function makePsModule(options: PsModuleOptions): Promise<MadeNupkg> {
  const version = wholeVersion(options);
  const files = {
    [options.manifestName ?? `${options.id}.psd1`]: options.manifest ?? psModuleManifest(options),
    [`${options.id}.psm1`]: moduleScript(options),
    ...resourceFiles(options),
    ...options.files,
  };
  return makeNupkg({
    id: options.id,
    version,
    nuspec: options.nuspec ?? psModuleNuspec(options),
    hasPlaceholder: false,
    files,
  });
}

/** @returns the nuspec as the clients make it */
export function psModuleNuspec(options: PsModuleOptions): string {
  const external = options.externalModuleDependencies ?? [];
  return powershellNuspec({
    ...options,
    version: wholeVersion(options),
    author: options.author ?? 'Test Author',
    description: options.description ?? `Test module ${options.id}`,
    tags: nuspecTags(options),
    requiredModules: (options.requiredModules ?? []).filter((module) => !external.includes(nameOf(module))),
  });
}

/** @returns the manifest as New-ModuleManifest lays it out */
export function psModuleManifest(options: PsModuleOptions): string {
  const lines = [
    `# Module manifest for module ${quoted(options.id)}`,
    '@{',
    `RootModule = ${quoted(`${options.id}.psm1`)}`,
    `ModuleVersion = ${quoted(options.version)}`,
    line('CompatiblePSEditions', list(options.compatiblePSEditions)),
    `GUID = ${quoted(options.guid ?? guidOf(options.id))}`,
    `Author = ${quoted(options.author ?? 'Test Author')}`,
    line('CompanyName', text(options.companyName)),
    line('Copyright', text(options.copyright)),
    `Description = ${quoted(options.description ?? `Test module ${options.id}`)}`,
    `PowerShellVersion = ${quoted(options.powerShellVersion ?? '5.1')}`,
    line('RequiredModules', options.requiredModules && `@(${options.requiredModules.map(moduleText).join(',\n    ')})`),
    `FunctionsToExport = ${list(options.functions ?? []) ?? '@()'}`,
    `CmdletsToExport = ${list(options.cmdlets ?? []) ?? '@()'}`,
    "VariablesToExport = '*'",
    `AliasesToExport = ${list(options.aliases ?? []) ?? '@()'}`,
    line('DscResourcesToExport', list(options.dscResources)),
    'PrivateData = @{',
    '    PSData = @{',
    line('        Tags', list(options.tags)),
    line('        LicenseUri', text(options.licenseUri)),
    line('        ProjectUri', text(options.projectUri)),
    line('        IconUri', text(options.iconUri)),
    line('        ReleaseNotes', options.releaseNotes && `@'\n${options.releaseNotes}\n'@`),
    line('        Prerelease', text(options.prerelease)),
    line('        ExternalModuleDependencies', external(options.externalModuleDependencies)),
    '    } # End of PSData hashtable',
    '}',
    ...(options.manifestLines ?? []),
    '}',
    '',
  ];
  return lines.filter((one) => one !== undefined).join('\n');
}

/** @returns the same GUID for the same name */
export function guidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

function wholeVersion({ version, prerelease }: PsModuleOptions): string {
  const normalized = /^\d+\.\d+$/.test(version) ? `${version}.0` : version;
  return prerelease === undefined ? normalized : `${normalized}-${prerelease}`;
}

function nameOf(module: RequiredModule): string {
  return typeof module === 'string' ? module : module.ModuleName;
}

function nuspecTags(options: PsModuleOptions): string[] {
  const own = options.tags ?? [];
  if (!options.hasClientTags) return ['PSModule', ...own];
  const group = (type: string, names: readonly string[] = []) =>
    names.length === 0 ? [] : [`PSIncludes_${type}`, ...names.map((name) => `PS${type}_${name}`)];
  const commands = [...(options.functions ?? []), ...(options.cmdlets ?? []), ...(options.aliases ?? [])];
  return [
    ...own,
    'PSModule',
    ...group('Cmdlet', options.cmdlets),
    ...group('Function', options.functions),
    ...commands.map((name) => `PSCommand_${name}`),
    ...group('DscResource', options.dscResources),
    ...group('RoleCapability', options.roleCapabilities),
  ];
}

function moduleScript(options: PsModuleOptions): string {
  const functions = options.functions ?? [];
  const lines = functions.map((name) => `function ${name} { "${name} of ${options.id} ${wholeVersion(options)}" }`);
  const aliases = (options.aliases ?? []).map((name) => `Set-Alias -Name ${name} -Value ${functions[0] ?? 'Get-Date'}`);
  return `${[...lines, ...aliases, "Export-ModuleMember -Function '*' -Alias '*'"].join('\n')}\n`;
}

function resourceFiles({ dscResources = [], roleCapabilities = [] }: PsModuleOptions): FileContents {
  const files: Record<string, string> = {};
  for (const name of dscResources) {
    files[`DSCResources/${name}/${name}.schema.mof`] =
      `[ClassVersion("1.0.0"), FriendlyName("${name}")]\nclass ${name} : OMI_BaseResource\n{\n  [Key] String Name;\n};\n`;
    files[`DSCResources/${name}/${name}.psm1`] =
      'function Get-TargetResource { param([string]$Name) @{ Name = $Name } }\n' +
      'function Set-TargetResource { param([string]$Name) }\n' +
      'function Test-TargetResource { param([string]$Name) $true }\n';
  }
  for (const name of roleCapabilities) {
    files[`RoleCapabilities/${name}.psrc`] = `@{\nGUID = ${quoted(guidOf(name))}\nVisibleCmdlets = 'Get-Date'\n}\n`;
  }
  return files;
}

function line(key: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${key} = ${value}`;
}

function text(value: string | undefined): string | undefined {
  return value === undefined ? undefined : quoted(value);
}

function list(names: readonly string[] | undefined): string | undefined {
  if (names === undefined) return undefined;
  return names.length === 0 ? '@()' : names.map(quoted).join(', ');
}

function external(names: readonly string[] | undefined): string | undefined {
  return names === undefined ? undefined : `@(${names.map(quoted).join(', ')})`;
}
