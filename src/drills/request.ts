/**
 * One HTTP request as a client that has just been started makes it: a connection of its own, and a deadline. So a probe
 * never profits from a connection that was opened while all was well.
 */
import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  /** The reason phrase: what clients show of a refusal. */
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** From the first to the last byte of the whole exchange, in milliseconds. */
  readonly deadlineMs: number;
}

/** @returns the whole answer, whatever its status; rejects when there is none, or only a part of it, within the deadline */
export async function ask(url: string, question: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { body } = question;
  const sent = request(url, {
    agent: false,
    method: question.method ?? 'GET',
    headers: { ...question.headers, ...(body === undefined ? {} : { 'Content-Length': String(body.length) }) },
    signal: AbortSignal.timeout(question.deadlineMs),
  });
  sent.once('error', reject);
  sent.once('response', (answer) => {
    const { statusCode = 0, statusMessage = '', headers } = answer;
    buffer(answer).then(
      (bytes) => resolve({ status: statusCode, reason: statusMessage, headers, body: bytes }),
      reject,
    );
  });
  sent.end(body);
  return promise;
}

/** Asks the gallery's own API with a JSON body. */
export function askJson(url: string, token: string, method: string, value?: unknown): Promise<Answer> {
  return ask(url, {
    method,
    deadlineMs: 10_000,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(value === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(value === undefined ? {} : { body: Buffer.from(JSON.stringify(value)) }),
  });
}

/** @returns what went wrong, in a few words: the system's error code where there is one */
export function wordsOf(error: unknown): string {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError') return 'no answer within the deadline';
  return code ?? message;
}
