/** `holdfast status show`: everything that matters now, on one screen. */
import { exitFailed } from './exit-codes.ts';
import { shortTime } from './incident-output.ts';
import { oneLine, printTable } from './print.ts';
import type { StatusClient } from './status-client.ts';

interface State {
  readonly isKnown: boolean;
  readonly components: readonly {
    readonly key: string;
    readonly isGroup: boolean;
    readonly status: string;
    readonly why: string;
  }[];
  readonly open: readonly {
    readonly id: string;
    readonly kind: string;
    readonly name: string;
    readonly status: string;
    readonly startedAt: string;
  }[];
  readonly forgotten: readonly string[];
  readonly firing: readonly {
    readonly id: string;
    readonly title: string;
    readonly severity: string;
    readonly confirmedBy: string | null;
    readonly partOf: string | null;
  }[];
  readonly onDuty: Readonly<Record<string, string>>;
  readonly testPage: { readonly sentAt: string | null; readonly confirmedAt: string | null };
  readonly lateHeartbeats: readonly string[];
}

/** @returns 0 when all is well, 1 when anything is not: for scripts */
export async function showStatus(client: StatusClient): Promise<number> {
  const state = await client.ask<State>('GET', '/api/state');
  const leaves = state.components.filter(({ isGroup }) => !isGroup);
  printTable(
    ['component', 'status', 'why'],
    leaves.map(({ key, status, why }) => [key, status, oneLine(why)]),
  );
  for (const line of linesOf(state)) process.stdout.write(`${line}\n`);
  const isWell = leaves.every(({ status }) => status === 'operational' || status === 'under_maintenance');
  return state.isKnown && isWell && state.firing.length === 0 ? 0 : exitFailed;
}

function linesOf({ isKnown, open, forgotten, firing, onDuty, testPage, lateHeartbeats }: State): readonly string[] {
  return [
    ...(isKnown ? [] : ['Nothing is known: probes do not run, or their results are late.']),
    ...open.map(
      ({ id, kind, name, status, startedAt }) =>
        `${kind} ${id} (${status}, ${shortTime(startedAt)} UTC): ${oneLine(name)}${forgotten.includes(id) ? ' (without an update for long)' : ''}`,
    ),
    ...firing.map(
      ({ id, title, severity, confirmedBy, partOf }) =>
        `alarm ${id} (${severity}, ${confirmedBy === null ? 'unconfirmed' : `confirmed by ${oneLine(confirmedBy)}`}${partOf === null ? '' : `, part of ${partOf}`}): ${oneLine(title)}`,
    ),
    ...lateHeartbeats.map((name) => `heartbeat ${name} is late`),
    ...Object.entries(onDuty).map(([rotation, person]) => `on duty, ${oneLine(rotation)}: ${oneLine(person)}`),
    ...(testPage.sentAt === null
      ? []
      : [
          `last test page: ${shortTime(testPage.sentAt)} UTC, ${testPage.confirmedAt === null ? 'unconfirmed' : 'confirmed'}`,
        ]),
  ];
}
