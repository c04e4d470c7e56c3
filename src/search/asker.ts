/** Who asks, as far as it decides what is seen: what every request to search has. */
export interface Asker {
  readonly feed: string;
  readonly hasPrerelease: boolean;
  /** Whether the client knows SemVer 2; one that does not must not see such versions. */
  readonly hasSemVer2: boolean;
}
