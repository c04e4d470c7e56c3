/** What every drill looks at when the outage is over: is everything there that was acknowledged, and is the gallery whole. */
import type { Customer } from '../status/canary/customer.ts';
import { now, pass, type Stage } from './drill.ts';
import { failures } from './outcomes.ts';
import { until } from './running-gallery.ts';

/** Events that nobody finished are completed when they are 15 seconds old. */
const settleWithinMs = 25_000;
const retryAfterMs = 5_000;
const retryPauseMs = 250;
const verdictPattern = /^(missing|wrong|surplus): [1-9].*$/m;

/**
 * Pushes again whatever was not acknowledged, as a client does whose push was refused: until it works, but no longer than the
 * gallery's own Retry-After says.
 * @param clause the clause it is judged by
 */
export async function judgeRepeats(stage: Stage, clause: string): Promise<void> {
  const { users } = stage;
  await users.pausePublishing();
  const waiting = users.unacknowledged().length;
  const deadline = now() + retryAfterMs;
  do {
    for (const canary of users.unacknowledged()) await users.publish(canary);
    if (users.unacknowledged().length > 0) await pass(retryPauseMs);
  } while (users.unacknowledged().length > 0 && now() < deadline);
  const left = users.unacknowledged().length;
  const reason = left === 0 ? '' : `; the others: ${failures(users.outcomes, 'publish').at(-1)?.message}`;
  const isProven = waiting > 0 && left === 0;
  stage.judge(clause, isProven, `${waiting - left} of ${waiting} pushes worked when they were repeated${reason}`);
}

/**
 * Installs every acknowledged package and compares its digest, then lets the gallery compare itself (`verify`).
 * Publishing must have been paused.
 */
export async function judgeLoss(stage: Stage, clause: string): Promise<void> {
  const { gallery, users } = stage;
  const promised = users.acknowledged();
  const lost: string[] = [];
  for (const canary of promised) {
    const outcome = await users.install(canary);
    if (!outcome.isGood) lost.push(`${outcome.subject} (${outcome.message})`);
  }
  const found = await verify(stage);
  const kept = `${promised.length - lost.length} of ${promised.length} acknowledged packages are installable`;
  const count = promised.length === 1 ? 'package' : 'packages';
  stage.lost = lost.length === 0 ? `nothing of ${promised.length} acknowledged ${count}` : lost.join(', ');
  const isWhole = promised.length > 0 && lost.length === 0 && found.isClean;
  stage.judge(clause, isWhole, `${kept}; verify: ${found.verdict}${lost.length === 0 ? '' : `; lost: ${lost[0]}`}`);
  if (!gallery.hasDatabase()) stage.lost += ', but the database is away';
}

/** Runs `verify` once nothing is owed any more; whatever is still owed after a while counts as not clean. */
export async function verify(stage: Stage): Promise<{ isClean: boolean; verdict: string }> {
  const isSettled = await untilSettled(stage);
  const { exitCode, output } = await stage.gallery.command('verify');
  const verdict = exitCode === 0 ? 'clean' : (verdictPattern.exec(output)?.[0] ?? output.trim().slice(0, 300));
  const owed = isSettled ? '' : `, but something is still owed after ${settleWithinMs / 1000} s`;
  return { isClean: isSettled && exitCode === 0, verdict: verdict + owed };
}

/** @returns whether records, documents and jobs of all events were done within the time */
export async function untilSettled({ gallery }: Stage): Promise<boolean> {
  return until(async () => {
    const text = await gallery.health();
    await pass(text === undefined ? 250 : 0);
    return text?.includes('"outstandingEvents":0,') === true && text.includes('"waitingJobs":0,');
  }, settleWithinMs);
}

/** Waits until users have published something that they began after the moment. @returns whether it did in time */
export async function untilPublished({ users }: Stage, since: number, withinMs: number): Promise<boolean> {
  return until(
    () => users.outcomes.some(({ action, isGood, beganAt }) => action === 'publish' && isGood && beganAt >= since),
    withinMs,
  );
}

/** The gallery's customer for installs that a drill makes itself. */
export function ownerOf({ gallery }: Stage): Customer {
  return { url: gallery.url, token: gallery.token, deadlineMs: 10_000 };
}
