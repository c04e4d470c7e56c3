/**
 * How much of a served certificate's lifetime is left. Fractions and not days, because lifetimes differ and grow shorter: whoever
 * renews at a third of the lifetime never hears of it, and whoever forgot to has most of that third to act.
 */
import type { ProbeState } from '../probes/probe.ts';
import type { Condition, Severity } from './condition.ts';
import { duration } from './wording.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/**
 * @param leftMs until it expires; negative when it has
 * @param ratio share of the lifetime that is left
 * @returns what that calls for: a ticket from a third of the lifetime less a day on, a page from a tenth or two days on
 */
export function severityOfLifetime(leftMs: number, ratio: number): Severity | undefined {
  if (leftMs <= 0 || ratio <= 0) return 'page';
  const lifetimeMs = leftMs / ratio;
  // A certificate of some days has not two of them to spare.
  if (leftMs <= Math.max(lifetimeMs / 10, Math.min(48 * hourMs, lifetimeMs / 3))) return 'page';
  return leftMs <= lifetimeMs / 3 - dayMs ? 'ticket' : undefined;
}

interface Measured {
  readonly part: string;
  readonly leftMs: number;
  readonly severity: Severity | undefined;
}

/** @returns one condition for the certificates that one check measured; none when it measures none. Not known while nothing was measured. */
export function certificateCondition(key: string, states: readonly ProbeState[]): Condition[] {
  const measured = states.flatMap(measuredOf);
  // A run that failed may not have come as far as the certificate; what was known of it stands.
  if (measured.length === 0 && states.every(({ last }) => last?.verdict === 'good')) return [];
  const { component } = states[0]!.probe;
  const worst = measured.toSorted((one, other) => one.leftMs - other.leftMs)[0];
  const severity = measured.some((one) => one.severity === 'page') ? 'page' : 'ticket';
  const isFiring = measured.some((one) => one.severity !== undefined);
  const words = worst === undefined ? '' : worst.leftMs > 0 ? `expires in ${duration(worst.leftMs)}` : 'has expired';
  return [
    {
      key: `certificate:${key}`,
      title: `The certificate of ${component} ${words || 'is near its end'}`,
      text: measured.map(({ part, leftMs }) => sentence(part, leftMs)).join(' '),
      severity,
      isFiring: measured.length === 0 ? undefined : isFiring,
      component,
      runbook: 'alarm-certificate',
    },
  ];
}

function sentence(part: string, leftMs: number): string {
  const place = part === '' ? '' : ` over ${part}`;
  return leftMs > 0
    ? `The certificate served${place} is good for another ${duration(leftMs)}.`
    : `The certificate served${place} expired ${duration(-leftMs)} ago.`;
}

function measuredOf({ probe, last }: ProbeState): Measured[] {
  const ratio = last?.measures.certificate_lifetime_left_ratio;
  const seconds = last?.measures.certificate_left_seconds;
  if (ratio === undefined || seconds === undefined) return [];
  const leftMs = seconds * 1000;
  return [{ part: probe.part, leftMs, severity: severityOfLifetime(leftMs, ratio) }];
}
