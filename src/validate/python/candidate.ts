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
import {
  type CoreMetadata,
  isMetadataVersionAtLeast,
  type ParsedMetadata,
  parseCoreMetadata,
} from './core-metadata.ts';
import { metadataRuleProblem } from './metadata-rules.ts';
import type { PythonRules } from './rules.ts';

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
  /** What is wrong with the file name beyond that: a whole sentence, or undefined. */
  readonly filenameProblem: (normalizedName: string, version: PythonVersion) => string | undefined;
  /** Where licence files lie in the archive, with `/` at the end (PEP 639). */
  readonly licenseFolder: string;
  /** Tells whether the archive holds a file of this path. */
  readonly holds: (path: string) => boolean;
  /** Sentences for whoever uploaded it, when it is taken all the same. */
  readonly warnings: readonly string[];
}

/**
 * Makes the candidate of a Python file from its metadata.
 * @returns the candidate; or `metadata-invalid`, `name-invalid`, `version-invalid`, `metadata-mismatch`, `filename-invalid`
 */
export function makePythonCandidate(file: PythonFile, rules: PythonRules): Candidate | Refusal {
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
  const broken = versionProblem(version, where, rules) ?? ruleProblem(file, normalizedName, version, parsed, rules);
  if (broken !== undefined) return broken;
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
    ...(file.warnings.length === 0 ? {} : { warnings: file.warnings }),
  };
}

function versionProblem(version: PythonVersion, where: string, rules: PythonRules): Refusal | undefined {
  if (!version.isLocal || rules.has('local-versions')) return undefined;
  const shown = shownName(version.normalized);
  return refuse('version-invalid', `${where} has the local version ${shown}; this gallery takes public versions only.`);
}

function ruleProblem(
  file: PythonFile,
  normalizedName: string,
  version: PythonVersion,
  parsed: ParsedMetadata,
  rules: PythonRules,
): Refusal | undefined {
  const misnamed = file.filenameProblem(normalizedName, version);
  if (misnamed !== undefined) return refuse('filename-invalid', misnamed);
  const problem = metadataRuleProblem(parsed, rules) ?? licenseFileProblem(file, parsed, rules);
  return problem === undefined ? undefined : refuse('metadata-invalid', `${file.metadataFile.name} ${problem}.`);
}

/** Before version 2.4 the field was setuptools' own, and said nothing about where the file is. */
function licenseFileProblem(file: PythonFile, { metadata }: ParsedMetadata, rules: PythonRules): string | undefined {
  if (rules.has('old-metadata') || !isMetadataVersionAtLeast(metadata.metadataVersion, 2, 4)) return undefined;
  const missing = metadata.licenseFiles.find((path) => !file.holds(`${file.licenseFolder}${path}`));
  if (missing === undefined) return undefined;
  const place = shownName(`${file.licenseFolder}${missing}`);
  return `has the License-File ${shownName(missing)}, but the archive holds no ${place}`;
}
