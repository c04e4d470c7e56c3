/** What a part of the benchmark is given, and what it gives back. Tables are text by then: no figure is rounded twice. */

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One line of the table of goals in docs/PERFORMANCE.md. */
export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly isMet: boolean;
}

export interface SectionResult {
  readonly tables: readonly Table[];
  readonly goals: readonly Goal[];
  /** What a reader has to know about these figures. */
  readonly notes: readonly string[];
}

/** How much is measured; the test of the benchmark runs everything at the smallest size. */
export interface Sizes {
  /** How often every candidate has its turn. */
  readonly rounds: number;
  /** Whole seconds of one run of wrk. */
  readonly loadSeconds: number;
  /** Seconds of load before the first round, for each candidate. */
  readonly warmUpSeconds: number;
  /** False leaves out what costs time and shows nothing else: the second worker, the second document. */
  readonly isWhole: boolean;
  /** Versions of the package whose index is the large document. */
  readonly documentVersions: number;
  readonly largeBlobBytes: number;
  /** Publishes one after another, and 16 at once, in each round. */
  readonly publishesAlone: number;
  readonly publishesAtOnce: number;
  /** Packages of the small gallery, and of the large one. */
  readonly packages: readonly [few: number, many: number];
  /** How often each of them is started. */
  readonly starts: number;
  readonly versions: readonly [few: number, many: number];
  readonly searchedPackages: number;
  /** Of each kind. */
  readonly questions: number;
  /** Days that the status service lives through. */
  readonly historyDays: number;
}

export interface BenchContext {
  readonly sizes: Sizes;
  /** Folder of everything that the benchmark keeps: galleries made for it, results. */
  readonly folder: string;
  say(text: string): void;
  /** Runs when the section has ended, whatever came of it; the last one given runs first. */
  ending(stop: () => Promise<void> | void): void;
}

export interface Section {
  readonly title: string;
  /** Programs it cannot do without, as they are called on the path. */
  readonly needs: readonly string[];
  measure(context: BenchContext): Promise<SectionResult>;
}

export const wholeSizes: Sizes = {
  rounds: 5,
  loadSeconds: 3,
  warmUpSeconds: 2,
  isWhole: true,
  documentVersions: 200,
  largeBlobBytes: 10_000_000,
  publishesAlone: 100,
  publishesAtOnce: 400,
  packages: [1_000, 100_000],
  starts: 5,
  versions: [10, 5_000],
  searchedPackages: 100_000,
  questions: 200,
  historyDays: 365,
};

export const tinySizes: Sizes = {
  rounds: 1,
  loadSeconds: 1,
  warmUpSeconds: 0,
  isWhole: false,
  documentVersions: 10,
  largeBlobBytes: 1_000_000,
  publishesAlone: 2,
  publishesAtOnce: 4,
  packages: [5, 10],
  starts: 1,
  versions: [2, 5],
  searchedPackages: 50,
  questions: 2,
  historyDays: 2,
};
