/**
 * An edge before a gallery, such as a proxy or a CDN is: a real HTTP server that hands everything on, and misbehaves as a test tells it to.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export interface Passing {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

/** `cut` ends the connection in the middle of the body, `silent` never answers. */
export type Deed = 'cut' | 'silent' | Passing;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Edge {
  readonly port: number;
  /** Everything that was asked, in its order. */
  readonly asked: Asked[];
  /** Done in place of handing a request on; undefined hands it on. */
  instead: (asked: Asked) => Deed | undefined;
  /** Changes an answer of the gallery on its way. */
  change: (asked: Asked, answer: Passing) => Deed;
}

export interface EdgeOptions {
  readonly host?: string;
  readonly port?: number;
  /** Key and certificates, PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function startEdge(
  t: TestContext,
  galleryPort: number,
  { host = '127.0.0.1', port = 0, tls }: EdgeOptions = {},
): Promise<Edge> {
  const edge = { asked: [], instead: () => undefined, change: (_, answer) => answer, port: 0 } as Edge & {
    port: number;
  };
  const serve: RequestListener = (incoming, outgoing) => {
    const asked = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers };
    edge.asked.push(asked);
    const done = Promise.resolve(edge.instead(asked)).then(
      async (deed) => deed ?? edge.change(asked, await handOn(incoming, asked, galleryPort)),
    );
    done.then(
      (deed) => perform(deed, outgoing),
      () => outgoing.destroy(),
    );
  };
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  await new Promise<void>((listening) => server.listen(port, host, listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  edge.port = (server.address() as AddressInfo).port;
  return edge;
}

async function handOn(incoming: IncomingMessage, { method, path, headers }: Asked, port: number): Promise<Passing> {
  const body = await buffer(incoming);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  sent.once('response', resolve).once('error', reject).end(body);
  const answer = await promise;
  return { status: answer.statusCode ?? 0, headers: { ...answer.headers }, body: await buffer(answer) };
}

function perform(deed: Deed, outgoing: ServerResponse): void {
  if (deed === 'silent') return;
  if (deed === 'cut') {
    outgoing.writeHead(200, { 'Content-Length': '100' });
    outgoing.write('half of it', () => outgoing.destroy());
    return;
  }
  outgoing.writeHead(deed.status, deed.headers);
  outgoing.end(deed.body);
}

/** An answer without much in it. */
export function plain(status: number, headers: OutgoingHttpHeaders = {}, text = ''): Passing {
  return { status, headers, body: Buffer.from(text) };
}
