/**
 * The thread that asks the search file, one question after another. It opens the file at the first question, and again when
 * another file stands in its place. A damaged one is put away; the work role then makes it again.
 */
import assert from 'node:assert/strict';
import { setPriority } from 'node:os';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { type Answer, type AnswerTo, type AnyRequest, answerer } from './ask.ts';
import { TooSlowError } from './conditions.ts';
import { identityOf, isDamage, openSearchFile, SearchFileUnusableError, setAsideDamaged } from './file.ts';

export interface ThreadData {
  readonly file: string;
  /** How long a statement waits for a lock, in milliseconds. */
  readonly busyMs: number;
}

export interface Asked {
  readonly request: AnyRequest;
  /** Milliseconds that are left for it. */
  readonly deadlineMs: number;
}

export type Told =
  | { readonly answer: AnswerTo<AnyRequest> }
  /** Why there is none: it took too long; the file is being made; anything else about the file. */
  | { readonly trouble: 'slow' | 'missing' | 'broken'; readonly reason: string };

interface Opened {
  readonly identity: string;
  readonly db: DatabaseSync;
  readonly answer: Answer;
}

const { file, busyMs } = workerData as ThreadData;
let opened: Opened | undefined;

function current(): Opened {
  const identity = identityOf(file);
  // Between two files there is none for a moment; the one that is open is as good.
  if (opened && (identity === undefined || identity === opened.identity)) return opened;
  close();
  const db = openSearchFile(file, { busyMs, isReadOnly: true });
  opened = { identity: identity ?? '', db, answer: answerer(db) };
  return opened;
}

function close(): void {
  opened?.db.close();
  opened = undefined;
}

function tell({ request, deadlineMs }: Asked): Told {
  const identity = identityOf(file);
  try {
    return { answer: current().answer(request, deadlineMs) };
  } catch (error) {
    const reason = String((error as Error).message);
    if (error instanceof TooSlowError) return { trouble: 'slow', reason };
    close();
    if (isDamage(error) && identity !== undefined) setAsideDamaged(file, identity);
    return { trouble: error instanceof SearchFileUnusableError ? 'missing' : 'broken', reason };
  }
}

/** Who publishes or installs goes first when processors are few. On Linux this is said of the one thread that says it. */
const niceness = 10;
try {
  if (process.platform === 'linux') setPriority(niceness);
} catch {
  // A sandbox that forbids it: searches then stand beside everybody else.
}

const port = parentPort;
assert.ok(port, 'this file is run as a thread');
port.on('message', (asked: Asked) => port.postMessage(tell(asked)));
