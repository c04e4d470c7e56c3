/**
 * Where alarms of a drill go: a person's telephone, as far as a program can be one. It takes what a channel of the status service sends
 * over HTTP, notes when it came, and confirms only when it is told to.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { partMark } from '../status/alarms/wording.ts';
import { systemClock } from '../std/clock.ts';

export interface Call {
  /** When it came, in milliseconds of the monotonic clock. */
  readonly at: number;
  readonly person: string;
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  /** `firing`, `ended`, … as the channel said. */
  readonly state: string;
  readonly text: string;
  readonly url: string;
}

/** @returns what a call says is wrong: its title, and the line of each part of the same outage */
export function namedIn({ title, text }: Call): readonly string[] {
  return [title, ...text.split('\n').filter((line) => line.startsWith(partMark))];
}

/** Body of a channel of kind `http` that leads here. */
const callTemplate = JSON.stringify({
  id: '{{id}}',
  title: '{{title}}',
  severity: '{{severity}}',
  state: '{{state}}',
  text: '{{text}}',
  url: '{{url}}',
});

export class Pager {
  readonly calls: Call[] = [];
  /** Signs of life that came, by name, in milliseconds of the monotonic clock. */
  readonly heartbeats: number[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        const [, kind, person = ''] = (request.url ?? '').split('/');
        const at = systemClock.monotonicMs();
        if (kind === 'heartbeat') this.heartbeats.push(at);
        else this.calls.push({ at, person, ...(JSON.parse(body) as Omit<Call, 'at' | 'person'>) });
        response.writeHead(204).end();
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
  }

  /** Address of a person's telephone. */
  callUrl(person: string): string {
    return `${this.#url()}/call/${person}`;
  }

  heartbeatUrl(): string {
    return `${this.#url()}/heartbeat`;
  }

  #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

/** @returns a channel of the status service's configuration that calls this person */
export function callChannel(pager: Pager, person: string): Readonly<Record<string, unknown>> {
  const headers = { 'Content-Type': 'application/json' };
  return { kind: 'http', name: person, url: pager.callUrl(person), headers, body: callTemplate };
}
