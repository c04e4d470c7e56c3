/**
 * Inspects a source distribution: safe to unpack, one top folder with PKG-INFO in it, and one identity in file name and PKG-INFO.
 */
import { isSdistFilenameOf, parseSdistFilename } from '../../identity/python.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import { readTarGz, type TarContents } from '../archive/tar-gz.ts';
import type { ArchiveLimits, Candidate } from '../candidate.ts';
import { makePythonCandidate, type PythonFile } from '../python/candidate.ts';
import { isMetadataVersionAtLeast } from '../python/core-metadata.ts';
import { sdistFilenameProblem } from '../python/filename-rules.ts';
import type { PythonRules } from '../python/rules.ts';

/**
 * Inspects a source distribution (PEP 517, PEP 625, PEP 643). PyPI wants `demo_py-1.0.0.tar.gz` to the letter; setuptools up to
 * 68 writes `demo-py-1.0.0.tar.gz`, which pip installs, so every spelling that means the same name and version is good unless the
 * rules say otherwise. Links within the top folder are accepted, as on PyPI.
 * @param path of the file
 * @param filename as uploaded
 * @param limits in bytes and entries
 * @param rules what is taken although PyPI refuses it
 * @returns the candidate, with the metadata as extract that is served from Metadata-Version 2.2 on: before, PKG-INFO need not
 * be what a build yields; or `filename-invalid`, `archive-unreadable`, `archive-unsafe`, `archive-too-large`, `metadata-missing`,
 * `metadata-invalid`, `metadata-mismatch`, `name-invalid`, `version-invalid`
 */
export async function inspectSdist(
  path: string,
  filename: string,
  limits: ArchiveLimits,
  rules: PythonRules,
): Promise<Candidate | Refusal> {
  if (parseSdistFilename(filename) === undefined) {
    return refuse(
      'filename-invalid',
      `${shownName(filename)} is not a valid file name of a source distribution; it must be like name-1.0.tar.gz.`,
    );
  }
  const contents = await readTarGz(path, limits, (name) => /^[^/]+\/PKG-INFO$/.test(name));
  if (isRefusal(contents)) return contents;
  const top = findTopFolder(contents);
  if (isRefusal(top)) return top;
  const bytes = contents.files.get(`${top}/PKG-INFO`);
  if (bytes === undefined) {
    return refuse('metadata-missing', 'The source distribution holds no PKG-INFO file in its top folder.');
  }
  const held = new Set(contents.entries.filter(({ kind }) => kind !== 'folder').map(({ name }) => name));
  const file: PythonFile = {
    filename,
    fileKind: 'sdist',
    pythonTag: 'source',
    metadataFile: { name: 'PKG-INFO', bytes },
    isMetadataServed: ({ metadataVersion }) => isMetadataVersionAtLeast(metadataVersion, 2, 2),
    isNamed: (normalizedName, version) => isSdistFilenameOf(filename, normalizedName, version),
    filenameProblem: (normalizedName, version) => sdistFilenameProblem(filename, normalizedName, version, rules),
    licenseFolder: `${top}/`,
    holds: (name) => held.has(name),
    warnings: [],
  };
  return makePythonCandidate(file, rules);
}

function findTopFolder({ entries }: TarContents): string | Refusal {
  const tops = new Set(entries.map(({ name }) => name.split('/', 1)[0]!));
  const isLoose = entries.some(({ name, kind }) => kind !== 'folder' && !name.includes('/'));
  const [top] = tops;
  if (top === undefined) return refuse('metadata-missing', 'The source distribution is empty.');
  if (tops.size === 1 && !isLoose) return top;
  return refuse('archive-unsafe', 'The source distribution must hold one top folder and nothing beside it.');
}
