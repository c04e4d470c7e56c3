/**
 * Names and versions of NuGet packages: which are allowed, which are the same, and which comes first. Every rule here was
 * compared with NuGet.Versioning of SDK 10.0.401; the text of a sort key orders as its VersionComparer does.
 */

/** NuGet.Packaging's manifest rule; the gallery's database column is wider. */
export const packageIdLengthMax = 100;
/** Length of a version's text, build metadata included. */
export const versionLengthMax = 64;
/** Length of id and normalised version together. */
export const idAndVersionLengthMax = 160;

const int32Max = 2_147_483_647n;
const int32Min = -2_147_483_648n;

// .NET's \w: letters, non-spacing marks, decimal digits, connector punctuation, and nothing beyond the first Unicode plane,
// since .NET matches UTF-16 units.
const packageIdShape = /^[\p{L}\p{Mn}\p{Nd}\p{Pc}]+(?:[.-][\p{L}\p{Mn}\p{Nd}\p{Pc}]+)*$/u;
const beyondFirstPlane = /[\u{10000}-\u{10ffff}]/u;

const label = '[0-9A-Za-z-]+';
const versionShape = new RegExp(
  `^(\\d+(?:\\.\\d+){0,3})(?:-(${label}(?:\\.${label})*))?(?:\\+(${label}(?:\\.${label})*))?$`,
);

/**
 * The identity of a package: ids that differ in letter case only are one package. Follows .NET's ToLowerInvariant, which maps
 * one code point to one, so that a character whose lower case is longer (U+0130) stays, and a final sigma is a sigma.
 * @param id as the author writes it
 */
export function normalizePackageId(id: string): string {
  let normalized = '';
  for (const character of id) {
    const lower = character.toLowerCase();
    normalized += lower.length === character.length ? lower : character;
  }
  return normalized;
}

/** Tells whether an id is one that NuGet allows: words joined by single dots or hyphens, at most 100 UTF-16 units. */
export function isValidPackageId(id: string): boolean {
  return id.length <= packageIdLengthMax && packageIdShape.test(id) && !beyondFirstPlane.test(id);
}

export interface NuGetVersion {
  /** As it was written, without white space around it. */
  readonly original: string;
  /** Three or four numbers without leading zeros, and the prerelease label as written; no build metadata. */
  readonly normalized: string;
  /** The normalised version in lower case: the identity of a version, and what stands in URLs. */
  readonly lower: string;
  /** ASCII text whose byte order is NuGet's version order; versions that NuGet calls equal have equal keys. */
  readonly sortKey: string;
  readonly isPrerelease: boolean;
  /** True when clients that know SemVer 1 only could not read it: a dotted label, or build metadata. */
  readonly isSemVer2: boolean;
  /** What stands behind the plus sign; empty when there is none. */
  readonly metadata: string;
}

/**
 * Reads a version the way NuGetVersion.TryParse does, except that white space inside it is not allowed.
 * @param text one to four numbers, each at most 2147483647, with an optional label and build metadata; 64 characters at most
 * @returns undefined when NuGet would not take it
 */
export function parseNuGetVersion(text: string): NuGetVersion | undefined {
  const original = text.trim();
  if (original.length > versionLengthMax) return undefined;
  const match = versionShape.exec(original);
  if (match === null) return undefined;
  const numbers = match[1]!.split('.').map(BigInt);
  const labels = match[2]?.split('.') ?? [];
  const metadata = match[3] ?? '';
  if (numbers.some((number) => number > int32Max) || labels.some(hasLeadingZero)) return undefined;
  while (numbers.length < 4) numbers.push(0n);
  const shown = numbers[3] === 0n ? numbers.slice(0, 3) : numbers;
  const normalized = shown.join('.') + (labels.length > 0 ? `-${labels.join('.')}` : '');
  return {
    original,
    normalized,
    lower: normalized.toLowerCase(),
    sortKey: sortKeyOf(numbers, labels),
    isPrerelease: labels.length > 0,
    isSemVer2: labels.length > 1 || metadata !== '',
    metadata,
  };
}

function hasLeadingZero(text: string): boolean {
  return /^0\d+$/.test(text);
}

/**
 * Four numbers of ten digits; then `~` for a release, which is above `-` and the labels. A label that NuGet reads as a 32-bit
 * number (with its sign: the label `-1` is one) is `0` and ten digits, any other is `1` and its capitals. `!` parts labels, as
 * it is below every character of a label.
 */
function sortKeyOf(numbers: readonly bigint[], labels: readonly string[]): string {
  const head = numbers.map((number) => tenDigits(number)).join('.');
  if (labels.length === 0) return `${head}~`;
  return `${head}-${labels.map(labelKey).join('!')}`;
}

function labelKey(text: string): string {
  if (/^-?\d+$/.test(text)) {
    const number = BigInt(text);
    if (number >= int32Min && number <= int32Max) return `0${tenDigits(number - int32Min)}`;
  }
  return `1${text.toUpperCase()}`;
}

function tenDigits(number: bigint): string {
  return number.toString().padStart(10, '0');
}

export interface VersionRange {
  /** As registrations print it: `[1.0.0, )`, `(, 2.0.0]`, `(, )`. */
  readonly normalized: string;
  /** True when either bound is a SemVer 2 version: the package that has such a dependency is a SemVer 2 package. */
  readonly isSemVer2: boolean;
}

/** What a dependency without a version means. */
export const anyVersion: VersionRange = { normalized: '(, )', isSemVer2: false };

/**
 * Reads the version range of a dependency the way VersionRange.TryParse does. Floating versions (`1.*`) are not allowed in a
 * package. `(,)` is read as any version, which is what clients make of it.
 * @returns undefined when NuGet would not take it
 */
export function parseVersionRange(text: string): VersionRange | undefined {
  const trimmed = text.trim();
  const brackets = /^([[(])(.*)([\])])$/s.exec(trimmed);
  if (brackets === null) {
    const minimum = parseNuGetVersion(trimmed);
    return minimum && { normalized: `[${minimum.normalized}, )`, isSemVer2: minimum.isSemVer2 };
  }
  const includesMinimum = brackets[1] === '[';
  const includesMaximum = brackets[3] === ']';
  const parts = brackets[2]!.split(',').map((part) => part.trim());
  if (parts.length > 2) return undefined;
  if (parts.length === 1 && (parts[0] === '' || !includesMinimum || !includesMaximum)) return undefined;
  const [lowest = '', highest = lowest] = parts;
  const minimum = parseNuGetVersion(lowest);
  const maximum = parseNuGetVersion(highest);
  if ((minimum === undefined && lowest !== '') || (maximum === undefined && highest !== '')) return undefined;
  if (minimum !== undefined && maximum !== undefined) {
    if (minimum.sortKey > maximum.sortKey) return undefined;
    if (minimum.sortKey === maximum.sortKey && includesMinimum !== includesMaximum) return undefined;
  }
  const opening = minimum !== undefined && includesMinimum ? '[' : '(';
  const closing = maximum !== undefined && includesMaximum ? ']' : ')';
  return {
    normalized: `${opening}${minimum?.normalized ?? ''}, ${maximum?.normalized ?? ''}${closing}`,
    isSemVer2: (minimum?.isSemVer2 ?? false) || (maximum?.isSemVer2 ?? false),
  };
}

/** @returns whether a version lies in a range; a prerelease lies between its neighbours like any other version */
export function isInRange({ sortKey }: NuGetVersion, { normalized }: VersionRange): boolean {
  const [lowest = '', highest = ''] = normalized.slice(1, -1).split(', ');
  const minimum = parseNuGetVersion(lowest)?.sortKey;
  const maximum = parseNuGetVersion(highest)?.sortKey;
  if (minimum !== undefined && (normalized.startsWith('[') ? sortKey < minimum : sortKey <= minimum)) return false;
  return maximum === undefined || (normalized.endsWith(']') ? sortKey <= maximum : sortKey < maximum);
}

/** @param level what a client sends as `semVerLevel`: it knows SemVer 2 from 2.0.0 on, and does not when it says nothing */
export function knowsSemVer2(level: string | undefined): boolean {
  const version = level === undefined ? undefined : parseNuGetVersion(level);
  return version !== undefined && version.sortKey >= (parseNuGetVersion('2.0.0')?.sortKey ?? '');
}
