/**
 * What components were, as stretches of time that never overlap. The one that goes on is kept apart, with its beginning alone; it ends
 * at the last sign of life when nobody watched. A closed month is summed up once, and from then on nothing is written into it.
 */
import type { Clock } from '../../std/clock.ts';
import type { StatusDatabase } from '../database.ts';
import type { ComponentStatus, PeriodView } from '../model.ts';
import type { Certainty } from './certain-clock.ts';
import type { Keys } from './keys.ts';
import { closeMonths, openMonths } from './months.ts';
import { lastDays, lastMonths, type Period } from './periods.ts';
import type { State } from './state.ts';
import { freeOf, isEmpty, periodView, type Stretch, sumPeriods } from './uptime.ts';

/** So long may nobody be heard before the time counts as not measured; also how far a clock may go back without a new stretch. */
export const silenceMaxMs = 120_000;
const daysShown = 90;
const monthsShown = 24;

export interface ComponentRow {
  readonly id: number;
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
  readonly status: ComponentStatus | null;
  readonly openSince: number | null;
  readonly unfrozenSince: number | null;
  readonly importedAt: number | null;
}

export interface Statuses {
  /** Notes that the service is alive, inside a transaction. After a silence, or when the clock went back, a new stretch begins. */
  live(now: number): void;
  set(component: string, status: ComponentStatus, at: number): void;
  addPast(component: string, status: ComponentStatus, from: number, until: number): void;
  /** Sums up months that are over, inside a transaction. */
  close(now: number): void;
  /** Ends what was going on at the last sign of life. For the start, inside a transaction. */
  endAll(): void;
  /** Whether this tells nothing new: then nothing needs to be written. */
  isSame(component: string, status: ComponentStatus, at: number): boolean;
  row(component: string): ComponentRow | undefined;
  days(component: string, now: number): readonly PeriodView[];
  months(component: string, now: number): readonly PeriodView[];
}

/** Reads and writes of rows, shared with months.ts. */
export interface StatusRows {
  all(): readonly ComponentRow[];
  find(component: string): ComponentRow | undefined;
  put(row: ComponentRow): void;
  /** @returns what is written of a stretch of time, in order */
  stretches(id: number, from: number, until: number): readonly Stretch[];
  /** Writes as much of the stretch as nothing else has taken, and no closed month. */
  record(id: number, stretch: Stretch): void;
  removeBefore(id: number, until: number): void;
}

export interface StatusParts {
  readonly keys: Keys;
  readonly state: State;
  readonly clock: Clock;
  readonly certainty: Certainty;
}

export function openStatuses(db: StatusDatabase, { keys, state, clock, certainty }: StatusParts): Statuses {
  const months = openMonths(db);
  const rows = openRows(db, months.taken);
  const end = (row: ComponentRow, until: number) => {
    if (row.openSince === null) return;
    if (row.status !== null) rows.record(row.id, { from: row.openSince, until, status: row.status });
    rows.put({ ...rowOf(row.id), openSince: null });
  };
  const rowOf = (id: number) => rows.all().find((one) => one.id === id)!;
  const live = (now: number) => {
    const { seenAt } = state.read();
    certainty.note(seenAt, now);
    if (Math.abs(now - seenAt) > silenceMaxMs) {
      for (const row of rows.all().filter(({ openSince }) => openSince !== null)) {
        end(row, seenAt);
        rows.put({ ...rowOf(row.id), openSince: now });
      }
      state.write({ seenAt: now });
    } else if (now > seenAt) state.write({ seenAt: now });
  };
  return {
    live,
    isSame(component, status, at) {
      const row = rows.find(component);
      const isGoingOn = row?.openSince !== null || status === 'unknown';
      return row?.status === status && isGoingOn && Math.abs(at - state.read().seenAt) <= silenceMaxMs;
    },
    set(component, status, at) {
      live(at);
      const id = keys.componentId(component);
      const before = rowOf(id);
      const isGoingOn = before.openSince !== null;
      if (before.status === status && isGoingOn) return;
      const from = Math.max(at, before.openSince ?? at);
      end(before, from);
      rows.put({
        ...rowOf(id),
        createdAt: before.createdAt ?? at,
        updatedAt: before.status === status ? before.updatedAt : at,
        status,
        openSince: status === 'unknown' ? null : from,
      });
    },
    addPast(component, status, from, wantedUntil) {
      const id = keys.componentId(component);
      const row = rowOf(id);
      const until = Math.min(wantedUntil, row.openSince ?? wantedUntil, clock.now());
      if (until <= from) return;
      if (status !== 'unknown') rows.record(id, { from, until, status });
      rows.put({
        ...rowOf(id),
        createdAt: Math.min(row.createdAt ?? from, from),
        updatedAt: row.updatedAt ?? from,
        importedAt: clock.now(),
      });
    },
    close: closeMonths(rows, months, end),
    endAll() {
      const { seenAt } = state.read();
      for (const row of rows.all()) end(row, seenAt);
    },
    row: rows.find,
    ...shown(rows, months, state),
  };
}

function openRows(
  db: StatusDatabase,
  taken: (id: number, from: number, until: number) => readonly Period[],
): StatusRows {
  const columns = `id, created_at as createdAt, updated_at as updatedAt, status, open_since as openSince,
    unfrozen_since as unfrozenSince, imported_at as importedAt`;
  const all = db.prepare(`select ${columns} from history_components`);
  const find = db.prepare(`select ${columns} from history_components where key = ?`);
  const put = db.prepare(
    `update history_components set created_at = :createdAt, updated_at = :updatedAt, status = :status,
       open_since = :openSince, unfrozen_since = :unfrozenSince, imported_at = :importedAt where id = :id`,
  );
  // The last one that began before is the only one of those that can reach into the time asked for.
  const stretches = db.prepare(
    `select from_at as "from", until_at as until, status from history_intervals where component = :id
       and from_at >= coalesce((select max(from_at) from history_intervals where component = :id and from_at <= :from), :from)
       and from_at < :until and until_at > :from order by from_at`,
  );
  const add = db.prepare('insert into history_intervals values (?, ?, ?, ?)');
  const noteUnfrozen = db.prepare(
    'update history_components set unfrozen_since = min(coalesce(unfrozen_since, :from), :from) where id = :id',
  );
  const remove = db.prepare('delete from history_intervals where component = ? and until_at <= ?');
  const between = (id: number, from: number, until: number) =>
    stretches.all({ id, from, until }) as unknown as readonly Stretch[];
  return {
    all: () => all.all() as unknown as ComponentRow[],
    find: (component) => find.get(component) as unknown as ComponentRow | undefined,
    put: (row) => void put.run({ ...row }),
    stretches: between,
    record(id, { from, until, status }) {
      if (until <= from) return;
      const others = [...between(id, from, until), ...taken(id, from, until)].sort((a, b) => a.from - b.from);
      for (const free of freeOf({ from, until }, others)) {
        add.run(id, free.from, free.until, status);
        noteUnfrozen.run({ id, from: free.from });
      }
    },
    removeBefore: (id, until) => void remove.run(id, until),
  };
}

function shown(
  rows: StatusRows,
  months: ReturnType<typeof openMonths>,
  state: State,
): Pick<Statuses, 'days' | 'months'> {
  /** What is known of a stretch of time, with what goes on until now. */
  const known = (
    row: ComponentRow,
    { from, until }: Pick<Period, 'from' | 'until'>,
    now: number,
  ): readonly Stretch[] => {
    const written = rows.stretches(row.id, from, until);
    if (row.openSince === null || row.status === null) return written;
    const { status, openSince } = row;
    const { seenAt } = state.read();
    const end = Math.min(until, now > seenAt + silenceMaxMs ? seenAt : now);
    const begin = Math.max(from, openSince);
    if (end <= begin) return written;
    const taken = [...written, ...months.taken(row.id, begin, end)].sort((a, b) => a.from - b.from);
    const going = freeOf({ from: begin, until: end }, taken).map((free): Stretch => ({ ...free, status }));
    return [...written, ...going].sort((a, b) => a.from - b.from);
  };
  return {
    days(component, now) {
      const days = lastDays(now, daysShown);
      const row = rows.find(component);
      const all = { from: days[0]?.from ?? now, until: days.at(-1)?.until ?? now };
      const sums = sumPeriods(days, row ? known(row, all, now) : []);
      const frozen = new Set(row ? months.taken(row.id, all.from, all.until).map(({ name }) => name) : []);
      return days.map(({ name }, at) => periodView(name, sums[at]!, frozen.has(name.slice(0, 7))));
    },
    months(component, now) {
      const row = rows.find(component);
      if (row === undefined) return [];
      return lastMonths(now, monthsShown).flatMap((month): PeriodView[] => {
        const frozen = months.find(row.id, month.name);
        if (frozen) return [periodView(month.name, frozen, true)];
        const [sums] = sumPeriods([month], known(row, month, now));
        return sums === undefined || isEmpty(sums) ? [] : [periodView(month.name, sums, false)];
      });
    },
  };
}
