/**
 * entry_points.txt of a wheel, as Python's `configparser` reads it with `=` between name and value. pip makes a program of each
 * name below `console_scripts` and `gui_scripts`, so such a name must not be a path.
 */
import { decodeUtf8, shownName } from '../archive/entry-names.ts';

const scriptGroups = new Set(['console_scripts', 'gui_scripts']);

/**
 * Checks the file (packaging.python.org, entry points; the rules are PyPI's).
 * @param bytes of entry_points.txt
 * @returns the end of a sentence that starts with the file's name, or undefined when it is good
 */
export function entryPointsProblem(bytes: Uint8Array): string | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) return 'is not UTF-8 text';
  const groups = new Map<string, Set<string>>();
  let group: { readonly name: string; readonly names: Set<string> } | undefined;
  /** Blanks before the last entry; undefined where no value can go on. */
  let indent: number | undefined;
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;
    const blanks = line.length - line.trimStart().length;
    // The rest of a value stands further in than its name.
    if (indent !== undefined && blanks > indent) continue;
    const header = /^\[(.+)\]/.exec(content)?.[1];
    if (header !== undefined) {
      if (groups.has(header)) return `has the group ${shownName(header)} twice`;
      group = { name: header, names: new Set() };
      groups.set(header, group.names);
      indent = undefined;
      continue;
    }
    const where = `in line ${index + 1}`;
    if (group === undefined) return `has an entry before the first group ${where}`;
    const equals = content.indexOf('=');
    const name = content.slice(0, Math.max(equals, 0)).trim();
    if (name === '') return `has neither a group nor a name with a value ${where}`;
    if (group.names.has(name)) return `has the name ${shownName(name)} twice in ${shownName(group.name)}`;
    if (scriptGroups.has(group.name) && !/^[\p{L}\p{N}_.-]+$/u.test(name)) {
      return `has the program ${shownName(name)}, whose name may hold letters, digits, '_', '.' and '-' only`;
    }
    group.names.add(name);
    indent = blanks;
  }
  return undefined;
}
