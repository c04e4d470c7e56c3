/**
 * Writes docs/DRILLS.md: one line a drill, from the reports of a run with its countermeasure and one without. Lines of drills
 * that were not run now stay as they are.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { notJudged } from './drill.ts';
import { drills } from './ledger.ts';
import type { DrillReport } from './report.ts';

const introduction = `# Drills

Each drill breaks a real, running gallery in the way that a package gallery was once broken, and passes only if everything
that must hold did hold. It is then run again with its countermeasure switched off, and must fail. Run one with
\`./holdfast drill NAME\`; \`./holdfast drill list\` names them all. Reports go to \`drills/\` in the data folder.
Each has a runbook of the same name in [runbooks/](runbooks/).

A status service watches from outside, with a folder of its own, at its default intervals; what it noticed, whom it told and what its page
showed is part of each drill. Without a countermeasure of the gallery it is left out: the gallery itself is judged then.

This table is written by \`./holdfast drill all --write-docs\`; the times are those of the machine that wrote it. Bounds on times
in \`reboot-all\` and \`search-abuse\` are for a machine at rest: on a busy one they are stretched by as much as the start of a bare
Node.js server was, and the report says by how much.

| drill | what happened | countermeasure | with it | detected after | recovered after | lost | without it |
| --- | --- | --- | --- | --- | --- | --- | --- |
`;

/** @param reports with and without the countermeasure, in this order */
export function writeDocs(program: string, [withIt, without]: readonly DrillReport[]): void {
  if (withIt === undefined || without === undefined) throw new Error('two reports are needed');
  const file = join(dirname(program), '..', 'docs', 'DRILLS.md');
  const earlier = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const lines = drills.flatMap(({ name }) => {
    if (name === withIt.drill) return [lineOf(withIt, without)];
    return earlier.filter((line) => line.startsWith(`| \`${name}\` |`)).slice(0, 1);
  });
  writeFileSync(file, `${introduction}${lines.join('\n')}\n`);
}

function lineOf(withIt: DrillReport, without: DrillReport): string {
  const held = withIt.clauses.filter((clause) => clause.held).length;
  const cells = [
    `\`${withIt.drill}\``,
    withIt.incident,
    `${withIt.countermeasure.component}; off: ${withIt.countermeasure.switchedOff}`,
    `${withIt.hasPassed ? 'passed' : 'FAILED'}, ${held} of ${withIt.clauses.length} clauses held`,
    withIt.detected.map(timed).join('; ') || 'nothing was detected',
    withIt.recovered.map(timed).join('; ') || 'nothing recovered',
    withIt.lost,
    fate(without),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function timed({ what, afterMs }: { readonly what: string; readonly afterMs: number }): string {
  return `${what}: ${afterMs} ms`;
}

/** What became of the gallery without its countermeasure: the clause that was to break, and how many others broke with it. */
function fate({ hasPassed, isAsExpected, clauses, countermeasure }: DrillReport): string {
  if (hasPassed) return 'PASSED, which is a defect of the drill';
  const others = clauses.filter(({ held, seen }) => !held && seen !== notJudged).length - 1;
  if (!isAsExpected) return 'FAILED, but not by the clause that was to break';
  return `fails: ${countermeasure.upholds}${others === 0 ? '' : ` (and ${others} more)`}`;
}
