/**
 * Search is flooded from many hundred addresses with the dearest questions there are, then its file is damaged, then it is switched
 * off for good under a second flood. Whoever installs must not notice, whoever publishes goes on, and whoever searches is told.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nupkgCanary } from '../status/canary/canary.ts';
import { judgeLoss, untilSettled } from './aftermath.ts';
import { type Drill, now, pass, type Stage } from './drill.ts';
import { describeFlood, startFlood } from './flood.ts';
import type { FloodAnswer } from './flood-thread.ts';
import { slowdown } from './machine.ts';
import { commonWords, importMany } from './many-packages.ts';
import { describe, durations, during, failures, quantile } from './outcomes.ts';
import { until } from './running-gallery.ts';
import { type ExpectedSignals, judgeNoFalseAlarm, judgeSeen, judgeWellAgain, reachabilityMs } from './seen.ts';
import { stock } from './stock.ts';
import { type Asked, askOnce, startStranger } from './stranger.ts';
import type { Outcome } from './users.ts';

const packagesCount = 240;
const calmMs = 1_500;
const slowQuestionMs = 1_000;
const floodMs = 3_000;
const strangers = 400;
/** From an answer to the next question: nobody heeds Retry-After. */
const strangersPauseMs = 100;
const strangersWhileOff = 100;
/** Who publish one package after another through the flood, beside the users. */
const publishersCount = 3;
const publishersPauseMs = 200;
const patienceMs = 20_000;
/** The class in which installs must stay: this share of them within this, or so many times slower than undisturbed. */
const installShare = 0.99;
const installMsMax = 1_000;
const stretchMax = 10;
/** The deadline of a search, a thread that is given up, and a busy machine. */
const refusalMsMax = 4_000;
/** Two threads with 128 MiB each, and as much again for answers that are being put together. */
const memoryGrowthMebibytesMax = 512;
const searchAgainMsMax = 5_000;
const mendedMsMax = 15_000;
const switchedOffMsMax = 15_000;
const mebibyte = 1024 * 1024;

/** `{n}` makes every question a new one. */
const v3Questions = [
  `/v3/search?q=${commonWords.join('+')}+word{n}&take=1000`,
  `/v3/search?q=${commonWords[0]}&take=1000&prerelease=true&semVerLevel=2.0.0`,
  '/v3/search?q=wo&skip=3000&take=1000',
  '/v3/autocomplete?q=p&take=1000&prerelease=true',
  '/v3/search?take=1000',
];
const v2Questions = [
  `/api/v2/Search()?$filter=IsLatestVersion&searchTerm='${commonWords[0]}%20${commonWords[1]}'&$top=100`,
  "/api/v2/Packages()?$filter=substringof('word{n}',tolower(Description))&$orderby=Description%20desc&$top=100",
];
const questions = [...v3Questions, ...v2Questions];
/** A question that a single person would ask, of each protocol. */
const plainQuestions = ['/v3/search?q=stock', '/v3/autocomplete?q=stock'];

const clauses = {
  installs: 'no install fails meanwhile, by the protocol of Python, NuGet v3 or NuGet v2',
  stretch: `through the flood, 99 of 100 installs take ${installMsMax} ms (on a machine at rest) or ${stretchMax} times what they took undisturbed at most`,
  slowQuestion: 'one slow question delays no install',
  publishing: 'publishing goes on through the flood',
  refusals: `a question that is refused gets 503 or 429 with Retry-After and a sentence, within ${refusalMsMax / 1000} s (on a machine at rest)`,
  memory: `the write process takes ${memoryGrowthMebibytesMax} MiB more at most`,
  answersAgain: `after the flood, search answers within ${searchAgainMsMax / 1000} s (on a machine at rest)`,
  damage: 'with its file damaged, search says so with 503 and a sentence, and is mended by itself',
  off: 'switched off, every search gets 503 with a sentence that says so, and publishing goes on',
  nothingLost: 'nothing acknowledged is lost, and verify is clean',
};

const statusClauses = {
  seen: `with search gone, within ${reachabilityMs / 1000} s a person is called, an incident opens by itself, and the page says that search is out and installing is well`,
  wellAgain: 'once search is back, the page says so by itself',
  noFalseAlarm: 'whatever happens to search, nobody is called for anything else',
};
const expected: ExpectedSignals = {
  alarm: /Searching/,
  severity: 'page',
  incident: /search/i,
  page: { 'search/nuget': 'major_outage', install: 'operational', publish: 'operational' },
  withinMs: reachabilityMs,
};

export const searchAbuse: Drill = {
  name: 'search-abuse',
  incident:
    "The Python index: one protocol's search was flooded from countless addresses, its back end went down, and it was switched " +
    'off for good.',
  clauses: Object.values(clauses),
  statusClauses: Object.values(statusClauses),
  countermeasure: {
    component: 'limits of their own for searches: how many at once, and for how long',
    switchedOff: 'HOLDFAST_SEARCHES_AT_ONCE_MAX=10000, HOLDFAST_SEARCH_DEADLINE_MS=60000: limits that nothing reaches',
    settingsWithout: { HOLDFAST_SEARCHES_AT_ONCE_MAX: '10000', HOLDFAST_SEARCH_DEADLINE_MS: '60000' },
    upholds: clauses.publishing,
  },
  // Of a small machine: what all requests for the write service may take together, so that the flood need not be a large one.
  settings: { HOLDFAST_FORWARDS_AT_ONCE_MAX: '64' },
  async run(stage) {
    await stock(stage);
    watchByV2(stage);
    await importMany(stage, packagesCount);
    await untilSettled(stage);
    const busyness = await slowdown();
    const startedAt = now();
    await pass(calmMs);
    const calm: Calm = { installs: installsOf(stage, startedAt, now()), busyness };
    await askSlowly(stage, calm);
    await floodSearch(stage, calm);
    await damageFile(stage);
    await switchOff(stage);
    judgeNoFalseAlarm(stage, statusClauses.noFalseAlarm, startedAt, [/Searching/]);
    await stage.users.pausePublishing();
    const installs = during(stage.users.outcomes, startedAt).filter(({ action }) => action === 'install');
    const isUnharmed = installs.length > 0 && failures(installs, 'install').length === 0;
    stage.judge(clauses.installs, isUnharmed, describe(installs, 'install'));
    stage.usersSaw.push(describe(installs, 'install'), describe(during(stage.users.outcomes, startedAt), 'publish'));
    await judgeLoss(stage, clauses.nothingLost);
  },
};

/** How things were before anything was done to search. */
interface Calm {
  readonly installs: readonly Outcome[];
  /** How many times slower than at rest this machine was, by no doing of the drill; bounds on times are stretched by it. */
  readonly busyness: number;
}

/** Of the stock, what NuGet's clients install over v3 is installed over v2 as well. */
function watchByV2({ gallery, users }: Stage): void {
  const canary = nupkgCanary({ name: 'Stock.Nupkg', version: '1.0.0' });
  users.watch(canary, { url: gallery.url, token: gallery.token, deadlineMs: patienceMs, nugetProtocol: 2 });
}

/** One person asks the dearest questions, one after another. */
async function askSlowly(stage: Stage, calm: Calm): Promise<void> {
  const beganAt = stage.inject(`one stranger asked the dearest questions one after another for ${slowQuestionMs} ms`);
  const stranger = startStranger(stage.gallery.url, questions, 0);
  await pass(slowQuestionMs);
  await stranger.stop();
  const slowest = Math.round(Math.max(0, ...durations(stranger.asked)));
  const installs = installsOf(stage, beganAt, now());
  const { isWithin, seen } = judgeStretch(installs, calm);
  stage.judge(clauses.slowQuestion, isWithin, `${stranger.asked.length} questions, slowest ${slowest} ms; ${seen}`);
}

async function floodSearch(stage: Stage, calm: Calm): Promise<void> {
  const { gallery, users } = stage;
  const memoryBefore = gallery.memoryOf('write') ?? 0;
  const beganAt = stage.inject(
    `${strangers} strangers, each with an address of its own, asked dear questions without end for ${floodMs} ms`,
  );
  const flood = startFlood({ url: gallery.url, strangers, questions, pauseMs: strangersPauseMs, patienceMs });
  const stranger = startStranger(gallery.url, plainQuestions, strangersPauseMs);
  const isOver = () => now() >= beganAt + floodMs;
  const publishers = Array.from({ length: publishersCount }, (_, index) => publishUntil(stage, index + 1, isOver));
  let memoryMost = 0;
  while (!isOver()) {
    memoryMost = Math.max(memoryMost, gallery.memoryOf('write') ?? 0);
    await pass(100);
  }
  await Promise.all(publishers);
  const endedAt = now();
  const answers = await flood.stop();
  await stranger.stop();
  await judgeAnswersAgain(stage, endedAt, calm);
  noteRefusal(stage, beganAt, stranger.asked);
  stage.usersSaw.push(`of the flood: ${describeFlood(answers)}`);
  const later: Calm = { ...calm, busyness: Math.max(calm.busyness, await slowdown()) };
  judgeRefusals(stage, answers, stranger.asked, later);
  const { isWithin, seen } = judgeStretch(installsOf(stage, beganAt, endedAt), later);
  stage.judge(clauses.stretch, isWithin, seen);
  const pushes = during(users.outcomes, beganAt, endedAt).filter(({ action }) => action === 'publish');
  const isGoingOn = pushes.length > 0 && failures(pushes, 'publish').length === 0;
  stage.judge(clauses.publishing, isGoingOn, describe(pushes, 'publish'));
  const [least, most] = [memoryBefore, memoryMost].map((bytes) => Math.round(bytes / mebibyte)) as [number, number];
  const isBounded = least > 0 && most - least <= memoryGrowthMebibytesMax;
  stage.judge(clauses.memory, isBounded, `${least} MiB before the flood, ${most} MiB at most in it`);
}

async function publishUntil({ users }: Stage, publisher: number, isOver: () => boolean): Promise<void> {
  for (let patch = 1; !isOver(); patch += 1) {
    await users.publish(nupkgCanary({ name: `In.The.Flood.${publisher}`, version: `1.0.${patch}` }));
    await pass(publishersPauseMs);
  }
}

function noteRefusal(stage: Stage, since: number, asked: readonly Asked[]): void {
  const first = asked.find(({ status }) => status !== 200);
  if (first === undefined) return;
  const signal = `the refusal of a plain question (${first.status ?? 'no answer'} ${first.sentence})`;
  stage.detect('search flooded', signal, first.endedAt - since);
}

/** What a sentence says when there is too much of it. Anything else that search cannot do just now is a fault. */
const overload = /at once|too long|busy/;

/** Times are judged by the stranger in this process; what was said, by all. */
function judgeRefusals(stage: Stage, flood: readonly FloodAnswer[], asked: readonly Asked[], { busyness }: Calm): void {
  const refused = [...flood, ...asked].filter(({ status }) => status !== 200);
  const odd = refused.find((answer) => !isPlainRefusal(answer) || !overload.test(answer.sentence));
  const waits = durations(asked.filter(({ status }) => status !== 200));
  const longest = Math.round(Math.max(0, ...waits));
  const oddity = odd && `; not so: ${odd.status ?? 'no answer'} "${odd.sentence}", Retry-After ${odd.hasRetryAfter}`;
  stage.judge(
    clauses.refusals,
    refused.length > 0 && odd === undefined && longest <= refusalMsMax * busyness,
    `${refused.length} refused; a stranger by itself was refused ${waits.length} of ${asked.length} times, after ${longest} ms at most${oddity ?? ''}`,
  );
}

/** A status line of its own words tells more than "Service Unavailable". */
function isPlainRefusal({
  status,
  hasRetryAfter,
  sentence,
}: Pick<Asked, 'status' | 'hasRetryAfter' | 'sentence'>): boolean {
  return (status === 503 || status === 429) && hasRetryAfter && /^[A-Z].* .*[a-z.]$/.test(sentence);
}

async function judgeAnswersAgain(stage: Stage, since: number, { busyness }: Calm): Promise<void> {
  const { isFine, seen, afterMs } = await untilAllAnswered(stage, since, searchAgainMsMax * busyness);
  if (isFine) stage.recover('searching, after the flood', afterMs);
  stage.judge(clauses.answersAgain, isFine, seen);
}

/** Asks until each of the plain questions was answered 200. */
async function untilAllAnswered({ gallery }: Stage, since: number, withinMs: number) {
  let last: Asked | undefined;
  const isFine = await until(async () => {
    for (const question of plainQuestions) {
      last = await askOnce(`${gallery.url}${question}`);
      if (last.status !== 200) return false;
    }
    return true;
  }, withinMs);
  const afterMs = now() - since;
  const seen = isFine ? `answered after ${Math.round(afterMs)} ms` : `${last?.status ?? 'no answer'} ${last?.sentence}`;
  return { isFine, seen, afterMs };
}

/** Something that is no database stands in place of the search file, as after a copy gone wrong. */
async function damageFile(stage: Stage): Promise<void> {
  const { gallery } = stage;
  const { search, data } = gallery.folders;
  const outputBefore = gallery.output.length;
  const bad = join(data, 'bad-copy');
  writeFileSync(bad, 'This is no database.\n'.repeat(1_000));
  const damagedAt = stage.inject('a file that is no database stands in place of the search file');
  for (const ending of ['-wal', '-shm']) rmSync(`${search}${ending}`, { force: true });
  renameSync(bad, search);
  const refused: Asked[] = [];
  await until(async () => {
    const asked = await Promise.all(plainQuestions.map((question) => askOnce(`${gallery.url}${question}`)));
    refused.push(...asked.filter(({ status }) => status !== 200));
    return refused.length > 0;
  }, mendedMsMax);
  const log = 'search does not work; nothing else needs it';
  if (await until(() => gallery.output.slice(outputBefore).includes(log), 1_000))
    stage.detect('search file damaged', `the gallery's own log ("${log}")`, now() - damagedAt);
  // Threads that had the old file open go on with it meanwhile, which is as good; what counts is that there is a new one.
  const isMadeAgain = await until(() => isDatabase(search), mendedMsMax);
  const mended = await untilAllAnswered(stage, damagedAt, mendedMsMax);
  if (mended.isFine) stage.recover('searching, on a file that was made again', mended.afterMs);
  const odd = refused.find((answer) => !isPlainRefusal(answer));
  const told = odd ?? refused[0];
  const said = told === undefined ? 'no question was refused' : `${told.status ?? 'no answer'} "${told.sentence}"`;
  const isFine = refused.length > 0 && odd === undefined && isMadeAgain && mended.isFine;
  stage.judge(clauses.damage, isFine, `${said}; the file was ${isMadeAgain ? '' : 'not '}made again; ${mended.seen}`);
}

/** @returns whether the file is there and begins as those of SQLite do */
function isDatabase(file: string): boolean {
  return existsSync(file) && readFileSync(file).subarray(0, 15).toString('latin1') === 'SQLite format 3';
}

/** The operator switches search off while a flood goes on: a setting in the file, and a new start of the write role alone. */
async function switchOff(stage: Stage): Promise<void> {
  const { gallery, users } = stage;
  const flood = startFlood({
    url: gallery.url,
    strangers: strangersWhileOff,
    questions,
    pauseMs: strangersPauseMs,
    patienceMs,
  });
  writeFileSync(join(gallery.folders.data, 'holdfast.config.json'), '{"searchOff":["search","autocomplete"]}\n');
  const offAt = stage.inject(
    `"searchOff" was put into the configuration and the write role started anew, with ${strangersWhileOff} strangers asking`,
  );
  gallery.restart('write');
  const isSaid = ({ status, sentence }: Asked) => status === 503 && /switched (search|autocomplete) off/.test(sentence);
  let asked: readonly Asked[] = [];
  const isOff = await until(async () => {
    asked = await Promise.all(plainQuestions.map((question) => askOnce(`${gallery.url}${question}`)));
    return asked.every(isSaid);
  }, switchedOffMsMax);
  const answers = await flood.stop();
  stage.usersSaw.push(`of the second flood: ${describeFlood(answers)}`);
  const isPublishing = await until(
    () => users.outcomes.some(({ action, isGood, beganAt }) => action === 'publish' && isGood && beganAt > offAt),
    switchedOffMsMax,
  );
  if (isPublishing) stage.recover('publishing, from the new start of the write role', now() - offAt);
  const odd = asked.find((one) => !isSaid(one)) ?? asked[0];
  const seen = `${odd?.status ?? 'no answer'} "${odd?.sentence}"; publishing ${isPublishing ? 'went on' : 'did not go on'}`;
  stage.judge(clauses.off, isOff && isPublishing && asked.every(isPlainRefusal), seen);
  await judgeSeen(stage, statusClauses.seen, offAt, expected);
  writeFileSync(join(gallery.folders.data, 'holdfast.config.json'), '{}\n');
  gallery.restart('write');
  await judgeWellAgain(stage, statusClauses.wellAgain, now());
}

function installsOf({ users }: Stage, from: number, to: number): Outcome[] {
  return during(users.outcomes, from, to).filter(({ action }) => action === 'install');
}

function judgeStretch(installs: readonly Outcome[], { installs: undisturbed, busyness }: Calm) {
  const [before, meanwhile] = [undisturbed, installs].map((some) => quantile(durations(some), installShare)) as [
    number,
    number,
  ];
  const isWithin =
    installs.length > 0 &&
    undisturbed.length > 0 &&
    failures(installs, 'install').length === 0 &&
    meanwhile <= Math.max(installMsMax * busyness, before * stretchMax);
  const seen = `99 of 100 installs within ${Math.round(meanwhile)} ms; undisturbed, within ${Math.round(before)} ms; machine ${busyness.toFixed(1)} times slower than at rest; ${describe(installs, 'install')}`;
  return { isWithin, seen };
}
