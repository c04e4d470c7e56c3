/** Filters by chance: trees that make sense, their text, and what they say by the plainest reading of the rules. */
import fc from 'fast-check';
import { parseNuGetVersion } from '../../src/identity/nupkg.ts';
import type { ReadValue, Value } from '../../src/odata/evaluate.ts';
import type { Comparison, Fields, FieldType, Filter, FunctionName } from '../../src/odata/filter-tree.ts';

export const fields: Fields = new Map<string, FieldType>([
  ['Id', 'string'],
  ['Tags', 'string'],
  ['Version', 'version'],
  ['NormalizedVersion', 'version'],
  ['Downloads', 'number'],
  ['Size', 'number'],
  ['IsLatest', 'boolean'],
  ['IsListed', 'boolean'],
  ['Created', 'datetime'],
  ['Published', 'datetime'],
]);

// Few characters, so that texts are often the same, or within each other, or different in letter case only.
const texts = fc.string({
  unit: fc.constantFrom('a', 'A', 'b', "'", ' ', 'Σ', 'ς', 'İ', ',', '(', '%', '1', '.'),
  maxLength: 5,
});
const versions = fc.constantFrom(
  '1.0',
  '1.0.0',
  '1.0.0-a',
  '1.0.0-A',
  '1.10.0',
  '1.9',
  '2.0.0-a.1',
  '1.0.0+b',
  'none',
  '',
);
const numbers = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, 1e21, 1.25e-7, 2 ** 53, -12.75));
const dates = fc.oneof(
  fc.constantFrom(0, 1_000, 86_400_000, -62_135_596_800_000),
  fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.getTime()),
);

/** Trees are plain objects, as reading makes them. */
const plain = { noNullPrototype: true };

const nothing: fc.Arbitrary<Filter> = fc.constant({ kind: 'literal', type: 'null', value: null });
const field = (...types: FieldType[]): fc.Arbitrary<Filter> =>
  fc
    .constantFrom(...[...fields].filter(([, type]) => types.includes(type)).map(([name]) => name))
    .map((name) => ({ kind: 'field', name }));
const call = (names: readonly FunctionName[], ...parameters: fc.Arbitrary<Filter>[]): fc.Arbitrary<Filter> =>
  fc.tuple(fc.constantFrom(...names), ...parameters).map(([name, ...rest]) => ({
    kind: 'call',
    name: name as FunctionName,
    parameters: rest as Filter[],
  }));

const operators = fc.constantFrom<Comparison>('eq', 'ne', 'gt', 'ge', 'lt', 'le');
const compare = (left: fc.Arbitrary<Filter>, right = left, some = operators): fc.Arbitrary<Filter> =>
  fc.record({ kind: fc.constant('compare' as const), operator: some, left, right }, plain);

/** Trees in which every part has values of the right kind. */
export const filters: fc.Arbitrary<Filter> = fc.letrec<{ text: Filter; truth: Filter }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    texts.map((value): Filter => ({ kind: 'literal', type: 'string', value })),
    field('string', 'version'),
    nothing,
    call(['tolower', 'toupper', 'trim'], tie('text')),
    call(['concat'], tie('text'), tie('text')),
  ),
  truth: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    field('boolean'),
    fc.boolean().map((value): Filter => ({ kind: 'literal', type: 'boolean', value })),
    compare(tie('text')),
    compare(
      field('version'),
      fc.oneof(
        field('version'),
        nothing,
        versions.map((value): Filter => ({ kind: 'literal', type: 'string', value })),
      ),
    ),
    compare(
      fc.oneof(
        field('number'),
        numbers.map((value): Filter => ({ kind: 'literal', type: 'number', value })),
        call(['length'], tie('text')),
        call(['indexof'], tie('text'), tie('text')),
      ),
    ),
    compare(
      fc.oneof(
        field('datetime'),
        nothing,
        dates.map((value): Filter => ({ kind: 'literal', type: 'datetime', value })),
      ),
    ),
    call(['substringof', 'startswith', 'endswith'], tie('text'), tie('text')),
    compare(tie('truth'), fc.oneof(tie('truth'), nothing), fc.constantFrom<Comparison>('eq', 'ne')),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('truth'), right: tie('truth') }, plain),
    fc.record({ kind: fc.constant('not' as const), operand: tie('truth') }, plain),
  ),
})).truth;

/** Values of all fields; each may be null. */
export const things: fc.Arbitrary<Readonly<Record<string, Value>>> = fc.record({
  Id: fc.option(texts),
  Tags: fc.option(texts),
  Version: fc.option(versions),
  NormalizedVersion: fc.option(versions),
  Downloads: fc.option(numbers),
  Size: fc.option(numbers),
  IsLatest: fc.option(fc.boolean()),
  IsListed: fc.option(fc.boolean()),
  Created: fc.option(dates),
  Published: fc.option(dates),
});

/** The text of a tree, with parentheses around everything that could be read in another way. */
export function print(filter: Filter): string {
  switch (filter.kind) {
    case 'field':
      return filter.name;
    case 'not':
      return `not (${print(filter.operand)})`;
    case 'call':
      return `${filter.name}(${filter.parameters.map(print).join(', ')})`;
    case 'compare':
      return `(${print(filter.left)} ${filter.operator} ${print(filter.right)})`;
    case 'and':
    case 'or':
      return `(${print(filter.left)} ${filter.kind} ${print(filter.right)})`;
    default:
      if (filter.type === 'string') return `'${filter.value.replaceAll("'", "''")}'`;
      if (filter.type === 'datetime') return `datetime'${new Date(filter.value).toISOString().slice(0, -1)}'`;
      return String(filter.value);
  }
}

const small = (text: string) =>
  [...text].map((sign) => (sign.toLowerCase().length === sign.length ? sign.toLowerCase() : sign)).join('');
const large = (text: string) =>
  [...text].map((sign) => (sign.toUpperCase().length === sign.length ? sign.toUpperCase() : sign)).join('');

/** What a tree says, worked out part by part, without regard to cost. */
export function interpret(filter: Filter, read: ReadValue): Value {
  switch (filter.kind) {
    case 'literal':
      return filter.value;
    case 'field':
      return read(filter.name);
    case 'not':
      return interpret(filter.operand, read) !== true;
    case 'and':
      return interpret(filter.left, read) === true && interpret(filter.right, read) === true;
    case 'or':
      return interpret(filter.left, read) === true || interpret(filter.right, read) === true;
    case 'compare':
      return interpretComparison(filter, read);
    case 'call':
      return interpretCall(
        filter.name,
        filter.parameters.map((part) => interpret(part, read)),
      );
  }
}

function interpretComparison(filter: Filter & { kind: 'compare' }, read: ReadValue): boolean {
  const isVersion = [filter.left, filter.right].some(
    (side) => side.kind === 'field' && fields.get(side.name) === 'version',
  );
  let [left, right] = [interpret(filter.left, read), interpret(filter.right, read)];
  if (left === null || right === null) {
    return filter.operator === 'eq' ? left === right : filter.operator === 'ne' ? left !== right : false;
  }
  if (isVersion) [left, right] = [versionRank(String(left)), versionRank(String(right))];
  if (typeof left === 'string' && typeof right === 'string') [left, right] = [small(left), small(right)];
  switch (filter.operator) {
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
  }
}

function versionRank(text: string): string {
  return parseNuGetVersion(text)?.sortKey ?? `!${text}`;
}

function interpretCall(name: FunctionName, values: readonly Value[]): Value {
  const isTruth = name === 'substringof' || name === 'startswith' || name === 'endswith';
  if (values.includes(null)) return isTruth ? false : null;
  const [one = '', other = ''] = values.map(String);
  switch (name) {
    case 'substringof':
      return small(other).includes(small(one));
    case 'startswith':
      return small(one).startsWith(small(other));
    case 'endswith':
      return small(one).endsWith(small(other));
    case 'indexof':
      return small(one).indexOf(small(other));
    case 'concat':
      return one + other;
    case 'tolower':
      return small(one);
    case 'toupper':
      return large(one);
    case 'trim':
      return one.trim();
    case 'length':
      return one.length;
  }
}
