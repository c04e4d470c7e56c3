/**
 * The words of a `$filter` or `$orderby`, each with its place. Literals are read here, so that a quotation mark, a comma or a
 * parenthesis within a text is text. One pass, each character looked at once.
 */
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import type { Literal } from './filter-tree.ts';
import { shown } from './shown.ts';

export interface Token {
  /** A name or keyword; a literal; `(`, `)`, `,`; or the end of the text. */
  readonly kind: 'word' | 'literal' | '(' | ')' | ',' | 'end';
  /** As it was sent. */
  readonly text: string;
  /** Number of its first character in the text, counted from 1. */
  readonly at: number;
  readonly literal?: Literal;
}

const blanks = /\s*/y;
const word = /[A-Za-z_$][\w./$]*/y;
const quoted = /'[^']*(?:''[^']*)*'/y;
const number = /(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)[LlMmDdFf]?(?![\w.'])/y;
// OData 2: minutes at least, up to seven digits of a second; later clients add a Z or an offset, some a date only.
const dateShape = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?)?(Z|[+-]\d{2}:\d{2})?$/i;

/**
 * Splits a text into words.
 * @param text percent-decoded
 * @returns the words and the end, or a refusal that names the place of what is no word
 */
export function readTokens(text: string): readonly Token[] | Refusal {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    take(blanks);
    const start = at;
    if (start === text.length) break;
    const literal = text[start] === "'" ? readText(take(quoted)?.[0], start) : readNumber(take(number)?.[1], start);
    if (isRefusal(literal)) return literal;
    const name = literal ? undefined : take(word)?.[0];
    if (literal) {
      tokens.push({ kind: 'literal', text: text.slice(start, at), at: start + 1, literal });
    } else if (name !== undefined && text[at] === "'") {
      const date = readDate(name, take(quoted)?.[0], start);
      if (isRefusal(date)) return date;
      tokens.push({ kind: 'literal', text: text.slice(start, at), at: start + 1, literal: date });
    } else if (name !== undefined) {
      tokens.push(wordToken(name, start));
    } else {
      const sign = text[start]!;
      if (sign !== '(' && sign !== ')' && sign !== ',') {
        return refuse(
          'query-invalid',
          `Character ${start + 1} of the query, ${shown(sign)}, begins nothing that can be read.`,
        );
      }
      tokens.push({ kind: sign, text: sign, at: start + 1 });
      at += 1;
    }
  }
  tokens.push({ kind: 'end', text: '', at: text.length + 1 });
  return tokens;
}

/** `true`, `false` and `null` are literals, in any letter case. */
function wordToken(text: string, start: number): Token {
  const at = start + 1;
  switch (text.toLowerCase()) {
    case 'true':
      return { kind: 'literal', text, at, literal: { kind: 'literal', type: 'boolean', value: true } };
    case 'false':
      return { kind: 'literal', text, at, literal: { kind: 'literal', type: 'boolean', value: false } };
    case 'null':
      return { kind: 'literal', text, at, literal: { kind: 'literal', type: 'null', value: null } };
    default:
      return { kind: 'word', text, at };
  }
}

function readText(text: string | undefined, start: number): Literal | Refusal {
  if (text === undefined)
    return refuse('query-invalid', `The text that begins at character ${start + 1} has no closing quotation mark.`);
  return { kind: 'literal', type: 'string', value: text.slice(1, -1).replaceAll("''", "'") };
}

function readNumber(text: string | undefined, start: number): Literal | Refusal | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) {
    return refuse('query-invalid', `The number ${shown(text)} at character ${start + 1} is too large.`);
  }
  return { kind: 'literal', type: 'number', value };
}

/** `datetime'…'` and `datetimeoffset'…'`; a date without an offset is UTC. What is finer than a millisecond is cut off. */
function readDate(prefix: string, text: string | undefined, start: number): Literal | Refusal {
  const place = `at character ${start + 1}`;
  if (!/^datetime(?:offset)?$/i.test(prefix)) {
    return refuse('query-invalid', `${shown(prefix)} ${place} is no kind of literal that is known here; datetime is.`);
  }
  const [, day, minutes = '00:00', seconds = '00', fraction = '', offset = 'Z'] =
    dateShape.exec(text?.slice(1, -1) ?? '') ?? [];
  const local = `${day}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const value = Date.parse(local);
  // Date.parse goes on to the next month when a day is not in its own.
  if (day === undefined || Number.isNaN(value) || new Date(value).toISOString() !== local) {
    return refuse(
      'query-invalid',
      `The date ${shown(text ?? '')} ${place} is none, such as datetime'2026-01-31T12:30:00' is.`,
    );
  }
  const [, sign, hours = '0', offsetMinutes = '0'] = /^([+-])(\d{2}):(\d{2})$/.exec(offset) ?? [];
  const offsetMs = (Number(hours) * 60 + Number(offsetMinutes)) * 60_000;
  return { kind: 'literal', type: 'datetime', value: sign === '-' ? value + offsetMs : value - offsetMs };
}
