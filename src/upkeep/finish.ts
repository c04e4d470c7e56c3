/**
 * After the answer: strikes finished events off the list of what is owed, many in one transaction. Losing this work is
 * harmless (the work role does it again), so no answer waits for it.
 */
import type { CatalogueDatabase } from '../catalogue/database.ts';
import { type FinishedEvent, finishEvents } from '../catalogue/queries/finish-events.ts';
import type { HeldLeases } from '../catalogue/queries/render-lease.ts';
import type { Log } from '../observe/log.ts';
import type { Clock } from '../std/clock.ts';

export interface Finisher {
  add(event: FinishedEvent): void;
  /** Resolves when everything added so far has been struck off, or could not be after another try. */
  flush(): Promise<void>;
}

const gatherMs = 20;
const batchMax = 500;
/** What could not be struck off while the database was away is kept, and tried again with the next event. */
const waitingMax = 100_000;

export function createFinisher(
  db: CatalogueDatabase,
  holder: string,
  leases: HeldLeases,
  clock: Clock,
  log: Log,
): Finisher {
  let waiting: FinishedEvent[] = [];
  let running: Promise<boolean> | undefined;

  /** @returns false when the database is away; what is waiting is then kept for the next try */
  async function run(): Promise<boolean> {
    while (waiting.length > 0) {
      // Before every batch, so that the answers to what was added are on their way when it is called acknowledged: a process
      // killed in between would refuse the repeat of a publish that nobody was answered.
      await clock.sleep(gatherMs);
      const batch = waiting.slice(0, batchMax);
      waiting = waiting.slice(batchMax);
      try {
        await finishEvents(db, holder, leases, batch);
      } catch (error) {
        log.warn({ err: error, events: batch.length }, 'finished events stay on the list for now');
        waiting = [...batch, ...waiting].slice(0, waitingMax);
        return false;
      }
    }
    return true;
  }

  const start = (): Promise<boolean> => {
    running ??= run().then((isDone) => {
      running = undefined;
      // What was added in the very moment of its end must not wait for the next event.
      if (isDone && waiting.length > 0) void start();
      return isDone;
    });
    return running;
  };

  return {
    add(event) {
      waiting.push(event);
      void start();
    },
    async flush() {
      while (waiting.length > 0 || running) if (!(await start())) return;
    },
  };
}
