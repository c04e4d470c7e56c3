/**
 * Every process of the gallery ends at once in the middle of publishing, and comes back to a machine where two things are
 * wrong: the access log cannot be written, and the database is missing. Installs must be back in half a second all the same.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { nupkgCanary, wheelCanary } from '../status/canary/canary.ts';
import { judgeLoss, judgeRepeats, untilPublished } from './aftermath.ts';
import { moveDatabaseAway } from './database-outage.ts';
import { type Drill, now, pass, type Stage } from './drill.ts';
import { slowdown, untilServed } from './machine.ts';
import { describe, during, failures, recoveredAfter } from './outcomes.ts';
import { until } from './running-gallery.ts';
import { type ExpectedSignals, judgeSeen, judgeWellAgain, reachabilityMs } from './seen.ts';
import { stock } from './stock.ts';
import type { Outcome } from './users.ts';

/** How long everything goes well: long enough that a start from now on finds compiled code. */
const lifetimeMs = 1_500;
const publishersCount = 6;
const acknowledgedMin = 12;
const firstDocumentMsMax = 500;
const firstDocumentWithinMs = 2_000;
const startsMax = 5;
const withoutDatabaseMs = 3_000;
const refusalMsMax = 1_000;
/** The supervisor's longest pause, and a start. */
const resumeMsMax = 15_000;

const clauses = {
  middle: 'the kill falls into the middle of publishing',
  firstDocument: `the first document is served within ${firstDocumentMsMax} ms of the start, on a machine at rest`,
  installs: 'roles that cannot start do not stop serving: from the first document on, no install fails',
  refusals: `pushes get 503 with Retry-After within ${refusalMsMax} ms while the write role cannot start`,
  optional: 'an access log that cannot be written stops nothing',
  resumes: `publishing resumes by itself within ${resumeMsMax / 1000} s, once the database is back`,
  repeats: 'a push that was cut off is repeated with success',
  nothingLost: 'nothing acknowledged is lost, nothing is half there, and verify is clean',
};

const statusClauses = {
  seen: `within ${reachabilityMs / 1000} s a person is called, an incident opens by itself, and the page says that everything is out`,
  wellAgain: 'once everything is back, the page says so by itself',
};
const expected: ExpectedSignals = {
  alarm: /Installing/,
  severity: 'page',
  incident: /install/i,
  page: { install: 'major_outage', publish: 'major_outage', search: 'major_outage', website: 'major_outage' },
  withinMs: reachabilityMs,
};

export const rebootAll: Drill = {
  name: 'reboot-all',
  incident:
    'NuGet Gallery, March 2012: all instances rebooted together and failed to initialise because of a start-up script; ' +
    'eight hours, while monitoring said nothing.',
  clauses: Object.values(clauses),
  statusClauses: Object.values(statusClauses),
  countermeasure: {
    component: 'read workers that start first and wait for nobody',
    switchedOff: 'HOLDFAST_READ_WORKERS=0: documents and files are served once the write process has started',
    settingsWithout: { HOLDFAST_READ_WORKERS: '0' },
    upholds: clauses.firstDocument,
  },
  settings: {},
  async run(stage) {
    await stock(stage);
    const startedAt = now();
    await untilPublished(stage, startedAt, 5_000);
    await pass(lifetimeMs);
    const killedAt = await killWhilePublishing(stage);
    const putBackDatabase = leaveThingsBroken(stage);
    const servingAt = await startAgain(stage);
    await serveWithoutDatabase(stage, servingAt);
    putBackDatabase();
    const putBackAt = now();
    await resume(stage, putBackAt);
    await judgeWellAgain(stage, statusClauses.wellAgain, putBackAt);
    const installs = during(stage.users.outcomes, servingAt).filter(({ action }) => action === 'install');
    stage.judge(clauses.installs, isAllGood(installs), describe(installs, 'install'));
    const seen = during(stage.users.outcomes, killedAt);
    stage.usersSaw.push(`from the kill on: ${describe(seen, 'install')}`, describe(seen, 'publish'));
  },
};

/** @returns when everything was killed */
async function killWhilePublishing(stage: Stage): Promise<number> {
  const { gallery, users } = stage;
  const acknowledgedBefore = users.acknowledged().length;
  const publishers = Array.from({ length: publishersCount }, (_, index) => publishUntilCutOff(stage, index + 1));
  await until(() => users.acknowledged().length >= acknowledgedBefore + acknowledgedMin, 10_000);
  const processes = gallery.roles().size + 1;
  const killedAt = stage.inject(
    `all ${processes} processes were killed at once, with ${publishersCount} pushes under way`,
  );
  await gallery.killAll();
  await Promise.all(publishers);
  const cutOff = users.outcomes.filter(
    ({ action, isGood, beganAt, endedAt }) =>
      action === 'publish' && !isGood && beganAt < killedAt && endedAt >= killedAt,
  );
  stage.judge(clauses.middle, cutOff.length > 0, `${cutOff.length} pushes were cut off`);
  await until(() => failures(during(users.outcomes, killedAt), 'install').length > 0, 2_000);
  await judgeSeen(stage, statusClauses.seen, killedAt, expected);
  return killedAt;
}

/** Publishes version after version of a package of its own, of either ecosystem, until a push fails. */
async function publishUntilCutOff({ users }: Stage, publisher: number): Promise<void> {
  for (let patch = 1; ; patch += 1) {
    const identity = { name: `burst-${publisher}`, version: `1.0.${patch}` };
    const { isGood } = await users.publish(publisher % 2 === 0 ? nupkgCanary(identity) : wheelCanary(identity));
    if (!isGood) return;
  }
}

/** @returns what puts the database back; the folder for logs stays unusable */
function leaveThingsBroken(stage: Stage): () => void {
  const { folders } = stage.gallery;
  rmSync(folders.logs, { recursive: true, force: true });
  writeFileSync(folders.logs, 'This file stands where the folder for logs should be.\n');
  stage.inject('a file stands in place of the folder for logs; sockets of the killed processes lie about');
  const putBack = moveDatabaseAway(stage.gallery);
  stage.inject('the database was moved away, so that the write role cannot start');
  return putBack;
}

/**
 * Starts the gallery as its users do and measures from there. On a busy machine the bound is stretched by as much as a bare
 * server's start was; a start that was too slow is tried again a few times, and the report tells of every one.
 * @returns when the first document was served, or when waiting for it ended
 */
async function startAgain(stage: Stage): Promise<number> {
  const { gallery } = stage;
  const starts: string[] = [];
  for (;;) {
    const factor = await slowdown();
    const startedAt = now();
    gallery.start();
    const isServing = await untilServed(`${gallery.url}/simple/stock-wheel/`, firstDocumentWithinMs * factor);
    const servingAt = now();
    const tookMs = Math.round(servingAt - startedAt);
    const machine = factor === 1 ? '' : ` (machine ${factor.toFixed(1)} times slower than at rest)`;
    starts.push(isServing ? `${tookMs} ms${machine}` : `nothing within ${tookMs} ms${machine}`);
    const isFast = isServing && tookMs <= firstDocumentMsMax * factor;
    if (isServing && !isFast && starts.length < startsMax) {
      await gallery.killAll();
      continue;
    }
    stage.judge(clauses.firstDocument, isFast, `from the start to the first document: ${starts.join(', then ')}`);
    if (isServing) stage.recover(`installing, from start ${starts.length} of ${starts.length}${machine}`, tookMs);
    return servingAt;
  }
}

async function serveWithoutDatabase(stage: Stage, since: number): Promise<void> {
  const { gallery, users } = stage;
  await pass(withoutDatabaseMs);
  const outcomes = during(users.outcomes, since);
  const refused = failures(outcomes, 'publish');
  const odd = refused.find(
    ({ status, hasRetryAfter, beganAt, endedAt }) =>
      status !== 503 || !hasRetryAfter || endedAt - beganAt > refusalMsMax,
  );
  const oddity = odd === undefined ? '' : `; not so: ${odd.status ?? 'no answer'} ${odd.message}`;
  stage.judge(clauses.refusals, refused.length > 0 && odd === undefined, `${describe(outcomes, 'publish')}${oddity}`);
  const installs = outcomes.filter(({ action }) => action === 'install');
  const hasComplained = gallery.output.includes('the access log cannot be written');
  const seen = `${describe(installs, 'install')}; the gallery's own log ${hasComplained ? 'tells of it' : 'does not tell of it'}`;
  stage.judge(clauses.optional, hasComplained && isAllGood(installs), seen);
}

async function resume(stage: Stage, putBackAt: number): Promise<void> {
  await untilPublished(stage, putBackAt, resumeMsMax);
  const afterMs = recoveredAfter(stage.users.outcomes, 'publish', putBackAt);
  if (afterMs !== undefined) stage.recover('publishing, once the database was back', afterMs);
  const seen = afterMs === undefined ? 'not seen' : `after ${Math.round(afterMs)} ms`;
  stage.judge(clauses.resumes, afterMs !== undefined && afterMs <= resumeMsMax, seen);
  await judgeRepeats(stage, clauses.repeats);
  await judgeLoss(stage, clauses.nothingLost);
}

function isAllGood(installs: readonly Outcome[]): boolean {
  return installs.length > 0 && failures(installs, 'install').length === 0;
}
