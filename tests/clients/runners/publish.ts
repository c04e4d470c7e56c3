/**
 * Puts made packages into a gallery by plain requests, and looks at it the same way: for tests in which the upload is not what
 * is tested. Every request is on a connection of its own, so that any read worker may answer it.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type MadeNupkg, makeNupkg, type NupkgOptions } from '../../packages/nupkg.ts';
import { type MadeWheel, makeWheel, type WheelOptions } from '../../packages/wheel.ts';

export interface Place {
  /** Address of the gallery or of a feed, without a slash at the end. */
  readonly url: string;
  readonly token: string;
}

export interface PlainAnswer {
  readonly status: number;
  /** What stands behind the status: all that several clients show of a refusal. */
  readonly reasonPhrase: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Uploads a wheel with these properties as twine does. @returns what was uploaded */
export async function publishWheel(place: Place, options: WheelOptions): Promise<MadeWheel> {
  const wheel = await makeWheel(options);
  const form = new FormData();
  const fields = {
    ':action': 'file_upload',
    protocol_version: '1',
    filetype: 'bdist_wheel',
    pyversion: 'py3',
    metadata_version: '2.1',
    name: options.name,
    version: options.version,
    sha256_digest: createHash('sha256').update(wheel.bytes).digest('hex'),
  };
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('content', new Blob([new Uint8Array(wheel.bytes)]), wheel.filename);
  const encoded = new Response(form);
  const answer = await ask(`${place.url}/legacy/`, {
    method: 'POST',
    headers: { Authorization: basic(place.token), 'Content-Type': encoded.headers.get('Content-Type') ?? '' },
    body: Buffer.from(await encoded.arrayBuffer()),
  });
  assert.equal(answer.status, 200, answer.reasonPhrase);
  return wheel;
}

/** Pushes a NuGet package with these properties. @returns what was pushed */
export async function publishNupkg(place: Place, options: NupkgOptions): Promise<MadeNupkg> {
  const nupkg = await makeNupkg(options);
  const answer = await ask(`${place.url}/v3/package`, {
    method: 'PUT',
    headers: { 'X-NuGet-ApiKey': place.token, 'Content-Type': 'application/octet-stream' },
    body: nupkg.bytes,
  });
  assert.equal(answer.status, 201, answer.reasonPhrase);
  return nupkg;
}

/** Yanks or unlists a version of a package of the default feed. */
export async function unlist(place: Place, ecosystem: 'python' | 'nupkg', name: string, version: string, reason = '') {
  const answer = await ask(`${place.url}/api/feeds/main/${ecosystem}/${name}/${version}/unlist`, {
    method: 'POST',
    headers: { Authorization: basic(place.token), 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason }),
  });
  assert.equal(answer.status, 200, answer.reasonPhrase);
}

/** The header that signs in with a token as password. */
export function basic(token: string): string {
  return `Basic ${Buffer.from(`__token__:${token}`).toString('base64')}`;
}

/** Sends one request on a new connection that ends with it. */
export async function ask(
  url: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Uint8Array } = {},
): Promise<PlainAnswer> {
  const { method = 'GET', headers = {}, body } = options;
  const { promise, resolve, reject } = Promise.withResolvers<PlainAnswer>();
  const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
  const outgoing = request(url, { method, headers: { ...headers, ...length }, agent: false });
  outgoing.once('error', reject);
  outgoing.once('response', (answer) => {
    const { statusCode = 0, statusMessage = '' } = answer;
    buffer(answer).then(
      (bytes) => resolve({ status: statusCode, reasonPhrase: statusMessage, headers: answer.headers, body: bytes }),
      reject,
    );
  });
  outgoing.end(body);
  return promise;
}
