/**
 * Makes a tree of packages for measurements: `./holdfast run bench/generate.ts FOLDER [--packages N] [--seed N]`. .nupkg, .whl
 * and .tar.gz with the metadata that people write: most have one version, a few very many, some depend on others. The same
 * seed gives the same bytes. Archives are put together by hand, so that a hundred thousand of them take a minute.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { storedZip } from '../src/status/canary/stored-zip.ts';
import { between, type Chance, capitalised, chance, drawWord, drawWords, wordAt } from './words.ts';

export interface GeneratedPackage {
  readonly ecosystem: 'nupkg' | 'python';
  readonly name: string;
  readonly versions: readonly string[];
  readonly author: string;
  readonly tags: readonly string[];
  readonly description: string;
  /** Markdown; empty when it has none. */
  readonly readme: string;
  /** Names of packages of the same ecosystem. */
  readonly dependencies: readonly string[];
  /** Of the code in each file. */
  readonly contentBytes: number;
  /** Python: whether there is a source distribution beside the wheel. */
  readonly hasSdist: boolean;
}

export interface GeneratedFile {
  readonly filename: string;
  readonly bytes: Buffer;
}

export const defaultSeed = 1;
const companies = 400;
/** Share of NuGet packages; the others are Python's. */
const nupkgShare = 0.65;
/** Bytes that stand for code: they do not compress, and are the same in every package but for where they begin. */
const code = Buffer.concat(
  Array.from({ length: 2_048 }, (_, at) => createHash('sha256').update(`code ${at}`).digest()),
);

/** @param number from 0; no two numbers have the same name */
export function generatedPackage(seed: number, number: number): GeneratedPackage {
  const draw = chance(seed * 1_000_003 + number);
  const ecosystem = draw() < nupkgShare ? 'nupkg' : 'python';
  return {
    ecosystem,
    name: nameOf(ecosystem, number),
    versions: versionsOf(draw),
    author: `${capitalised(wordAt(900 + (number % companies)))} ${capitalised(wordAt(3_000 + (number % 1_777)))}`,
    tags: Array.from({ length: between(draw, 1, 6) }, () => drawWord(draw)),
    description: `${capitalised(drawWords(draw, between(draw, 8, 60)))}.`,
    readme: draw() < 0.6 ? readmeOf(draw) : '',
    dependencies: dependenciesOf(draw, seed, number, ecosystem),
    contentBytes: between(draw, 500, 6_000),
    hasSdist: draw() < 0.4,
  };
}

/** The company and the area tell packages apart; the thing is decoration. */
function nameOf(ecosystem: GeneratedPackage['ecosystem'], number: number): string {
  const words = [wordAt(900 + (number % companies)), wordAt(5 + Math.floor(number / companies)), wordAt(number % 997)];
  return ecosystem === 'nupkg' ? words.map(capitalised).join('.') : words.join('-');
}

function versionsOf(draw: Chance): string[] {
  const share = draw();
  let count = 1;
  if (share > 0.99) count = between(draw, 11, 40);
  else if (share > 0.95) count = between(draw, 4, 10);
  else if (share > 0.82) count = between(draw, 2, 3);
  return Array.from({ length: count }, (_, at) => `1.${Math.floor(at / 10)}.${at % 10}`);
}

function readmeOf(draw: Chance): string {
  const paragraphs = Array.from({ length: between(draw, 1, 6) }, () => drawWords(draw, between(draw, 20, 80)));
  return `# ${capitalised(drawWord(draw))}\n\n${paragraphs.join('\n\n')}\n`;
}

function dependenciesOf(
  draw: Chance,
  seed: number,
  number: number,
  ecosystem: GeneratedPackage['ecosystem'],
): string[] {
  if (number === 0 || draw() > 0.4) return [];
  const found = new Set<string>();
  for (let tries = between(draw, 1, 5); tries > 0; tries -= 1) {
    const other = Math.floor(draw() * Math.min(number, 500));
    const isSame = chance(seed * 1_000_003 + other)() < nupkgShare === (ecosystem === 'nupkg');
    if (isSame) found.add(nameOf(ecosystem, other));
  }
  return [...found];
}

/** The files of one version. */
export function* generatedFiles(made: GeneratedPackage, version: string): Generator<GeneratedFile> {
  if (made.ecosystem === 'nupkg') yield nupkg(made, version);
  else {
    yield wheel(made, version);
    if (made.hasSdist) yield sdist(made, version);
  }
}

function codeOf(made: GeneratedPackage, version: string): Buffer {
  const start = createHash('sha1').update(`${made.name} ${version}`).digest().readUInt16LE(0) % 32_768;
  return code.subarray(start, start + made.contentBytes);
}

function nupkg(made: GeneratedPackage, version: string): GeneratedFile {
  const head = '<?xml version="1.0" encoding="utf-8"?>\n';
  const dependencies = made.dependencies.map((id) => `<dependency id="${id}" version="1.0.0" />`).join('');
  const nuspec = `${head}<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>${made.name}</id>
    <version>${version}</version>
    <authors>${made.author}</authors>
    <license type="expression">MIT</license>
    <licenseUrl>https://licenses.example.org/MIT</licenseUrl>
    ${made.readme === '' ? '' : '<readme>README.md</readme>'}
    <projectUrl>https://example.org/${made.name.toLowerCase()}</projectUrl>
    <description>${made.description}</description>
    <tags>${made.tags.join(' ')}</tags>
    <dependencies><group targetFramework="net8.0">${dependencies}</group></dependencies>
  </metadata>
</package>
`;
  const relationships = `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/${made.name}.nuspec" Id="R1" />
</Relationships>
`;
  const types = `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
  <Default Extension="nuspec" ContentType="application/octet" />
  <Default Extension="dll" ContentType="application/octet" />
  <Default Extension="md" ContentType="application/octet" />
</Types>
`;
  const bytes = storedZip([
    entry('_rels/.rels', relationships),
    entry(`${made.name}.nuspec`, nuspec),
    { path: `lib/net8.0/${made.name}.dll`, content: codeOf(made, version) },
    ...(made.readme === '' ? [] : [entry('README.md', made.readme)]),
    entry('[Content_Types].xml', types),
  ]);
  return { filename: `${made.name}.${version}.nupkg`, bytes };
}

function coreMetadata(made: GeneratedPackage, version: string, metadataVersion: string): string {
  const requires = made.dependencies.map((name) => `Requires-Dist: ${name}>=1.0\n`).join('');
  return `Metadata-Version: ${metadataVersion}
Name: ${made.name}
Version: ${version}
Summary: ${made.description.slice(0, 200)}
Author: ${made.author}
Keywords: ${made.tags.join(',')}
License: MIT
Project-URL: Home, https://example.org/${made.name}
Requires-Python: >=3.9
${requires}Description-Content-Type: text/markdown

${made.readme}`;
}

function wheel(made: GeneratedPackage, version: string): GeneratedFile {
  const module = made.name.replaceAll('-', '_');
  const distInfo = `${module}-${version}.dist-info`;
  const entries = [
    { path: `${module}/__init__.py`, content: codeOf(made, version) },
    entry(`${distInfo}/METADATA`, coreMetadata(made, version, '2.1')),
    entry(`${distInfo}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: generated\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
  ];
  const record = entries.map(({ path, content }) => {
    const digest = createHash('sha256').update(content).digest('base64url');
    return `${path},sha256=${digest},${content.length}\n`;
  });
  entries.push(entry(`${distInfo}/RECORD`, `${record.join('')}${distInfo}/RECORD,,\n`));
  return { filename: `${module}-${version}-py3-none-any.whl`, bytes: storedZip(entries) };
}

function sdist(made: GeneratedPackage, version: string): GeneratedFile {
  const module = made.name.replaceAll('-', '_');
  const folder = `${module}-${version}`;
  const tar = Buffer.concat([
    tarFile(`${folder}/PKG-INFO`, Buffer.from(coreMetadata(made, version, '2.2'))),
    tarFile(`${folder}/pyproject.toml`, Buffer.from('[build-system]\nrequires = ["setuptools>=61"]\n')),
    tarFile(`${folder}/${module}/__init__.py`, codeOf(made, version)),
    Buffer.alloc(1_024),
  ]);
  return { filename: `${folder}.tar.gz`, bytes: gzipSync(tar, { level: 1 }) };
}

/** One file of a ustar archive (POSIX 1003.1): header and content, both in blocks of 512 bytes. */
function tarFile(path: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const fields: [number, string][] = [
    [0, path],
    [100, '0000644\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${content.length.toString(8).padStart(11, '0')}\0`],
    [136, `${(1_704_067_200).toString(8).padStart(11, '0')}\0`],
    [148, '        '],
    [156, '0'],
    [257, 'ustar\x0000'],
  ];
  for (const [offset, text] of fields) header.write(text, offset, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function entry(path: string, text: string): { path: string; content: Buffer } {
  return { path, content: Buffer.from(text) };
}

export interface Generated {
  readonly packages: number;
  readonly files: number;
  readonly bytes: number;
}

/** Packages in one folder of the tree. */
const packagesInFolder = 250;

/** Writes the tree: `FOLDER/000012/Company.Area.Thing.1.0.0.nupkg`. */
export function generate(folder: string, packages: number, seed: number): Generated {
  let files = 0;
  let bytes = 0;
  let inside = '';
  for (let number = 0; number < packages; number += 1) {
    if (number % packagesInFolder === 0) {
      inside = join(folder, String(number / packagesInFolder).padStart(6, '0'));
      mkdirSync(inside, { recursive: true });
    }
    const made = generatedPackage(seed, number);
    for (const version of made.versions) {
      for (const file of generatedFiles(made, version)) {
        writeFileSync(join(inside, file.filename), file.bytes);
        files += 1;
        bytes += file.bytes.length;
      }
    }
  }
  return { packages, files, bytes };
}

if (process.argv.some((argument) => argument.endsWith('bench/generate.ts'))) {
  const own = process.argv.findIndex((argument) => argument.endsWith('bench/generate.ts'));
  const { values, positionals } = parseArgs({
    args: process.argv.slice(own + 1),
    allowPositionals: true,
    options: { packages: { type: 'string', default: '1000' }, seed: { type: 'string', default: String(defaultSeed) } },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('usage: ./holdfast run bench/generate.ts FOLDER [--packages N] [--seed N]');
  const startedAt = performance.now();
  const made = generate(folder, Number(values.packages), Number(values.seed));
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `${made.packages} packages, ${made.files} files, ${(made.bytes / 2 ** 20).toFixed(0)} MiB in ${seconds.toFixed(1)} s`,
  );
}
