/**
 * The access log of one read worker: a JSON line a request, from which downloads will be counted. Lines are gathered in
 * memory and written behind the answers; a log that cannot be written loses lines and counts them, and never holds up an answer.
 * docs/ACCESS-LOG.md lists the fields; they are stable.
 */
import { mkdirSync } from 'node:fs';
import { appendFile, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from './log.ts';

export interface AccessLine {
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly method: string;
  readonly url: string;
  readonly status: number;
  /** Bytes of the body sent. */
  readonly bytes: number;
  readonly durationMs: number;
  readonly remote: string;
  readonly agent: string;
  readonly feed?: string;
  readonly ecosystem?: string;
  readonly package?: string;
  readonly version?: string;
  /** Kind of document or file, such as `pypi-file`; `forward` for what the write service answered. */
  readonly kind?: string;
  /** The Range header, where there was one. */
  readonly range?: string;
}

export interface AccessLog {
  write(line: AccessLine): void;
  /** Writes what is gathered. */
  close(): Promise<void>;
}

const flushMs = 250;
const gatheredBytesMax = 4 * 1024 * 1024;
const textLengthMax = 500;

/**
 * @param file `…/access-1.log`; closed files get the time before their ending
 * @param bytesMax size at which a file is closed
 * @param filesMax files kept, the current one included
 */
export function openAccessLog(file: string, bytesMax: number, filesMax: number, log: Log): AccessLog {
  let gathered: string[] = [];
  let gatheredBytes = 0;
  let lostLines = 0;
  let writing: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    if (gathered.length === 0) return;
    const lines = gathered;
    gathered = [];
    gatheredBytes = 0;
    try {
      mkdirSync(dirname(file), { recursive: true });
      await appendFile(file, lines.join(''));
      await rotate(file, bytesMax, filesMax);
      if (lostLines > 0) log.warn({ lostLines }, 'the access log works again; lines were lost meanwhile');
      lostLines = 0;
    } catch (error) {
      if (lostLines === 0) log.error({ err: error }, 'the access log cannot be written; requests go on without it');
      lostLines += lines.length;
    }
  }

  const timer = setInterval(() => {
    writing = writing.then(flush);
  }, flushMs);

  return {
    write(line) {
      if (gatheredBytes > gatheredBytesMax) {
        lostLines += 1;
        return;
      }
      const text = `${JSON.stringify({ ...line, url: line.url.slice(0, textLengthMax), agent: line.agent.slice(0, textLengthMax), ...(line.range === undefined ? {} : { range: line.range.slice(0, textLengthMax) }) })}\n`;
      gathered.push(text);
      gatheredBytes += text.length;
    },
    async close() {
      clearInterval(timer);
      writing = writing.then(flush);
      await writing;
    },
  };
}

async function rotate(file: string, bytesMax: number, filesMax: number): Promise<void> {
  const { size, mtime } = await stat(file);
  if (size < bytesMax) return;
  const stem = file.replace(/\.log$/, '');
  await rename(file, `${stem}.${mtime.toISOString().replaceAll(/[:.]/g, '-')}.log`);
  const folder = dirname(file);
  const prefix = `${stem.slice(folder.length + 1)}.`;
  const closed = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name !== `${prefix}log`).sort();
  for (const name of closed.slice(0, Math.max(0, closed.length - (filesMax - 1)))) await unlink(join(folder, name));
}
