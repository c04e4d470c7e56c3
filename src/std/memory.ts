/**
 * Gives back the buffers of a large body while it passes through. The collector counts a buffer of 64 KiB as a few bytes of
 * its own heap, so without a hint it lets some 60 MB of them gather before it looks; a smaller young generation would mend that
 * too, but halves how many small documents a worker serves a second (docs/decisions/0012-memory-of-uploads.md).
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' }) => void;

const everyBytes = 16 * 1024 * 1024;

let collect: Collect | undefined;

/** @returns what is to be told of every chunk's size, in bytes, as a body passes */
export function watchBody(): (chunkBytes: number) => void {
  let sinceLast = 0;
  return (chunkBytes) => {
    sinceLast += chunkBytes;
    if (sinceLast < everyBytes) return;
    sinceLast = 0;
    collect ??= exposeCollector();
    collect({ type: 'minor' });
  };
}

function exposeCollector(): Collect {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as Collect;
}
