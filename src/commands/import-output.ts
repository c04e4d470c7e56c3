/** What an import shows: a bar on a terminal and lines elsewhere, a summary at the end, and a file with every refusal. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ImportSummary, Tally } from '../import/summary.ts';
import type { Clock } from '../std/clock.ts';
import type { Refusal } from '../std/refusals.ts';
import { endProgress, showProgress, withRate } from './print.ts';

const barEveryMs = 200;
const lineEveryMs = 10_000;
const barWidth = 24;

export interface ImportProgress {
  /** To be called whenever something has changed; shows it when it is time to. */
  show(): void;
  end(): void;
  seconds(): number;
}

/** @param total package files in the tree */
export function importProgress(clock: Clock, summary: ImportSummary, total: number): ImportProgress {
  const isTerminal = process.stderr.isTTY === true;
  const startedAt = clock.monotonicMs();
  const seconds = () => (clock.monotonicMs() - startedAt) / 1000;
  let shownAt = startedAt;
  return {
    show() {
      const now = clock.monotonicMs();
      if (now - shownAt < (isTerminal ? barEveryMs : lineEveryMs)) return;
      shownAt = now;
      const text = describeProgress(summary, total, seconds());
      if (isTerminal) showProgress(`${bar(summary.done / Math.max(total, 1))} ${text}`);
      else process.stderr.write(`${text}\n`);
    },
    end: endProgress,
    seconds,
  };
}

function bar(share: number): string {
  const filled = Math.min(barWidth, Math.floor(share * barWidth));
  return `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}]`;
}

function describeProgress({ done, refused }: ImportSummary, total: number, seconds: number): string {
  const perSecond = done / Math.max(seconds, 0.001);
  const left = perSecond > 0 ? (total - done) / perSecond : 0;
  const minutes = Math.floor(left / 60);
  const rest = String(Math.floor(left % 60)).padStart(2, '0');
  return `${done} of ${total} files, ${Math.round(perSecond)} a second, ${minutes}:${rest} left, ${refused} refused`;
}

export interface RefusalsFile {
  write(name: string, refusal: Refusal): void;
  /** @returns the file's path; undefined when nothing was written, and then there is none */
  close(): string | undefined;
}

/** One JSON object a line: `path`, `code`, `message`. Takes the place of the earlier import's. */
export function refusalsFile(path: string): RefusalsFile {
  let file: number | undefined;
  return {
    write(name, { code, message }) {
      if (file === undefined) {
        mkdirSync(dirname(path), { recursive: true });
        file = openSync(path, 'w');
      }
      writeSync(file, `${JSON.stringify({ path: name, code, message })}\n`);
    },
    close() {
      if (file === undefined) return undefined;
      closeSync(file);
      return path;
    },
  };
}

/** @param refusals path of the file with all of them */
export function describeImport(
  summary: ImportSummary,
  seconds: number,
  isDryRun: boolean,
  refusals: string | undefined,
): string {
  const { imported, there, refused, others, done } = summary;
  const lines = [
    `${imported} ${isDryRun ? 'would be imported' : 'imported'}, ${there} already there, ${refused} refused, in ${withRate(done, seconds)}.`,
  ];
  for (const [code, tally] of summary.refusals) {
    lines.push(`${code}: ${tally.count}`, ...examplesOf(tally), `  ${tally.message}`);
  }
  if (refusals !== undefined) lines.push(`All refusals with their reasons: ${refusals}`);
  if (others > 0) lines.push(`${others} files are no packages and were left alone:`);
  for (const [ending, tally] of summary.otherEndings) lines.push(`${ending}: ${tally.count}`, ...examplesOf(tally));
  return `${lines.join('\n')}\n`;
}

function examplesOf({ count, examples }: Tally): string[] {
  const more = count > examples.length ? [`  … and ${count - examples.length} more`] : [];
  return [...examples.map((name) => `  ${name}`), ...more];
}
