/** Threads that share the work of a command, each with the gallery open for itself. One that dies fails what it was doing. */
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/load.ts';
import type { Crew, Work } from '../upkeep/crew.ts';
import type { ToDo, Told } from './crew-thread.ts';

/** Pieces of work in one thread: while one waits for the disk, the other goes on. */
const worksInThread = 2;

interface Thread {
  readonly worker: Worker;
  readonly underWay: Map<number, { resolve(told: never): void; reject(error: unknown): void }>;
}

/**
 * @param holder name of the command in leases: what its threads do is done by the one command
 * @param threads how many
 */
export function threadedCrew(config: Config, holder: string, threads: number): Crew {
  const all = Array.from({ length: threads }, (_, index) => startThread(config, holder, index + 1));
  const waiting: (() => void)[] = [];
  let last = 0;

  const idle = () =>
    all.find(({ underWay }) => underWay.size === 0) ?? all.find((one) => one.underWay.size < worksInThread);

  async function run<Asked, Told>(thread: Thread, work: Work<Asked, Told>, asked: Asked): Promise<Told> {
    last += 1;
    const number = last;
    try {
      return await new Promise<Told>((resolve, reject) => {
        thread.underWay.set(number, { resolve, reject });
        thread.worker.postMessage({ number, work: work.name, asked } satisfies ToDo);
      });
    } finally {
      thread.underWay.delete(number);
      waiting.shift()?.();
    }
  }

  return {
    atOnce: threads * worksInThread,
    async do(work, asked) {
      for (;;) {
        const thread = idle();
        if (thread) return run(thread, work, asked);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    async close() {
      await Promise.all(all.map(({ worker }) => worker.terminate()));
    },
  };
}

function startThread(config: Config, holder: string, number: number): Thread {
  const worker = new Worker(new URL('./crew-thread.ts', import.meta.url), { workerData: { config, holder, number } });
  const underWay: Thread['underWay'] = new Map();
  worker.on('message', (told: Told) => {
    const asker = underWay.get(told.number);
    if ('error' in told) asker?.reject(told.error);
    else asker?.resolve(told.told as never);
  });
  const lost = (error: unknown) => {
    for (const asker of underWay.values()) asker.reject(error);
  };
  worker.on('error', lost);
  worker.on('exit', () => lost(new Error('a thread of the command ended')));
  return { worker, underWay };
}
