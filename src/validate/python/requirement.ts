/**
 * Requirements as pip reads them (PEP 508, in the form of `packaging.requirements`): name, extras, versions or an address, marker.
 * Nothing is evaluated; a requirement is only told from what is none, because pip passes over a file that holds one it cannot read.
 */
import { isValidPythonName } from '../../identity/python.ts';
import { specifierProblem } from './specifiers.ts';

export interface Requirement {
  readonly name: string;
  /** True for `name @ address`. */
  readonly isDirect: boolean;
}

/** Parentheses within parentheses of a marker; nobody writes three. */
const markerDepthMax = 32;

const variables = new Set([
  'python_version',
  'python_full_version',
  'os_name',
  'sys_platform',
  'platform_release',
  'platform_system',
  'platform_version',
  'platform_machine',
  'platform_python_implementation',
  'implementation_name',
  'implementation_version',
  'extra',
  'extras',
  'dependency_groups',
  // Spellings of before PEP 508, which pip still reads.
  'os.name',
  'sys.platform',
  'platform.version',
  'platform.machine',
  'platform.python_implementation',
  'python_implementation',
]);

/**
 * Reads a requirement.
 * @param text on one line
 * @returns undefined when pip could not read it
 */
export function parseRequirement(text: string): Requirement | undefined {
  const cursor = new Cursor(text);
  const name = cursor.take(/[A-Za-z0-9._-]+/y);
  if (name === undefined || !isValidPythonName(name) || !takeExtras(cursor)) return undefined;
  const isDirect = cursor.take(/@/y) !== undefined;
  if (isDirect) {
    // It ends at a blank: a semicolon without one before it is part of the address.
    if (cursor.take(/[^\s;][^\s]*/y) === undefined) return undefined;
  } else if (!takeVersions(cursor)) return undefined;
  if (cursor.isAtEnd) return { name, isDirect };
  if (cursor.take(/;/y) === undefined || !takeMarker(cursor, 0) || !cursor.isAtEnd) return undefined;
  return { name, isDirect };
}

/** Walks over the text; blanks before a piece are skipped. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param pattern sticky */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#skipBlanks();
    const piece = pattern.exec(this.#text)?.[0];
    if (piece !== undefined) this.#at = pattern.lastIndex;
    return piece;
  }

  get isAtEnd(): boolean {
    return this.#skipBlanks() === this.#text.length;
  }

  #skipBlanks(): number {
    let at = this.#at;
    while (this.#text[at] === ' ' || this.#text[at] === '\t') at += 1;
    return at;
  }
}

function takeExtras(cursor: Cursor): boolean {
  if (cursor.take(/\[/y) === undefined) return true;
  if (cursor.take(/\]/y) !== undefined) return true;
  for (;;) {
    const extra = cursor.take(/[A-Za-z0-9._-]+/y);
    if (extra === undefined || !isValidPythonName(extra)) return false;
    if (cursor.take(/\]/y) !== undefined) return true;
    if (cursor.take(/,/y) === undefined) return false;
  }
}

/** `>=1,<2`, or the same in parentheses. */
function takeVersions(cursor: Cursor): boolean {
  const isEnclosed = cursor.take(/\(/y) !== undefined;
  const versions = cursor.take(/[^;()]+/y);
  if (versions !== undefined) {
    if (!/^[<>=!~]/.test(versions) || specifierProblem(versions) !== undefined) return false;
  }
  return !isEnclosed || cursor.take(/\)/y) !== undefined;
}

function takeMarker(cursor: Cursor, depth: number): boolean {
  if (depth > markerDepthMax) return false;
  do {
    if (cursor.take(/\(/y) === undefined) {
      if (!takeComparison(cursor)) return false;
    } else if (!takeMarker(cursor, depth + 1) || cursor.take(/\)/y) === undefined) return false;
  } while (cursor.take(/(?:and|or)\b/y) !== undefined);
  return true;
}

function takeComparison(cursor: Cursor): boolean {
  return (
    takeValue(cursor) && cursor.take(/===|==|~=|!=|<=|>=|<|>|in\b|not[ \t]+in\b/y) !== undefined && takeValue(cursor)
  );
}

function takeValue(cursor: Cursor): boolean {
  if (cursor.take(/'[^']*'|"[^"]*"/y) !== undefined) return true;
  const word = cursor.take(/[a-z_.]+/y);
  return word !== undefined && variables.has(word);
}
