/** Writes the nuspec of a made NuGet package (https://learn.microsoft.com/nuget/reference/nuspec). */
import type { NupkgDependency, NupkgOptions } from './nupkg.ts';

/** @returns the text of the nuspec, elements in the order that `dotnet pack` writes them. */
export function nuspecText(options: NupkgOptions): string {
  const lines = [
    element('id', options.id),
    element('version', options.version),
    optional('title', options.title),
    element('authors', options.authors ?? 'Test Author'),
    ...licenseLines(options),
    options.icon && element('icon', 'icon.png'),
    options.readme !== undefined && element('readme', 'README.md'),
    optional('projectUrl', options.projectUrl),
    element('description', options.description ?? `Test package ${options.id}`),
    optional('tags', options.tags),
    ...packageTypeLines(options),
    ...dependencyLines(options.dependencies ?? []),
    options.metadataXml,
  ];
  const metadata = lines.filter((line) => typeof line === 'string').map((line) => `    ${line}\n`);
  return `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
${metadata.join('')}  </metadata>
</package>
`;
}

/** @returns the text with the five characters that XML reserves escaped; good in text and in attributes. */
export function xmlText(text: string): string {
  const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
  return text.replace(/[&<>"']/g, (character) => escapes[character]!);
}

function element(name: string, text: string): string {
  return `<${name}>${xmlText(text)}</${name}>`;
}

function optional(name: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : element(name, text);
}

function licenseLines({ licenseExpression, licenseFile }: NupkgOptions): string[] {
  if (licenseExpression !== undefined) {
    // NuGet wants the old address beside the expression, made from it.
    const address = `https://licenses.example.org/${encodeURIComponent(licenseExpression)}`;
    return [`<license type="expression">${xmlText(licenseExpression)}</license>`, element('licenseUrl', address)];
  }
  if (licenseFile === undefined) return [];
  return ['<license type="file">LICENSE.txt</license>', element('licenseUrl', 'https://aka.ms/deprecateLicenseUrl')];
}

function packageTypeLines({ packageTypes, tool }: NupkgOptions): string[] {
  const names = [...(packageTypes ?? [])];
  if (tool && !names.includes('DotnetTool')) names.push('DotnetTool');
  if (names.length === 0) return [];
  const types = names.map((name) => `      <packageType name="${xmlText(name)}" />`);
  return ['<packageTypes>', ...types.map((line) => line.slice(4)), '</packageTypes>'];
}

function dependencyLines(dependencies: readonly NupkgDependency[]): string[] {
  if (dependencies.length === 0) return [];
  const lines = ['<dependencies>'];
  const groups = Map.groupBy(dependencies, ({ targetFramework }) => targetFramework);
  for (const [targetFramework, members] of groups) {
    const framework = targetFramework === undefined ? '' : ` targetFramework="${xmlText(targetFramework)}"`;
    lines.push(`  <group${framework}>`);
    for (const { id, range } of members) {
      const version = range === undefined ? '' : ` version="${xmlText(range)}"`;
      lines.push(`    <dependency id="${xmlText(id)}"${version} />`);
    }
    lines.push('  </group>');
  }
  return [...lines, '</dependencies>'];
}
