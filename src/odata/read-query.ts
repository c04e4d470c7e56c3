/**
 * Reads a query string into its options, and the values of options that are parameters of a function (`id='Demo'`). Names of
 * options do not differ by letter case, as one client sends `$orderBy` and others `$orderby`.
 */
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import { shown } from './shown.ts';

/** Options by their names in lower case, decoded. */
export type Query = ReadonlyMap<string, string>;

/** Characters of a query string as it is sent. An address is not longer either. */
export const queryLengthMax = 8_192;
/** Options of a query, repeated ones included. */
export const queryOptionsMax = 100;

/** An option within an option: no value of an option begins with a dollar sign. */
const nested = /^(\$[a-z]+)=(.*)$/is;

/**
 * Reads a query string. A plus sign is a blank, as .NET's HttpUtility writes blanks; a plus sign itself must come as `%2B`.
 * @param text what stands behind the question mark, as it was sent
 * @returns of an option that is there twice, the first; `query-invalid` for broken percent-encoding
 */
export function readQuery(text: string): Query | Refusal {
  if (text.length > queryLengthMax) {
    return refuse('query-invalid', `The query has more than ${queryLengthMax} characters.`);
  }
  const options = new Map<string, string>();
  const pieces = text.split('&').filter((piece) => piece !== '');
  if (pieces.length > queryOptionsMax) {
    return refuse('query-invalid', `The query has more than ${queryOptionsMax} options.`);
  }
  for (const piece of pieces) {
    const option = readOption(piece);
    if (option === undefined) {
      return refuse('query-invalid', `The percent-encoding of ${shown(piece)} in the query is broken.`);
    }
    if (!options.has(option.name)) options.set(option.name, option.value);
  }
  return options;
}

/**
 * Reads what stands between two `&`.
 * @returns its name in lower case; undefined for broken percent-encoding
 */
export function readOption(piece: string): { readonly name: string; readonly value: string } | undefined {
  const equals = piece.indexOf('=');
  const name = decode(equals < 0 ? piece : piece.slice(0, equals));
  const value = decode(equals < 0 ? '' : piece.slice(equals + 1));
  if (name === undefined || value === undefined) return undefined;
  // Finding all packages, some PSResourceGet send `$filter=%24filter=IsLatestVersion`.
  const [, innerName, innerValue] = nested.exec(value) ?? [];
  return { name: (innerName ?? name).trim().toLowerCase(), value: innerValue ?? value };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/**
 * The value of a parameter that is a text: `'it''s'` is `it's`. A text without quotation marks is taken as it is, as some clients
 * send it, and so is a quotation mark within the text that is not doubled.
 * @param name in any letter case, for refusals as it is given
 * @returns undefined when the query has no such parameter; `query-invalid` for a text without an end
 */
export function readTextParameter(query: Query, name: string): string | undefined | Refusal {
  const value = query.get(name.toLowerCase())?.trim();
  if (value === undefined || !value.startsWith("'")) return value;
  if (value.length < 2 || !value.endsWith("'")) {
    return refuse('query-invalid', `The text of ${name} in the query has no closing quotation mark.`);
  }
  return value.slice(1, -1).replaceAll("''", "'");
}

/**
 * The value of a parameter that is true or false, in any letter case, with or without quotation marks.
 * @returns undefined when the query has no such parameter, or an empty one
 */
export function readTruthParameter(query: Query, name: string): boolean | undefined | Refusal {
  const text = readTextParameter(query, name);
  if (text === undefined || isRefusal(text)) return text;
  const value = text.trim().toLowerCase();
  if (value === '') return undefined;
  if (value !== 'true' && value !== 'false') {
    return refuse('query-invalid', `${name} in the query must be true or false, not ${shown(text)}.`);
  }
  return value === 'true';
}
