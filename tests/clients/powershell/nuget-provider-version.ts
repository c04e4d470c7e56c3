/**
 * Versions as PowerShellGet 2's NuGet provider understands them: SemanticVersion.cs and DependencyVersion.cs (OneGet 1.4.8,
 * providers/inbox/Common/Version). Labels are compared as text, so that `beta10` comes before `beta9`.
 */

export interface SemanticVersion {
  readonly numbers: readonly number[];
  readonly label: string;
  /** As it was written: what the user sees, and what downloads are asked with. */
  readonly original: string;
}

export interface DependencyVersion {
  readonly min: SemanticVersion | undefined;
  readonly max: SemanticVersion | undefined;
  readonly isMinInclusive: boolean;
  readonly isMaxInclusive: boolean;
}

const pattern =
  /^(\d+(?:\s*\.\s*\d+){0,3})(-[A-Z0-9a-z-]+(?:\.[A-Z0-9a-z-]+)*)?(?:\+[A-Z0-9a-z-]+(?:\.[A-Z0-9a-z-]+)*)?$/i;

/** `new SemanticVersion(text)`: throws on what is none; a single number is none to System.Version. */
export function semanticVersion(text: string | undefined): SemanticVersion {
  const match = pattern.exec((text ?? '').trim());
  const numbers = (match?.[1] ?? '').split('.').map(Number);
  if (match === null || numbers.length < 2) throw new Error(`ArgumentNullException: ${text} is no version`);
  return {
    numbers: [0, 1, 2, 3].map((place) => numbers[place] ?? 0),
    label: (match[2] ?? '').replace(/^-+/, ''),
    original: (text ?? '').replaceAll(' ', ''),
  };
}

/** CompareTo: a label is lower than none, and two labels are compared letter by letter whatever their case. */
export function compareSemantic(one: SemanticVersion, other: SemanticVersion): number {
  for (const [place, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[place] ?? 0);
    if (difference !== 0) return difference;
  }
  if (one.label === '' || other.label === '') return Number(one.label === '') - Number(other.label === '');
  const [left, right] = [one.label.toUpperCase(), other.label.toUpperCase()];
  return left < right ? -1 : Number(left > right);
}

/** GetComparableVersionStrings: the spellings that an exact version is looked for in, and no others. */
export function spellings(version: SemanticVersion): string[] {
  const [numbers = ''] = version.original.split('-');
  const [major = '0', minor = '0', build = '0', revision = '0'] = numbers.split('.');
  const label = version.label && `-${version.label}`;
  const all = [`${major}.${minor}.${build}.${revision}${label}`];
  if (version.numbers[3] === 0) all.unshift(`${major}.${minor}.${build}${label}`);
  if (version.numbers[3] === 0 && version.numbers[2] === 0) all.unshift(`${major}.${minor}${label}`);
  return all.map((text) => text.toLowerCase());
}

const noVersion: DependencyVersion = { min: undefined, max: undefined, isMinInclusive: false, isMaxInclusive: false };

/** ParseDependencyVersion: a bare version is a minimum; what has no form at all means any version; a bad number throws. */
export function dependencyVersion(text: string): DependencyVersion {
  const value = text.trim();
  if (value === '') return noVersion;
  if (!/^[[(]/.test(value) && !/[\])]$/.test(value))
    return { ...noVersion, min: semanticVersion(value), isMinInclusive: true };
  const match = /^([[(])(.+)([\])])$/.exec(value);
  if (match === null) return noVersion;
  const parts = (match[2] ?? '').split(',');
  const inclusive = { isMinInclusive: match[1] === '[', isMaxInclusive: match[3] === ']' };
  if (parts.length > 2 || parts.every((part) => part === '')) return { ...noVersion, ...inclusive };
  const bound = (part: string | undefined) =>
    part === undefined || part.trim() === '' ? undefined : semanticVersion(part);
  return { min: bound(parts[0]), max: bound(parts.length === 2 ? parts[1] : parts[0]), ...inclusive };
}

/** MinAndMaxVersionMatched (NugetLightRequest.cs). */
export function isWithinBounds(
  version: SemanticVersion,
  { min, max, isMinInclusive, isMaxInclusive }: DependencyVersion,
): boolean {
  const above = min === undefined ? 1 : compareSemantic(version, min);
  const below = max === undefined ? -1 : compareSemantic(version, max);
  return (above > 0 || (above === 0 && isMinInclusive)) && (below < 0 || (below === 0 && isMaxInclusive));
}

/** Whether only one version is meant. */
export function isExact({ min, max, isMinInclusive, isMaxInclusive }: DependencyVersion): boolean {
  return min !== undefined && max !== undefined && compareSemantic(min, max) === 0 && isMinInclusive && isMaxInclusive;
}
