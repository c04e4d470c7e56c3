/**
 * HTTP as .NET's HttpClient speaks it for the two clients: how it writes addresses, which redirects it follows, and the one sentence that
 * users see of a refusal.
 */
import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { PlainAnswer } from '../runners/publish.ts';

const redirectsMax = 50;
const redirects = [300, 301, 302, 303, 307, 308];

export interface HttpAnswer extends PlainAnswer {
  /** Where the answer came from after redirects: RequestMessage.RequestUri. */
  readonly url: string;
}

/** HttpUtility.UrlEncode: a plus for a space, small hexadecimal digits, and these signs as they are. */
export function urlEncode(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const sign = String.fromCharCode(byte);
    if (/[0-9A-Za-z\-_.!*()]/.test(sign)) return sign;
    return sign === ' ' ? '+' : `%${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

/** HttpUtility.ParseQueryString("").ToString(): names are encoded like values. */
export function queryString(parameters: readonly (readonly [string, string])[]): string {
  return parameters.map(([name, value]) => `${urlEncode(name)}=${urlEncode(value)}`).join('&');
}

/** Uri.AbsoluteUri of text as a program wrote it: what may not stand in an address is encoded, the rest stays. */
export function absoluteUri(text: string): string {
  return text.replace(/[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]/gu, (sign) =>
    Array.from(Buffer.from(sign), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

export interface Credential {
  readonly user: string;
  readonly password: string;
}

export interface GetOptions {
  /** AutomaticDecompression of the handler: asks for gzip and deflate, and undoes them. */
  readonly decodes?: boolean;
  /** HttpClientHandler.Credentials: sent again after a 401 that asks for Basic, never before. */
  readonly credential?: Credential | undefined;
}

/** GETs an address and follows redirects; never from https to http. */
export async function get(
  address: string,
  headers: OutgoingHttpHeaders,
  options: GetOptions = {},
): Promise<HttpAnswer> {
  const { decodes = false, credential } = options;
  let url = absoluteUri(address);
  const sent = decodes ? { ...headers, 'Accept-Encoding': 'gzip, deflate' } : headers;
  for (let redirect = 0; redirect <= redirectsMax; redirect += 1) {
    let answer = await send('GET', url, sent);
    const isChallenged = answer.status === 401 && /^basic/i.test(answer.headers['www-authenticate'] ?? '');
    if (isChallenged && credential !== undefined) {
      const authorization = `Basic ${Buffer.from(`${credential.user}:${credential.password}`).toString('base64')}`;
      answer = await send('GET', url, { ...sent, Authorization: authorization });
    }
    const { location } = answer.headers;
    if (!redirects.includes(answer.status) || location === undefined) {
      return { ...answer, url, body: decodes ? decoded(answer) : answer.body };
    }
    const next = new URL(location, url).href;
    assert.ok(!(url.startsWith('https:') && next.startsWith('http:')), 'HttpClient does not follow from https to http');
    url = next;
  }
  throw new Error('HttpRequestException: too many redirects');
}

/** Sends a request whose address goes out as it is written: other clients encode it in their own ways. */
export async function send(method: string, url: string, headers: OutgoingHttpHeaders): Promise<PlainAnswer> {
  // Path and query go out, what stands behind # does not.
  const [, host = '', path = '/'] = /^http:\/\/([^/]+)(\/[^#]*)?/.exec(url) ?? [];
  const [hostname = '', port] = host.split(':');
  const { promise, resolve, reject } = Promise.withResolvers<PlainAnswer>();
  const outgoing = request({ method, hostname, port: Number(port ?? 80), path, headers, agent: false });
  outgoing.once('error', reject);
  outgoing.once('response', (answer) => {
    const { statusCode: status = 0, statusMessage: reasonPhrase = '' } = answer;
    buffer(answer).then((body) => resolve({ status, reasonPhrase, headers: answer.headers, body }), reject);
  });
  outgoing.end();
  return promise;
}

/** The body without gzip or deflate, as its headers say. */
export function decoded({ headers, body }: PlainAnswer): Buffer {
  const encoding = headers['content-encoding'] ?? '';
  if (encoding.includes('gzip')) return gunzipSync(body);
  return encoding.includes('deflate') ? inflateSync(body) : body;
}

/** The message of EnsureSuccessStatusCode. @returns undefined for 200 to 299 */
export function failureOf({ status, reasonPhrase }: PlainAnswer): string | undefined {
  if (status >= 200 && status <= 299) return undefined;
  const code = reasonPhrase === '' ? `${status}` : `${status} (${reasonPhrase})`;
  return `Response status code does not indicate success: ${code}.`;
}
