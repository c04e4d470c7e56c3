/**
 * HTTP by hand: exact bytes over a real socket, with pauses where a test wants them, and every answer that came back. Nothing
 * here repairs a request as an HTTP library would.
 */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What is sent, in order: bytes, a pause, or a wait until the server has said something that matches. */
export type Step = string | Buffer | { readonly pauseMs: number } | { readonly until: RegExp };

export interface RawAnswer {
  readonly status: number;
  /** The reason phrase, as the status line has it. */
  readonly reason: string;
  /** Names in lower case; the values of one name joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Conversation {
  /** Interim answers (1xx) are among them. */
  readonly answers: readonly RawAnswer[];
  /** How the connection ended: `closed` by the server; `left` when the test went away after its last step. */
  readonly end: 'closed' | 'left';
}

export interface ConversationOptions {
  /** Requests without a body in the answer although it has a length, in the order sent. */
  readonly methods?: readonly string[];
  /** Goes away once so many final answers have come; without it, waits until the server closes. */
  readonly answersMax?: number;
  /** Only to notice a server that hangs. */
  readonly patienceMs?: number;
}

/** Sends the steps and collects what comes back. Rejects when the server neither answers nor closes within the patience. */
export async function converse(
  port: number,
  steps: readonly Step[],
  options: ConversationOptions = {},
): Promise<Conversation> {
  const { methods = [], answersMax, patienceMs = 60_000 } = options;
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const closed = Promise.withResolvers<void>();
  let received = Buffer.alloc(0);
  let isClosed = false;
  let wake: () => void = () => undefined;
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  const end = () => {
    isClosed = true;
    closed.resolve();
    wake();
  };
  socket.on('end', end).on('close', end).on('error', end);
  const hang = new Error(`the server neither answered nor closed within ${patienceMs} ms`);
  const patience = setTimeout(() => socket.destroy(hang), patienceMs);
  const until = async (holds: () => boolean) => {
    while (!holds() && !isClosed) await new Promise<void>((resolve) => (wake = resolve));
  };
  try {
    for (const step of steps) {
      if (isClosed) break;
      const bytes = typeof step === 'string' ? Buffer.from(step, 'latin1') : step;
      if (Buffer.isBuffer(bytes)) {
        if (!socket.write(bytes))
          await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed.promise]);
      } else if ('pauseMs' in bytes) await Promise.race([wait(bytes.pauseMs), closed.promise]);
      else {
        const { until: expected } = bytes;
        await until(() => expected.test(received.toString('latin1')));
      }
    }
    await until(() => answersMax !== undefined && finals(readAnswers(received, methods)) >= answersMax);
  } finally {
    clearTimeout(patience);
    socket.destroy();
  }
  if (socket.errored === hang) throw hang;
  return { answers: readAnswers(received, methods), end: isClosed ? 'closed' : 'left' };
}

function finals(answers: readonly RawAnswer[]): number {
  return answers.filter(({ status }) => status >= 200).length;
}

/** Reads the answers that are whole; the last one may end with the connection. */
function readAnswers(received: Buffer, methods: readonly string[]): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let at = 0; at < received.length; ) {
    const headEnd = received.indexOf('\r\n\r\n', at, 'latin1');
    if (headEnd === -1) break;
    const [statusLine = '', ...lines] = received.toString('latin1', at, headEnd).split('\r\n');
    const [, status = '', reason = ''] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(statusLine) ?? [];
    if (status === '') throw new Error(`not an answer: ${statusLine.slice(0, 100)}`);
    const headers = headersOf(lines);
    const hasBody = Number(status) >= 200 && !['204', '304'].includes(status) && methods[finals(answers)] !== 'HEAD';
    const body = hasBody ? readBody(received, headEnd + 4, headers) : { bytes: Buffer.alloc(0), end: headEnd + 4 };
    if (body === undefined) break;
    answers.push({ status: Number(status), reason, headers, body: body.bytes });
    at = body.end;
  }
  return answers;
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}

function readBody(
  received: Buffer,
  start: number,
  headers: Readonly<Record<string, string>>,
): { bytes: Buffer; end: number } | undefined {
  if (headers['transfer-encoding'] === 'chunked') return readChunks(received, start);
  const length = headers['content-length'] === undefined ? received.length - start : Number(headers['content-length']);
  if (start + length > received.length) return undefined;
  return { bytes: received.subarray(start, start + length), end: start + length };
}

function readChunks(received: Buffer, start: number): { bytes: Buffer; end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = received.indexOf('\r\n', at, 'latin1');
    if (lineEnd === -1) return undefined;
    const length = Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + length + 2;
    if (next > received.length) return undefined;
    if (length === 0) return { bytes: Buffer.concat(chunks), end: next };
    chunks.push(received.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = next;
  }
}
