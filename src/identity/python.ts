/**
 * Names, versions and file names of Python packages, exactly as pip's `packaging` library reads them: two spellings are one
 * package or one version here if and only if they are for pip. All of it is ASCII; no rule depends on a locale.
 */

/** Versions longer than this are refused; PyPI's longest is far below. In characters. */
export const pythonVersionLengthMax = 200;
/** Every number inside a version. In digits, leading zeros not counted. */
export const pythonNumberDigitsMax = 60;
/** What file systems hold, and more than any wheel needs. In characters. */
export const pythonFilenameLengthMax = 240;

export interface PythonVersion {
  /** What Python's `str(Version(text))` gives; keeps the local part and trailing zeros of the release. */
  readonly normalized: string;
  /** `normalized` without the local part. */
  readonly public: string;
  /** ASCII text whose byte order is the order of PEP 440. Equal keys mean equal versions: `1.0` and `1.0.0` share one. */
  readonly sortKey: string;
  /** True for alpha, beta, candidate and development releases. */
  readonly isPrerelease: boolean;
  /** True when there is a `+local` part. */
  readonly isLocal: boolean;
}

export interface WheelFilename {
  /** The name part as written, such as `demo_py`. */
  readonly name: string;
  readonly normalizedName: string;
  readonly version: PythonVersion;
  /** Undefined when there is no build tag. The number has no leading zeros. */
  readonly build: { readonly number: string; readonly suffix: string } | undefined;
  /** The first of the three tags as written, such as `py2.py3`. */
  readonly pythonTag: string;
  readonly pythons: readonly string[];
  readonly abis: readonly string[];
  readonly platforms: readonly string[];
}

export interface SdistFilename {
  readonly normalizedName: string;
  readonly version: PythonVersion;
}

/**
 * The identity of a name: lower case, runs of `-`, `_` and `.` as one `-` (PEP 503). Only ASCII letters change, so that `K`
 * (the Kelvin sign) never becomes `k`.
 */
export function normalizePythonName(name: string): string {
  return name.replace(/[-_.]+/g, '-').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Tells whether a name is valid (PEP 508): ASCII letters, digits, `.`, `_`, `-`, with a letter or digit at both ends. */
export function isValidPythonName(name: string): boolean {
  // Without the flags i, u and m: `$` is the very end, and no other letter folds into an ASCII one.
  return /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name);
}

const versionPattern = new RegExp(
  [
    /^[ \t\n\r\f\v]*v?/,
    /(?:(?<epoch>[0-9]+)!)?/,
    /(?<release>[0-9]+(?:\.[0-9]+)*)/,
    /(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>[0-9]+)?)?/,
    /(?:-(?<bareNumber>[0-9]+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>[0-9]+)?)?/,
    /(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>[0-9]+)?)?/,
    /(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?/,
    /[ \t\n\r\f\v]*$/,
  ]
    .map((part) => part.source)
    .join(''),
);
const prereleaseWords: { readonly [word: string]: string } = {
  alpha: 'a',
  beta: 'b',
  c: 'rc',
  pre: 'rc',
  preview: 'rc',
};

/** The parts of a version; numbers are decimal digits without leading zeros, undefined means that the part is not there. */
interface VersionParts {
  readonly epoch: string;
  readonly release: readonly string[];
  readonly pre: { readonly letter: string; readonly number: string } | undefined;
  readonly post: string | undefined;
  readonly dev: string | undefined;
  readonly local: readonly string[] | undefined;
}

/**
 * Reads a version (PEP 440, appendix B, as `packaging.version.Version` does).
 * @param text the version in any of its spellings, with ASCII blanks around it or not
 * @returns undefined when it is not a version, longer than 200 characters, or has a number of more than 60 digits
 */
export function parsePythonVersion(text: string): PythonVersion | undefined {
  const parts = versionParts(text);
  if (parts === undefined) return undefined;
  const publicText = publicSpelling(parts);
  return {
    normalized: parts.local === undefined ? publicText : `${publicText}+${parts.local.join('.')}`,
    public: publicText,
    sortKey: sortKeyOf(parts),
    isPrerelease: parts.pre !== undefined || parts.dev !== undefined,
    isLocal: parts.local !== undefined,
  };
}

function versionParts(text: string): VersionParts | undefined {
  if (text.length > pythonVersionLengthMax) return undefined;
  // A folding flag would let `ſ` pass for `s`; lowering the ASCII letters first does not.
  const groups = versionPattern.exec(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))?.groups;
  if (groups === undefined) return undefined;
  const { epoch, release, pre, preNumber, bareNumber, post, postNumber, dev, devNumber, local } = groups;
  const parts: VersionParts = {
    epoch: plainNumber(epoch),
    release: release!.split('.').map(plainNumber),
    pre: pre === undefined ? undefined : { letter: prereleaseWords[pre] ?? pre, number: plainNumber(preNumber) },
    post: bareNumber === undefined && post === undefined ? undefined : plainNumber(bareNumber ?? postNumber),
    dev: dev === undefined ? undefined : plainNumber(devNumber),
    local: local?.split(/[-_.]/).map((segment) => (isNumber(segment) ? plainNumber(segment) : segment)),
  };
  const numbers = [parts.epoch, ...parts.release, parts.pre?.number, parts.post, parts.dev];
  numbers.push(...(parts.local ?? []).filter(isNumber));
  if (numbers.some((number) => number !== undefined && number.length > pythonNumberDigitsMax)) return undefined;
  return parts;
}

/** A number that is not written counts as 0: `1.0a` is `1.0a0`. */
function plainNumber(digits = '0'): string {
  return digits.replace(/^0+(?=[0-9])/, '');
}

function isNumber(segment: string): boolean {
  return /^[0-9]+$/.test(segment);
}

function publicSpelling(parts: VersionParts): string {
  const epoch = parts.epoch === '0' ? '' : `${parts.epoch}!`;
  const pre = parts.pre === undefined ? '' : `${parts.pre.letter}${parts.pre.number}`;
  const post = parts.post === undefined ? '' : `.post${parts.post}`;
  const dev = parts.dev === undefined ? '' : `.dev${parts.dev}`;
  return `${epoch}${parts.release.join('.')}${pre}${post}${dev}`;
}

/**
 * The order of `packaging.version._cmpkey` as text. A number is its count of digits (two characters) and the digits, so that
 * longer numbers sort above; a list ends with `!`, which sorts below every digit and letter, so that it sorts below each list
 * that goes on. Each part that may be absent starts with one character that says where absence sorts.
 */
function sortKeyOf(parts: VersionParts): string {
  const release = [...parts.release];
  while (release.at(-1) === '0') release.pop();
  const key = [sortableNumber(parts.epoch), ...release.map(sortableNumber), '!'];
  key.push(sortablePrerelease(parts));
  key.push(parts.post === undefined ? '0' : `1${sortableNumber(parts.post)}`);
  key.push(parts.dev === undefined ? '1' : `0${sortableNumber(parts.dev)}`);
  if (parts.local === undefined) return `${key.join('')}0`;
  const segments = parts.local.map((segment) => (isNumber(segment) ? `n${sortableNumber(segment)}` : `a${segment}!`));
  return `${key.join('')}1${segments.join('')}!`;
}

function sortablePrerelease({ pre, post, dev }: VersionParts): string {
  // A bare development release comes before the first alpha; with `.post` before it, it belongs to the post-release.
  if (pre === undefined) return dev !== undefined && post === undefined ? '0' : '4';
  return `${pre.letter === 'a' ? '1' : pre.letter === 'b' ? '2' : '3'}${sortableNumber(pre.number)}`;
}

function sortableNumber(digits: string): string {
  return `${String(digits.length).padStart(2, '0')}${digits}`;
}

/**
 * Reads the file name of a wheel (PEP 427, PEP 425; the same names as `packaging.utils.parse_wheel_filename`, but ASCII only).
 * @returns undefined when it is not one: wrong ending, not five or six parts, or a part that is not valid
 */
export function parseWheelFilename(filename: string): WheelFilename | undefined {
  if (!filename.endsWith('.whl') || filename.length > pythonFilenameLengthMax) return undefined;
  const parts = filename.slice(0, -'.whl'.length).split('-');
  if (parts.length !== 5 && parts.length !== 6) return undefined;
  const [name, versionText] = parts as [string, string];
  // `__` is what escaping never yields; pip ignores such wheels, so that nobody could install them.
  if (name.includes('__') || !/^[A-Za-z0-9._]+$/.test(name) || !isValidPythonName(name)) return undefined;
  const version = parsePythonVersion(versionText);
  if (version === undefined || /[ \t\n\r\f\v]/.test(versionText)) return undefined;
  const build = parts.length === 6 ? /^([0-9]+)([A-Za-z0-9_.]*)$/.exec(parts[2]!) : undefined;
  if (build === null) return undefined;
  const tags = parts.slice(-3).map((tag) => tag.toLowerCase().split('.'));
  if (tags.flat().some((tag) => !/^[a-z0-9_]+$/.test(tag))) return undefined;
  const [pythons, abis, platforms] = tags as [string[], string[], string[]];
  return {
    name,
    normalizedName: normalizePythonName(name),
    version,
    build: build === undefined ? undefined : { number: plainNumber(build[1]), suffix: build[2]! },
    pythonTag: parts.at(-3)!,
    pythons,
    abis,
    platforms,
  };
}

/**
 * Reads the file name of a source distribution, split at its last hyphen (PEP 625, `packaging.utils.parse_sdist_filename`).
 * Old tools leave hyphens in names and even in versions (`demo-1.0-1.tar.gz`), so this is a guess where the name is not known;
 * `isSdistFilenameOf` is sure.
 * @returns undefined when it does not end in `.tar.gz`, or has no valid name and version
 */
export function parseSdistFilename(filename: string): SdistFilename | undefined {
  return sdistReadings(filename)[0];
}

/** Tells whether a file name is one of this name and version in some reading: each hyphen may be where the version starts. */
export function isSdistFilenameOf(filename: string, normalizedName: string, version: PythonVersion): boolean {
  return sdistReadings(filename).some(
    (reading) => reading.normalizedName === normalizedName && reading.version.sortKey === version.sortKey,
  );
}

/** Every way to split the name, the last hyphen first. */
function sdistReadings(filename: string): SdistFilename[] {
  if (!filename.endsWith('.tar.gz') || filename.length > pythonFilenameLengthMax) return [];
  if (!/^[A-Za-z0-9._+!-]+$/.test(filename)) return [];
  const pieces = filename.slice(0, -'.tar.gz'.length).split('-');
  const readings: SdistFilename[] = [];
  for (let at = pieces.length - 1; at > 0; at -= 1) {
    const name = pieces.slice(0, at).join('-');
    const version = parsePythonVersion(pieces.slice(at).join('-'));
    if (version === undefined || !isValidPythonName(name)) continue;
    readings.push({ normalizedName: normalizePythonName(name), version });
  }
  return readings;
}
