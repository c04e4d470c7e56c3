/**
 * The next version of the program: a copy of this one in a folder of its own, with one place of one file changed, as somebody who
 * writes the next version might change it.
 */
import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Edit {
  /** Below the folder src. */
  readonly file: string;
  /** Stands in the file once. */
  readonly from: string;
  readonly to: string;
  /** What it means to those who read. */
  readonly means: string;
}

/**
 * @param program path of main.ts of this version
 * @param folder of the next version; made here
 * @returns path of its main.ts
 */
export function makeNextVersion(program: string, folder: string, edit: Edit): string {
  const root = join(dirname(program), '..');
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
  for (const name of ['holdfast', 'package.json']) copyFileSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, 'src', edit.file);
  const text = readFileSync(path, 'utf8');
  if (text.split(edit.from).length !== 2) throw new Error(`"${edit.from}" does not stand in ${edit.file} once`);
  writeFileSync(path, text.replace(edit.from, edit.to));
  return join(folder, 'src', 'main.ts');
}
