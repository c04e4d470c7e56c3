/**
 * What wheels and source distributions have in common once their metadata is found: the identity is what the metadata says, and
 * the file name must say the same.
 */
import {
  isValidPythonName,
  normalizePythonName,
  type PythonVersion,
  parsePythonVersion,
} from '../../identity/python.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import type { Candidate } from '../candidate.ts';
import { type CoreMetadata, parseCoreMetadata } from './core-metadata.ts';

export interface PythonMetadataFile {
  /** `METADATA` or `PKG-INFO`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface PythonFile {
  /** As uploaded. */
  readonly filename: string;
  readonly fileKind: 'wheel' | 'sdist';
  /** The wheel's Python tag, or `source`. */
  readonly pythonTag: string;
  readonly metadataFile: PythonMetadataFile;
  /** From which Metadata-Version on the metadata is served beside the file. */
  readonly isMetadataServed: (metadata: CoreMetadata) => boolean;
  /** Tells whether the file name stands for this name and version. */
  readonly isNamed: (normalizedName: string, version: PythonVersion) => boolean;
}

/**
 * Makes the candidate of a Python file from its metadata. Local versions are accepted: only PyPI refuses them, because it is
 * nobody's own gallery.
 * @returns the candidate; or `metadata-invalid`, `name-invalid`, `version-invalid`, `metadata-mismatch`
 */
export function makePythonCandidate(file: PythonFile): Candidate | Refusal {
  const parsed = parseCoreMetadata(file.metadataFile.bytes, file.metadataFile.name);
  if (isRefusal(parsed)) return parsed;
  const { metadata } = parsed;
  const where = file.metadataFile.name;
  if (!isValidPythonName(metadata.name)) {
    return refuse(
      'name-invalid',
      `${where} has the Name ${shownName(metadata.name)}, which is not a valid project name.`,
    );
  }
  const version = parsePythonVersion(metadata.version);
  if (version === undefined) {
    return refuse(
      'version-invalid',
      `${where} has the Version ${shownName(metadata.version)}, which is not one (PEP 440).`,
    );
  }
  const normalizedName = normalizePythonName(metadata.name);
  if (!file.isNamed(normalizedName, version)) {
    const identity = `${shownName(metadata.name)} version ${shownName(metadata.version)}`;
    return refuse(
      'metadata-mismatch',
      `The file is named ${shownName(file.filename)}, but its ${where} is that of ${identity}.`,
    );
  }
  const extract = {
    name: file.isMetadataServed(metadata) ? 'core-metadata' : 'pkg-info',
    bytes: file.metadataFile.bytes,
    contentType: 'text/plain; charset=utf-8',
  } as const;
  return {
    ecosystem: 'python',
    name: metadata.name,
    normalizedName,
    version: metadata.version,
    normalizedVersion: version.normalized,
    sortKey: version.sortKey,
    isPrerelease: version.isPrerelease,
    kind: 'library',
    fileKind: file.fileKind,
    filename: file.filename,
    versionMetadata: metadata,
    fileMetadata: {
      requiresPython: metadata.requiresPython,
      metadataVersion: metadata.metadataVersion,
      pythonTag: file.pythonTag,
    },
    extracts: [extract],
  };
}
