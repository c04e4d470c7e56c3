/**
 * Makes NuGet packages that dotnet restores: an OPC archive ([Content_Types].xml, _rels/.rels, core properties), a nuspec,
 * and a placeholder or a .NET tool as content. The same arguments give the same bytes.
 */
import { createHash } from 'node:crypto';
import type { ArchiveEntry, FileContents } from './archive.ts';
import { entriesOf, padding, zip } from './archive.ts';
import { nuspecText, xmlText } from './nuspec.ts';

/** A dependency as the nuspec says it; range is NuGet's notation, such as `[1.0.0, 2.0.0)`; without a framework: for all. */
export interface NupkgDependency {
  readonly id: string;
  readonly range?: string;
  readonly targetFramework?: string;
}

export interface NupkgOptions {
  readonly id: string;
  readonly version: string;
  readonly title?: string;
  readonly description?: string;
  readonly authors?: string;
  readonly tags?: string;
  readonly projectUrl?: string;
  readonly dependencies?: readonly NupkgDependency[];
  /** Markdown; embedded as README.md. */
  readonly readme?: string;
  /** PNG; embedded as icon.png. */
  readonly icon?: Uint8Array;
  /** Plain text; embedded as LICENSE.txt. */
  readonly licenseFile?: string;
  /** An SPDX expression, such as `MIT OR Apache-2.0`. */
  readonly licenseExpression?: string;
  /** Names of package types; `DotnetTool` is added for a tool. */
  readonly packageTypes?: readonly string[];
  /** True makes a .NET tool: its command is the id in lower case and prints id and version (a shell script). */
  readonly tool?: boolean;
  /** Extra lines inside `<metadata>`, as XML. */
  readonly metadataXml?: string;
  /** The whole nuspec, instead of the one that the options above make. */
  readonly nuspec?: string;
  /** Extra files, by path from the root of the package. */
  readonly files?: FileContents;
  /** False leaves the placeholder in lib/ out, as a PowerShell module does. Default true; a tool never has it. */
  readonly hasPlaceholder?: boolean;
  /** Adds a file of so many bytes that do not compress; the package is about 2 kB larger than that. */
  readonly sizeBytes?: number;
}

export interface MadeNupkg {
  readonly filename: string;
  readonly bytes: Buffer;
  /** The exact bytes of the nuspec in the package. */
  readonly nuspec: Buffer;
}

const corePropertiesNamespace = 'http://schemas.openxmlformats.org/package/2006/metadata/core-properties';
const relationshipNamespace = 'http://schemas.openxmlformats.org/package/2006/relationships';

/** @returns a package named `{id}.{version}.nupkg`, without the version's build metadata (`+…`) in the file name. */
export async function makeNupkg(options: NupkgOptions): Promise<MadeNupkg> {
  const nuspec = Buffer.from(options.nuspec ?? nuspecText(options));
  const unique = createHash('sha256').update(`${options.id} ${options.version}`).digest('hex');
  const nuspecPath = `${options.id}.nuspec`;
  const propertiesPath = `package/services/metadata/core-properties/${unique.slice(0, 32)}.psmdcp`;
  const content = contentEntries(options).map((entry) => ({ ...entry, path: partName(entry.path) }));
  const entries: ArchiveEntry[] = [
    { path: '_rels/.rels', content: relationshipsXml(nuspecPath, propertiesPath, unique) },
    { path: partName(nuspecPath), content: nuspec },
    ...content,
    { path: '[Content_Types].xml', content: contentTypesXml([nuspecPath, ...content.map(({ path }) => path)]) },
    { path: propertiesPath, content: corePropertiesXml(options) },
  ];
  const filename = `${options.id}.${options.version.replace(/\+.*$/, '')}.nupkg`;
  return { filename, bytes: await zip(entries), nuspec };
}

function contentEntries(options: NupkgOptions): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  if (options.tool) {
    const command = options.id.toLowerCase();
    const script = `#!/bin/sh\necho '${options.id} ${options.version}'\n`;
    entries.push({ path: 'tools/any/any/DotnetToolSettings.xml', content: toolSettingsXml(command) });
    entries.push({ path: `tools/any/any/${command}`, content: script });
  } else if (options.hasPlaceholder ?? true) {
    entries.push({ path: 'lib/netstandard2.0/_._', content: '' });
  }
  if (options.readme !== undefined) entries.push({ path: 'README.md', content: options.readme });
  if (options.icon !== undefined) entries.push({ path: 'icon.png', content: options.icon });
  if (options.licenseFile !== undefined) entries.push({ path: 'LICENSE.txt', content: options.licenseFile });
  entries.push(...entriesOf(options.files ?? {}));
  if (options.sizeBytes !== undefined) {
    const content = padding(`${options.id} ${options.version} nupkg`, options.sizeBytes);
    entries.push({ path: 'data/padding.bin', content, compress: false });
  }
  return entries;
}

function toolSettingsXml(command: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<DotNetCliTool Version="2">
  <Commands>
    <Command Name="${xmlText(command)}" EntryPoint="${xmlText(command)}" Runner="executable" />
  </Commands>
</DotNetCliTool>
`;
}

/** OPC part names are URI paths; NuGet escapes each segment when it packs. */
function partName(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function contentTypesXml(paths: readonly string[]): string {
  const types = new Map([
    ['rels', 'application/vnd.openxmlformats-package.relationships+xml'],
    ['psmdcp', 'application/vnd.openxmlformats-package.core-properties+xml'],
  ]);
  const overrides: string[] = [];
  for (const path of paths) {
    const extension = /\.([^./]+)$/.exec(path)?.[1];
    if (extension !== undefined) types.set(extension, types.get(extension) ?? 'application/octet');
    else overrides.push(`  <Override PartName="/${xmlText(path)}" ContentType="application/octet" />\n`);
  }
  const defaults = [...types].map(
    ([name, type]) => `  <Default Extension="${xmlText(name)}" ContentType="${type}" />\n`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
${defaults.join('')}${overrides.join('')}</Types>
`;
}

function relationshipsXml(nuspecPath: string, propertiesPath: string, unique: string): string {
  const manifestType = 'http://schemas.microsoft.com/packaging/2010/07/manifest';
  const propertiesType = `${relationshipNamespace}/metadata/core-properties`;
  const manifestId = `R${unique.slice(32, 48).toUpperCase()}`;
  const propertiesId = `R${unique.slice(48, 64).toUpperCase()}`;
  return `<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="${relationshipNamespace}">
  <Relationship Type="${manifestType}" Target="/${xmlText(partName(nuspecPath))}" Id="${manifestId}" />
  <Relationship Type="${propertiesType}" Target="/${propertiesPath}" Id="${propertiesId}" />
</Relationships>
`;
}

function corePropertiesXml(options: NupkgOptions): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="${corePropertiesNamespace}">
  <dc:creator>${xmlText(options.authors ?? 'Test Author')}</dc:creator>
  <dc:description>${xmlText(options.description ?? `Test package ${options.id}`)}</dc:description>
  <dc:identifier>${xmlText(options.id)}</dc:identifier>
  <version>${xmlText(options.version)}</version>
  <keywords>${xmlText(options.tags ?? '')}</keywords>
  <lastModifiedBy>holdfast-tests</lastModifiedBy>
</coreProperties>
`;
}
