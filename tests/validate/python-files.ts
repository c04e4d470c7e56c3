/** Wheels and source distributions around metadata that a test writes by hand; everything else about them is as it should be. */
import { type ArchiveEntry, tarGz, zip } from '../packages/archive.ts';

/** @param more further lines, each with its line end; or a body behind an empty line */
export function metadataOf(name: string, version: string, more = '', metadataVersion = '2.1'): string {
  return `Metadata-Version: ${metadataVersion}\nName: ${name}\nVersion: ${version}\n${more}`;
}

/** A wheel with the files that are not left out; `record` is what RECORD says when it is not the truth. */
export function wheelOf(
  distInfo: string,
  metadata: string,
  left: string[] = [],
  more: ArchiveEntry[] = [],
  record?: string | Uint8Array,
): Promise<Buffer> {
  const entries: ArchiveEntry[] = [
    { path: 'demo/__init__.py', content: '' },
    { path: `${distInfo}/METADATA`, content: metadata },
    { path: `${distInfo}/WHEEL`, content: 'Wheel-Version: 1.0\n' },
    ...more,
  ];
  const lines = [...entries.map(({ path }) => path), `${distInfo}/RECORD`].map((path) => `${path},,\n`);
  entries.push({ path: `${distInfo}/RECORD`, content: record ?? lines.join('') });
  return zip(entries.filter(({ path }) => !left.some((name) => path.endsWith(name))));
}

export function sdistOf(top: string, metadata: string, more: ArchiveEntry[] = []): Promise<Buffer> {
  const entries = [
    { path: `${top}/demo/__init__.py`, content: '' },
    { path: `${top}/PKG-INFO`, content: metadata },
    { path: `${top}/demo.egg-info/PKG-INFO`, content: 'Name: something else\n' },
  ];
  return tarGz([...entries, ...more]);
}
