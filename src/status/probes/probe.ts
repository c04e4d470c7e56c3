/**
 * What a probe is: one thing that a user does, at one address, tried again and again. A probe believes what it receives and
 * nothing else; it never throws, and it ends within its deadline.
 */

/** `unknown`: it could not be tried, which says nothing about the gallery. */
export type Verdict = 'good' | 'bad' | 'unknown';

export interface ProbeResult {
  readonly verdict: Verdict;
  readonly durationMs: number;
  /** What was wrong, in a sentence without a full stop that a person on duty understands; empty when good. */
  readonly words: string;
  /** Each hop with its own duration, such as `publish`, `visible`, `download`. */
  readonly steps: readonly { readonly name: string; readonly durationMs: number }[];
  /** What else was measured, such as `certificate_lifetime_left_ratio`. Rules for metrics see them by these names. */
  readonly measures: Readonly<Record<string, number>>;
}

export interface Probe {
  /** Unique and the same after every start: `install/python@IPv4`. */
  readonly id: string;
  /** What it does: `pip’s steps over IPv4: list of files, file, digest`. */
  readonly title: string;
  /** Key of the component that it tells about. */
  readonly component: string;
  /** Probes of one component and check that differ in `part` are alternatives: one that works keeps the component up. */
  readonly check: string;
  /** The address, edge or family; the same word in every check. */
  readonly part: string;
  readonly everyMs: number;
  readonly deadlineMs: number;
  /** How long an earlier result counts, in milliseconds; then the state is unknown. */
  readonly staleMs: number;
  /** @param signal aborts at the deadline, and when the service stops */
  run(signal: AbortSignal): Promise<ProbeResult>;
}

/** State of a probe after its thresholds. */
export interface ProbeState {
  readonly probe: Pick<Probe, 'id' | 'title' | 'component' | 'check' | 'part'>;
  readonly state: 'up' | 'down' | 'unknown';
  /** Since when it is so. */
  readonly since: number;
  /** Of the failures (or successes) that led here, the first: when the outage began, as far as anybody can tell. */
  readonly firstAt: number;
  readonly last: ProbeResult | undefined;
  readonly lastAt: number | undefined;
}
