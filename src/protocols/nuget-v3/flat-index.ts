/**
 * The list of a package's versions, which restore reads before anything else, and the files that it leads to.
 *
 *   v3/flat/demo.lib/index.json → {"versions":["1.0.0","1.1.0-beta.1"]}
 */
import type { Document, Link } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import { type FlatFile, flatFile, flatIndex, storedPath } from './keys.ts';
import { extractOf, type Release } from './release.ts';

/** Renders the list: every version, unlisted ones too, since projects that use one must go on to build. */
export function renderFlatIndex(id: string, releases: readonly Release[]): Document {
  const versions = releases.map((release) => release.version);
  return { type: 'document', path: storedPath(flatIndex(id)), rank: 'index', text: writeJson({ versions }) };
}

/** Gives the nupkg and what was taken out of it their fixed addresses. */
export function linkFlatFiles(release: Release): Link[] {
  const icon = extractOf(release, 'icon');
  const targets: readonly (readonly [FlatFile, string | undefined])[] = [
    ['nupkg', release.file.digests.sha256],
    ['nuspec', extractOf(release, 'nuspec')?.sha256],
    ['readme', extractOf(release, 'readme')?.sha256],
    ['license', extractOf(release, 'license')?.sha256],
    ['icon', icon?.sha256],
    ['icon.jpg', icon?.contentType === 'image/jpeg' ? icon.sha256 : undefined],
  ];
  return targets.flatMap(([file, sha256]) => {
    if (sha256 === undefined) return [];
    const path = storedPath(flatFile(release.id, release.version, file));
    return [{ type: 'link' as const, path, version: release.version, sha256 }];
  });
}
