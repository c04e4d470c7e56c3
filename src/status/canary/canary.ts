/**
 * Canaries: the smallest packages that real clients install, made here so that a prober needs nothing but the public address.
 * A canary carries its own digest in memory; what comes back is compared with that and with nothing the gallery says.
 */
import { createHash } from 'node:crypto';
import { storedZip, type ZipEntry } from './stored-zip.ts';

export interface Canary {
  /** A module is a nupkg too, which goes to PowerShell's address. */
  readonly kind: 'wheel' | 'nupkg' | 'module';
  /** Feed it belongs to; `main` is the one at the root. */
  readonly feed: string;
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly bytes: Buffer;
  /** Hexadecimal. */
  readonly sha256: string;
}

const defaultDescription = 'A canary of a Holdfast drill';

/** What a canary is called, and where it goes. */
export interface CanaryIdentity {
  /** Letters, digits and hyphens. */
  readonly name: string;
  /** Three numbers. */
  readonly version: string;
  readonly feed?: string;
  /** ASCII without markup. */
  readonly description?: string;
  /** More of what it says of itself: elements of the nuspec, or lines of the wheel's METADATA. */
  readonly more?: string;
  /** Files beside those that every canary has. */
  readonly files?: readonly ZipEntry[];
}

/** @returns a wheel that pip installs (PEP 427): one module and its dist-info folder */
export function wheelCanary(identity: CanaryIdentity): Canary {
  const { name, version, description = defaultDescription, more = '', files = [] } = identity;
  const module = name.replaceAll('-', '_').toLowerCase();
  const distInfo = `${module}-${version}.dist-info`;
  const entries = [
    entry(`${module}/__init__.py`, `__version__ = "${version}"\n`),
    entry(
      `${distInfo}/METADATA`,
      `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nSummary: ${description}\n${more}`,
    ),
    entry(`${distInfo}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: holdfast\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
    ...files,
  ];
  const listed = entries.map(
    ({ path, content }) => `${path},sha256=${digest(content, 'base64url')},${content.length}\n`,
  );
  const record = entry(`${distInfo}/RECORD`, `${listed.join('')}${distInfo}/RECORD,,\n`);
  return canary('wheel', identity, `${module}-${version}-py3-none-any.whl`, [...entries, record]);
}

/** @returns a NuGet package that dotnet restores: a nuspec, its relationship, and an empty content folder */
export function nupkgCanary(identity: CanaryIdentity): Canary {
  const { name, version, description = defaultDescription, more = '', files = [] } = identity;
  const head = '<?xml version="1.0" encoding="utf-8"?>\n';
  const nuspec = `${head}<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
  <id>${name}</id><version>${version}</version><authors>Holdfast</authors><description>${description}</description>${more}
</metadata></package>
`;
  const relationships = `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/${name}.nuspec" Id="R1" />
</Relationships>
`;
  const types = `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
  <Default Extension="nuspec" ContentType="application/octet" />
  <Override PartName="/lib/netstandard2.0/_._" ContentType="application/octet" />
</Types>
`;
  return canary('nupkg', identity, `${name}.${version}.nupkg`, [
    entry('_rels/.rels', relationships),
    entry(`${name}.nuspec`, nuspec),
    entry('lib/netstandard2.0/_._', ''),
    ...files,
    entry('[Content_Types].xml', types),
  ]);
}

/** A PowerShell module that another one needs. */
export type RequiredModule = readonly [name: string, key: 'ModuleVersion' | 'RequiredVersion', version: string];

/** @returns a module as Publish-Module packs it: its manifest at the root, dependencies without groups */
export function moduleCanary(identity: CanaryIdentity, required: readonly RequiredModule[] = []): Canary {
  const { name, version, description = defaultDescription } = identity;
  const modules = required.map(([id, key, least]) => `@{ ModuleName = '${id}'; ${key} = '${least}' }`);
  const manifest = [
    '@{',
    `RootModule = '${name}.psm1'`,
    `ModuleVersion = '${version}'`,
    "GUID = '0b0d3f4e-6f0e-4f6e-9d0a-3b8f3c6f7a51'",
    "Author = 'Holdfast'",
    `Description = '${description}'`,
    "PowerShellVersion = '5.1'",
    ...(modules.length === 0 ? [] : [`RequiredModules = @(${modules.join(', ')})`]),
    `FunctionsToExport = @('Get-${name}')`,
    '}',
    '',
  ];
  const dependencies = required.map(([id, key, least]) => {
    const range = key === 'RequiredVersion' ? `[${least}]` : least;
    return `<dependency id="${id}" version="${range}"/>`;
  });
  const packed = nupkgCanary({
    ...identity,
    more: `<tags>PSModule</tags>${dependencies.length === 0 ? '' : `<dependencies>${dependencies.join('')}</dependencies>`}`,
    files: [
      entry(`${name}.psd1`, manifest.join('\n')),
      entry(`${name}.psm1`, `function Get-${name} { '${version}' }\n`),
    ],
  });
  return { ...packed, kind: 'module' };
}

function canary(
  kind: Canary['kind'],
  { name, version, feed = 'main' }: CanaryIdentity,
  filename: string,
  entries: readonly ZipEntry[],
): Canary {
  const bytes = storedZip(entries);
  return { kind, feed, name, version, filename, bytes, sha256: digest(bytes, 'hex') };
}

/** @returns a text file of a package, in UTF-8 */
export function entry(path: string, text: string): ZipEntry {
  return { path, content: Buffer.from(text) };
}

function digest(bytes: Buffer, encoding: 'hex' | 'base64url'): string {
  return createHash('sha256').update(bytes).digest(encoding);
}
