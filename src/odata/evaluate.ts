/**
 * Asks a filter about one thing after the other. Texts are the same when they differ in letter case only, and versions when NuGet
 * says so. Null is as in OData: it equals null alone, comes neither before nor after anything, and a function of it is null, or
 * false where the function says true or false. There is no third truth: `not` of what null made false is true.
 */
import { parseNuGetVersion } from '../identity/nupkg.ts';
import type { Comparison, Fields, Filter } from './filter-tree.ts';
import { lowerCase, upperCase } from './letter-case.ts';
import { isText, typeOf } from './types.ts';

/** Texts and versions as strings, dates as UTC milliseconds; null for what is not there. */
export type Value = string | number | boolean | null;

/** The value of a field of one thing, in the type that the fields give it. */
export type ReadValue = (field: string) => Value;

/**
 * What a filter may still look at, over all things that it is asked about: in characters, where every part counts as a few and
 * reading a version as many. It counts and looks at no clock, so that the same question always has the same answer.
 */
export interface Work {
  /** Below zero when it was too much; the filter then says nothing true. */
  left: number;
}

/** Some tenths of a second at most. */
export const workMax = 256 * 1024 * 1024;
/** What each part costs besides its characters, and what it costs to read a version. */
const partWork = 16;
const versionWork = 1_000;

type Evaluate = (read: ReadValue) => Value;
type Texts = (read: ReadValue) => string | null;

/**
 * Makes a predicate of a filter.
 * @param filter as `readFilter` gave it for the same fields; a tree that is not well-typed is a bug
 * @param work what is left for it; whoever gives it looks afterwards whether it was enough
 * @returns whether the filter says true of the thing whose values are read
 */
export function compileFilter(
  filter: Filter,
  fields: Fields,
  work: Work = { left: workMax },
): (read: ReadValue) => boolean {
  const evaluate = compile(filter, { fields, work, lower: new Map(), versions: new Map() });
  return (read) => evaluate(read) === true && work.left >= 0;
}

/** What the parts of one filter share: how a field is read, so that a filter of many parts makes small letters of a text once. */
interface Scope {
  readonly fields: Fields;
  readonly work: Work;
  readonly lower: Map<string, Texts>;
  readonly versions: Map<string, Texts>;
}

/** @returns whether there was enough work left for a part that looks at so many characters */
function spend({ work }: Scope, characters: number): boolean {
  work.left -= partWork + characters;
  return work.left >= 0;
}

function compile(filter: Filter, scope: Scope): Evaluate {
  switch (filter.kind) {
    case 'literal': {
      const { value } = filter;
      return () => value;
    }
    case 'field': {
      const { name } = filter;
      return (read) => read(name);
    }
    case 'not': {
      const operand = compile(filter.operand, scope);
      return (read) => operand(read) !== true;
    }
    case 'and': {
      const operands = operandsOf(filter, 'and').map((operand) => compile(operand, scope));
      return (read) => operands.every((operand) => operand(read) === true);
    }
    case 'or': {
      const operands = operandsOf(filter, 'or').map((operand) => compile(operand, scope));
      return (read) => operands.some((operand) => operand(read) === true);
    }
    case 'compare':
      return compileComparison(filter, scope);
    case 'call':
      return compileCall(filter, scope);
  }
}

/** What a chain of `and` (or of `or`) joins, from left to right, however long the chain is. */
export function operandsOf(filter: Filter, kind: 'and' | 'or'): readonly Filter[] {
  const operands: Filter[] = [];
  const waiting = [filter];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.kind === kind) waiting.push(next.right, next.left);
    else operands.push(next);
  }
  return operands;
}

const holds: Readonly<Record<Comparison, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

function compileComparison(filter: Filter & { kind: 'compare' }, scope: Scope): Evaluate {
  const { operator } = filter;
  const types = [typeOf(filter.left, scope.fields), typeOf(filter.right, scope.fields)];
  const side = types.includes('version') ? compileVersion : types.some(isText) ? compileLower : compile;
  const left = side(filter.left, scope);
  const right = side(filter.right, scope);
  const isSatisfied = holds[operator];
  return (read) => {
    if (!spend(scope, 0)) return false;
    const one = left(read);
    const other = right(read);
    if (one === null || other === null) {
      return operator === 'eq' ? one === other : operator === 'ne' && one !== other;
    }
    return isSatisfied(one < other ? -1 : one > other ? 1 : 0);
  };
}

/** A text in small letters, so that letter case does not count. */
function compileLower(filter: Filter, scope: Scope): Texts {
  // Small letters are made anyway.
  if (filter.kind === 'call' && filter.name === 'tolower') return compileLower(filter.parameters[0]!, scope);
  return changed(filter, scope, scope.lower, lowerCase);
}

/** A version as text that orders as versions do. */
function compileVersion(filter: Filter, scope: Scope): Texts {
  return changed(filter, scope, scope.versions, versionKey);
}

/** A text in another form: of a literal made once, and of a field once for as long as it has the same text. */
function changed(filter: Filter, scope: Scope, readers: Map<string, Texts>, change: (text: string) => string): Texts {
  if (filter.kind === 'literal') {
    const form = filter.value === null ? null : change(String(filter.value));
    return () => form;
  }
  const known = filter.kind === 'field' ? readers.get(filter.name) : undefined;
  if (known) return known;
  const evaluate = compile(filter, scope);
  let last = '';
  let lastForm = change(last);
  const reader: Texts = (read) => {
    const value = evaluate(read);
    if (value === null) return null;
    const text = String(value);
    if (text !== last) {
      if (!spend(scope, text.length + (change === versionKey ? versionWork : 0))) return null;
      lastForm = change(text);
      last = text;
    }
    return lastForm;
  };
  if (filter.kind === 'field') readers.set(filter.name, reader);
  return reader;
}

/**
 * Text that orders as versions do. What is no version comes before all of them, by its letters. A blank was a plus sign before it
 * went through a query string; no version has one.
 */
export function versionKey(text: string): string {
  const version = parseNuGetVersion(text) ?? parseNuGetVersion(text.replace(' ', '+'));
  return version ? version.sortKey : `!${lowerCase(text)}`;
}

function compileCall(filter: Filter & { kind: 'call' }, scope: Scope): Evaluate {
  const texts = (index: number): Texts => compile(filter.parameters[index]!, scope) as Texts;
  const lower = (index: number): Texts => compileLower(filter.parameters[index]!, scope);
  switch (filter.name) {
    case 'substringof':
      return both(scope, lower(0), lower(1), false, (part, text) => text.includes(part));
    case 'startswith':
      return both(scope, lower(0), lower(1), false, (text, part) => text.startsWith(part));
    case 'endswith':
      return both(scope, lower(0), lower(1), false, (text, part) => text.endsWith(part));
    case 'indexof':
      return both(scope, lower(0), lower(1), null, (text, part) => text.indexOf(part));
    case 'concat':
      return both(scope, texts(0), texts(1), null, (text, more) => text + more);
    case 'tolower':
      return one(scope, texts(0), lowerCase);
    case 'toupper':
      return one(scope, texts(0), upperCase);
    case 'trim':
      return one(scope, texts(0), (text) => text.trim());
    case 'length':
      return one(scope, texts(0), (text) => text.length);
  }
}

function one(scope: Scope, parameter: Texts, apply: (text: string) => Value): Evaluate {
  return (read) => {
    const text = parameter(read);
    return text === null || !spend(scope, text.length) ? null : apply(text);
  };
}

function both(
  scope: Scope,
  first: Texts,
  second: Texts,
  ofNull: Value,
  apply: (one: string, other: string) => Value,
): Evaluate {
  return (read) => {
    const text = first(read);
    if (text === null) return ofNull;
    const other = second(read);
    return other === null || !spend(scope, text.length + other.length) ? ofNull : apply(text, other);
  };
}
