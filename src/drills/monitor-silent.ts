/**
 * The gallery goes down, and whoever is called does not answer; then the watcher itself hangs; then a test page goes out that nobody
 * confirms. In each case somebody else has to hear of it.
 */
import { join } from 'node:path';
import { judgeLoss, untilPublished } from './aftermath.ts';
import { type Drill, now, pass, type Stage } from './drill.ts';
import { describe, during } from './outcomes.ts';
import { callChannel, namedIn } from './pager.ts';
import { freePort, until } from './running-gallery.ts';
import { RunningStatus } from './running-status.ts';
import { type ExpectedSignals, judgeSeen, judgeWellAgain, reachabilityMs } from './seen.ts';
import { stock } from './stock.ts';

const startWithinMs = 30_000;
const escalateAfterSeconds = 20;
const escalatedWithinMs = (escalateAfterSeconds + 20) * 1_000;
const signOfLifeSeconds = 5;
const graceSeconds = 15;
/** A sign of life is missed after its interval and its grace, and that is looked for every few seconds. */
const silenceMsMax = 60_000;
const testConfirmSeconds = 15;
const testEscalatedWithinMs = (testConfirmSeconds + 30) * 1_000;
const quietMs = 15_000;

const clauses = {
  told: `an outage is told to whoever is on duty within ${reachabilityMs / 1000} s`,
  escalates: `an alarm that nobody confirms reaches the next person within ${escalatedWithinMs / 1000} s`,
  confirmed: 'an alarm that somebody confirmed calls nobody further',
  silence: `when the status service hangs, somebody is called from outside within ${silenceMsMax / 1000} s`,
  testPage: 'a test page that nobody confirms reaches the next person',
  nothingLost: 'nothing acknowledged is lost, and verify is clean',
};
const statusClauses = { wellAgain: 'once everything is back, the page says so by itself' };
const expected: ExpectedSignals = {
  alarm: /Installing/,
  severity: 'page',
  incident: /install/i,
  page: { install: 'major_outage' },
  withinMs: reachabilityMs,
};

const signOfLife = 'watcher';
const outside = 'outside';

export const monitorSilent: Drill = {
  name: 'monitor-silent',
  incident:
    'NuGet Gallery, March 2012: the monitoring was misconfigured; all instances were down, and nobody was woken.',
  clauses: Object.values(clauses),
  statusClauses: Object.values(statusClauses),
  statusConfiguration: (pager) => ({
    channels: [callChannel(pager, 'first'), callChannel(pager, 'second')],
    onCall: {
      people: [
        { name: 'first', channels: ['first'] },
        { name: 'second', channels: ['second'] },
      ],
      escalation: [
        { afterSeconds: 0, notify: ['first'] },
        { afterSeconds: escalateAfterSeconds, notify: ['second'] },
      ],
      testPage: { confirmWithinSeconds: testConfirmSeconds },
    },
  }),
  countermeasure: {
    component: 'a sign of life that somebody outside waits for',
    switchedOff:
      '"heartbeatsOut" is left out of the status service’s configuration, and "heartbeats" of the one outside',
    settingsWithout: {},
    statusWithout: {},
    upholds: clauses.silence,
  },
  settings: {},
  async run(stage) {
    const { status, gallery, users } = stage;
    if (status === undefined) throw new Error('this drill is about the status service, which is not there');
    await stock(stage);
    const startedAt = now();
    const watcher = await startOutside(stage, status);
    try {
      await untilPublished(stage, startedAt, 5_000);
      // What is switched off without the countermeasure is about silence, and about nothing of this.
      if (!stage.isWithout) {
        await goDown(stage, status);
        gallery.start();
        await gallery.untilWriting(startWithinMs);
        await judgeWellAgain(stage, statusClauses.wellAgain, now());
        await testPage(stage, status);
      }
      await hang(stage, status, watcher);
    } finally {
      await watcher.stop();
    }
    const seen = during(users.outcomes, startedAt);
    stage.usersSaw.push(describe(seen, 'install'), describe(seen, 'publish'));
    await untilPublished(stage, now(), 10_000);
    await users.pausePublishing();
    await judgeLoss(stage, clauses.nothingLost);
  },
};

/** A second status service, as on another machine, which waits for signs of life of the first. */
async function startOutside(stage: Stage, status: RunningStatus): Promise<RunningStatus> {
  const heartbeats = [
    { name: signOfLife, everySeconds: signOfLifeSeconds, graceSeconds, means: 'The status service runs.' },
  ];
  const watcher = new RunningStatus(
    {
      program: stage.program,
      folder: join(status.folder, '..', 'outside'),
      port: await freePort(),
      pager: status.pager,
      configuration: {
        channels: [callChannel(status.pager, outside)],
        onCall: {
          people: [{ name: outside, channels: [outside] }],
          escalation: [{ afterSeconds: 0, notify: [outside] }],
        },
        ...(stage.isWithout ? {} : { heartbeats }),
      },
    },
    { url: stage.gallery.url, tokenFile: '', ecosystems: [] },
  );
  watcher.start();
  const listed = { address: '' };
  const isThere = async () => {
    await pass(500);
    const { exitCode, output } = await watcher.command('status', 'heartbeats');
    listed.address = /https?:\S+\/heartbeats\/\S+/.exec(output)?.[0] ?? '';
    return exitCode === 0 && (stage.isWithout || listed.address !== '');
  };
  if (!(await until(isThere, startWithinMs)))
    throw new Error(`the status service outside does not answer:\n${watcher.output}`);
  if (!stage.isWithout) status.configure({ heartbeatsOut: [{ url: listed.address, everySeconds: signOfLifeSeconds }] });
  // The changed file is read within five seconds, and the first sign of life has to come.
  await pass(3 * signOfLifeSeconds * 1_000);
  return watcher;
}

/** The gallery goes down; the first person does not answer, the second confirms. */
async function goDown(stage: Stage, status: RunningStatus): Promise<void> {
  const downAt = stage.inject('every process of the gallery was killed, and the first person on duty sleeps');
  await stage.gallery.killAll();
  await judgeSeen(stage, clauses.told, downAt, expected);
  const isOf = (person: string) =>
    status.pager.calls.find(
      (call) => call.person === person && call.at > downAt && namedIn(call).some((name) => expected.alarm.test(name)),
    );
  await until(() => isOf('second') !== undefined, escalatedWithinMs);
  const [first, second] = [isOf('first'), isOf('second')];
  if (second)
    stage.detect('the next person', `called for "${second.title}", which nobody had confirmed`, second.at - downAt);
  const isLater = first !== undefined && second !== undefined && second.at >= first.at;
  stage.judge(
    clauses.escalates,
    isLater,
    second === undefined
      ? 'the second person was not called'
      : `${Math.round((second.at - (first?.at ?? downAt)) / 1_000)} s after the first`,
  );
  const { exitCode, output } = await status.command(
    'status',
    'confirm',
    second?.id ?? first?.id ?? '',
    '--author',
    'second',
  );
  if (exitCode !== 0) throw new Error(`the alarm could not be confirmed: ${output}`);
  const confirmedAt = now();
  await pass(quietMs);
  const later = status.pager.calls.filter(
    (call) => call.at > confirmedAt && call.id === second?.id && call.state === 'firing',
  );
  stage.judge(clauses.confirmed, later.length === 0, `${later.length} calls after it was confirmed`);
}

/** A test page, as every day; the first person does not confirm it. */
async function testPage(stage: Stage, status: RunningStatus): Promise<void> {
  const sentAt = stage.inject('a test page was sent to whoever is on duty, and nobody confirmed it');
  const { exitCode, output } = await status.command('status', 'test-page');
  if (exitCode !== 0) throw new Error(`the test page could not be sent: ${output}`);
  const isTest = /test/i;
  const called = (person: string) =>
    status.pager.calls.find((call) => call.person === person && call.at > sentAt && isTest.test(call.title));
  await until(() => called('second') !== undefined, testEscalatedWithinMs);
  const [first, second] = [called('first'), called('second')];
  if (second) stage.detect('the broken path to a person', `"${second.title}" reached the second`, second.at - sentAt);
  stage.judge(
    clauses.testPage,
    first !== undefined && second !== undefined,
    second?.text ?? `the first was ${first ? '' : 'not '}called, the second was not`,
  );
}

/** The watcher's process stops without ending: no page, no probe, no alarm of its own. */
async function hang(stage: Stage, status: RunningStatus, watcher: RunningStatus): Promise<void> {
  const hungAt = stage.inject('the process of the status service was stopped, as if it hung');
  status.signal('SIGSTOP');
  const find = () =>
    watcher.pager.calls.find((call) => call.person === outside && call.at > hungAt && call.title.includes(signOfLife));
  await until(() => find() !== undefined, silenceMsMax);
  const call = find();
  if (call) stage.detect('the silence', `"${call.title}" reached somebody outside`, call.at - hungAt);
  stage.judge(
    clauses.silence,
    call !== undefined,
    call === undefined
      ? 'nobody was called from outside'
      : `after ${Math.round((call.at - hungAt) / 1_000)} s: ${call.text}`,
  );
  status.signal('SIGCONT');
}
