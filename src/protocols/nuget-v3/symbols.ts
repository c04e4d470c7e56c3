/**
 * Links to symbols: the symbol package beside its package, for mirrors, and every symbol file in it where the Simple Symbol Query
 * Protocol has it, for debuggers.
 */
import type { Link } from '../../documents/output.ts';
import { flatFile, storedPath } from './keys.ts';
import type { Release } from './release.ts';

/** Versions may hold the same symbol file, which then has one link: a path is written once. */
export function linkSymbols(releases: readonly Release[]): Link[] {
  const links = new Map<string, Link>();
  for (const { id, version, view } of releases) {
    const add = (path: string, sha256: string) => {
      if (!links.has(path)) links.set(path, { type: 'link', path, version, sha256 });
    };
    const file = view.files.find((candidate) => candidate.kind === 'snupkg');
    if (file === undefined) continue;
    add(storedPath(flatFile(id, version, 'snupkg')), file.digests.sha256);
    for (const symbol of file.symbols ?? []) add(symbol.path, symbol.sha256);
  }
  return [...links.values()];
}
