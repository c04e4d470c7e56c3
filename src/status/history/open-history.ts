/**
 * The history in the status database. Results wait in memory until `keep` writes them, all in one transaction with everything that
 * follows from them: a crash loses what came since the last `keep`, and nothing else.
 */
import assert from 'node:assert/strict';
import type { Log } from '../../observe/log.ts';
import type { Clock } from '../../std/clock.ts';
import { inTransaction, type StatusDatabase } from '../database.ts';
import { certainClock } from './certain-clock.ts';
import type { History } from './history.ts';
import { openKeys } from './keys.ts';
import { openMeasurements } from './measurements.ts';
import { openState } from './state.ts';
import { openStatuses } from './statuses.ts';

export interface HistoryParts {
  /** With the tables in `tables.ts`. It stays open when the history is closed. */
  readonly db: StatusDatabase;
  readonly clock: Clock;
  readonly log?: Log | undefined;
}

/** @returns the history; whatever went on when the service was last alive has ended then */
export function openHistory({ db, clock, log }: HistoryParts): History {
  const keys = openKeys(db);
  const state = openState(db);
  const measurements = openMeasurements(db, keys, state);
  const certainty = certainClock(clock);
  const statuses = openStatuses(db, { keys, state, clock, certainty });
  let isOpen = true;
  inTransaction(db, () => statuses.endAll());
  const keep = (now: number) => {
    const written = inTransaction(db, () => {
      statuses.live(now);
      const done = measurements.write();
      measurements.rollUp(now);
      if (certainty.isCertain()) {
        measurements.removeOld(now);
        statuses.close(now);
      }
      return done;
    });
    written();
  };
  return {
    add(result) {
      assert.ok(isOpen, 'the history is closed');
      if (measurements.isFull()) writeAtOnce();
      if (!measurements.add(result))
        log?.error({ probe: result.probe }, 'a result was dropped: nothing can be written');
    },
    setStatus(component, status, at) {
      if (statuses.isSame(component, status, at)) return;
      inTransaction(db, () => statuses.set(component, status, at));
    },
    addPastInterval(component, status, from, until) {
      inTransaction(db, () => statuses.addPast(component, status, from, until));
    },
    keep,
    knownSince(component) {
      const row = statuses.row(component);
      if (row === undefined || row.createdAt === null || row.updatedAt === null) return undefined;
      return { createdAt: row.createdAt, updatedAt: row.updatedAt };
    },
    days: statuses.days,
    months: statuses.months,
    responses: measurements.responses,
    events: measurements.events,
    percentiles: measurements.percentiles,
    changes: measurements.changes,
    close() {
      if (isOpen) keep(clock.now());
      isOpen = false;
    },
  };

  /** Nobody called `keep` for long. What cannot be written stays in memory as long as there is room. */
  function writeAtOnce(): void {
    try {
      inTransaction(db, () => measurements.write())();
    } catch (error) {
      log?.error({ err: error }, 'results could not be written');
    }
  }
}
