/**
 * A client that asks, in a process of its own: `run bench/load/asker.ts FILE` with `{url, paths, atOnce}` as JSON in the file. Sends
 * every path once over kept connections, and prints how long each answer took and how many were 503. Any other refusal ends it.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { finished } from 'node:stream/promises';

export interface AskOrder {
  readonly url: string;
  readonly paths: readonly string[];
  readonly atOnce: number;
}

/** @returns whether it was answered; false for 503 */
function ask(agent: Agent, url: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { 'Accept-Encoding': 'gzip' } }, (answer) => {
      answer.resume();
      finished(answer).then(() => {
        if (answer.statusCode === 200 || answer.statusCode === 503) resolve(answer.statusCode === 200);
        else reject(new Error(`${url}: ${answer.statusCode} ${answer.statusMessage}`));
      }, reject);
    });
    sent.once('error', reject).end();
  });
}

async function askAll({ url, paths, atOnce }: AskOrder) {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const latenciesMs: number[] = [];
  let next = 0;
  let refused = 0;
  const work = async () => {
    for (let path = paths[next++]; path !== undefined; path = paths[next++]) {
      const startedAt = performance.now();
      if (!(await ask(agent, `${url}${path}`))) refused += 1;
      latenciesMs.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  const tookMs = performance.now() - startedAt;
  agent.destroy();
  return { latenciesMs, tookMs, refused };
}

const order = JSON.parse(readFileSync(process.argv.at(-1) ?? '', 'utf8')) as AskOrder;
process.stdout.write(`${JSON.stringify(await askAll(order))}\n`);
