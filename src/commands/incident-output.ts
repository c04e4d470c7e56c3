/** Incidents as a terminal shows them. */
import { duration } from '../status/incidents/words.ts';
import { oneLine, plainLines, printTable } from './print.ts';

/** What the management API answers of an incident; times are texts there, and null what is not known. */
export interface AnsweredIncident {
  readonly id: string;
  readonly kind: 'incident' | 'maintenance';
  readonly name: string;
  readonly status: string;
  readonly impact: string;
  readonly startedAt: string;
  readonly resolvedAt: string | null;
  readonly scheduledFor: string | null;
  readonly scheduledUntil: string | null;
  readonly detectedAfterMs: number | null;
  readonly toldAfterMs: number | null;
  readonly mendedAfterMs: number | null;
  readonly owner: string | null;
  readonly postmortem: string | null;
  readonly updates: readonly {
    readonly id: string;
    readonly status: string;
    readonly body: string;
    readonly displayAt: string;
    readonly author: string;
  }[];
  readonly components: readonly { readonly key: string; readonly status: string }[];
}

/** `2026-11-21 14:03` (UTC). */
export function shortTime(text: string | null): string {
  return text === null ? '' : text.slice(0, 16).replace('T', ' ');
}

export function printIncidents(incidents: readonly AnsweredIncident[]): void {
  printTable(
    ['id', 'begins (UTC)', 'ends', 'status', 'impact', 'name'],
    incidents.map(({ id, startedAt, resolvedAt, scheduledUntil, status, impact, name }) => [
      id,
      shortTime(startedAt),
      shortTime(resolvedAt ?? scheduledUntil),
      status,
      impact,
      oneLine(name),
    ]),
  );
}

export function printIncident(incident: AnsweredIncident): void {
  const { name, id, kind, status, impact, owner, scheduledFor, scheduledUntil, components, updates } = incident;
  const figures = [
    ['detected', incident.detectedAfterMs],
    ['told', incident.toldAfterMs],
    ['mended', incident.mendedAfterMs],
  ] as const;
  const known = figures.flatMap(([what, ms]) => (ms === null ? [] : [`${what} after ${duration(ms)}`]));
  const lines = [
    oneLine(name),
    `${kind} ${id}: ${status}, impact ${impact}`,
    kind === 'maintenance'
      ? `planned from ${shortTime(scheduledFor)} to ${shortTime(scheduledUntil)} UTC`
      : `began ${shortTime(incident.startedAt)} UTC${incident.resolvedAt === null ? '' : `, ended ${shortTime(incident.resolvedAt)} UTC`}`,
    ...(known.length === 0 ? [] : [known.join(', ')]),
    ...(owner === null ? [] : [`${oneLine(owner)} looks after it`]),
    ...components.map(({ key, status: worst }) => `  ${key}: ${worst}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  for (const { id: updateId, status: step, body, displayAt, author } of updates) {
    process.stdout.write(
      `\n${shortTime(displayAt)} UTC  ${step}, by ${oneLine(author)} (${updateId})\n${plainLines(body)}\n`,
    );
  }
}
