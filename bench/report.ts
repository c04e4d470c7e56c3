/**
 * Figures as tables: for the terminal, and between the marks in docs/PERFORMANCE.md (`./holdfast run bench/report.ts RESULT.json`).
 * Sections that a result does not have keep the figures that stand there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { MeasuredSection, Result } from './run.ts';
import type { Goal, Table } from './section.ts';

const page = join(import.meta.dirname, '..', 'docs', 'PERFORMANCE.md');

/** A table for the terminal. */
export function textOf({ title, columns, rows }: Table): string {
  const widths = columns.map((column, at) => Math.max(column.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return [title, line(columns), ...rows.map(line)].join('\n');
}

function markdownOf({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [`**${title}**`, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

function aboutOf(result: Result): string {
  const { machine, loadBefore, loadAfter } = result;
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const average = (value: number) => value.toFixed(1);
  const state = result.isQuiet
    ? 'Nothing else ran.'
    : '**The machine was busy with other work**: ratios hold, single figures are worse than on a quiet one.';
  return [
    `Measured ${result.date} with \`${result.command}\`: ${machine.processors} processors (${machine.model}), ${machine.memoryGibibytes} GiB, ${machine.fileSystem}, ${machine.kernel}, Node ${machine.node}.`,
    `Load average before ${average(loadBefore.average)}, after ${average(loadAfter.average)}; processors in use before ${percent(loadBefore.busyShare)}, after ${percent(loadAfter.busyShare)}. ${state}`,
  ].join(' ');
}

function goalLine({ what, goal, measured, isMet }: Goal): string {
  return `| ${what} | ${goal} | ${measured} | ${goal === 'none' ? '' : isMet ? 'yes' : '**no**'} |`;
}

function sectionText(result: Result, section: MeasuredSection): string {
  const goals = ['| goal | wanted | measured | met |', '| --- | --- | --- | --- |', ...section.goals.map(goalLine)];
  return [
    aboutOf(result),
    ...section.notes,
    ...section.tables.map(markdownOf),
    ...(section.goals.length > 0 ? [goals.join('\n')] : []),
  ].join('\n\n');
}

/** Writes each section between its marks; throws when the page has no place for one. */
export function writeReport(result: Result): void {
  let text = readFileSync(page, 'utf8');
  for (const section of result.sections) {
    const [begin, end] = [`<!-- figures of ${section.name} -->`, `<!-- end of ${section.name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/PERFORMANCE.md has no place for the figures of ${section.name}`);
    text = `${text.slice(0, from + begin.length)}\n${sectionText(result, section)}\n${text.slice(to)}`;
  }
  writeFileSync(page, text);
}

if (process.argv.some((argument) => argument.endsWith('bench/report.ts'))) {
  writeReport(JSON.parse(readFileSync(resolve(process.argv.at(-1) ?? ''), 'utf8')) as Result);
}
