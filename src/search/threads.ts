/**
 * The threads that ask the search file: few, begun when they are first needed, and one question at a time for each. A thread that
 * does not come back is given up, and whoever waits gets a new one.
 */
import { Worker } from 'node:worker_threads';
import type { Asked, ThreadData, Told } from './thread.ts';

const threadsMax = 2;
const threadHeapMebibytesMax = 128;

export interface Thread {
  /** Never rejects. */
  ask(asked: Asked): Promise<Told>;
}

interface Running extends Thread {
  readonly worker: Worker;
}

export class Threads {
  private readonly data: ThreadData;
  private readonly running = new Set<Running>();
  private readonly idle: Running[] = [];
  private readonly waiting: ((thread: Running) => void)[] = [];
  private isClosed = false;

  constructor(data: ThreadData) {
    this.data = data;
  }

  /** A thread that is free, as soon as there is one. It must be released or retired. */
  async take(): Promise<Thread> {
    const idle = this.idle.pop();
    if (idle) return idle;
    if (this.running.size < threadsMax) return this.start();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  release(thread: Thread): void {
    const running = thread as Running;
    if (!this.running.has(running)) return;
    const next = this.waiting.shift();
    if (next) next(running);
    else this.idle.push(running);
  }

  /** The next question gets another thread. What runs inside SQLite ends when it ends; nobody waits for it. */
  retire(thread: Thread): void {
    const running = thread as Running;
    if (!this.running.delete(running)) return;
    const at = this.idle.indexOf(running);
    if (at >= 0) this.idle.splice(at, 1);
    void running.worker.terminate();
    if (!this.isClosed && this.waiting.length > 0) this.waiting.shift()?.(this.start());
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.running].map(({ worker }) => worker.terminate()));
  }

  private start(): Running {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: this.data,
      resourceLimits: { maxOldGenerationSizeMb: threadHeapMebibytesMax },
    });
    worker.unref();
    let tell: (told: Told) => void = () => undefined;
    const thread: Running = {
      worker,
      ask: (asked) => {
        const told = new Promise<Told>((resolve) => {
          tell = resolve;
        });
        worker.postMessage(asked);
        return told;
      },
    };
    const lost = (reason: string) => {
      this.retire(thread);
      tell({ trouble: 'broken', reason });
    };
    worker.on('message', (told: Told) => tell(told));
    worker.on('error', (error) => lost((error as Error).message));
    worker.on('exit', () => lost('the search thread ended'));
    this.running.add(thread);
    return thread;
  }
}
