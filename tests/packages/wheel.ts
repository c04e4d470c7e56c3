/**
 * Makes wheels that pip installs (PEP 427): a module, extra files, and a dist-info folder whose RECORD has the right hashes.
 * The same arguments give the same bytes.
 */
import { createHash } from 'node:crypto';
import type { ArchiveEntry, FileContents } from './archive.ts';
import { asBuffer, entriesOf, padding, zip } from './archive.ts';
import type { PythonPackage } from './core-metadata.ts';
import { coreMetadata, fileNamePart, moduleText } from './core-metadata.ts';

export interface WheelOptions extends PythonPackage {
  /** Extra files, by path from the root of the wheel. */
  readonly files?: FileContents;
  /** Python tag, ABI tag and platform tag; `py3-none-any` when not given. */
  readonly tag?: string;
  /** Adds a file of so many bytes that do not compress; the wheel is about 1 to 2 kB larger than that. */
  readonly sizeBytes?: number;
}

export interface MadeWheel {
  readonly filename: string;
  readonly bytes: Buffer;
  /** The exact bytes of METADATA in the wheel. */
  readonly metadata: Buffer;
}

/** @returns a wheel whose one module has the package's name with `_`. */
export async function makeWheel(options: WheelOptions): Promise<MadeWheel> {
  const module = fileNamePart(options.name);
  const version = options.version.replaceAll('-', '_');
  const tag = options.tag ?? 'py3-none-any';
  const distInfo = `${module}-${version}.dist-info`;
  const metadata = Buffer.from(coreMetadata(options, '2.1'));
  const entries: ArchiveEntry[] = [
    { path: `${module}/__init__.py`, content: moduleText(options) },
    ...entriesOf(options.files ?? {}),
  ];
  if (options.sizeBytes !== undefined) {
    const content = padding(`${options.name} ${options.version} wheel`, options.sizeBytes);
    entries.push({ path: `${module}/padding.bin`, content, compress: false });
  }
  entries.push(
    { path: `${distInfo}/METADATA`, content: metadata },
    { path: `${distInfo}/WHEEL`, content: wheelText(tag) },
  );
  entries.push({ path: `${distInfo}/RECORD`, content: recordText(entries, distInfo) });
  return { filename: `${module}-${version}-${tag}.whl`, bytes: await zip(entries), metadata };
}

function wheelText(tag: string): string {
  const [pythons = '', abis = '', platforms = ''] = tag.split('-');
  const lines = ['Wheel-Version: 1.0', 'Generator: holdfast-tests', `Root-Is-Purelib: ${platforms === 'any'}`];
  // A compressed tag set (`py2.py3-none-any`) is written out, one line for each combination (PEP 425).
  for (const python of pythons.split('.')) {
    for (const abi of abis.split('.')) {
      for (const platform of platforms.split('.')) lines.push(`Tag: ${python}-${abi}-${platform}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function recordText(entries: readonly ArchiveEntry[], distInfo: string): string {
  const lines = entries.map(({ path, content }) => {
    const bytes = asBuffer(content);
    const digest = createHash('sha256').update(bytes).digest('base64url');
    return `${csvField(path)},sha256=${digest},${bytes.length}\n`;
  });
  return `${lines.join('')}${distInfo}/RECORD,,\n`;
}

function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
