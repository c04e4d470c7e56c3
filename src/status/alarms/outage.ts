/**
 * One outage, many alarms: which of them belong together, and which of them speaks. Pure. The first calls at once; those that probes
 * begin within minutes of it are parts of it, are named in its next message, and call nobody by themselves. Whoever leads fires and is
 * not silenced, so that no part goes silent behind it; where nobody has confirmed, the next leader goes on with the same steps.
 */
import type { KeptAlarm } from './alarm-rows.ts';
import { settleMs } from './follow-condition.ts';

/** What begins later after the first alarm than this is another outage, and calls. */
export const joinWithinMs = 5 * 60_000;
/** Parts of one outage turn down within seconds of each other; after so long without a further one they are told. */
const quietMs = 15_000;
/** Told at the latest so long after the first part that was not told yet. */
const newsWaitMaxMs = 30_000;
/** Between two messages that only say that an outage has become wider. */
const widerPauseMs = 3 * 60_000;

type Named = Pick<KeptAlarm, 'key' | 'severity'>;
const isProbePage = ({ key, severity }: Named) => key.startsWith('probe:') && severity === 'page';
const isBurnPage = ({ key, severity }: Named) => key.startsWith('burn:') && severity === 'page';

/** Fires, and may call. */
const isHeard = ({ endedAt, silencedBy }: KeptAlarm) => endedAt === undefined && silencedBy === undefined;

/**
 * A confirmation is about what fires: an outage that somebody confirmed and that is over takes nothing more in.
 * @param open alarms, the oldest first
 * @returns the alarm that a new one becomes a part of; undefined when it leads by itself
 */
export function leaderFor(alarm: KeptAlarm, open: readonly KeptAlarm[], now: number): KeptAlarm | undefined {
  const isOpenFor = ({ endedAt, confirmedAt, silencedBy }: KeptAlarm) =>
    silencedBy === undefined && (endedAt === undefined || confirmedAt === undefined);
  if (isProbePage(alarm)) {
    return open.findLast(
      (one) => one.partOf === undefined && isProbePage(one) && isOpenFor(one) && now - one.startedAt <= joinWithinMs,
    );
  }
  if (!isBurnPage(alarm)) return undefined;
  const same = open.find((one) => tellsTheSame(one, alarm, now));
  const leader = same?.partOf === undefined ? same : open.find(({ id }) => id === same.partOf);
  return leader?.silencedBy === undefined ? leader : undefined;
}

/** Whether one is the other, or a member of it. */
function isWithin(component: string | undefined, whole: string | undefined): boolean {
  return component !== undefined && (component === whole || component.startsWith(`${whole}/`));
}

/**
 * An error budget, and another check of what is known to fail, are no news.
 * @returns the new alarm as a part of the other, and that other with what is to be told
 */
export function join(
  alarm: KeptAlarm,
  leader: KeptAlarm,
  open: readonly KeptAlarm[],
  now: number,
): readonly [KeptAlarm, KeptAlarm] {
  const { id, confirmedAt, confirmedBy } = leader;
  const member = { ...alarm, partOf: id, confirmedAt, confirmedBy };
  const outage = open.filter((one) => one.id === id || one.partOf === id);
  const isNews = isProbePage(alarm) && !outage.some((one) => isHeard(one) && one.title === alarm.title);
  return [member, isNews ? withNews(leader, now) : leader];
}

function withNews(leader: KeptAlarm, now: number): KeptAlarm {
  return { ...leader, newsFrom: leader.newsFrom ?? now, newsAt: now };
}

/** Whether parts of an outage, or a new leader, are to be told by a message of their own. */
export function isNewsDue({ newsFrom, newsAt, widerAt, calledAt }: KeptAlarm, now: number): boolean {
  if (newsFrom === undefined || newsAt === undefined || calledAt === undefined) return false;
  const isQuiet = now - newsAt >= quietMs || now - newsFrom >= newsWaitMaxMs;
  return isQuiet && (widerAt === undefined || now - widerAt >= widerPauseMs);
}

/** Calls, links and parts that go over from one alarm to another. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

export interface Regrouped {
  /** In the order that they came in; the same objects where nothing changed. */
  readonly alarms: readonly KeptAlarm[];
  readonly moves: readonly Move[];
}

/**
 * Gives every outage whose leader cannot speak any more another one, and lets go what has none.
 * @param open alarms, the oldest first
 */
export function regroup(open: readonly KeptAlarm[], now: number): Regrouped {
  const alarms = new Map(open.map((alarm) => [alarm.id, alarm]));
  const moves: Move[] = [];
  for (const [leaderId, parts] of partsOf(open)) {
    const leader = alarms.get(leaderId);
    if (leader === undefined) {
      letGo(parts.filter(isHeard), alarms, now);
      continue;
    }
    const heir = isHeard(leader)
      ? undefined
      : parts.find((one) => isHeard(one) && isProbePage(one) === isProbePage(leader));
    if (heir === undefined) continue;
    for (const one of parts) alarms.set(one.id, { ...one, partOf: heir.id });
    const nothingToTell = { newsFrom: undefined, newsAt: undefined, widerAt: undefined, toldAs: undefined };
    alarms.set(leader.id, { ...leader, ...nothingToTell, partOf: heir.id });
    alarms.set(heir.id, handedOver(leader, heir, now));
    moves.push({ from: leader.id, to: heir.id });
  }
  for (const [leaderId, parts] of partsOf([...alarms.values()])) {
    const leader = alarms.get(leaderId);
    if (leader === undefined || !isProbePage(leader)) continue;
    const isAlone = (one: KeptAlarm) =>
      isBurnPage(one) && isHeard(one) && !open.some((page) => tellsTheSame(page, one, now));
    letGo(parts.filter(isAlone), alarms, now);
  }
  return { alarms: [...alarms.values()], moves };
}

function partsOf(alarms: readonly KeptAlarm[]): ReadonlyMap<string, readonly KeptAlarm[]> {
  const parts = alarms.filter(({ partOf }) => partOf !== undefined);
  return Map.groupBy(parts, ({ partOf }) => partOf as string);
}

/** Whether a probe's page is open, or was a moment ago, for what an error budget is about. */
function tellsTheSame(page: KeptAlarm, burn: KeptAlarm, now: number): boolean {
  const { endedAt, silencedBy, component } = page;
  const isOpen = silencedBy === undefined && (endedAt === undefined || now - endedAt < settleMs);
  return isOpen && isProbePage(page) && isWithin(component, burn.component);
}

/**
 * Parts that go on without their outage: the first leads the others, and calls unless somebody has confirmed it with the outage. An
 * error budget looks back, and calls only when it fires for longer than the outage accounts for.
 */
function letGo([first, ...others]: readonly KeptAlarm[], alarms: Map<string, KeptAlarm>, now: number): void {
  if (first === undefined) return;
  const calledAt = first.confirmedAt === undefined ? undefined : now;
  const { echoMs } = first;
  const tellingFrom = echoMs === undefined ? undefined : now + Math.max(0, echoMs - settleMs);
  alarms.set(first.id, { ...first, partOf: undefined, tellingFrom, nextStep: 0, calledAt });
  for (const one of others) alarms.set(one.id, { ...one, partOf: first.id });
}

/** What nobody has confirmed goes on with its steps, and the new leader is told; what somebody looks after is not told anew. */
function handedOver(leader: KeptAlarm, heir: KeptAlarm, now: number): KeptAlarm {
  const { tellingFrom, nextStep, calledAt, confirmedAt, confirmedBy, newsFrom, newsAt, widerAt } = leader;
  const telling =
    tellingFrom === undefined ? { tellingFrom: undefined, nextStep: 0, calledAt } : { tellingFrom, nextStep, calledAt };
  const toldAs = leader.toldAs ?? leader.id;
  const after = { ...heir, ...telling, partOf: undefined, toldAs, confirmedAt, confirmedBy, newsFrom, newsAt, widerAt };
  return confirmedAt === undefined ? withNews(after, now) : after;
}
