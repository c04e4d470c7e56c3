/**
 * What HTTP itself asks of a request before anybody looks at its address (RFC 9110, RFC 9112). Node's parser has refused most of
 * it by then; here is what it lets pass, and what it says to whom it refuses.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A request that is not answered as what it says: the connection ends with it. */
export interface Misframed {
  readonly status: 400 | 501 | 505;
  readonly sentence: string;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Judges a request by its line and headers.
 * @returns undefined when it may be answered
 */
export function framingProblem(request: IncomingMessage): Misframed | undefined {
  if (request.httpVersionMajor !== 1) return refuse(505, 'This gallery speaks HTTP/1.1 and HTTP/1.0.');
  if (!methods.has(request.method ?? '')) return refuse(501, 'This is not a method that the gallery knows.');
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined) {
    // RFC 9112 §6.1: in HTTP/1.0 nobody knows where such a message ends.
    if (request.httpVersionMinor === 0) return refuse(400, 'HTTP/1.0 has no Transfer-Encoding; send a Content-Length.');
    if (coding.trim().toLowerCase() !== 'chunked') {
      return refuse(501, 'Of the transfer codings, this gallery takes chunked and no other.');
    }
  }
  // RFC 9112 §3.2: with none, with two, or with one that is no host, nobody knows who was meant.
  const hosts = request.headersDistinct.host ?? [];
  if (hosts.length === 0 && request.httpVersionMinor > 0) return refuse(400, 'The request has no Host header.');
  if (hosts.length > 1) return refuse(400, 'The request has more than one Host header.');
  if (hosts[0] !== undefined && !/^[^\s/?#@\\]*$/.test(hosts[0])) return refuse(400, 'The Host header names no host.');
  return undefined;
}

function refuse(status: Misframed['status'], sentence: string): Misframed {
  return { status, sentence };
}

/**
 * Brings a request target in absolute form, as a proxy gets it, into the usual one. Its host counts and the Host header does not
 * (RFC 9112 §3.2.2).
 */
export function readAbsoluteForm(request: IncomingMessage): void {
  const [, authority, rest] = /^https?:\/\/([^/?#@\\]+)(.*)$/is.exec(request.url ?? '') ?? [];
  if (authority === undefined || rest === undefined) return;
  request.headers.host = authority;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
}

/** What is said to a connection whose bytes are no request; by the code of Node's parser. */
const parserAnswers: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 The headers of the request did not arrive in time.',
  HPE_HEADER_OVERFLOW: '431 The headers of the request are larger than 16 KiB.',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 The chunk extensions of the request are larger than 16 KiB.',
  HPE_INVALID_METHOD: '501 This is not a method that the gallery knows.',
  HPE_INVALID_VERSION: '505 This gallery speaks HTTP/1.1 and HTTP/1.0.',
};
const otherAnswer = '400 This is not an HTTP request that can be read.';

/** A socket with the answer that it is taken by, which is the only way to know whether one has begun; Node's own reads it too. */
type AnsweringSocket = Socket & { readonly _httpMessage?: ServerResponse | null };

/** Answers what never became a request, or stopped being one in the middle of its body. */
export function answerMisframed(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: AnsweringSocket) => {
    // An answer that has begun cannot be taken back; the connection ends within it.
    if (socket.writable && !socket._httpMessage?.headersSent && error.code !== 'ECONNRESET') {
      socket.write(closingAnswer(parserAnswers[error.code ?? ''] ?? otherAnswer));
    }
    socket.destroySoon();
  });
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.end(closingAnswer('501 This gallery is no proxy.'));
  });
}

function closingAnswer(statusLine: string): string {
  const body = `${statusLine.slice(4)}\n`;
  const headers = ['Content-Type: text/plain; charset=utf-8', `Content-Length: ${body.length}`, 'Connection: close'];
  return `HTTP/1.1 ${statusLine}\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
}
