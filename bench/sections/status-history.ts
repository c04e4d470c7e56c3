/** The status service's history after a year: bytes of its file, and milliseconds of what is done with it every few seconds. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openStatusDatabase, type StatusDatabase } from '../../src/status/database.ts';
import type { History } from '../../src/status/history/history.ts';
import { openHistory } from '../../src/status/history/open-history.ts';
import type { ComponentStatus } from '../../src/status/model.ts';
import { schemaSteps } from '../../src/status/schema-steps.ts';
import { burnConditions } from '../../src/status/slo/burn-conditions.ts';
import { builtInObjectives } from '../../src/status/slo/objectives.ts';
import { sloView } from '../../src/status/slo/slo-view.ts';
import type { Clock } from '../../src/std/clock.ts';
import { figure, kilobytes, median, quantile } from '../figures.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { type Chance, chance } from '../words.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;
/** The last days have a result every 15 s, as long as minutes are kept; the time before, which hours are left of, one a minute. */
const denseDays = 40;
const began = Date.parse('2026-11-01T00:00:00Z');
const goalBytes = 300_000_000;

export const title = 'History of the status service';
export const needs: readonly string[] = [];

interface Shape {
  readonly what: string;
  readonly probes: readonly { readonly probe: string; readonly component: string }[];
  /** How often a probe runs in the dense days. */
  readonly everyMs: number;
}

const components = [
  'install/python',
  'install/nuget',
  'install/powershell',
  'publish/python',
  'publish/nuget',
  'publish/powershell',
  'search/nuget',
  'search/powershell',
  'website',
  'mail',
  'sign-in',
  'statistics',
];

const shapes: readonly Shape[] = [
  {
    what: '24 probes, 12 components',
    probes: components.flatMap((component) =>
      ['IPv4', 'IPv6'].map((part) => ({ component, probe: `${component}@${part}` })),
    ),
    everyMs: 15 * secondMs,
  },
  { what: 'one probe, once a minute', probes: [{ probe: 'website@IPv4', component: 'website' }], everyMs: minuteMs },
];

interface MovedClock extends Clock {
  wall: number;
}

function movedClock(): MovedClock {
  return {
    wall: began,
    now() {
      return this.wall;
    },
    monotonicMs() {
      return this.wall - began;
    },
    async sleep(ms) {
      this.wall += ms;
    },
  };
}

/** Mostly around 80 ms, now and then seconds. */
const anyDuration = (draw: Chance) => 40 + 40 * (1 / (1 - draw() * 0.995) - 1) ** 0.7 + draw() * 60;

interface Lived {
  readonly results: number;
  readonly keepTimesMs: readonly number[];
}

/** Lives through so many days, with a `keep` every minute (every two in the time before), and an outage now and then. */
function live(history: History, clock: MovedClock, shape: Shape, days: number, say: (text: string) => void): Lived {
  const draw = chance(7);
  const keepTimesMs: number[] = [];
  const own = [...new Set(shape.probes.map(({ component }) => component))];
  let results = 0;
  const until = began + days * dayMs;
  while (clock.wall < until) {
    const isDense = until - clock.wall <= denseDays * dayMs;
    const everyMs = isDense ? shape.everyMs : minuteMs;
    const turnMs = isDense ? minuteMs : 2 * minuteMs;
    if ((clock.wall - began) % (30 * dayMs) === 0) say(`${shape.what}: day ${(clock.wall - began) / dayMs}`);
    if (clock.wall % (15 * minuteMs) === 0) {
      for (const component of own) history.setStatus(component, anyStatus(draw), clock.wall);
    }
    for (let passed = 0; passed < turnMs; passed += everyMs) {
      for (const { probe, component } of shape.probes) {
        const isGood = draw() > 0.002;
        const at = clock.wall + passed + Math.floor(draw() * 1_000);
        const words = isGood ? '' : 'the server answered with the status 503';
        const durationMs = anyDuration(draw);
        history.add({ probe, component, at, verdict: isGood ? 'good' : 'bad', durationMs, words });
        results += 1;
      }
    }
    clock.wall += turnMs;
    const startedAt = performance.now();
    history.keep(clock.wall);
    if (until - clock.wall < 7 * dayMs) keepTimesMs.push(performance.now() - startedAt);
  }
  return { results, keepTimesMs };
}

function anyStatus(draw: Chance): ComponentStatus {
  const lot = draw();
  return lot < 0.002 ? 'major_outage' : lot < 0.01 ? 'degraded_performance' : 'operational';
}

interface Asked {
  readonly what: string;
  ask(): unknown;
}

function questions(history: History, now: number): readonly Asked[] {
  const hourMs = 60 * minuteMs;
  const events = (what: string, ms: number, slowerThanMs?: number): Asked => ({
    what: `events of ${what}${slowerThanMs === undefined ? '' : ', slow ones counted'}`,
    ask: () => history.events('website', now - ms, now, slowerThanMs),
  });
  return [
    { what: 'days', ask: () => history.days('website', now) },
    { what: 'months', ask: () => history.months('website', now) },
    { what: 'responses', ask: () => history.responses('website', now) },
    events('5 minutes', 5 * minuteMs),
    events('1 hour', hourMs),
    events('3 days', 3 * dayMs),
    events('3 days', 3 * dayMs, 1_000),
    events('30 days', 30 * dayMs, 1_000),
    { what: 'percentiles of 30 days', ask: () => history.percentiles('website', now - 30 * dayMs, now) },
    { what: 'changes of 6 hours', ask: () => history.changes('website', now - 6 * hourMs, now) },
    { what: 'all burn conditions', ask: () => burnConditions(history, builtInObjectives, now) },
    { what: 'all error budgets', ask: () => builtInObjectives.map((one) => sloView(history, one, now)) },
    {
      what: 'days, months and responses of 12 components',
      ask: () =>
        components.map((one) => [history.days(one, now), history.months(one, now), history.responses(one, now)]),
    },
  ];
}

function timesOf({ ask }: Asked, times: number): string {
  const took: number[] = [];
  for (let at = 0; at < times; at += 1) {
    const startedAt = performance.now();
    ask();
    took.push(performance.now() - startedAt);
  }
  return `${figure(median(took))} (${figure(Math.max(...took))})`;
}

function rowsOf(db: StatusDatabase, table: string): string {
  const { count } = db.prepare(`select count(*) as count from history_${table}`).get() as { count: number };
  return count.toLocaleString('en');
}

export async function measure(context: BenchContext): Promise<SectionResult> {
  const { historyDays, isWhole } = context.sizes;
  const folder = mkdtempSync(join(context.folder, 'status-'));
  context.ending(() => rmSync(folder, { recursive: true, force: true }));
  const sizes: string[][] = [];
  const columns: string[][] = [];
  const bytes: number[] = [];
  for (const [number, shape] of shapes.entries()) {
    const file = join(folder, `${number}.sqlite`);
    const db = openStatusDatabase(file, schemaSteps);
    const clock = movedClock();
    const history = openHistory({ db, clock });
    const { results, keepTimesMs } = live(history, clock, shape, historyDays, context.say);
    columns.push([
      `${figure(median(keepTimesMs))} (${figure(quantile(keepTimesMs, 0.99))}, ${figure(Math.max(...keepTimesMs))})`,
      ...questions(history, clock.wall).map((one) => timesOf(one, isWhole ? 50 : 1)),
    ]);
    const counted = ['results', 'minutes', 'hours', 'intervals', 'months'].map((table) => rowsOf(db, table));
    history.close();
    db.exec('pragma wal_checkpoint(truncate)');
    db.close();
    bytes.push(statSync(file).size);
    sizes.push([shape.what, results.toLocaleString('en'), ...counted, kilobytes(statSync(file).size)]);
  }
  const labels = ['keep: median (p99, most)', ...questions({} as History, 0).map(({ what }) => what)];
  return {
    tables: [
      {
        title: `After ${historyDays} days: rows of each table, and the file`,
        columns: ['', 'results measured', 'results', 'minutes', 'hours', 'stretches', 'months', 'file'],
        rows: sizes,
      },
      {
        title: 'Milliseconds: median (most)',
        columns: ['', ...shapes.map(({ what }) => what)],
        rows: labels.map((label, at) => [label, ...columns.map((column) => column[at] ?? '')]),
      },
    ],
    goals: [
      {
        what: `file after ${historyDays} days of ${shapes[0]?.what ?? ''}`,
        goal: 'below 300 MB',
        measured: kilobytes(bytes[0] ?? 0),
        isMet: (bytes[0] ?? goalBytes) < goalBytes,
      },
    ],
    notes: [
      'The clock is simulated, the database a real file. The first shape has a result of every probe every 15 seconds in the last 40 days ' +
        'and every minute before; `keep` is called once a minute (in the service every few seconds), and is timed over the last seven days.',
    ],
  };
}
