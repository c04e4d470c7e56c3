/**
 * The thread of a flood (src/drills/flood.ts): so many strangers, each with a connection and an address of its own, who ask without end
 * and heed no Retry-After. It runs apart from the drill, so that what the users measures is the gallery and not the flood.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../std/clock.ts';

export interface FloodOrder {
  /** Of the gallery, without a slash at the end. */
  readonly url: string;
  readonly strangers: number;
  /** Addresses with their queries; each stranger asks one after another. `{n}` becomes a number that is new each time. */
  readonly questions: readonly string[];
  /** What a stranger waits after an answer, in milliseconds. */
  readonly pauseMs: number;
  /** How long a stranger waits for an answer, in milliseconds. */
  readonly patienceMs: number;
}

/** One answer, as far as it is judged. */
export interface FloodAnswer {
  /** Which of the questions. */
  readonly question: number;
  /** Undefined when there was none. */
  readonly status: number | undefined;
  readonly tookMs: number;
  readonly hasRetryAfter: boolean;
  /** Reason phrase of a refusal, or what went wrong without an answer. */
  readonly sentence: string;
}

const { url, strangers, questions, pauseMs, patienceMs } = workerData as FloodOrder;
/** Strangers have machines of their own: here they must not take the gallery's processors before the gallery does. */
const niceness = 10;
if (process.platform === 'linux') setPriority(niceness);

const port = parentPort;
assert.ok(port, 'this file is run as a thread');

const answers: FloodAnswer[] = [];
let isOver = false;
let asked = 0;

/** Every address of 127.0.0.0/8 is this machine. */
const addressOf = (stranger: number) => `127.${1 + (stranger >> 16)}.${(stranger >> 8) & 255}.${1 + (stranger & 127)}`;

async function ask(stranger: number, agent: Agent, question: number): Promise<FloodAnswer> {
  asked += 1;
  const beganAt = systemClock.monotonicMs();
  const { promise, resolve, reject } = Promise.withResolvers<Omit<FloodAnswer, 'question' | 'tookMs'>>();
  const sent = request(`${url}${questions[question]?.replaceAll('{n}', String(asked))}`, {
    agent,
    localAddress: addressOf(stranger),
    headers: { 'X-Forwarded-For': `203.0.${stranger >> 8}.${stranger & 255}` },
    signal: AbortSignal.timeout(patienceMs),
  });
  sent.once('error', reject);
  sent.once('response', (answer) => {
    const { statusCode: status, statusMessage: sentence = '', headers } = answer;
    const hasRetryAfter = headers['retry-after'] !== undefined;
    buffer(answer).then(() => resolve({ status, hasRetryAfter, sentence }), reject);
  });
  sent.end();
  const seen = await promise.catch((error: NodeJS.ErrnoException) => {
    const sentence = error.code ?? error.message;
    return { status: undefined, hasRetryAfter: false, sentence };
  });
  return { question, tookMs: systemClock.monotonicMs() - beganAt, ...seen };
}

async function flood(stranger: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  // Not all in the same instant: a flood rises within one pause.
  await systemClock.sleep((pauseMs * stranger) / strangers);
  for (let turn = stranger; !isOver; turn += 1) {
    const answer = await ask(stranger, agent, turn % questions.length);
    if (!isOver) answers.push(answer);
    await systemClock.sleep(pauseMs);
  }
  agent.destroy();
}

port.once('message', () => {
  isOver = true;
  port.postMessage(answers);
});
for (let stranger = 0; stranger < strangers; stranger += 1) void flood(stranger);
