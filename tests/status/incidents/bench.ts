/** Incidents over a database in memory, with a clock that the test moves. */
import { randomBytes } from 'node:crypto';
import Value from 'typebox/value';
import { openLog } from '../../../src/observe/log.ts';
import { componentNames } from '../../../src/status/components/component-names.ts';
import { statusSchema } from '../../../src/status/config/schema.ts';
import { openStatusDatabase, type StatusDatabase } from '../../../src/status/database.ts';
import type { IncidentChange, Incidents, SeenComponent } from '../../../src/status/incidents/incidents.ts';
import { openIncidents } from '../../../src/status/incidents/open-incidents.ts';
import type { ComponentStatus } from '../../../src/status/model.ts';
import { schemaSteps } from '../../../src/status/schema-steps.ts';
import type { Clock } from '../../../src/std/clock.ts';
import { isRefusal, type Refusal } from '../../../src/std/refusals.ts';

export const start = Date.UTC(2026, 10, 21, 14, 0, 0);
export const second = 1_000;
export const minute = 60_000;
export const hour = 3_600_000;

export class MovedClock implements Clock {
  at = start;
  now = () => this.at;
  monotonicMs = () => this.at;
  sleep = async () => undefined;
}

export interface IncidentBench {
  readonly clock: MovedClock;
  readonly db: StatusDatabase;
  readonly changes: IncidentChange[];
  incidents: Incidents;
  /** Lets time pass, a second at a time, while probes see this; what is not named is operational. */
  watch(forMs: number, statuses?: Readonly<Record<string, ComponentStatus>>): void;
  /** Opens the same database again, as after a restart. */
  restart(): void;
}

const keys = ['install/python', 'install/nuget', 'publish/python', 'publish/nuget', 'website'];

const nameOf = (key: string) => componentNames.find((one) => one.key === key)?.name ?? key;

export function incidentBench(settings: Record<string, unknown> = {}): IncidentBench {
  const clock = new MovedClock();
  const db = openStatusDatabase(':memory:', schemaSteps);
  const changes: IncidentChange[] = [];
  const config = Value.Default(statusSchema, { incidents: settings }) as { incidents: never };
  const open = () => {
    const incidents = openIncidents({
      db,
      clock,
      random: (count) => randomBytes(count),
      settings: config.incidents,
      log: openLog('test', 'silent'),
      componentName: nameOf,
    });
    incidents.onChange((change) => changes.push(change));
    return incidents;
  };
  const failing = new Map<string, number>();
  const bench: IncidentBench = {
    clock,
    db,
    changes,
    incidents: open(),
    watch(forMs, statuses = {}) {
      const until = clock.at + forMs;
      do {
        bench.incidents.followClock();
        bench.incidents.follow(seenNow(statuses, failing, clock.at));
        clock.at += second;
      } while (clock.at < until);
    },
    restart() {
      bench.incidents = open();
    },
  };
  return bench;
}

function seenNow(
  statuses: Readonly<Record<string, ComponentStatus>>,
  failing: Map<string, number>,
  now: number,
): readonly SeenComponent[] {
  return keys.map((key) => {
    const status = statuses[key] ?? 'operational';
    if (status === 'operational' || status === 'unknown') failing.delete(key);
    // The threshold is passed some seconds after the first failure.
    else if (!failing.has(key)) failing.set(key, now - 5 * second);
    const why = status === 'operational' ? '' : 'connection refused by IPv4 (of 2 addresses)';
    return { key, name: nameOf(key), status, why, failingSince: failing.get(key) };
  });
}

/** The value, or the refusal as an error of the test. */
export function good<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw new Error(`refused: ${result.message}`);
  return result as T;
}

/** The refusal's code and sentence. */
export function refused(result: unknown): string {
  if (!isRefusal(result)) throw new Error('it was not refused');
  return `${result.code}: ${result.message}`;
}
