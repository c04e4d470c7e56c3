/**
 * Versions as the two PowerShell clients understand them, apart from the gallery's own code: NuGet.Versioning (PSResourceGet) and
 * System.Version. Rules: NuGet.Client src/NuGet.Core/NuGet.Versioning (NuGetVersionFactory, VersionComparer, VersionRangeFactory).
 */

export interface NuGetVersion {
  /** Major, minor, patch, revision. */
  readonly numbers: readonly [number, number, number, number];
  /** Labels behind the hyphen; empty for a stable version. */
  readonly labels: readonly string[];
  /** As it was written, without spaces around. */
  readonly original: string;
}

export interface VersionRange {
  readonly min: NuGetVersion | undefined;
  readonly max: NuGetVersion | undefined;
  readonly isMinInclusive: boolean;
  readonly isMaxInclusive: boolean;
}

/** VersionRange.All: what `*` means. */
export const anyVersion: VersionRange = {
  min: undefined,
  max: undefined,
  isMinInclusive: true,
  isMaxInclusive: true,
};

const versionPattern =
  /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-.]+)?$/;

/** NuGetVersion.TryParse. @returns undefined where it says false */
export function parseNuGetVersion(text: string): NuGetVersion | undefined {
  const original = text.trim();
  const match = versionPattern.exec(original);
  if (match === null) return undefined;
  const [major, minor, patch, revision] = match.slice(1, 5).map((number) => Number(number ?? 0));
  return {
    numbers: [major ?? 0, minor ?? 0, patch ?? 0, revision ?? 0],
    labels: match[5]?.split('.') ?? [],
    original,
  };
}

/** ToNormalizedString: three numbers, or four when the last is not 0; the label in its own letter case; no build metadata. */
export function normalized(version: NuGetVersion): string {
  const [major, minor, patch, revision] = version.numbers;
  const numbers = `${major}.${minor}.${patch}${revision === 0 ? '' : `.${revision}`}`;
  return version.labels.length === 0 ? numbers : `${numbers}-${version.labels.join('.')}`;
}

export const isPrerelease = (version: NuGetVersion): boolean => version.labels.length > 0;

/** VersionComparer.Default. @returns below, at or above 0 */
export function compareVersions(one: NuGetVersion, other: NuGetVersion): number {
  for (const place of [0, 1, 2, 3] as const) {
    const difference = one.numbers[place] - other.numbers[place];
    if (difference !== 0) return difference;
  }
  if (one.labels.length === 0 || other.labels.length === 0) return other.labels.length - one.labels.length;
  for (let place = 0; place < Math.max(one.labels.length, other.labels.length); place += 1) {
    const difference = compareLabels(one.labels[place], other.labels[place]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Fewer labels come first, numbers before words, words by letter whatever their case. */
function compareLabels(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
  const [oneIsNumber, otherIsNumber] = [/^\d+$/.test(one), /^\d+$/.test(other)];
  if (oneIsNumber && otherIsNumber) return Number(one) - Number(other);
  if (oneIsNumber !== otherIsNumber) return oneIsNumber ? -1 : 1;
  const [left, right] = [one.toUpperCase(), other.toUpperCase()];
  return left < right ? -1 : Number(left > right);
}

/** VersionRange.TryParse: `1.0`, `[1.0]`, `(1.0, 2.0]`, `[1.0,)`, and `1.*`, which is a lower bound and nothing more. */
export function parseVersionRange(text: string): VersionRange | undefined {
  const trimmed = text.trim();
  if (trimmed === '*') return { ...anyVersion };
  const bracketed = /^([[(])(.*)([\])])$/.exec(trimmed);
  if (bracketed === null) {
    const min = parseNuGetVersion(trimmed.replace(/\.\*$/, ''));
    return min && { min, max: undefined, isMinInclusive: true, isMaxInclusive: false };
  }
  const [, opening, inside = '', closing] = bracketed;
  const parts = inside.split(',');
  const isMinInclusive = opening === '[';
  const isMaxInclusive = closing === ']';
  if (
    parts.length > 2 ||
    parts.every((part) => part === '') ||
    (parts.length === 1 && !(isMinInclusive && isMaxInclusive))
  )
    return undefined;
  const [lower, upper] = parts.length === 1 ? [parts[0], parts[0]] : parts;
  const bounds = [lower, upper].map((bound) =>
    bound === undefined || bound.trim() === '' ? null : parseNuGetVersion(bound),
  );
  if (bounds.includes(undefined)) return undefined;
  const [min, max] = bounds.map((bound) => bound ?? undefined);
  return { min, max, isMinInclusive, isMaxInclusive };
}

/** VersionRange.Satisfies: bounds only; whether prereleases are wanted is another question. */
export function satisfies(range: VersionRange, version: NuGetVersion): boolean {
  const above = range.min === undefined ? 1 : compareVersions(version, range.min);
  const below = range.max === undefined ? -1 : compareVersions(version, range.max);
  return (above > 0 || (above === 0 && range.isMinInclusive)) && (below < 0 || (below === 0 && range.isMaxInclusive));
}

/** Whether a range equals VersionRange.All: a bound that is not there is not inclusive either, so `(, )` does (VersionRangeBase.cs). */
export function isAnyVersion(range: VersionRange): boolean {
  return range.min === undefined && range.max === undefined;
}

/** System.Version.TryParse: two to four numbers, spaces around them allowed. @returns undefined where it says false */
export function parseSystemVersion(text: string): string | undefined {
  const parts = text.split('.').map((part) => part.trim());
  const isValid =
    parts.length >= 2 && parts.length <= 4 && parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) < 2 ** 31);
  return isValid ? parts.map(Number).join('.') : undefined;
}
