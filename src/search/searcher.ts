/**
 * Search as the write service uses it: bounded in number and in time. Questions go to threads; one that does not come back in
 * time is given up, and its thread with it, so that the next question gets a fresh one. Nothing here can hold up a publish, and
 * no trouble with the search file is anybody else's.
 */
import type { Log } from '../observe/log.ts';
import { type Clock, DeadlineError, withDeadline } from '../std/clock.ts';
import { type Refusal, refuse } from '../std/refusals.ts';
import type { AnswerTo, AnyRequest } from './ask.ts';
import type { Told } from './thread.ts';
import { Threads } from './threads.ts';

export interface SearcherOptions {
  readonly file: string;
  /** Questions under way and waiting, together. */
  readonly atOnceMax: number;
  /** From the question's arrival to its answer, in milliseconds. */
  readonly deadlineMs: number;
  /** How long a thread waits for a lock of the file, in milliseconds. */
  readonly busyMs?: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Searcher {
  /** @returns the answer; refuses `busy` and `unavailable`, and never throws for trouble with the file */
  ask<Request extends AnyRequest>(request: Request): Promise<AnswerTo<Request> | Refusal>;
  /** Questions under way and waiting now. */
  inUse(): number;
  close(): Promise<void>;
}

const defaultBusyMs = 250;
/** A thread looks at the clock itself; one that cannot is given up so much later, in milliseconds. */
const graceMs = 250;

const sentences = {
  slow: 'This search took too long and was given up; ask for something more particular, or try again shortly.',
  missing: 'The search index is being made; try again in a moment. Installing and publishing work.',
  broken: 'Search is unavailable for the moment; installing and publishing work. Try again shortly.',
} as const;

/** What whoever asks is told while an operator has switched this part of search off. */
export function switchedOff(part: string): Refusal {
  return refuse(
    'unavailable',
    `The operator of this gallery has switched ${part} off for now (HOLDFAST_SEARCH_OFF); installing and publishing work.`,
  );
}

export function openSearcher(options: SearcherOptions): Searcher {
  const threads = new Threads({ file: options.file, busyMs: options.busyMs ?? defaultBusyMs });
  let underWay = 0;
  let trouble = '';

  /** Once when it begins and once when it ends, whatever number of questions meet it. */
  function noteTrouble(reason: string): void {
    if (reason !== '' && trouble === '') options.log.warn({ reason }, 'search does not work; nothing else needs it');
    if (reason === '' && trouble !== '') options.log.warn('search works again');
    trouble = reason;
  }

  return {
    async ask<Request extends AnyRequest>(request: Request) {
      if (underWay >= options.atOnceMax) return refuse('busy', 'Too many searches at once; try again in a moment.');
      underWay += 1;
      try {
        const told = await askInTime(threads, options, request);
        if ('answer' in told || told.trouble !== 'slow') noteTrouble('answer' in told ? '' : told.reason);
        if ('answer' in told) return told.answer as AnswerTo<Request>;
        return refuse('unavailable', sentences[told.trouble]);
      } finally {
        underWay -= 1;
      }
    },
    inUse: () => underWay,
    close: () => threads.close(),
  };
}

/** Waits for a thread and for its answer, both within the one deadline. */
async function askInTime(threads: Threads, options: SearcherOptions, request: AnyRequest): Promise<Told> {
  const { clock, deadlineMs } = options;
  const until = clock.monotonicMs() + deadlineMs;
  let isGivenUp = false;
  const exchange = async (): Promise<Told> => {
    const thread = await threads.take();
    const leftMs = until - clock.monotonicMs();
    if (isGivenUp || leftMs <= 0) {
      threads.release(thread);
      return { trouble: 'slow', reason: 'it waited too long' };
    }
    try {
      const told = await withDeadline(leftMs + graceMs, 'a search', thread.ask({ request, deadlineMs: leftMs }));
      threads.release(thread);
      return told;
    } catch (error) {
      threads.retire(thread);
      return { trouble: 'slow', reason: (error as Error).message };
    }
  };
  try {
    return await withDeadline(deadlineMs + 2 * graceMs, 'a search', exchange());
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    isGivenUp = true;
    return { trouble: 'slow', reason: error.message };
  }
}
