/**
 * What a drill is: an outage that happened to somebody, what must hold here when it happens again, and the part of the
 * gallery that makes it hold. A clause that was never judged counts as broken, so that a drill which stops half way fails.
 */
import { systemClock } from '../std/clock.ts';
import type { Pager } from './pager.ts';
import type { RunningGallery } from './running-gallery.ts';
import type { RunningStatus } from './running-status.ts';
import type { Users } from './users.ts';

export interface Countermeasure {
  /** The part of production that this drill puts to the test. */
  readonly component: string;
  /** How a gallery is run without it. */
  readonly switchedOff: string;
  /** HOLDFAST_ variables of a gallery without it. */
  readonly settingsWithout: Readonly<Record<string, string>>;
  /** Sections of the status service’s configuration without it; given when it is a part of the status service. */
  readonly statusWithout?: Readonly<Record<string, unknown>>;
  /** The clause that breaks without it. */
  readonly upholds: string;
}

export interface Drill {
  readonly name: string;
  /** When and to whom it happened, and how. */
  readonly incident: string;
  /** What must hold, each clause a sentence. */
  readonly clauses: readonly string[];
  /** What the status service must tell; judged when it is there, which it is not in a run without another countermeasure. */
  readonly statusClauses: readonly string[];
  /** Sections of the status service’s configuration, beside those of every drill. */
  readonly statusConfiguration?: (pager: Pager) => Readonly<Record<string, unknown>>;
  readonly countermeasure: Countermeasure;
  /** HOLDFAST_ variables of the gallery under drill. */
  readonly settings: Readonly<Record<string, string>>;
  /** Breaks the gallery, watches it, and judges every clause. */
  run(stage: Stage): Promise<void>;
}

export interface ClauseResult {
  readonly clause: string;
  readonly held: boolean;
  /** What was seen: of a clause that broke, the first thing that broke it. */
  readonly seen: string;
}

export interface Detection {
  /** What was noticed. */
  readonly what: string;
  /** Which signal told it. */
  readonly by: string;
  readonly afterMs: number;
}

export interface Recovery {
  readonly what: string;
  readonly afterMs: number;
}

/** What is said of a clause that the drill never came to. */
export const notJudged = 'the drill did not get so far';

/** What a drill works on, and where it writes down what it did and saw. Times are milliseconds of the monotonic clock. */
export class Stage {
  readonly gallery: RunningGallery;
  readonly users: Users;
  /** Watches from outside; undefined in a run without a countermeasure that is none of its own. */
  readonly status: RunningStatus | undefined;
  /** Path of main.ts of the version that runs. */
  readonly program: string;
  /** True when the gallery runs without the countermeasure. */
  readonly isWithout: boolean;
  readonly injected: string[] = [];
  readonly usersSaw: string[] = [];
  readonly detected: Detection[] = [];
  readonly recovered: Recovery[] = [];
  lost = 'not found out: the drill did not get so far';
  readonly #clauses: readonly string[];
  readonly #results = new Map<string, ClauseResult>();
  readonly #onProgress: (text: string) => void;

  constructor(
    drill: Drill,
    parts: {
      gallery: RunningGallery;
      users: Users;
      status: RunningStatus | undefined;
      program: string;
      isWithout: boolean;
    },
    onProgress: (text: string) => void,
  ) {
    this.gallery = parts.gallery;
    this.users = parts.users;
    this.program = parts.program;
    this.isWithout = parts.isWithout;
    this.status = parts.status;
    this.#clauses = parts.status === undefined ? drill.clauses : [...drill.clauses, ...drill.statusClauses];
    this.#onProgress = onProgress;
  }

  /** Notes what is broken now. @returns the moment */
  inject(what: string): number {
    this.injected.push(what);
    this.#onProgress(what);
    return now();
  }

  /** Judges a clause, once or several times: it holds if it held each time. */
  judge(clause: string, held: boolean, seen: string): void {
    if (!this.#clauses.includes(clause)) throw new Error(`"${clause}" is no clause of this drill`);
    if (this.#results.get(clause)?.held === false) return;
    this.#results.set(clause, { clause, held, seen });
  }

  /** Every clause in the drill's order, those that were never judged as broken. */
  results(): ClauseResult[] {
    const missing = { held: false, seen: notJudged };
    return this.#clauses.map((clause) => this.#results.get(clause) ?? { clause, ...missing });
  }

  detect(what: string, by: string, afterMs: number): void {
    this.detected.push({ what, by, afterMs: Math.round(afterMs) });
  }

  recover(what: string, afterMs: number): void {
    this.recovered.push({ what, afterMs: Math.round(afterMs) });
  }
}

/** This moment, in milliseconds of the monotonic clock. */
export function now(): number {
  return systemClock.monotonicMs();
}

/** Lets the outage last. */
export function pass(ms: number): Promise<void> {
  return systemClock.sleep(ms);
}
