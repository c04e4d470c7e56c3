/**
 * Inspects a wheel: safe to unpack, exactly one `.dist-info` folder with what installers need, and one identity in file name,
 * folder name and METADATA.
 */
import {
  normalizePythonName,
  type PythonVersion,
  parsePythonVersion,
  parseWheelFilename,
} from '../../identity/python.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import { openZip, type ZipArchive } from '../archive/zip.ts';
import type { ArchiveLimits, Candidate } from '../candidate.ts';
import { makePythonCandidate, type PythonFile } from '../python/candidate.ts';
import { wheelFilenameProblem } from '../python/filename-rules.ts';
import type { PythonRules } from '../python/rules.ts';
import { entryPointsProblem } from './entry-points.ts';
import { compareRecord } from './record.ts';

const neededFiles = ['METADATA', 'WHEEL', 'RECORD'];
const distInfoEnding = '.dist-info';

/**
 * Inspects a wheel (PEP 427, PEP 658).
 * @param path of the file
 * @param filename as uploaded
 * @param limits in bytes and entries
 * @param rules what is taken although PyPI refuses it
 * @returns the candidate; or `filename-invalid`, `archive-unreadable`, `archive-unsafe`, `archive-too-large`,
 * `metadata-missing`, `metadata-invalid`, `metadata-mismatch`, `name-invalid`, `version-invalid`
 */
export async function inspectWheel(
  path: string,
  filename: string,
  limits: ArchiveLimits,
  rules: PythonRules,
): Promise<Candidate | Refusal> {
  const named = parseWheelFilename(filename);
  if (named === undefined) {
    return refuse(
      'filename-invalid',
      `${shownName(filename)} is not a valid wheel file name; it must be like name-1.0-py3-none-any.whl.`,
    );
  }
  const misnamed = wheelFilenameProblem(filename, named, rules);
  if (misnamed !== undefined) return refuse('filename-invalid', misnamed);
  const archive = await openZip(path, limits);
  if (isRefusal(archive)) return archive;
  try {
    const distInfo = findDistInfo(archive);
    if (isRefusal(distInfo)) return distInfo;
    const bytes = await archive.read(`${distInfo}/METADATA`);
    if (isRefusal(bytes)) return bytes;
    const warnings = await checkDistInfo(archive, distInfo, rules);
    if (isRefusal(warnings)) return warnings;
    const file: PythonFile = {
      filename,
      fileKind: 'wheel',
      pythonTag: named.pythonTag,
      metadataFile: { name: 'METADATA', bytes },
      isMetadataServed: () => true,
      isNamed: (normalizedName, version) =>
        named.normalizedName === normalizedName &&
        named.version.sortKey === version.sortKey &&
        isDistInfoOf(distInfo, normalizedName, version),
      filenameProblem: () => undefined,
      licenseFolder: `${distInfo}/licenses/`,
      holds: (name) => archive.has(name),
      warnings,
    };
    return makePythonCandidate(file, rules);
  } finally {
    await archive.close();
  }
}

function findDistInfo(archive: ZipArchive): string | Refusal {
  const roots = new Set(archive.entries.map(({ name }) => name.split('/', 1)[0]!));
  const found = [...roots].filter((root) => root.endsWith(distInfoEnding));
  const distInfo = found[0];
  if (distInfo === undefined) return refuse('metadata-missing', 'The wheel holds no .dist-info folder.');
  if (found.length > 1) return refuse('metadata-invalid', 'The wheel holds more than one .dist-info folder.');
  const missing = neededFiles.find((file) => !archive.has(`${distInfo}/${file}`));
  if (missing === undefined) return distInfo;
  return refuse('metadata-missing', `The wheel holds no ${missing} in its .dist-info folder.`);
}

/** Looks at what stands beside METADATA. @returns warnings, or a refusal */
async function checkDistInfo(archive: ZipArchive, distInfo: string, rules: PythonRules): Promise<string[] | Refusal> {
  const record = await archive.read(`${distInfo}/RECORD`);
  if (isRefusal(record)) return record;
  const difference = compareRecord(record, archive.entries, distInfo);
  if (isRefusal(difference)) return difference;
  if (difference !== undefined && !rules.has('wrong-records')) return refuse('metadata-mismatch', difference);
  const entryPoints = `${distInfo}/entry_points.txt`;
  if (archive.has(entryPoints)) {
    const bytes = await archive.read(entryPoints);
    if (isRefusal(bytes)) return bytes;
    const problem = entryPointsProblem(bytes);
    if (problem !== undefined) return refuse('metadata-invalid', `The wheel's entry_points.txt ${problem}.`);
  }
  return difference === undefined ? [] : [difference];
}

/** The folder's name is escaped as the file's is, but by the tool's own idea of it: `Demo.Py-1.0` and `demo_py-1.0` are one. */
function isDistInfoOf(distInfo: string, normalizedName: string, version: PythonVersion): boolean {
  const stem = distInfo.slice(0, -distInfoEnding.length);
  for (let hyphen = stem.indexOf('-'); hyphen !== -1; hyphen = stem.indexOf('-', hyphen + 1)) {
    if (normalizePythonName(stem.slice(0, hyphen)) !== normalizedName) continue;
    if (parsePythonVersion(stem.slice(hyphen + 1))?.sortKey === version.sortKey) return true;
  }
  return false;
}
