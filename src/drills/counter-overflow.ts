/**
 * The one counter from which every key comes is set just below 2^31, 2^32 and 2^53, and the gallery is used across each. Digits
 * are compared as text, because a program that reads them as numbers could not see that they are wrong.
 */
import { renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { wheelCanary } from '../status/canary/canary.ts';
import { judgeLoss, untilPublished, untilSettled } from './aftermath.ts';
import { forbidKeysAbove, keysOf, lastSerial, setSerial, takeBackSerial } from './counter-database.ts';
import { judgeDocuments, judgeHeadroom, judgeListOfProjects, judgeRecord, judgeRows } from './counter-digits.ts';
import { judgeVerbs, type Used } from './counter-verbs.ts';
import { type Drill, now, type Stage } from './drill.ts';
import { describe, during, failures, recoveredAfter } from './outcomes.ts';
import { until } from './running-gallery.ts';
import { type ExpectedSignals, judgeNoFalseAlarm, judgeSeen } from './seen.ts';
import { stock } from './stock.ts';

const int32Max = 2n ** 31n - 1n;
/** Values beside each other are crossed in one go. */
const series: readonly (readonly bigint[])[] = [
  [int32Max, 2n ** 31n, 2n ** 31n + 1n],
  [2n ** 32n],
  [2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n],
];
/** So few keys are left that somebody has to be called: nine tenths of them and a little more are used. */
const almostAll = (2n ** 63n / 100n) * 92n;
const noticedWithinMs = 5_000;
const publishedWithinMs = 5_000;
const restartWithinMs = 30_000;

export const clauses = {
  publishing: 'publishing goes on past 2^31, 2^32 and 2^53',
  rows: 'keys and serials are exact in the database',
  documents: 'serials are exact in the header, the JSON and the pages of the index',
  records: 'keys and serials are exact in the records of the store',
  verbs: 'yanking, unlisting, and making, using and revoking tokens work there as well',
  headroom: '/api/health tells the exact serial and the room that is left above it',
  installs: 'no install fails meanwhile',
  rebuild: 'the catalogue made again from the records has the same keys and serials',
  nothingLost: 'nothing acknowledged is lost, and verify is clean',
};

const statusClauses = {
  headroom:
    'once nine tenths of all keys are used, a person is called at the next reading of the numbers, while the page says that all is well',
  noFalseAlarm: 'nobody is called for anything else',
};
const expected: ExpectedSignals = {
  alarm: /key.*running out/i,
  severity: 'page',
  incident: undefined,
  page: { install: 'operational', publish: 'operational' },
  // Numbers are read every 30 seconds.
  withinMs: 45_000,
};

export const counterOverflow: Drill = {
  name: 'counter-overflow',
  incident:
    'PowerShell Gallery, August to October 2020: a key of the statistics passed 2^31; inserts failed for three weeks, and ' +
    'weeks of statistics were lost.',
  clauses: Object.values(clauses),
  statusClauses: Object.values(statusClauses),
  // A canary that is published meanwhile would take a serial that is looked at.
  statusConfiguration: () => ({ probing: { canaryEverySeconds: 86_400 } }),
  countermeasure: {
    component: 'keys of 64 bits in the schema',
    switchedOff: 'triggers in the drill’s database refuse keys above 2^31-1, as a 32-bit column does',
    settingsWithout: {},
    upholds: clauses.publishing,
  },
  settings: {},
  async run(stage) {
    await stock(stage);
    if (stage.isWithout) {
      forbidKeysAbove(stage.gallery.folders.database, int32Max);
      stage.inject('triggers refuse every key above 2^31-1');
    }
    const startedAt = now();
    for (const values of series) await cross(stage, values);
    await stage.users.pausePublishing();
    const used = stage.users.outcomes.filter(({ beganAt }) => beganAt >= startedAt);
    const installs = during(used, startedAt).filter(({ action }) => action === 'install');
    const isUnharmed = installs.length > 0 && failures(installs, 'install').length === 0;
    stage.judge(clauses.installs, isUnharmed, describe(installs, 'install'));
    stage.usersSaw.push(describe(used, 'install'), describe(used, 'publish'));
    await useAlmostAll(stage);
    judgeNoFalseAlarm(stage, statusClauses.noFalseAlarm, startedAt, [expected.alarm]);
    await rebuildFromRecords(stage);
    await judgeLoss(stage, clauses.nothingLost);
  },
};

/** Uses the gallery so that each of the values becomes the serial of a publish, and the key of its rows. */
async function cross(stage: Stage, values: readonly bigint[]): Promise<void> {
  const { gallery, users } = stage;
  const [first = 0n, last = first] = [values[0], values.at(-1)];
  // Nobody else takes a serial meanwhile, so that each value falls to a package that is looked at.
  await users.pausePublishing();
  setSerial(gallery.folders.database, first - 1n);
  const setAt = stage.inject(
    `the serial was set to ${first - 1n}, so that the next publishes are ${values.join(', ')}`,
  );
  await noticeByHealth(stage, first - 1n, setAt);
  for (const value of values) {
    const canary = wheelCanary({ name: `overflow-${value}`, version: '1.0.0' });
    const outcome = await users.publish(canary);
    const seen = outcome.isGood
      ? `published with the serials ${allValues()}`
      : `${value}: ${outcome.status} ${outcome.message}`;
    stage.judge(clauses.publishing, outcome.isGood, seen);
    if (!outcome.isGood) {
      return users.resumePublishing();
    }
    judgeRows(stage, clauses.rows, value);
    await judgeDocuments(stage, clauses.documents, value);
    judgeRecord(stage, clauses.records, value);
  }
  const used: Used = await judgeVerbs(stage, clauses.verbs, last);
  await judgeHeadroom(stage, clauses.headroom, used.lastSerial);
  await untilSettled(stage);
  await judgeListOfProjects(stage, clauses.documents, values);
  await goOn(stage, last, now());
}

/** Users go on publishing beyond the value. */
async function goOn(stage: Stage, value: bigint, since: number): Promise<void> {
  const { gallery, users } = stage;
  users.resumePublishing();
  const hasPublished = await untilPublished(stage, since, publishedWithinMs);
  const afterMs = recoveredAfter(users.outcomes, 'publish', since);
  if (afterMs !== undefined) stage.recover(`publishing beyond ${value}`, afterMs);
  const isBeyond = hasPublished && lastSerial(gallery.folders.database) > value;
  stage.judge(
    clauses.publishing,
    isBeyond,
    isBeyond ? `published with the serials ${allValues()}` : `nobody published anything beyond ${value}`,
  );
}

/** A counter that jumps is seen in the gallery's own numbers. */
async function noticeByHealth(stage: Stage, serial: bigint, since: number): Promise<void> {
  const isShown = await until(
    async () => (await stage.gallery.health())?.includes(`"serial":${serial},`) === true,
    noticedWithinMs,
  );
  if (isShown) stage.detect(`serial at ${serial}`, 'serial and headroom of /api/health', now() - since);
}

/** What would be noticed years before the end: by a number that nobody sees but who looks for it. */
async function useAlmostAll(stage: Stage): Promise<void> {
  const { database } = stage.gallery.folders;
  // No list may still be made meanwhile: it would be dated by a number that is taken back.
  await untilSettled(stage);
  const before = lastSerial(database);
  setSerial(database, almostAll);
  const setAt = stage.inject(`the serial was set to ${almostAll}`);
  await judgeSeen(stage, statusClauses.headroom, setAt, expected);
  // Nobody published with it, so that it can be taken back without a trace.
  takeBackSerial(database, before);
}

async function rebuildFromRecords(stage: Stage): Promise<void> {
  const { gallery, users } = stage;
  const stoppedAt = stage.inject(
    'the gallery was stopped and its database moved away; the catalogue was made again from the records',
  );
  await gallery.stop();
  const before = keysOf(gallery.folders.database);
  for (const file of gallery.databaseFiles())
    moveIfThere(file, join(gallery.folders.data, `earlier-${basename(file)}`));
  const { exitCode, output } = await gallery.command('rebuild', '--catalogue');
  const after = gallery.hasDatabase() ? keysOf(gallery.folders.database) : [];
  const odd = before.find((row, index) => row !== after[index]);
  const isEqual = exitCode === 0 && before.length > 0 && before.length === after.length && odd === undefined;
  const seen = isEqual
    ? `${before.length} rows with equal keys`
    : `${before.length} rows before, ${after.length} after: ${odd ?? output.trim()}`;
  stage.judge(clauses.rebuild, isEqual, seen);
  gallery.start();
  await gallery.untilWriting(restartWithinMs);
  users.resumePublishing();
  const startedAt = now();
  await untilPublished(stage, startedAt, publishedWithinMs);
  if (recoveredAfter(users.outcomes, 'publish', startedAt) !== undefined) {
    stage.recover('publishing on the catalogue made again, from the stop', now() - stoppedAt);
  }
  await users.pausePublishing();
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function allValues(): string {
  return series.flat().join(', ');
}
