/**
 * The database is first locked by somebody for too long, then gone altogether, then back. Whoever installs must not notice;
 * whoever publishes is told to come back, and comes back with success.
 */
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { nupkgCanary } from '../status/canary/canary.ts';
import { judgeLoss, judgeRepeats, untilPublished } from './aftermath.ts';
import { type Drill, now, pass, type Stage } from './drill.ts';
import { describe, during, failures, recoveredAfter } from './outcomes.ts';
import { type RunningGallery, until } from './running-gallery.ts';
import { type ExpectedSignals, judgeNoFalseAlarm, judgeSeen, judgeWellAgain, reachabilityMs } from './seen.ts';
import { stock } from './stock.ts';
import type { Outcome } from './users.ts';

const busyMs = 200;
const lockedMs = 2_000;
/** At least; longer on a slow machine, until the supervisor has tried often enough. */
const awayMs = 4_000;
const triesMin = 3;
const triesWithinMs = 20_000;
/** Several statements of one push may each wait for the lock. */
const lockedAnswerMsMax = 3_000;
const awayAnswerMsMax = 1_000;
/** The supervisor's longest pause, and a start. */
const resumeMsMax = 15_000;
const installsMin = 50;

const clauses = {
  installs: 'installs unharmed, public and private, for as long as it takes',
  locked: `pushes while the database is locked get 503 with Retry-After within ${lockedAnswerMsMax} ms`,
  away: `pushes while the database is away get 503 with Retry-After within ${awayAnswerMsMax} ms`,
  backsOff: 'what cannot start is tried again after growing pauses',
  noFreshDatabase: 'nobody makes an empty database in place of the lost one',
  resumes: `everything resumes by itself, within ${resumeMsMax / 1000} s`,
  repeats: 'a push that got 503 is repeated with success',
  nothingLost: 'nothing acknowledged is lost, and verify is clean',
};

const statusClauses = {
  seen: `within ${reachabilityMs / 1000} s a person is called, an incident opens by itself, and the page says that publishing is out and installing is well`,
  wellAgain: 'once the database is back, the page says so by itself',
  noFalseAlarm: 'nobody is called for anything else, nor for a lock that lasted two seconds',
};
const expected: ExpectedSignals = {
  alarm: /Publishing/,
  severity: 'page',
  incident: /publish/i,
  page: { 'publish/python': 'major_outage', 'publish/nuget': 'major_outage', install: 'operational' },
  withinMs: reachabilityMs,
};

export const databaseOutage: Drill = {
  name: 'database-outage',
  incident: 'PowerShell Gallery, April 2024: the database was away for three hours, and downloads were away with it.',
  clauses: Object.values(clauses),
  statusClauses: Object.values(statusClauses),
  countermeasure: {
    component: 'read workers of their own, which open no database',
    switchedOff: 'HOLDFAST_READ_WORKERS=0: the write process serves documents and files too',
    settingsWithout: { HOLDFAST_READ_WORKERS: '0' },
    upholds: clauses.installs,
  },
  settings: { HOLDFAST_DATABASE_BUSY_MS: String(busyMs) },
  async run(stage) {
    await stock(stage);
    const startedAt = now();
    await untilPublished(stage, startedAt, 5_000);
    await lock(stage);
    const putBackAt = await loseDatabase(stage);
    await comeBack(stage, putBackAt);
    const since = during(stage.users.outcomes, startedAt);
    const installs = since.filter(({ action }) => action === 'install');
    const isUnharmed = failures(installs, 'install').length === 0 && installs.length >= installsMin;
    stage.judge(clauses.installs, isUnharmed, describe(installs, 'install'));
    stage.usersSaw.push(describe(installs, 'install'), describe(since, 'publish'));
    // The write process cannot start without its database, and that it is tried again and again is true.
    const right = [/Publishing/, /Searching/, /website/i, /process of the gallery ends again/];
    judgeNoFalseAlarm(stage, statusClauses.noFalseAlarm, startedAt, right);
  },
};

/** Somebody holds the lock for many times longer than a statement waits for it. */
async function lock(stage: Stage): Promise<void> {
  const lockedAt = stage.inject(`another process locked the database for ${lockedMs} ms; statements wait ${busyMs} ms`);
  const rival = new DatabaseSync(stage.gallery.folders.database, { timeout: 2_000 });
  rival.exec('begin exclusive');
  const pushed = stage.users.publish(nupkgCanary({ name: 'Pushed.While.Locked', version: '1.0.0' }));
  await pass(lockedMs);
  await pushed;
  const unlockedAt = now();
  rival.exec('rollback');
  rival.close();
  await untilPublished(stage, unlockedAt, resumeMsMax);
  const pushes = during(stage.users.outcomes, lockedAt).filter(({ endedAt }) => endedAt < unlockedAt);
  judgeRefusals(stage, clauses.locked, pushes, lockedAnswerMsMax);
  judgeResumption(stage, 'publishing, once the lock was gone', unlockedAt);
}

/** The database is moved away under the processes that use it, and those are killed. @returns when it was put back */
async function loseDatabase(stage: Stage): Promise<number> {
  const { gallery, users } = stage;
  const outputBefore = gallery.output.length;
  const lostAt = stage.inject(
    `the database was moved away for ${awayMs} ms and more, and the write and work processes were killed`,
  );
  const putBack = moveDatabaseAway(gallery);
  gallery.kill('write', 'work');
  await pass(awayMs / 4);
  await users.publish(nupkgCanary({ name: 'Pushed.While.Away', version: '1.0.0' }));
  const verified = await gallery.command('verify');
  await pass(Math.max(0, lostAt + awayMs - now()));
  await until(() => pausesIn(gallery.output.slice(outputBefore)).length >= triesMin, triesWithinMs);
  const remaining = existsSync(dirname(gallery.folders.database)) ? readdirSync(dirname(gallery.folders.database)) : [];
  const seen = `verify ended with exit code ${verified.exitCode}; in the database's folder: ${remaining.join(', ') || 'nothing'}`;
  stage.judge(clauses.noFreshDatabase, verified.exitCode !== 0 && remaining.length === 0, seen);
  judgeBackOff(stage, pausesIn(gallery.output.slice(outputBefore)));
  await judgeSeen(stage, statusClauses.seen, lostAt, expected);
  const putBackAt = now();
  putBack();
  const pushes = during(users.outcomes, lostAt, putBackAt).filter(({ endedAt }) => endedAt < putBackAt);
  judgeRefusals(stage, clauses.away, pushes, awayAnswerMsMax);
  return putBackAt;
}

async function comeBack(stage: Stage, putBackAt: number): Promise<void> {
  await untilPublished(stage, putBackAt, resumeMsMax);
  judgeResumption(stage, 'publishing, once the database was back', putBackAt);
  await judgeWellAgain(stage, statusClauses.wellAgain, putBackAt);
  await judgeRepeats(stage, clauses.repeats);
  await judgeLoss(stage, clauses.nothingLost);
}

function judgeRefusals(stage: Stage, clause: string, outcomes: readonly Outcome[], withinMs: number): void {
  const pushes = outcomes.filter(({ action }) => action === 'publish');
  const refused = failures(pushes, 'publish');
  const isFine = ({ status, hasRetryAfter, beganAt, endedAt }: Outcome) =>
    status === 503 && hasRetryAfter && endedAt - beganAt <= withinMs;
  const odd = refused.filter((outcome) => !isFine(outcome));
  const first = odd[0];
  const oddity =
    first && `; not so: ${first.status ?? 'no answer'} ${first.message}, Retry-After ${first.hasRetryAfter}`;
  stage.judge(clause, refused.length > 0 && odd.length === 0, `${describe(pushes, 'publish')}${oddity ?? ''}`);
}

function judgeResumption(stage: Stage, what: string, since: number): void {
  const afterMs = recoveredAfter(stage.users.outcomes, 'publish', since);
  const isInTime = afterMs !== undefined && afterMs <= resumeMsMax;
  if (afterMs !== undefined) stage.recover(what, afterMs);
  const seen = afterMs === undefined ? `${what}: not seen` : `${what}: after ${Math.round(afterMs)} ms`;
  stage.judge(clauses.resumes, isInTime, seen);
}

function judgeBackOff(stage: Stage, pauses: readonly number[]): void {
  const isGrowing = pauses.every((pause, index) => index === 0 || pause > (pauses[index - 1] ?? 0));
  const seen = `pauses before each start of the write process: ${pauses.join(', ')} ms`;
  stage.judge(clauses.backsOff, pauses.length >= triesMin && isGrowing, seen);
}

/** The supervisor's log says how long it waits before each new start. */
function pausesIn(log: string): number[] {
  return [...log.matchAll(/"stopped":"write".*?"restartInMs":(\d+)/g)].map((match) => Number(match[1]));
}

/**
 * Moves the database with its log away. Nobody opens it meanwhile, so what was committed stays whole.
 * @returns what puts it back
 */
export function moveDatabaseAway(gallery: RunningGallery): () => void {
  const away = join(gallery.folders.data, 'database-moved-away');
  mkdirSync(away, { recursive: true });
  const files = gallery.databaseFiles().filter((file) => existsSync(file));
  for (const file of files) renameSync(file, join(away, basename(file)));
  return () => {
    // The database last: whoever finds it finds its log beside it.
    for (const file of files.toReversed()) renameSync(join(away, basename(file)), file);
  };
}
