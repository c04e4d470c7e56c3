/**
 * Makes source distributions (PEP 625, PEP 643): a .tar.gz with one top folder, PKG-INFO of metadata 2.2, pyproject.toml and
 * a module. No test builds them. The same arguments give the same bytes.
 */
import type { ArchiveEntry, FileContents } from './archive.ts';
import { entriesOf, padding, tarGz } from './archive.ts';
import type { PythonPackage } from './core-metadata.ts';
import { coreMetadata, fileNamePart, moduleText } from './core-metadata.ts';

export interface SdistOptions extends PythonPackage {
  /** Extra files, by path from the top folder. */
  readonly files?: FileContents;
  /** True names file and folder as older setuptools do, with the name as it is written: `Demo-Py-1.0.0`. */
  readonly hasLegacyName?: boolean;
  /** Adds a file of so many bytes that do not compress; the sdist is about 1 kB larger than that. */
  readonly sizeBytes?: number;
}

export interface MadeSdist {
  readonly filename: string;
  readonly bytes: Buffer;
  /** The exact bytes of PKG-INFO in the sdist. */
  readonly metadata: Buffer;
}

/** @returns a source distribution. */
export async function makeSdist(options: SdistOptions): Promise<MadeSdist> {
  const module = fileNamePart(options.name);
  const folder = `${options.hasLegacyName ? options.name : module}-${options.version}`;
  const metadata = Buffer.from(coreMetadata(options, '2.2'));
  const entries: ArchiveEntry[] = [
    { path: `${folder}/PKG-INFO`, content: metadata },
    { path: `${folder}/pyproject.toml`, content: projectText(options) },
    { path: `${folder}/src/${module}/__init__.py`, content: moduleText(options) },
    ...entriesOf(options.files ?? {}, `${folder}/`),
  ];
  if (options.sizeBytes !== undefined) {
    const content = padding(`${options.name} ${options.version} sdist`, options.sizeBytes);
    entries.push({ path: `${folder}/src/${module}/padding.bin`, content });
  }
  return { filename: `${folder}.tar.gz`, bytes: await tarGz(entries), metadata };
}

function projectText(options: SdistOptions): string {
  const lines = [
    '[build-system]',
    'requires = ["setuptools>=61"]',
    'build-backend = "setuptools.build_meta"',
    '',
    '[project]',
    `name = ${JSON.stringify(options.name)}`,
    `version = ${JSON.stringify(options.version)}`,
  ];
  if (options.requiresPython !== undefined) lines.push(`requires-python = ${JSON.stringify(options.requiresPython)}`);
  if (options.requiresDist !== undefined) lines.push(`dependencies = ${JSON.stringify(options.requiresDist)}`);
  return `${lines.join('\n')}\n`;
}
