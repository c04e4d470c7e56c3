/** What a package's entries tell of a module: its files, and the names that its folders give to resources and role capabilities. */
import type { ZipEntry } from '../archive/zip.ts';
import { unescaped } from '../nupkg/embedded-files.ts';
import type { ModuleFolders } from '../psmodule/manifest.ts';
import { distinct } from './data-values.ts';

/** Files that are told, and characters of their paths together; it stands in every answer about the version. */
const filesMax = 2_000;
const filesLengthMax = 65_536;

/** What the packing tool adds. */
const plumbing = /^(?:\[Content_Types\]\.xml$|_rels\/|package\/services\/metadata\/|\.signature\.p7s$)/i;

export function rootFiles(entries: readonly ZipEntry[]): ZipEntry[] {
  return entries.filter((entry) => !entry.isFolder && !/[/\\]/.test(entry.name));
}

/** @returns names in folders as PowerShellGet looks for them; of the list of files the first ones */
export function moduleFolders(entries: readonly ZipEntry[]): ModuleFolders {
  const paths = entries.map(({ name }) => unescaped(name).replaceAll('\\', '/'));
  const named = (pattern: RegExp): string[] => distinct(paths.map((path) => pattern.exec(path)?.[1] ?? ''));
  let left = filesLengthMax;
  const fileList = paths
    .filter((path, at) => !entries[at]!.isFolder && !plumbing.test(path))
    .slice(0, filesMax)
    .filter((path) => {
      left -= path.length + 1;
      return left >= 0;
    });
  return {
    dscResources: named(/^DSCResources\/([^/]+)\//i),
    roleCapabilities: named(/^RoleCapabilities\/([^/]+)\.psrc$/i),
    fileList,
  };
}
