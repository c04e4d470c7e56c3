/**
 * Closed months, each summed up once for each component, so that what was shown for it never changes.
 */
import type { StatusDatabase } from '../database.ts';
import { dayMs, minuteMs, monthOf, monthStart, type Period } from './periods.ts';
import type { ComponentRow, StatusRows } from './statuses.ts';
import { isEmpty, type PeriodSums, sumPeriods } from './uptime.ts';

/** A month is closed so long after its end, when nothing about it comes any more. */
const afterMonthMs = 10 * minuteMs;
/** Months of a component are not closed while its history is imported. */
const importedQuietMs = dayMs;
/** Stretches of closed months are kept so long after they ended. */
const stretchesKeptMs = 731 * dayMs;

export interface Months {
  find(id: number, month: string): PeriodSums | undefined;
  /** @returns closed months that reach into a stretch of time, in order */
  taken(id: number, from: number, until: number): readonly Period[];
  /** Writes a month, unless it is there. */
  add(id: number, month: string, sums: PeriodSums): void;
}

export function openMonths(db: StatusDatabase): Months {
  const find = db.prepare(
    `select up_ms as upMs, degraded_ms as degradedMs, partial_ms as partialMs, down_ms as downMs,
       maintenance_ms as maintenanceMs from history_months where component = ? and month = ?`,
  );
  const taken = db.prepare(
    'select month from history_months where component = ? and month >= ? and month <= ? order by month',
  );
  const add = db.prepare('insert into history_months values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing');
  return {
    find: (id, month) => {
      const row = find.get(id, month);
      return row ? ({ ...row } as unknown as PeriodSums) : undefined;
    },
    taken: (id, from, until) =>
      taken
        .all(id, monthOf(from).name, monthOf(until - 1).name)
        .map(({ month }) => monthOf(Date.parse(`${month as string}-01T00:00:00Z`))),
    add(id, month, { upMs, degradedMs, partialMs, downMs, maintenanceMs }) {
      add.run(id, month, upMs, degradedMs, partialMs, downMs, maintenanceMs);
    },
  };
}

/** @param end ends what goes on with a component, at a time */
export function closeMonths(
  rows: StatusRows,
  months: Months,
  end: (row: ComponentRow, until: number) => void,
): (now: number) => void {
  return (now) => {
    const month = monthStart(now - afterMonthMs);
    for (const row of rows.all()) {
      const first = Math.min(row.unfrozenSince ?? month, row.openSince ?? month);
      if (first >= month) continue;
      if (row.importedAt !== null && Math.abs(now - row.importedAt) < importedQuietMs) continue;
      if (row.openSince !== null && row.openSince < month) {
        end(row, month);
        const ended = rows.all().find(({ id }) => id === row.id)!;
        rows.put({ ...ended, openSince: month });
      }
      for (let at = monthStart(first); at < month; at = monthStart(at, 1)) {
        const period = monthOf(at);
        const [sums] = sumPeriods([period], rows.stretches(row.id, period.from, period.until));
        if (sums && !isEmpty(sums)) months.add(row.id, period.name, sums);
      }
      const closed = rows.all().find(({ id }) => id === row.id)!;
      rows.put({ ...closed, unfrozenSince: month });
      rows.removeBefore(row.id, month - stretchesKeptMs);
    }
  };
}
