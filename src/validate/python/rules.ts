/**
 * Where this gallery differs from the public one on purpose, because it is somebody's own: each difference has a name that the
 * settings `pythonRefuse` and `pythonAllow` know. What is not named here is one rule for all (docs/decisions/0015-python-rules.md).
 */

/** Taken here unless `pythonRefuse` names it; the public gallery takes none of these, and only warns of the last. */
export const takenByDefault = [
  /** `1.0+ours.1` (PEP 440). */
  'local-versions',
  /** Wheels for a platform as a machine calls itself: `linux_x86_64`, `freebsd_14_1_release_amd64`. */
  'native-platforms',
  /** Classifiers that begin with `Private ::`, with which authors keep packages off the public gallery. */
  'private-classifiers',
  /** Names as older tools write them: `Demo-Py-1.0.0.tar.gz`, `Demo.Py-1.0-py3-none-any.whl`. */
  'legacy-filenames',
  /** Wheels whose RECORD does not list what they hold. */
  'wrong-records',
] as const;

/** Refused here unless `pythonAllow` names it. */
export const refusedByDefault = [
  /** `Requires-Dist: name @ https://…`, which leads installers past the gallery. */
  'direct-requirements',
  /** Metadata that installers understand, but that breaks a rule which came after it was written. */
  'old-metadata',
] as const;

export type PythonAllowance = (typeof takenByDefault)[number] | (typeof refusedByDefault)[number];

/** What is taken although the public gallery refuses it. */
export type PythonRules = ReadonlySet<PythonAllowance>;

/**
 * @param refuse names of `takenByDefault`
 * @param allow names of `refusedByDefault`
 */
export function pythonRules(refuse: readonly string[], allow: readonly string[]): PythonRules {
  return new Set([
    ...takenByDefault.filter((name) => !refuse.includes(name)),
    ...refusedByDefault.filter((name) => allow.includes(name)),
  ]);
}
