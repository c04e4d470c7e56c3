/** A flood of questions from countless addresses, and what those who asked got to see. */
import { Worker } from 'node:worker_threads';
import type { FloodAnswer, FloodOrder } from './flood-thread.ts';
import { quantile } from './outcomes.ts';

export interface Flood {
  /** Ends it. @returns every answer that came until now */
  stop(): Promise<readonly FloodAnswer[]>;
}

export function startFlood(order: FloodOrder): Flood {
  const worker = new Worker(new URL('./flood-thread.ts', import.meta.url), { workerData: order });
  const answers = new Promise<readonly FloodAnswer[]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  // Whoever stops it hears of it.
  answers.catch(() => undefined);
  return {
    async stop() {
      worker.postMessage('stop');
      try {
        return await answers;
      } finally {
        await worker.terminate();
      }
    },
  };
}

/** `1200 questions: 900 × 200, 300 × 503 …; half of them within 12 ms, 99 in 100 within 80 ms` */
export function describeFlood(answers: readonly FloodAnswer[]): string {
  const kinds = Map.groupBy(answers, ({ status, sentence }) =>
    status === 200 ? '200' : `${status ?? 'no answer'} ${sentence}`,
  );
  const told = [...kinds].map(([kind, members]) => `${members.length} × ${kind}`).join('; ');
  const times = answers.map(({ tookMs }) => tookMs);
  const within = (share: number) => Math.round(quantile(times, share));
  return `${answers.length} questions: ${told}; half of them within ${within(0.5)} ms, 99 in 100 within ${within(0.99)} ms`;
}
