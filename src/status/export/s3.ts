/**
 * The page in a bucket of any S3 store: path-style addresses, plain PUTs with a digest that the store checks, three tries with
 * pauses. Objects that this process put within the last hour and that did not change are not put again.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AwsClient } from 'aws4fetch';
import type { Clock } from '../../std/clock.ts';
import type { PublishedFile } from '../publication/published-file.ts';
import {
  ExportError,
  type ExportRound,
  type ExportTarget,
  manifestName,
  manifestText,
  parseManifest,
} from './target.ts';

export interface S3Place {
  /** `https://HOST[:PORT]` */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Put in front of every path; may be empty. */
  readonly prefix: string;
  readonly accessKeyId: string;
  /** File with the secret key. It is read again in every round, so that a new key is taken without a restart. */
  readonly secretAccessKeyFile: string;
}

const requestDeadlineMs = 10_000;
/** Pauses before the second and the third try. */
const retryPausesMs = [500, 2_000];
/** So old, an object is put again: somebody may have changed or removed it. */
const putAgainAfterMs = 3_600_000;
const atOnce = 4;

interface Put {
  readonly digest: string;
  readonly at: number;
}

/** @param deadlineMs of one request, from its beginning to the end of its answer */
export function s3Target(place: S3Place, clock: Clock, deadlineMs = requestDeadlineMs): ExportTarget {
  const prefix = place.prefix === '' || place.prefix.endsWith('/') ? place.prefix : `${place.prefix}/`;
  const known = new Map<string, Put>();
  return {
    name: `${place.endpoint}/${place.bucket}/${prefix}`,
    atOnce,
    async begin(signal) {
      const client = new AwsClient({
        accessKeyId: place.accessKeyId,
        secretAccessKey: (await readFile(place.secretAccessKeyFile, 'utf8')).trim(),
        service: 's3',
        region: place.region,
      });
      const ask = requester({
        client,
        clock,
        signal,
        deadlineMs,
        urlOf: (path) => addressOf(place, `${prefix}${path}`),
      });
      return round(ask, clock, known);
    },
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}
type Ask = (method: string, path: string, init?: { headers: Record<string, string>; body: Buffer }) => Promise<Answer>;

function round(ask: Ask, clock: Clock, known: Map<string, Put>): ExportRound {
  const store = async ({ path, body, contentType, maxAgeSeconds, status }: PublishedFile) => {
    const keep = status === 503 ? ', must-revalidate' : '';
    const headers = {
      'Content-Type': contentType,
      'Cache-Control': `public, max-age=${maxAgeSeconds}${keep}`,
      'Content-MD5': createHash('md5').update(body).digest('base64'),
      'X-Amz-Content-Sha256': createHash('sha256').update(body).digest('hex'),
    };
    const digest = createHash('sha256').update(JSON.stringify(headers)).digest('hex');
    const before = known.get(path);
    if (before?.digest === digest && clock.now() - before.at < putAgainAfterMs) return;
    // Until it has answered, nobody knows what is there.
    known.delete(path);
    expect(await ask('PUT', path, { headers, body }), 'PUT', path);
    known.set(path, { digest, at: clock.now() });
  };
  return {
    async readManifest() {
      const answer = await ask('GET', manifestName);
      if (answer.status === 404) {
        // 404 is also what a bucket gives that is not there; then the first PUT says so.
        known.clear();
        return [];
      }
      return parseManifest(expect(answer, 'GET', manifestName).text);
    },
    writeManifest: (paths) =>
      store({
        path: manifestName,
        contentType: 'application/json',
        body: Buffer.from(manifestText(paths)),
        maxAgeSeconds: 0,
        status: 200,
      }),
    async holdsOther({ path, body }) {
      const answer = await ask('GET', path);
      return answer.status !== 404 && expect(answer, 'GET', path).text !== body.toString();
    },
    put: store,
    async remove(path) {
      known.delete(path);
      const answer = await ask('DELETE', path);
      if (answer.status !== 404) expect(answer, 'DELETE', path);
    },
  };
}

function expect(answer: Answer, method: string, path: string): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  // Some stores leave the message empty; the code in the XML says what it is.
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(answer.text)?.[1] ?? '';
  throw new ExportError(`${method} ${path} was answered ${answer.status} ${code}`.trimEnd());
}

/** Every name is one part of the path, whatever letters it has. */
function addressOf({ endpoint, bucket }: S3Place, key: string): string {
  const parts = [bucket, ...key.split('/')].map(encodeURIComponent);
  return `${endpoint.replace(/\/+$/, '')}/${parts.join('/')}`;
}

interface Requester {
  readonly client: AwsClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  urlOf(path: string): string;
}

/** @returns what asks the store, up to three times; an answer that says "later" counts as none */
function requester({ client, clock, signal, deadlineMs, urlOf }: Requester): Ask {
  return async (method, path, init = { headers: {}, body: Buffer.alloc(0) }) => {
    const once = async (): Promise<Answer> => {
      const hasBody = method === 'PUT';
      const signed = await client.sign(urlOf(path), {
        method,
        headers: init.headers,
        ...(hasBody ? { body: new Uint8Array(init.body) } : {}),
      });
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
      const answer = await fetch(signed, { signal: deadline, redirect: 'manual' });
      return { status: answer.status, text: await answer.text() };
    };
    for (const pauseMs of retryPausesMs) {
      // Whatever goes wrong on the way may go right in a moment; the last try tells what it was.
      const answer = await once().catch(() => signal.throwIfAborted());
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer;
      await clock.sleep(pauseMs, signal);
    }
    return once();
  };
}
