/**
 * One stranger who searches, apart from any flood: asks one question after another from the drill's own process, so that the times
 * are the gallery's and not those of a flood's thread.
 */

import { type Answer, ask, wordsOf } from '../status/canary/request.ts';
import { repeat } from '../std/clock.ts';
import { now } from './drill.ts';

export interface Asked {
  readonly beganAt: number;
  readonly endedAt: number;
  /** Undefined when there was no answer. */
  readonly status: number | undefined;
  readonly hasRetryAfter: boolean;
  /** Reason phrase of a refusal, or what went wrong. */
  readonly sentence: string;
}

export interface Stranger {
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
}

const patienceMs = 20_000;

/** Asks these one after another, again and again, from now on. @param everyMs pause between an answer and the next question */
export function startStranger(url: string, questions: readonly string[], everyMs: number): Stranger {
  const asked: Asked[] = [];
  let turn = 0;
  const stop = repeat(everyMs, async () => {
    const question = questions[turn % questions.length];
    turn += 1;
    asked.push(await askOnce(`${url}${question}`));
  });
  return { asked, stop };
}

/** Asks one question; never rejects. */
export async function askOnce(url: string): Promise<Asked> {
  const beganAt = now();
  const seen = await ask(url, { deadlineMs: patienceMs }).then(seenOf, (error: unknown) => ({
    status: undefined,
    hasRetryAfter: false,
    sentence: wordsOf(error),
  }));
  return { beganAt, endedAt: now(), ...seen };
}

function seenOf({ status, headers, reason }: Answer): Omit<Asked, 'beganAt' | 'endedAt'> {
  return { status, hasRetryAfter: headers['retry-after'] !== undefined, sentence: reason };
}
