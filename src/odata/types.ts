/** What kind of value each part of a filter gives. Reading refuses by it what makes no sense, and evaluating chooses by it how to compare. */
import type { Fields, FieldType, Filter, FunctionName } from './filter-tree.ts';

export type ValueType = FieldType | 'null';

/** Functions: what they take, one for each parameter, and what they give. All parameters are texts. */
export const functions: ReadonlyMap<FunctionName, { readonly parameters: number; readonly gives: ValueType }> = new Map(
  [
    ['substringof', { parameters: 2, gives: 'boolean' }],
    ['startswith', { parameters: 2, gives: 'boolean' }],
    ['endswith', { parameters: 2, gives: 'boolean' }],
    ['tolower', { parameters: 1, gives: 'string' }],
    ['toupper', { parameters: 1, gives: 'string' }],
    ['trim', { parameters: 1, gives: 'string' }],
    ['concat', { parameters: 2, gives: 'string' }],
    ['length', { parameters: 1, gives: 'number' }],
    ['indexof', { parameters: 2, gives: 'number' }],
  ],
);

/** The kind of value that a part of a filter gives. A field that is not among the fields is a bug, as reading refuses it. */
export function typeOf(filter: Filter, fields: Fields): ValueType {
  switch (filter.kind) {
    case 'literal':
      return filter.type;
    case 'call':
      return functions.get(filter.name)!.gives;
    case 'field': {
      const type = fields.get(filter.name);
      if (type === undefined) throw new Error(`A filter names the field ${filter.name}, which the feed has not.`);
      return type;
    }
    default:
      return 'boolean';
  }
}

/** Versions are texts to every function, and to comparisons with a text that is no version. */
export function isText(type: ValueType): boolean {
  return type === 'string' || type === 'version';
}

/** A kind of value in the words of a refusal. */
export const typeNames: Readonly<Record<ValueType, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  datetime: 'a date',
  version: 'a version',
  null: 'null',
};

/** The fields' names as the feed spells them, by their names in lower case. */
export function spellingsOf(names: Iterable<string>): ReadonlyMap<string, string> {
  return new Map([...names].map((name) => [name.toLowerCase(), name]));
}
