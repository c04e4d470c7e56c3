/**
 * The contract with everybody who reads this gallery: shapes.txt in this folder, each line of which an answer had when the contract was
 * made. A line that an answer does not have any more is a break; one that it has beside them is an addition, which readers bear.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Shapes } from './integration.ts';

export interface Comparison {
  /** `TITLE: LINE` of what is missing or different. */
  readonly breaks: readonly string[];
  readonly additions: readonly string[];
}

const titleMark = '= ';

/** @param program path of main.ts: its contract stands beside it */
export function readContract(program: string): Shapes {
  const text = readFileSync(join(dirname(program), 'drills', 'shapes.txt'), 'utf8');
  const shapes = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith(titleMark)) {
      lines = [];
      shapes.set(line.slice(titleMark.length), lines);
    } else if (line !== '') lines.push(line);
  }
  return shapes;
}

/** @returns the text of a contract: what `./holdfast shapes --show` prints */
export function writeContract(shapes: Shapes): string {
  const titles = [...shapes.keys()].sort();
  return titles.map((title) => `${titleMark}${title}\n${shapes.get(title)?.join('\n')}\n`).join('\n');
}

export function compareShapes(found: Shapes, contract: Shapes): Comparison {
  return { breaks: beyond(contract, found), additions: beyond(found, contract) };
}

/** @returns what the one has and the other has not */
function beyond(one: Shapes, other: Shapes): string[] {
  return [...one].flatMap(([title, lines]) => {
    const others = new Set(other.get(title));
    return lines.filter((line) => !others.has(line)).map((line) => `${title}: ${line}`);
  });
}
