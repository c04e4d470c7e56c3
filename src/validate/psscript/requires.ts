/** Reads the lines `#Requires ...` of a script: the modules, the version and the editions of PowerShell that it needs. */
import { readDataTable } from '../powershell/data-language.ts';
import type { DataValue } from '../powershell/data-values.ts';
import type { ScriptComment } from './script-text.ts';

export interface Requirements {
  /** Names and tables, as in `RequiredModules`. */
  readonly modules: readonly DataValue[];
  readonly powerShellVersion?: string | undefined;
  readonly editions: readonly string[];
}

const parameter = /\s*-([A-Za-z]+)[\s:]*/y;
const separator = /\s*(?:,|;|$)?\s*/y;
const quoted = /'([^']*)'|"([^"$`]*)"/y;
const bare = /[^\s,;'"@{}()]+/y;

/** @returns what all such lines together ask for; a line that cannot be read asks for nothing more than what was read of it */
export function readRequires(comments: readonly ScriptComment[]): Requirements {
  const modules: DataValue[] = [];
  const editions: string[] = [];
  let powerShellVersion: string | undefined;
  for (const { text } of comments) {
    const start = /^#requires\s+(?=-)/i.exec(text)?.[0].length;
    if (start === undefined) continue;
    for (const [name, values] of parametersOf(text, start)) {
      const texts = values.filter((value) => typeof value === 'string');
      if (isShortFor('modules', name)) modules.push(...values);
      else if (isShortFor('version', name)) powerShellVersion ??= texts[0];
      else if (isShortFor('psedition', name)) editions.push(...texts);
    }
  }
  return { modules, powerShellVersion, editions };
}

/** PowerShell takes the beginning of a parameter's name for it. */
function isShortFor(name: string, written: string): boolean {
  return name.startsWith(written.toLowerCase());
}

function parametersOf(line: string, start: number): [string, DataValue[]][] {
  const found: [string, DataValue[]][] = [];
  for (let at = start; ; ) {
    parameter.lastIndex = at;
    const name = parameter.exec(line)?.[1];
    if (name === undefined) return found;
    const values: DataValue[] = [];
    at = readValues(line, parameter.lastIndex, values);
    found.push([name, values]);
  }
}

/** @returns where the values end */
function readValues(line: string, start: number, values: DataValue[]): number {
  for (let at = start; ; ) {
    const value = line.startsWith('-', at) ? undefined : readValue(line, at);
    if (value === undefined) return at;
    values.push(value.value);
    separator.lastIndex = value.end;
    const between = separator.exec(line)![0];
    at = separator.lastIndex;
    if (!between.includes(',')) return at;
  }
}

function readValue(line: string, at: number): { value: DataValue; end: number } | undefined {
  if (line.startsWith('@{', at)) {
    const table = readDataTable(line, at);
    return table && { value: table.table, end: table.end };
  }
  for (const pattern of [quoted, bare]) {
    pattern.lastIndex = at;
    const found = pattern.exec(line);
    if (found !== null) return { value: found[1] ?? found[2] ?? found[0], end: pattern.lastIndex };
  }
  return undefined;
}
