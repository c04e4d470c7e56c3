/** The files that the dotnet runner writes: NuGet.Config, a project to restore, a project to pack. */
import { xmlText } from '../../packages/nuspec.ts';

export interface DotnetSource {
  /** Address of the source (`…/v3/index.json`, or a v2 address), or the path of a folder. */
  readonly source: string;
  /** Sign-in of a private feed; NuGet sends it only after a 401. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

export interface PackOptions {
  readonly id: string;
  readonly version: string;
  /** True packs a .NET tool whose command is the id in lower case. */
  readonly isTool?: boolean;
  /** True also packs a .snupkg. */
  readonly hasSymbols?: boolean;
  /** Package references: id to version; packing then needs the source. */
  readonly references?: Readonly<Record<string, string>>;
  /** MSBuild properties, such as `PackageTags`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Text files that go into the root of the package, by name. */
  readonly packedFiles?: Readonly<Record<string, string>>;
}

/** @returns a configuration with one source, `gallery`, and nothing of the machine's own. */
export function nugetConfig({ source, credentials }: DotnetSource): string {
  const isV3 = source.endsWith('index.json');
  const attributes = [
    `value="${xmlText(source)}"`,
    isV3 ? ' protocolVersion="3"' : '',
    source.startsWith('http:') ? ' allowInsecureConnections="true"' : '',
  ].join('');
  const signIn =
    credentials === undefined
      ? ''
      : `  <packageSourceCredentials>
    <gallery>
      <add key="Username" value="${xmlText(credentials.username)}" />
      <add key="ClearTextPassword" value="${xmlText(credentials.password)}" />
    </gallery>
  </packageSourceCredentials>
`;
  return `<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <packageSources>
    <clear />
    <add key="gallery" ${attributes} />
  </packageSources>
  <fallbackPackageFolders>
    <clear />
  </fallbackPackageFolders>
  <auditSources>
    <clear />
  </auditSources>
${signIn}</configuration>
`;
}

/** @returns a project file that references packages and compiles nothing. */
export function restoreProject(framework: string, references: Readonly<Record<string, string>>): string {
  return project({ TargetFramework: framework }, references);
}

/** @returns the files of a small project that packs into a library or a tool. */
export function libraryFiles(framework: string, options: PackOptions): Record<string, string> {
  const properties: Record<string, string> = {
    TargetFramework: framework,
    PackageId: options.id,
    Version: options.version,
    Authors: 'Test Author',
    Description: `Test package ${options.id}`,
  };
  if (options.isTool) {
    Object.assign(properties, { OutputType: 'Exe', PackAsTool: 'true', UseAppHost: 'false' });
    properties.ToolCommandName = options.id.toLowerCase();
  }
  if (options.hasSymbols) Object.assign(properties, { IncludeSymbols: 'true', SymbolPackageFormat: 'snupkg' });
  const label = JSON.stringify(`${options.id} ${options.version}`);
  const code = options.isTool
    ? `System.Console.WriteLine(${label});\n`
    : `namespace Demo;\n\npublic static class Label\n{\n    public const string Text = ${label};\n}\n`;
  return {
    [`${options.id}.csproj`]: project(
      { ...properties, ...options.properties },
      options.references ?? {},
      Object.keys(options.packedFiles ?? {}),
    ),
    ...options.packedFiles,
    'Code.cs': code,
  };
}

function project(
  properties: Readonly<Record<string, string>>,
  references: Readonly<Record<string, string>>,
  packedFiles: readonly string[] = [],
): string {
  const propertyLines = Object.entries(properties).map(([name, value]) => `    <${name}>${xmlText(value)}</${name}>\n`);
  const referenceLines = Object.entries(references).map(
    ([id, version]) => `    <PackageReference Include="${xmlText(id)}" Version="${xmlText(version)}" />\n`,
  );
  const packedLines = packedFiles.map((name) => `    <None Include="${xmlText(name)}" Pack="true" PackagePath="" />\n`);
  return `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
${propertyLines.join('')}  </PropertyGroup>
  <ItemGroup>
${referenceLines.join('')}${packedLines.join('')}  </ItemGroup>
</Project>
`;
}
