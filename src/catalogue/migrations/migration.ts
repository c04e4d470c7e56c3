/** What a migration is. Expand first, contract later: the previous version of the program must run on the new schema. */

export interface Migration {
  /** 1, 2, 3 … without gaps. */
  readonly number: number;
  readonly name: string;
  /** True when a program that does not know this migration would do harm on the new schema: such a program refuses to start. */
  readonly isBreaking: boolean;
  /** @param int64 the engine's 64-bit column type */
  readonly statements: (int64: string) => readonly string[];
}
