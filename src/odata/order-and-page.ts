/**
 * The options beside the filter: in which order, how many, from where, which fields, and in which format. Every reader takes the
 * decoded value of its option, or undefined when the query has none; an empty value is none.
 */
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { type ReadValue, type Value, versionKey } from './evaluate.ts';
import type { Fields, OrderBy } from './filter-tree.ts';
import { lowerCase } from './letter-case.ts';
import { shown } from './shown.ts';
import { readTokens, type Token } from './tokens.ts';
import { spellingsOf } from './types.ts';

/** Fields of an order. */
export const orderKeysMax = 8;
/** Characters of an order, a selection or a skip token. */
export const optionLengthMax = 2_000;
/** Names of a selection. */
export const selectNamesMax = 100;
/** Values of a skip token. */
export const skipTokenPartsMax = 8;
/** What larger numbers of `$top` and `$skip` are cut to: the largest that the protocol's own type has. */
export const countMax = 2_147_483_647;

/**
 * Reads `$orderby`: `DownloadCount desc,Id`. Old clients of Visual Studio send `concat(Title,Id)`, which is read as `Title,Id`.
 * @param fields what it may name, in any letter case
 * @returns in the feed's spelling; empty when there is no order
 */
export function readOrderBy(text: string | undefined, fields: Fields): readonly OrderBy[] | Refusal {
  const tokens = tokensOf(text, '$orderby');
  if (isRefusal(tokens)) return tokens;
  const spellings = spellingsOf(fields.keys());
  const order: OrderBy[] = [];
  let position = 0;
  const next = (): Token => tokens[position]!;
  const take = (isWanted: boolean): boolean => {
    if (isWanted) position += 1;
    return isWanted;
  };
  const isWord = (...words: string[]) => next().kind === 'word' && words.includes(next().text.toLowerCase());
  while (next().kind !== 'end') {
    const names: string[] = [];
    const isConcat = take(isWord('concat') && tokens[position + 1]?.kind === '(') && take(true);
    do {
      const name = next().kind === 'word' ? spellings.get(next().text.toLowerCase()) : undefined;
      if (name === undefined) return wrongPiece('$orderby', next(), 'a field of this feed');
      names.push(name);
      position += 1;
    } while (isConcat && take(next().kind === ','));
    if (isConcat && !take(next().kind === ')')) return wrongPiece('$orderby', next(), ')');
    const isDescending = take(isWord('desc'));
    if (!isDescending) take(isWord('asc'));
    order.push(...names.map((field) => ({ field, isDescending })));
    if (order.length > orderKeysMax) {
      return refuse('query-invalid', `$orderby has more than ${orderKeysMax} fields.`);
    }
    if (take(next().kind === ',')) {
      if (next().kind === 'end') return wrongPiece('$orderby', next(), 'a field of this feed');
    } else if (next().kind !== 'end') return wrongPiece('$orderby', next(), 'asc, desc or a comma');
  }
  return order;
}

/**
 * Reads `$top` or `$skip`: a whole number that is not negative. A number above 2147483647 is cut to it.
 * @param name of the option, for the refusal
 */
export function readCount(text: string | undefined, name: '$top' | '$skip'): number | undefined | Refusal {
  const digits = text?.trim() ?? '';
  if (digits === '') return undefined;
  if (!/^\d+$/.test(digits)) {
    return refuse('query-invalid', `${name} must be a whole number of 0 or more, not ${shown(digits)}.`);
  }
  return Math.min(Number(digits), countMax);
}

/** Reads `$inlinecount`: whether the answer tells how many there are in all. */
export function readInlineCount(text: string | undefined): boolean | Refusal {
  const value = text?.trim().toLowerCase() ?? '';
  if (value === '' || value === 'none') return false;
  if (value === 'allpages') return true;
  return refuse('query-invalid', `$inlinecount must be allpages or none, not ${shown(value)}.`);
}

/**
 * Reads `$select`.
 * @param names what an entry can have, in the feed's spelling
 * @returns the names that are asked for; undefined for all of them (`*`, or no `$select`)
 */
export function readSelect(
  text: string | undefined,
  names: Iterable<string>,
): ReadonlySet<string> | undefined | Refusal {
  const list = text?.trim() ?? '';
  if (list === '') return undefined;
  if (list.length > optionLengthMax) return tooLong('$select');
  const wanted = list.split(',').map((name) => name.trim());
  if (wanted.length > selectNamesMax) return refuse('query-invalid', `$select has more than ${selectNamesMax} names.`);
  const spellings = spellingsOf(names);
  const selected = new Set<string>();
  for (const name of wanted) {
    const spelling = spellings.get(name.toLowerCase());
    if (spelling === undefined && name !== '*') {
      return refuse('query-invalid', `$select names ${shown(name)}, which is no field of this feed.`);
    }
    if (spelling !== undefined) selected.add(spelling);
  }
  return wanted.includes('*') ? undefined : selected;
}

/**
 * Reads `$skiptoken`: the values behind which the next page begins, as a link to the next page has them (`'Demo','1.0.0'`, or `30`).
 * @returns texts without their quotation marks, and numbers as they are written
 */
export function readSkipToken(text: string | undefined): readonly string[] | undefined | Refusal {
  const tokens = tokensOf(text, '$skiptoken');
  if (isRefusal(tokens)) return tokens;
  if (tokens.length === 1) return undefined;
  const parts: string[] = [];
  for (let position = 0; position < tokens.length; position += 2) {
    const token = tokens[position]!;
    if (token.kind !== 'literal') return wrongPiece('$skiptoken', token, 'a text or a number');
    parts.push(token.literal?.type === 'string' ? token.literal.value : token.text);
    const separator = tokens[position + 1]!;
    if (separator.kind === 'end') break;
    if (separator.kind !== ',') return wrongPiece('$skiptoken', separator, 'a comma');
  }
  if (parts.length > skipTokenPartsMax) {
    return refuse('query-invalid', `$skiptoken has more than ${skipTokenPartsMax} values.`);
  }
  return parts;
}

/** Reads `$format`: a short name or a media type. */
export function readFormat(text: string | undefined): 'atom' | 'json' | undefined | Refusal {
  const value = text?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (value === '') return undefined;
  if (value === 'json' || value === 'application/json') return 'json';
  if (['atom', 'xml', 'application/atom+xml', 'application/xml'].includes(value)) return 'atom';
  return refuse('query-invalid', `$format must be atom or json, not ${shown(value)}.`);
}

/** An order: keys of a thing, which are read once, and how keys compare. Null is first, unless the order is descending. */
export interface Order {
  readonly keysOf: (read: ReadValue) => readonly Value[];
  readonly compare: (one: readonly Value[], other: readonly Value[]) => number;
}

/** Makes an order of `$orderby`. It finds no difference between things whose fields are the same, so sorting by it is stable. */
export function makeOrder(orderBy: readonly OrderBy[], fields: Fields): Order {
  const keys = orderBy.map(({ field }) => ({ field, keyOf: keyMaker(fields, field) }));
  const signs = orderBy.map(({ isDescending }) => (isDescending ? -1 : 1));
  return {
    keysOf: (read) => keys.map(({ field, keyOf }) => keyOf(read(field))),
    compare: (one, other) => {
      for (const [index, sign] of signs.entries()) {
        const order = compareValues(one[index] ?? null, other[index] ?? null);
        if (order !== 0) return sign * order;
      }
      return 0;
    },
  };
}

/** The things in an order; those that it finds no difference between stay as they stand. */
export function inOrder<Thing>(things: readonly Thing[], order: Order, readerOf: (thing: Thing) => ReadValue): Thing[] {
  return things
    .map((thing) => ({ thing, keys: order.keysOf(readerOf(thing)) }))
    .sort((one, other) => order.compare(one.keys, other.keys))
    .map(({ thing }) => thing);
}

function keyMaker(fields: Fields, field: string): (value: Value) => Value {
  const type = fields.get(field);
  if (type === undefined) throw new Error(`An order names the field ${field}, which the feed has not.`);
  if (type === 'version') return (value) => (value === null ? null : versionKey(String(value)));
  if (type === 'string') return (value) => (value === null ? null : lowerCase(String(value)));
  return (value) => value;
}

function compareValues(one: Value, other: Value): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null);
  return one < other ? -1 : one > other ? 1 : 0;
}

function tokensOf(text: string | undefined, option: string): readonly Token[] | Refusal {
  if (text !== undefined && text.length > optionLengthMax) return tooLong(option);
  const tokens = readTokens(text ?? '');
  return isRefusal(tokens) ? tokens.withMessage(`${option}: ${tokens.message}`) : tokens;
}

function tooLong(option: string): Refusal {
  return refuse('query-invalid', `${option} has more than ${optionLengthMax} characters.`);
}

function wrongPiece(option: string, token: Token, wanted: string): Refusal {
  const what = token.kind === 'end' ? 'ends' : `has ${shown(token.text)}`;
  return refuse('query-invalid', `${option} ${what} at character ${token.at}, where ${wanted} should be.`);
}
