/**
 * What an independent status service makes of a drill: which alarm reached a person, which incident opened by itself, what the page
 * showed, and after how many seconds. A drill whose outage nobody is told of has failed, whatever else held.
 */
import { idOf } from '../status/ids.ts';
import { now, pass, type Stage } from './drill.ts';
import { type Call, namedIn } from './pager.ts';
import { until } from './running-gallery.ts';
import type { Summary } from './running-status.ts';

export interface ExpectedSignals {
  /** What is said to be wrong: by the title of a call, or among the parts of the outage that it names. */
  readonly alarm: RegExp;
  readonly severity: 'page' | 'ticket';
  /** What the incident is called; undefined when users notice nothing, and none may open. */
  readonly incident: RegExp | undefined;
  /** Status of components by key, as the Statuspage API says it. */
  readonly page: Readonly<Record<string, string | readonly string[]>>;
  /** From the injection until all of it, in milliseconds. */
  readonly withinMs: number;
}

const lookEveryMs = 250;

/** Class of what probes see: their interval, their deadline, a confirmation, and the telling. */
export const reachabilityMs = 60_000;

/**
 * Waits until everything expected was seen, notes when each was, and judges the clause.
 * @param injectedAt when it broke, in milliseconds of the monotonic clock
 */
export async function judgeSeen(
  stage: Stage,
  clause: string,
  injectedAt: number,
  expected: ExpectedSignals,
): Promise<void> {
  const { status } = stage;
  if (status === undefined) return;
  const { alarm, severity, withinMs } = expected;
  const left = () => Math.max(0, injectedAt + withinMs - now());
  let [opened, shown]: [Moment | undefined, Moment | undefined] = [undefined, undefined];
  const look = async () => {
    const summary = await status.summary();
    opened ??= momentOf(
      expected.incident && summary?.incidents.find(({ name }) => expected.incident?.test(name))?.name,
    );
    await pass(lookEveryMs);
    if (summary !== undefined && isShown(summary, expected.page)) shown ??= momentOf(summary.status.description);
    return shown !== undefined && (expected.incident === undefined || opened !== undefined);
  };
  const [call, isAllShown] = await Promise.all([status.untilCalled(alarm, injectedAt, left()), until(look, left())]);
  const isRightCall = call?.severity === severity;
  if (call)
    stage.detect('the alarm', `${call.severity} "${nameOf(call, alarm)}" reached a person`, call.at - injectedAt);
  if (opened)
    stage.detect('the incident', `"${(opened as Moment).words}" opened by itself`, (opened as Moment).at - injectedAt);
  if (shown) stage.detect('the page', `it says "${(shown as Moment).words}"`, (shown as Moment).at - injectedAt);
  const missing = [
    ...(call === undefined ? [`nobody was told of ${alarm}`] : isRightCall ? [] : [`it came as a ${call.severity}`]),
    ...(expected.incident !== undefined && opened === undefined ? [`no incident ${expected.incident} opened`] : []),
    ...(shown === undefined ? [`the page says ${await wordsOf(stage)}`] : []),
  ];
  const isSeen = isRightCall && isAllShown;
  const seen = `told after ${seconds(call?.at, injectedAt)}; incident after ${seconds((opened as Moment | undefined)?.at, injectedAt)}; page after ${seconds((shown as Moment | undefined)?.at, injectedAt)}`;
  stage.judge(clause, isSeen, missing.length === 0 ? seen : missing.join('; '));
}

/** Waits until the page says again that all is well. @param since when it was, in milliseconds of the monotonic clock */
export async function judgeWellAgain(stage: Stage, clause: string, since: number): Promise<void> {
  const { status } = stage;
  if (status === undefined) return;
  const isWell = async () => (await status.summary())?.status.indicator === 'none';
  const isInTime = await until(isWell, wellAgainMs);
  if (isInTime) stage.recover('the page, which says that all is well', now() - since);
  stage.judge(clause, isInTime, isInTime ? `after ${seconds(now(), since)}` : `the page says ${await wordsOf(stage)}`);
}

/** Two rounds of probes, and a little. */
export const wellAgainMs = 90_000;

/** Nobody may have been called since, but for what was expected. */
export function judgeNoFalseAlarm(stage: Stage, clause: string, since: number, expected: readonly RegExp[]): void {
  const { status } = stage;
  if (status === undefined) return;
  const calls = status.pager.calls.filter(({ at }) => at >= since);
  const isExpected = (name: string) => expected.some((one) => one.test(name));
  const odd = calls.filter((call) => !namedIn(call).every(isExpected));
  const [first] = odd;
  stage.judge(
    clause,
    odd.length === 0,
    first ? `"${first.title}" (${first.text})` : `${calls.length} calls, all of them right`,
  );
}

/** The title, unless what was looked for stands beside it only. */
function nameOf(call: Call, wanted: RegExp): string {
  return wanted.test(call.title) ? call.title : `${call.title}: ${namedIn(call).find((name) => wanted.test(name))}`;
}

interface Moment {
  readonly at: number;
  readonly words: string;
}

function momentOf(words: string | undefined): Moment | undefined {
  return words === undefined ? undefined : { at: now(), words };
}

function isShown({ components }: Summary, page: ExpectedSignals['page']): boolean {
  return Object.entries(page).every(([key, wanted]) => {
    const found = components.find(({ id }) => id === idOf('component', key))?.status;
    return found !== undefined && (typeof wanted === 'string' ? found === wanted : wanted.includes(found));
  });
}

/** @returns what the page says of components that are not well */
async function wordsOf({ status }: Stage): Promise<string> {
  const summary = await status?.summary();
  if (summary === undefined) return 'nothing';
  const unwell = summary.components
    .filter((one) => one.status !== 'operational')
    .map((one) => `${one.name}: ${one.status}`);
  return unwell.length === 0 ? `"${summary.status.description}"` : unwell.join(', ');
}

function seconds(at: number | undefined, since: number): string {
  return at === undefined ? 'no time' : `${((at - since) / 1_000).toFixed(1)} s`;
}
