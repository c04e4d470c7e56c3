/** Tables in documents that repeat what code or tests say. `HOLDFAST_WRITE_GOLDEN=1` writes them again. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './gallery.ts';

const writesAgain = process.env.HOLDFAST_WRITE_GOLDEN === '1';

/** Holds what stands between the markers of a name against a table. */
export function assertTable(file: string, name: string, table: string): void {
  const begin = `<!-- begin ${name} -->\n`;
  const end = `<!-- end ${name} -->`;
  const text = readFileSync(join(projectFolder, file), 'utf8');
  const start = text.indexOf(begin);
  const stop = text.indexOf(end);
  assert.ok(start >= 0 && stop > start, `${file} has the markers of ${name}`);
  const found = text.slice(start + begin.length, stop);
  if (writesAgain && found !== `${table}\n`) {
    writeFileSync(join(projectFolder, file), text.slice(0, start + begin.length) + `${table}\n` + text.slice(stop));
    return;
  }
  assert.equal(found, `${table}\n`);
}
