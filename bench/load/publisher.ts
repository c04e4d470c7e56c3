/**
 * A client that publishes, in a process of its own: `run bench/load/publisher.ts FILE`. Makes all files first, sends them over
 * kept connections, and prints how long each took. A refused publish ends it: a rate of refusals is no rate.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type Kind, madeFile, uploadRequest } from './packages.ts';

export interface PublishOrder {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly token: string;
  readonly kind: Kind;
  /** Every file is a package of its own, `PREFIX.N`; or, with `versionsOf`, the next versions of that package. */
  readonly prefix: string;
  readonly versionsOf?: { readonly name: string; readonly first: number };
  readonly count: number;
  readonly atOnce: number;
}

export interface PublishTimes {
  /** Of each publish, in the order of their answers. */
  readonly latenciesMs: readonly number[];
  /** From the first request to the last answer. */
  readonly tookMs: number;
}

type Upload = ReturnType<typeof uploadRequest>;

/** Sends one upload; resolves when its answer has been read. */
function send(agent: Agent, url: string, upload: Upload): Promise<void> {
  return new Promise((resolve, reject) => {
    const { method, headers } = upload;
    const sent = request(`${url}${upload.path}`, { method, headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => {
        if (answer.statusCode === upload.okStatus) resolve();
        else reject(new Error(`publish: ${answer.statusCode} ${answer.statusMessage} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(upload.body);
  });
}

async function publishAll(order: PublishOrder): Promise<PublishTimes> {
  const uploads: Upload[] = [];
  for (let number = 0; number < order.count; number += 1) {
    const name = order.versionsOf?.name ?? `${order.prefix}.N${number}`;
    const version = order.versionsOf ? `1.0.${order.versionsOf.first + number}` : '1.0.0';
    uploads.push(uploadRequest(await madeFile(order.kind, name, version), order.token));
  }
  const agent = new Agent({ keepAlive: true, maxSockets: order.atOnce });
  const latenciesMs: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  const work = async () => {
    for (let upload = uploads[next++]; upload !== undefined; upload = uploads[next++]) {
      const sentAt = performance.now();
      await send(agent, order.url, upload);
      latenciesMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: order.atOnce }, work));
  const tookMs = performance.now() - startedAt;
  agent.destroy();
  return { latenciesMs, tookMs };
}

const order = JSON.parse(readFileSync(process.argv.at(-1) ?? '', 'utf8')) as PublishOrder;
process.stdout.write(`${JSON.stringify(await publishAll(order))}\n`);
