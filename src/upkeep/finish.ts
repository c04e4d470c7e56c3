/**
 * After the answer: strikes finished events off the list of what is owed, many in one transaction. Losing this work is
 * harmless (the work role does it again), so no answer waits for it.
 */
import type { CatalogueDatabase } from '../catalogue/database.ts';
import { type FinishedEvent, finishEvents } from '../catalogue/queries/finish-events.ts';
import type { Log } from '../observe/log.ts';
import type { Clock } from '../std/clock.ts';

export interface Finisher {
  add(event: FinishedEvent): void;
  /** Resolves when everything added so far has been struck off. */
  flush(): Promise<void>;
}

const gatherMs = 20;
const batchMax = 500;

export function createFinisher(db: CatalogueDatabase, holder: string, clock: Clock, log: Log): Finisher {
  let waiting: FinishedEvent[] = [];
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      // Before every batch, so that the answers to what was added are on their way when it is called acknowledged: a process
      // killed in between would refuse the repeat of a publish that nobody was answered.
      await clock.sleep(gatherMs);
      const batch = waiting.slice(0, batchMax);
      waiting = waiting.slice(batchMax);
      try {
        await finishEvents(db, holder, batch);
      } catch (error) {
        log.warn({ err: error, events: batch.length }, 'finished events stay on the list for now');
        return;
      }
    }
  }

  const start = () => {
    running ??= run().finally(() => {
      running = undefined;
      if (waiting.length > 0) void start();
    });
    return running;
  };

  return {
    add(event) {
      waiting.push(event);
      void start();
    },
    async flush() {
      while (waiting.length > 0 || running) await start();
    },
  };
}
