/**
 * Reads PowerShell's data language: what a .psd1 may hold for the clients, which read it without running it (CheckRestrictedLanguage in
 * PowerShellGet 2 and PSResourceGet). Nothing is ever evaluated but `+`. Depth, number of values and size are bounded, and the work is
 * linear: each token is cut once.
 */

import { castTo } from './data-casts.ts';
import { DataMistakeError, placeOf } from './data-mistake.ts';
import { called, DataTokens, type Token } from './data-tokens.ts';
import { DataTable, type DataValue, isList } from './data-values.ts';

/** Tables, lists, parentheses and casts within each other. */
export const depthMax = 64;
/** Values and keys; the largest manifests known name 15 thousand commands. */
export const valuesMax = 100_000;

export interface DataFile {
  readonly table: DataTable;
  /** What the reading cost: tokens cut. At most one for each character, and one. */
  readonly tokens: number;
}

/** Why a text is no data: `line 3, column 7: ...`. */
export class DataProblem {
  readonly problem: string;
  readonly tokens: number;

  constructor(problem: string, tokens: number) {
    this.problem = problem;
    this.tokens = tokens;
  }
}

/** Reads a whole file, which is one hashtable, with comments (and so signatures) around it. */
export function readDataFile(text: string): DataFile | DataProblem {
  const tokens = new DataTokens(text);
  try {
    return { table: new DataReader(tokens).file(), tokens: tokens.count };
  } catch (error) {
    if (!(error instanceof DataMistakeError)) throw error;
    return new DataProblem(`${placeOf(text, error.at)}: ${error.message}`, tokens.count);
  }
}

/**
 * Reads one hashtable out of a longer text.
 * @param at of its `@{`
 * @returns the table, and where it ends; undefined when it is none
 */
export function readDataTable(text: string, at: number): { table: DataTable; end: number } | undefined {
  const tokens = new DataTokens(text, at);
  try {
    const value = new DataReader(tokens).primary();
    return value instanceof DataTable ? { table: value, end: tokens.at } : undefined;
  } catch (error) {
    if (!(error instanceof DataMistakeError)) throw error;
    return undefined;
  }
}

class DataReader {
  readonly #tokens: DataTokens;
  #depth = 0;
  #values = 0;

  constructor(tokens: DataTokens) {
    this.#tokens = tokens;
  }

  file(): DataTable {
    this.#tokens.skipSeparators();
    const at = this.#tokens.peek().at;
    const value = this.#expression();
    if (!(value instanceof DataTable)) throw new DataMistakeError(at, 'the file must be one table, @{ ... }');
    this.#tokens.skipSeparators();
    if (this.#tokens.peek().kind !== 'end') throw this.#unexpected('the end of the file');
    return value;
  }

  /** Lists that `+` puts together; they are added up in one go, so that a long sum costs no more than its parts. */
  #expression(): DataValue {
    const first = this.#list();
    if (!this.#isMark('+')) return first;
    const at = this.#tokens.peek().at;
    const rest: DataValue[] = [];
    while (this.#tokens.takeMark('+')) {
      this.#tokens.skipNewlines();
      rest.push(this.#list());
    }
    return sum(first, rest, at);
  }

  #list(): DataValue {
    const isUnary = this.#tokens.takeMark(',');
    const first = this.#unary();
    if (!isUnary && !this.#isMark(',')) return first;
    const values = [first];
    while (this.#tokens.takeMark(',')) {
      this.#tokens.skipNewlines();
      values.push(this.#unary());
    }
    return values;
  }

  /** Every way down leads through here, so depth is counted here. */
  #unary(): DataValue {
    this.#depth += 1;
    const token = this.#tokens.peek();
    if (this.#depth > depthMax)
      throw new DataMistakeError(token.at, `more than ${depthMax} levels lie within each other`);
    const value = this.#signedOrCast(token);
    this.#depth -= 1;
    return value;
  }

  #signedOrCast(token: Token): DataValue {
    if (token.kind === 'cast') {
      this.#tokens.take();
      return castTo(token.value, this.#unary(), token.at);
    }
    if (token.kind !== 'mark' || !/^[-+]$/.test(token.value)) return this.primary();
    this.#tokens.take();
    const sign = token.value;
    if (this.#tokens.peek().kind === 'word') throw this.#unexpected('a number');
    const value = this.#unary();
    if (typeof value !== 'number') throw new DataMistakeError(token.at, `${sign} stands before what is no number`);
    return sign === '-' ? -value : value;
  }

  primary(): DataValue {
    this.#countValue();
    const token = this.#tokens.peek();
    if (token.kind === 'text' || token.kind === 'number' || token.kind === 'constant') {
      this.#tokens.take();
      return token.value;
    }
    if (this.#tokens.takeMark('@{')) return this.#table();
    if (this.#tokens.takeMark('@(')) return this.#array();
    if (!this.#tokens.takeMark('(')) throw this.#unexpected('a value');
    this.#tokens.skipNewlines();
    const value = this.#expression();
    this.#tokens.skipNewlines();
    this.#expect(')');
    return value;
  }

  #table(): DataTable {
    const table = new DataTable();
    this.#tokens.skipSeparators();
    while (!this.#isMark('}')) {
      const { at, key } = this.#key();
      this.#tokens.skipNewlines();
      this.#expect('=');
      this.#tokens.skipNewlines();
      if (!table.add(key, this.#expression()))
        throw new DataMistakeError(at, 'the key that begins here is there twice');
      if (!this.#tokens.skipSeparators() && !this.#isMark('}')) throw this.#unexpected('; or a new line or }');
    }
    this.#tokens.take();
    return table;
  }

  #key(): { at: number; key: string } {
    const token = this.#tokens.peek();
    if (token.kind !== 'word' && token.kind !== 'text' && token.kind !== 'number') throw this.#unexpected('a key or }');
    this.#countValue();
    this.#tokens.take();
    return { at: token.at, key: String(token.value) };
  }

  /** Each statement in `@( )` adds its values: a list those that it has, nothing nothing. */
  #array(): DataValue {
    const values: DataValue[] = [];
    this.#tokens.skipSeparators();
    while (!this.#isMark(')')) {
      const value = this.#expression();
      if (isList(value)) for (const one of value) values.push(one);
      else values.push(value);
      if (!this.#tokens.skipSeparators() && !this.#isMark(')')) throw this.#unexpected(', or a new line or )');
    }
    this.#tokens.take();
    return values;
  }

  #isMark(value: string): boolean {
    const token = this.#tokens.peek();
    return token.kind === 'mark' && token.value === value;
  }

  #expect(value: string): void {
    if (!this.#tokens.takeMark(value)) throw this.#unexpected(value);
  }

  #unexpected(wanted: string): DataMistakeError {
    const token = this.#tokens.peek();
    return new DataMistakeError(token.at, `${called(token, this.#tokens.text)} stands where ${wanted} should be`);
  }

  #countValue(): void {
    this.#values += 1;
    if (this.#values > valuesMax) throw new DataMistakeError(this.#tokens.at, `it has more than ${valuesMax} values`);
  }
}

/** The left side decides, as for PowerShell: a list grows, a text is continued, numbers are added. */
function sum(first: DataValue, rest: readonly DataValue[], at: number): DataValue {
  if (isList(first)) {
    const values = [...first];
    for (const value of rest) {
      if (isList(value)) for (const one of value) values.push(one);
      else values.push(value);
    }
    return values;
  }
  if (typeof first === 'string' && rest.every((value) => typeof value === 'string' || typeof value === 'number')) {
    return first + rest.join('');
  }
  if (typeof first === 'number' && rest.every((value) => typeof value === 'number')) {
    return rest.reduce((total, value) => total + value, first);
  }
  throw new DataMistakeError(at, '+ stands between what cannot be added');
}
