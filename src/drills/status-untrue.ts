/**
 * Everything goes down, comes back, and nobody writes a line. The page has to tell it by itself: that it began, that it ended, how long
 * it took to notice, to tell and to mend, and what it did to the month. What a person opens and forgets must not stay open in silence.
 */
import { judgeLoss, untilPublished } from './aftermath.ts';
import { type Drill, now, pass, type Stage } from './drill.ts';
import { describe, during } from './outcomes.ts';
import { namedIn } from './pager.ts';
import { until } from './running-gallery.ts';
import type { RunningStatus } from './running-status.ts';
import { type ExpectedSignals, judgeNoFalseAlarm, judgeSeen, judgeWellAgain, reachabilityMs } from './seen.ts';
import { stock } from './stock.ts';

const startWithinMs = 30_000;
const resolveAfterSeconds = 10;
const resolvedWithinMs = 60_000;
const remindAfterSeconds = 20;
/** A reminder is looked for every few seconds. */
const remindedWithinMs = (remindAfterSeconds + 30) * 1_000;
/** From the kill on: everything was seen to be down, and half a minute for telling how wide it is. */
const allPartsMs = 65_000;
const staleSeconds = 30;
const unknownWithinMs = (staleSeconds + 30) * 1_000;

const clauses = {
  opens: `an incident opens by itself, and the page tells of it, within ${reachabilityMs / 1000} s`,
  once: 'the outage of everything calls whoever is on duty once, and says once how wide it is',
  closes: 'it is resolved by itself when all is well again, and is not left open',
  figures: 'the incident tells after how long it was noticed, told and mended',
  uptime: 'the month shows less than all, with the formula beside it',
  reminds: 'an incident that a person opened and forgot reminds its owner',
  unknown: 'when its probes tell nothing, the page says that it does not know, and never that all is well',
  nothingLost: 'nothing acknowledged is lost, and verify is clean',
};
const statusClauses = {
  wellAgain: 'once everything is back, the page says so by itself',
  noFalseAlarm: 'nobody is called for anything else',
};
const expected: ExpectedSignals = {
  alarm: /Installing/,
  severity: 'page',
  incident: /install/i,
  page: { install: 'major_outage' },
  withinMs: reachabilityMs,
};
const forgotten = 'A question that nobody answers';

export const statusUntrue: Drill = {
  name: 'status-untrue',
  incident:
    'Several status pages: entries left at "ongoing" for ever, and outages announced hours after they had begun.',
  clauses: Object.values(clauses),
  statusClauses: Object.values(statusClauses),
  statusConfiguration: () => ({
    incidents: { resolveAfterSeconds, remindAfterSeconds },
    probing: { staleSeconds },
  }),
  countermeasure: {
    component: 'incidents that open and close by themselves',
    switchedOff: '"isAutomatic": false in the status service’s configuration',
    settingsWithout: {},
    statusWithout: { incidents: { resolveAfterSeconds, remindAfterSeconds, isAutomatic: false } },
    upholds: clauses.opens,
  },
  settings: {},
  async run(stage) {
    const { status, gallery } = stage;
    if (status === undefined) throw new Error('this drill is about the status service, which is not there');
    await stock(stage);
    const startedAt = now();
    await untilPublished(stage, startedAt, 5_000);
    const downAt = stage.inject('every process of the gallery was killed, and nobody writes a line');
    await gallery.killAll();
    await judgeSeen(stage, clauses.opens, downAt, expected);
    if (!stage.isWithout) {
      await pass(Math.max(0, downAt + allPartsMs - now()));
      judgeOnce(stage, status, downAt);
    }
    gallery.start();
    await gallery.untilWriting(startWithinMs);
    const backAt = now();
    // An incident that never opened has no end to be looked at.
    if (stage.isWithout) return judgeRest(stage, downAt);
    await judgeWellAgain(stage, statusClauses.wellAgain, backAt);
    await judgeEnd(stage, status, backAt);
    // What the outage cost is a ticket, and true; a page about it would be one too many.
    const right = [/(Installing|Publishing|Searching)/, /website/i, /Ticket: \S+ fails .+ times as often as it may/];
    judgeNoFalseAlarm(stage, statusClauses.noFalseAlarm, startedAt, right);
    await forget(stage, status);
    await blind(stage, status);
    await judgeRest(stage, downAt);
  },
};

async function judgeRest(stage: Stage, downAt: number): Promise<void> {
  const { users } = stage;
  stage.usersSaw.push(
    ...(['install', 'publish'] as const).map((action) => describe(during(users.outcomes, downAt), action)),
  );
  await untilPublished(stage, now(), 10_000);
  await users.pausePublishing();
  await judgeLoss(stage, clauses.nothingLost);
}

/** Page after page for one outage teaches people to look away. */
function judgeOnce(stage: Stage, { pager }: RunningStatus, downAt: number): void {
  const pages = pager.calls.filter(({ at, severity }) => at >= downAt && severity === 'page');
  const [first, ...more] = pages.map(({ title }) => title.replace(/^\[[^\]]*\] /, ''));
  const isOnce =
    first?.startsWith('Page: ') === true && more.length <= 1 && more.every((one) => one.startsWith('Wider: '));
  const isWhole = ['Installing', 'Publishing', 'Searching', 'website'].every((what) =>
    pages.some((call) => namedIn(call).some((name) => name.includes(what))),
  );
  const seen = pages.length === 0 ? 'nobody was called' : [first, ...more].map((one) => `"${one}"`).join(', then ');
  stage.judge(clauses.once, isOnce && isWhole, `${seen}${isWhole ? '' : '; not all of it was named'}`);
}

/** The incident's end, its figures, and what the month makes of it. */
async function judgeEnd(stage: Stage, status: RunningStatus, backAt: number): Promise<void> {
  interface Incident {
    readonly id: string;
    readonly status: string;
  }
  let incident: Incident | undefined;
  const isResolved = async () => {
    await pass(500);
    const text = (await status.read('/api/v2/incidents.json')) ?? '{}';
    incident = (JSON.parse(text) as { incidents?: readonly Incident[] }).incidents?.[0];
    return incident?.status === 'resolved';
  };
  const isClosed = await until(isResolved, resolvedWithinMs);
  if (isClosed) stage.recover('the incident, which was resolved by itself', now() - backAt);
  stage.judge(clauses.closes, isClosed, incident === undefined ? 'there is no incident' : `it is ${incident.status}`);
  const page = incident === undefined ? '' : wordsOf(await status.read(`/incidents/${incident.id}.html`));
  const figures = ['Detected after', 'Told after', 'Mended after'].map((what) =>
    new RegExp(`${what}[: ]+([\\d.,]+ \\w+( [\\d.,]+ \\w+)?)`, 'i').exec(page),
  );
  const told = figures.map((found) => found?.[0] ?? 'nothing').join(', ');
  stage.judge(
    clauses.figures,
    figures.every((found) => found !== null),
    told,
  );
  const uptime = wordsOf(await status.read('/uptime.html'));
  const percentages = [...uptime.matchAll(/(\d{1,3}(?:\.\d+)?) ?%/g)].map(([, number]) => Number(number));
  const least = Math.min(...percentages, 100);
  const hasFormula = /partial outage/i.test(uptime) && /0\.3|30/.test(uptime);
  stage.judge(
    clauses.uptime,
    least < 100 && hasFormula,
    `the least is ${least} %; the formula is ${hasFormula ? '' : 'not '}there`,
  );
}

/** @returns what a reader sees of a page, in one line */
function wordsOf(html: string | undefined): string {
  return (html ?? '')
    .replaceAll(/<style[\s\S]*?<\/style>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/&\w+;/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

/** A person opens an incident and goes home. */
async function forget(stage: Stage, status: RunningStatus): Promise<void> {
  const forgottenAt = stage.inject(`a person opened the incident "${forgotten}" and wrote nothing more`);
  const { exitCode, output } = await status.command(
    'incident',
    'open',
    forgotten,
    '--body',
    'We are looking into it.',
    '--author',
    'anna',
  );
  if (exitCode !== 0) throw new Error(`the incident could not be opened: ${output}`);
  const call = await status.untilCalled(new RegExp(forgotten), forgottenAt, remindedWithinMs);
  if (call) stage.detect('the reminder', `"${call.title}"`, call.at - forgottenAt);
  stage.judge(clauses.reminds, call !== undefined, call?.text ?? 'nobody was reminded');
}

/** The status service's own network goes: whatever it tries fails, and says nothing of the gallery. */
async function blind(stage: Stage, status: RunningStatus): Promise<void> {
  // Port 1 of loopback: nobody listens there.
  status.configure({ probing: { staleSeconds, ownNetwork: ['127.0.0.1:1'] } });
  await pass(configurationReadMs);
  const blindAt = stage.inject(
    'the gallery was killed again, while the status service’s own network seems to be away too',
  );
  await stage.gallery.killAll();
  const said = new Set<string>();
  const isUnknown = await until(async () => {
    await pass(500);
    const text = (await status.read('/api/v2/status.json')) ?? '{}';
    const words = (JSON.parse(text) as { status?: { indicator: string } }).status?.indicator ?? 'nothing';
    if (now() - blindAt > (staleSeconds + 10) * 1_000) said.add(words);
    return words === 'unknown';
  }, unknownWithinMs);
  const isHonest = isUnknown && !said.has('none');
  stage.judge(
    clauses.unknown,
    isHonest,
    isUnknown ? `"unknown" after ${Math.round((now() - blindAt) / 1_000)} s` : `it said ${[...said].join(', ')}`,
  );
  stage.gallery.start();
  await stage.gallery.untilWriting(startWithinMs);
}

/** A changed file is looked for every five seconds. */
const configurationReadMs = 7_000;
