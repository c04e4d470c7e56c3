/**
 * The nuspec that PowerShell's publishing clients write (New-NuspecFile of PowerShellGet 2, CreateNuspec of PSResourceGet): the
 * namespace of 2011/08, owners from CompanyName, dependencies without groups, tags led or followed by PSModule or PSScript.
 */
import { xmlText } from './nuspec.ts';

/** A module as `RequiredModules` and `#Requires -Modules` name it. */
export type RequiredModule =
  | string
  | {
      readonly ModuleName: string;
      readonly ModuleVersion?: string;
      readonly RequiredVersion?: string;
      readonly MaximumVersion?: string;
      readonly GUID?: string;
    };

export interface PowerShellNuspec {
  readonly id: string;
  /** Whole, with its prerelease label. */
  readonly version: string;
  readonly author: string;
  readonly companyName?: string | undefined;
  readonly description: string;
  readonly copyright?: string | undefined;
  readonly releaseNotes?: string | undefined;
  readonly licenseUri?: string | undefined;
  readonly projectUri?: string | undefined;
  readonly iconUri?: string | undefined;
  readonly tags: readonly string[];
  readonly requiredModules: readonly RequiredModule[];
}

/** @returns the text of the nuspec */
export function powershellNuspec(options: PowerShellNuspec): string {
  const fields: [string, string | undefined][] = [
    ['id', options.id],
    ['version', options.version],
    ['authors', options.author],
    ['owners', options.companyName],
    ['requireLicenseAcceptance', 'false'],
    ['licenseUrl', options.licenseUri],
    ['projectUrl', options.projectUri],
    ['iconUrl', options.iconUri],
    ['description', options.description],
    ['releaseNotes', options.releaseNotes],
    ['copyright', options.copyright],
    ['tags', options.tags.join(' ')],
  ];
  const lines = fields.flatMap(([name, text]) => (text === undefined ? [] : [`<${name}>${xmlText(text)}</${name}>`]));
  const dependencies = options.requiredModules.map((module) => `  ${dependency(module)}`);
  if (dependencies.length > 0) lines.push('<dependencies>', ...dependencies, '</dependencies>');
  return `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">
  <metadata>
${lines.map((line) => `    ${line}\n`).join('')}  </metadata>
</package>
`;
}

function dependency(module: RequiredModule): string {
  if (typeof module === 'string') return `<dependency id="${xmlText(module)}" />`;
  const range = rangeOf(module);
  const version = range === undefined ? '' : ` version="${xmlText(range)}"`;
  return `<dependency id="${xmlText(module.ModuleName)}"${version} />`;
}

function rangeOf({
  ModuleVersion,
  RequiredVersion,
  MaximumVersion,
}: Exclude<RequiredModule, string>): string | undefined {
  if (RequiredVersion !== undefined) return `[${RequiredVersion}]`;
  const maximum = MaximumVersion?.replace('*', '99999999');
  if (maximum !== undefined) return ModuleVersion === undefined ? `(, ${maximum}]` : `[${ModuleVersion}, ${maximum}]`;
  return ModuleVersion;
}

/** @returns the module as PowerShell's data language has it: a text, or a hashtable on one line */
export function moduleText(module: RequiredModule): string {
  if (typeof module === 'string') return quoted(module);
  const pairs = Object.entries(module).map(([key, value]) => `${key} = ${quoted(value as string)}`);
  return `@{ ${pairs.join('; ')} }`;
}

/** @returns a text in single quotation marks */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
