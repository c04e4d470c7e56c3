/**
 * Which versions of a package an advisory is about, once its ranges are the plain intervals that the catalogue keeps. Decided by
 * the ecosystem's own version order, when documents are made: a version that is published later is judged like any other.
 */
import { parseNuGetVersion } from '../identity/nupkg.ts';
import { parsePythonVersion } from '../identity/python.ts';
import type { Ecosystem } from '../validate/candidate.ts';
import type { AdvisoryView, PackageView } from './package-view.ts';

/** An interval of versions in which the first one is affected. Both ends are normalised versions. */
export type AffectedRange = {
  /** The first affected version; empty for all from the very first one. */
  readonly from: string;
  /** Where it ends; empty when no end is known. */
  readonly to: string;
  /** Whether the end is affected as well, as in `last_affected`. */
  readonly includesTo: boolean;
};

/** A version as an ecosystem spells it, with text that orders like it. */
export interface OrderedVersion {
  readonly normalized: string;
  readonly sortKey: string;
}

/** @returns undefined when the ecosystem knows no such version */
export function parseVersionOf(ecosystem: Ecosystem, text: string): OrderedVersion | undefined {
  return ecosystem === 'python' ? parsePythonVersion(text) : parseNuGetVersion(text);
}

/** An interval by sort keys; every key is above the empty one. */
interface KeyRange {
  readonly from: string;
  readonly to: string;
  readonly includesTo: boolean;
}

/** @returns a function that tells whether a version, given by its sort key, lies in one of the ranges */
export function rangeTest(ecosystem: Ecosystem, ranges: readonly AffectedRange[]): (sortKey: string) => boolean {
  const keyOf = (version: string) => (version === '' ? '' : (parseVersionOf(ecosystem, version)?.sortKey ?? ''));
  const keys: KeyRange[] = ranges.map(({ from, to, includesTo }) => ({ from: keyOf(from), to: keyOf(to), includesTo }));
  return (sortKey) =>
    keys.some(
      ({ from, to, includesTo }) => sortKey >= from && (to === '' || sortKey < to || (includesTo && sortKey === to)),
    );
}

/**
 * The advisories of a package by version. Each is read once, however many versions there are.
 * @returns a function from a normalised version to the advisories about it, by id
 */
export function advisoriesOf(view: PackageView): (normalizedVersion: string) => readonly AdvisoryView[] {
  if (view.advisories.length === 0) return () => [];
  const tests = view.advisories.map((advisory) => ({
    advisory,
    isAffected: rangeTest(view.ecosystem, advisory.content.ranges),
  }));
  return (normalizedVersion) => {
    const sortKey = parseVersionOf(view.ecosystem, normalizedVersion)?.sortKey;
    if (sortKey === undefined) return [];
    return tests.filter(({ isAffected }) => isAffected(sortKey)).map(({ advisory }) => advisory);
  };
}
