/**
 * How busy this machine is just now, told by the smallest thing that is like starting a gallery: a bare Node.js server. A
 * bound on start-up time means nothing on a machine whose processors belong to somebody else for the moment.
 */
import { spawn } from 'node:child_process';
import { ask } from '../status/canary/request.ts';
import { now, pass } from './drill.ts';
import { freePort } from './running-gallery.ts';

/** What a bare server takes on a machine at rest, in milliseconds (two cores of 2024: 45 to 60). */
const bareServerMsAtRest = 60;
const giveUpAfterMs = 20_000;

/** @returns how many times slower than at rest a bare server starts on this machine now; at least 1 */
export async function slowdown(): Promise<number> {
  const port = await freePort();
  const text = `require('node:http').createServer((_, answer) => answer.end('here')).listen(${port}, '127.0.0.1')`;
  const startedAt = now();
  const child = spawn(process.execPath, ['-e', text], { stdio: 'ignore' });
  try {
    await untilServed(`http://127.0.0.1:${port}/`, giveUpAfterMs);
    return Math.max(1, (now() - startedAt) / bareServerMsAtRest);
  } finally {
    child.kill('SIGKILL');
  }
}

/** Asks again and again without a pause worth the name. @returns whether the address was answered 200 within the time */
export async function untilServed(url: string, withinMs: number): Promise<boolean> {
  const deadline = now() + withinMs;
  while (now() < deadline) {
    const answer = await ask(url, { deadlineMs: 2_000 }).catch(() => undefined);
    if (answer?.status === 200) return true;
    await pass(2);
  }
  return false;
}
