/**
 * One row of bad input: what is sent, what comes back, and what it may cost. The suites send the rows to a real gallery, and
 * docs/BAD-INPUT.md shows the same rows.
 */
import assert from 'node:assert/strict';
import type { Step } from './socket.ts';

export interface Row {
  readonly heading: string;
  /** The case, as somebody would tell it. */
  readonly name: string;
  /** `wheel`, `sdist`, `nupkg`, or `HTTP`. */
  readonly sentAs: string;
  /**
   * What goes over the socket.
   * @param credentials a whole Authorization header with its line end
   * @param more header lines that the sender adds, such as what it accepts
   */
  readonly steps: (credentials: string, more: string) => Promise<readonly Step[]> | readonly Step[];
  readonly status: number;
  /** The sentence that the client shows; `…` stands for any text. Empty: the status line says it all. */
  readonly says: string;
  readonly bound: Bound;
  /** How often final answers come before the one that the row is about; for requests one behind the other. */
  readonly answersBefore?: number;
}

export interface Bound {
  /** What the memory of any process may grow by, in MiB. */
  readonly memoryMiB: number;
  /** What of the upload may be on the disk while it lasts; afterwards nothing is. */
  readonly disk: 'nothing' | 'the upload';
  /** What ends it at the latest; without it, nothing waits for anybody. */
  readonly time?: string;
}

export const usual: Bound = { memoryMiB: 96, disk: 'the upload' };
export const headersOnly: Bound = { memoryMiB: 64, disk: 'nothing' };

/** @returns whether a sentence is the one of a row */
export function assertSays(actual: string, says: string, where: string): void {
  const parts = says.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  assert.match(actual, new RegExp(`^${parts.join('.*')}$`, 's'), where);
}

/** The rows as tables, one for each heading, in their order. Rows that differ in how they are sent only are one line. */
export function describeRows(rows: readonly Row[]): string {
  const lines: string[] = [];
  for (const [heading, under] of Map.groupBy(rows, (row) => row.heading)) {
    lines.push(`## ${heading}`, '| case | sent as | status | sentence | bound |', '| --- | --- | --- | --- | --- |');
    const same = Map.groupBy(under, ({ name, status, says, bound }) => JSON.stringify([name, status, says, bound]));
    for (const [row, ...others] of same.values()) {
      const sentAs = [row!, ...others].map((one) => one.sentAs).join(', ');
      const says = row!.says === '' ? '' : cell(row!.says);
      lines.push(`| ${cell(row!.name)} | ${sentAs} | ${row!.status} | ${says} | ${boundText(row!.bound)} |`);
    }
    lines.push('');
  }
  return lines.join('\n').trimEnd();
}

function boundText({ memoryMiB, disk, time }: Bound): string {
  return [`${memoryMiB} MiB`, ...(disk === 'nothing' ? ['no disk'] : []), ...(time === undefined ? [] : [time])].join(
    ', ',
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
