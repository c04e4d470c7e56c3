/**
 * The way into a Python file: which inspection it gets is told by the ending of its name, as for every installer.
 */
import { pythonFilenameLengthMax } from '../../identity/python.ts';
import { type Refusal, refuse } from '../../std/refusals.ts';
import { shownName } from '../archive/entry-names.ts';
import type { ArchiveLimits, Candidate } from '../candidate.ts';
import { inspectSdist } from '../sdist/inspect.ts';
import { inspectWheel } from '../wheel/inspect.ts';
import type { PythonRules } from './rules.ts';

const endedFormats: readonly (readonly [ending: string, sentence: string])[] = [
  ['.zip', 'Source distributions are .tar.gz files only (PEP 625); .zip is no longer accepted.'],
  ['.egg', 'Eggs are no longer accepted (PEP 715); publish a wheel.'],
  ['.exe', 'Windows installers are no longer accepted (PEP 527); publish a wheel.'],
  ['.msi', 'Windows installers are no longer accepted (PEP 527); publish a wheel.'],
  ['.rpm', 'RPM packages are no longer accepted (PEP 527); publish a wheel.'],
  ['.deb', 'Debian packages are no longer accepted (PEP 527); publish a wheel.'],
  ['.dmg', 'Disk images are no longer accepted (PEP 527); publish a wheel.'],
  ['.tgz', 'Source distributions end in .tar.gz, not in .tgz.'],
  ['.tar', 'Source distributions are .tar.gz files only (PEP 625).'],
  ['.tar.bz2', 'Source distributions are .tar.gz files only (PEP 625).'],
  ['.tar.xz', 'Source distributions are .tar.gz files only (PEP 625).'],
  ['.tar.Z', 'Source distributions are .tar.gz files only (PEP 625).'],
];

/**
 * Inspects an uploaded Python file.
 * @param path of the bytes
 * @param filename as uploaded; never used as a path
 * @param limits in bytes and entries
 * @param rules what is taken although PyPI refuses it
 * @returns the candidate; or what `inspectWheel` and `inspectSdist` refuse, and `filename-invalid` for any other kind of file
 */
export async function inspectPythonFile(
  path: string,
  filename: string,
  limits: ArchiveLimits,
  rules: PythonRules,
): Promise<Candidate | Refusal> {
  if (filename.length > pythonFilenameLengthMax) {
    return refuse('filename-invalid', `The file name is longer than ${pythonFilenameLengthMax} characters.`);
  }
  if (/[\u0000-\u001f\u007f/\\]/.test(filename)) {
    return refuse('filename-invalid', 'The file name has a slash, backslash or control character in it.');
  }
  if (filename.endsWith('.whl')) return inspectWheel(path, filename, limits, rules);
  if (filename.endsWith('.tar.gz')) return inspectSdist(path, filename, limits, rules);
  const ended = endedFormats.find(([ending]) => filename.endsWith(ending));
  const sentence = ended?.[1] ?? 'Python files end in .whl or .tar.gz, in lower case.';
  return refuse('filename-invalid', `${shownName(filename)} cannot be published. ${sentence}`);
}
