/**
 * One HTTP request that tells somebody something: it follows no redirect, believes nothing of the answer but its status, and ends
 * within its deadline whatever the other side does.
 */
import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { type Outcome, oneLine } from './message.ts';
import { lookupPublic, PrivateAddressError, refusePrivateHost } from './private-network.ts';

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly deadlineMs: number;
  /** False for addresses that strangers gave us. */
  readonly isPrivateAllowed: boolean;
  readonly signal: AbortSignal;
}

const answerBytesMax = 1_000;
const wordsLengthMax = 300;

/** @returns `taken` for 2xx; 3xx and 4xx are refusals, all else (408, 425 and 429 too) failed and may work later */
export async function callHttp(call: HttpCall): Promise<Outcome> {
  const deadline = AbortSignal.timeout(call.deadlineMs);
  try {
    const { status, words } = await send(call, AbortSignal.any([deadline, call.signal]));
    if (status >= 200 && status < 300) return { kind: 'taken' };
    const isLater = status >= 500 || [408, 425, 429].includes(status);
    const said = words === '' ? '' : `: ${words}`;
    return {
      kind: isLater ? 'failed' : 'refused',
      words: oneLine(`the answer was ${status}${said}`, wordsLengthMax),
      isAboutRecipient: false,
      isFinal: status === 410,
    };
  } catch (error) {
    const isPrivate = error instanceof PrivateAddressError;
    return {
      kind: isPrivate ? 'refused' : 'failed',
      words: deadline.aborted ? `no answer within ${call.deadlineMs} ms` : oneLine(wordsOf(error), wordsLengthMax),
      isAboutRecipient: false,
      isFinal: isPrivate,
    };
  }
}

/** Happy eyeballs gives an error without a message of its own, made of those of each address. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  const { message, code } = error as NodeJS.ErrnoException;
  return message === '' ? (code ?? 'the connection failed') : message;
}

async function send(call: HttpCall, signal: AbortSignal): Promise<{ status: number; words: string }> {
  const url = new URL(call.url);
  if (!call.isPrivateAllowed) refusePrivateHost(url);
  const body = Buffer.from(call.method === 'GET' ? '' : call.body);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; words: string }>();
  const outgoing = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, {
    method: call.method,
    headers: { ...call.headers, ...(call.method === 'GET' ? {} : { 'content-length': body.length }) },
    // A connection of its own: one that was kept open might go to an address that nobody checked for this call.
    agent: false,
    signal,
    ...(call.isPrivateAllowed ? {} : { lookup: lookupPublic }),
  });
  outgoing.once('error', reject);
  outgoing.once('response', (answer) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const done = () => {
      const words = Buffer.concat(chunks).subarray(0, answerBytesMax).toString('utf8');
      resolve({ status: answer.statusCode ?? 0, words: /[<\u0000]/.test(words) ? '' : words });
      outgoing.destroy();
    };
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= answerBytesMax) done();
    });
    answer.once('end', done);
    // The status counts; what was cut off behind it was only for reading.
    answer.once('error', done);
  });
  outgoing.end(body);
  return promise;
}
