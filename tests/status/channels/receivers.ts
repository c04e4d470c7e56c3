/** Real receivers for tests of channels: an SMTP server and an HTTP server on free ports, each with the faults that a test asks for. */

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { ChannelSettings } from '../../../src/status/channels/carry.ts';
import type { Clock } from '../../../src/std/clock.ts';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as they came. */
  readonly raw: string;
}

export interface MailReceiver {
  readonly port: number;
  readonly mails: ReceivedMail[];
  /** Breaks every connection. */
  drop(): void;
  close(): Promise<void>;
}

/** @param faults hooks of smtp-server that replace the friendly ones */
export async function receiveMail(t: TestContext, faults: SMTPServerOptions = {}, port = 0): Promise<MailReceiver> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    hideSTARTTLS: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 200,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        mails.push({ from, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString('utf8') });
        callback();
      });
    },
    ...faults,
  });
  const sockets = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  // A client that is gone in the middle is what some tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const close = () => new Promise<void>((done) => server.close(() => done()));
  let isClosed = false;
  t.after(() => (isClosed ? undefined : close()));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      isClosed = true;
      await close();
    },
  };
}

export interface ReceivedCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface HttpReceiver {
  readonly url: string;
  readonly port: number;
  readonly calls: ReceivedCall[];
  /** What is answered from now on; 200 at first. */
  answer: (call: ReceivedCall, response: ServerResponse) => void;
}

export async function receiveHttp(t: TestContext): Promise<HttpReceiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const call = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
    receiver.calls.push(call);
    receiver.answer(call, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${port}`,
    port,
    calls: [],
    answer: (_call, response) => response.end('thank you'),
  };
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
}

/** A clock that stands still until somebody moves it. */
export interface HandClock extends Clock {
  advance(ms: number): void;
}

export function handClock(at: string): HandClock {
  let now = Date.parse(at);
  return {
    now: () => now,
    monotonicMs: () => now,
    sleep: async () => undefined,
    advance(ms) {
      now += ms;
    },
  };
}

/** Randomness that is the same in every run, and different in every call. */
export function countedRandom(seed = 'seed'): (count: number) => Uint8Array {
  let calls = 0;
  return (count) => {
    calls += 1;
    return createHash('shake256', { outputLength: count }).update(`${seed} ${calls}`).digest();
  };
}

export function settingsOf(settings: Partial<ChannelSettings>): ChannelSettings {
  return { channels: [], subscribers: { isPrivateAllowed: true }, ...settings };
}

export function mailSettings(port: number, more: object = {}): NonNullable<ChannelSettings['mail']> {
  return { host: '127.0.0.1', port, isSecure: false, from: 'Holdfast status <status@example.org>', ...more };
}
