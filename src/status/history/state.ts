/** The one row that says what is kept of when, and when the service last was alive. It changes in the transaction of what it tells. */
import type { StatusDatabase } from '../database.ts';
import type { Kept } from './cover.ts';

export interface KeptState extends Kept {
  /** The last sign of life, UTC milliseconds; 0 before the first. */
  readonly seenAt: number;
}

export interface State {
  read(): KeptState;
  write(changes: Partial<KeptState>): void;
}

export function openState(db: StatusDatabase): State {
  const select = db.prepare(
    `select seen_at as seenAt, results_since as resultsSince, minutes_since as minutesSince,
       minutes_until as minutesUntil, hours_since as hoursSince, hours_until as hoursUntil from history_state`,
  );
  const update = db.prepare(
    `update history_state set seen_at = ?, results_since = ?, minutes_since = ?, minutes_until = ?, hours_since = ?,
       hours_until = ?`,
  );
  const read = () => ({ ...select.get() }) as unknown as KeptState;
  return {
    read,
    write(changes) {
      const state = { ...read(), ...changes };
      const { seenAt, resultsSince, minutesSince, minutesUntil, hoursSince, hoursUntil } = state;
      update.run(seenAt, resultsSince, minutesSince, minutesUntil, hoursSince, hoursUntil);
    },
  };
}
