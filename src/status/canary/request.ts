/**
 * One HTTP request as a client that has just been started makes it: a connection of its own, and a deadline. So a probe
 * never profits from a connection that was opened while all was well. It may go to a given address under the public name.
 */
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { type ConnectionOptions, checkServerIdentity, rootCertificates, type SecureContextOptions } from 'node:tls';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';

export interface Answer {
  readonly status: number;
  /** The reason phrase: what clients show of a refusal. */
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came, in whatever encoding. */
  readonly body: Buffer;
}

/** Where the connection goes, in place of wherever the name's first address leads. The name stays that of the URL. */
export interface Route {
  /** IP address. */
  readonly address?: string;
  /** Unless given, that of the URL. */
  readonly port?: number;
  readonly family?: 4 | 6;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** From the first to the last byte of the whole exchange, in milliseconds. */
  readonly deadlineMs: number;
  readonly route?: Route | undefined;
  /** Certificates to believe beside those of the machine, PEM. */
  readonly ca?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Nothing that a probe or a drill asks for is as large; what is larger is cut off, and counts as no answer. */
export const answerBytesMax = 16 * 1024 * 1024;

/** @returns the whole answer, whatever its status; rejects when there is none, or only a part of it, within the deadline */
export async function ask(url: string, question: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { body, signal } = question;
  const deadline = AbortSignal.timeout(question.deadlineMs);
  const target = new URL(url);
  const options: RequestOptions = {
    ...connectionOf(target, question),
    agent: false,
    method: question.method ?? 'GET',
    headers: {
      Host: target.host,
      ...question.headers,
      ...(body === undefined ? {} : { 'Content-Length': String(body.length) }),
    },
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  };
  const sent = (target.protocol === 'https:' ? requestOverTls : request)(target, options);
  sent.once('error', reject);
  sent.once('response', (answer) => {
    const { statusCode = 0, statusMessage = '', headers } = answer;
    wholeOf(answer).then(
      (bytes) => resolve({ status: statusCode, reason: statusMessage, headers, body: bytes }),
      (error) => {
        sent.destroy();
        reject(error);
      },
    );
  });
  sent.end(body);
  return promise;
}

/** What makes the connection go where the route says, while name, Host and certificate stay those of the URL. */
function connectionOf(target: URL, { route = {}, ca }: Question): RequestOptions & SecureContextOptions {
  const name = hostOf(target);
  const { address, port, family } = route;
  return {
    hostname: address ?? name,
    ...(family === undefined ? {} : { family }),
    ...(port === undefined ? {} : { port }),
    ...(target.protocol === 'https:' ? { ...nameFor(name), ...trusting(ca) } : {}),
  };
}

/** @returns options of a TLS connection that asks for this name and accepts a certificate for no other, wherever it leads */
export function nameFor(name: string): Pick<ConnectionOptions, 'servername' | 'checkServerIdentity'> {
  return {
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
}

/** @returns options of a TLS connection that believes these certificates beside the machine's own */
export function trusting(ca: string | undefined): { ca?: string[] } {
  return ca === undefined ? {} : { ca: [...rootCertificates, ca] };
}

/** @returns the host of an address without the brackets of IPv6 */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

async function wholeOf(answer: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > answerBytesMax) {
      // With a code, as trouble of a connection has one: nobody gets anything out of such an answer.
      throw Object.assign(new Error(`the answer has more than ${answerBytesMax} bytes`), { code: 'EMSGSIZE' });
    }
  }
  return Buffer.concat(chunks);
}

const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** @returns the body without its content encoding; undefined when it is not in the encoding that it says it is in */
export function decoded({ headers, body }: Answer): Buffer | undefined {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return body;
  try {
    return decoders[encoding.toLowerCase()]?.(body, { maxOutputLength: answerBytesMax });
  } catch {
    return undefined;
  }
}

/** Asks the gallery's own API with a JSON body. */
export function askJson(
  url: string,
  token: string,
  method: string,
  value?: unknown,
  how: Partial<Pick<Question, 'deadlineMs' | 'route' | 'ca' | 'signal'>> = {},
): Promise<Answer> {
  return ask(url, {
    deadlineMs: 10_000,
    ...how,
    method,
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
