/**
 * The four kinds of text that PowerShell has: in single and double quotation marks, and over several lines between `@'` and `'@` or
 * `@"` and `"@`. Typographic marks count as plain ones, as for PowerShell. Nothing is expanded: a text that would be is a mistake.
 */
import { DataMistakeError, piece } from './data-mistake.ts';

export interface QuotedText {
  readonly value: string;
  /** Behind the closing mark. */
  readonly end: number;
}

/** As CharTraits.cs of PowerShell has them. */
const single = "'\u2018\u2019\u201a\u201b";
const double = '"\u201c\u201d\u201e';
export const singleMark = new RegExp(`[${single}]`);
export const doubleMark = new RegExp(`[${double}]`);

const singleRun = new RegExp(`[^${single}]*`, 'y');
const doubleRun = new RegExp(`[^${double}\`$]*`, 'y');
const expandableRun = /[^`$]*/y;
const singleHereEnd = new RegExp(`(?:\\r\\n|\\n|\\r)[${single}]@`, 'g');
const doubleHereEnd = new RegExp(`(?:\\r\\n|\\n|\\r)[${double}]@`, 'g');
const hereStart = /@.[ \t\f\v\u00a0]*(?=\r|\n)/y;
/** What a dollar sign must be followed by to begin a variable or an expression; elsewhere it is itself. */
const expansion = /\$(?:[\p{L}\p{Nd}_$?^:]+|[({])/uy;

const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** @param at of the opening mark */
export function readSingleQuoted(text: string, at: number): QuotedText {
  let value = '';
  for (let next = at + 1; ; ) {
    singleRun.lastIndex = next;
    value += singleRun.exec(text)![0];
    next = singleRun.lastIndex;
    if (next >= text.length) throw new DataMistakeError(at, 'the text that begins here does not end');
    if (!singleMark.test(text[next + 1] ?? '')) return { value, end: next + 1 };
    value += text[next]!;
    next += 2;
  }
}

/** @param at of the opening mark */
export function readDoubleQuoted(text: string, at: number): QuotedText {
  let value = '';
  for (let next = at + 1; ; ) {
    doubleRun.lastIndex = next;
    value += doubleRun.exec(text)![0];
    next = doubleRun.lastIndex;
    if (next >= text.length) throw new DataMistakeError(at, 'the text that begins here does not end');
    if (!doubleMark.test(text[next]!)) {
      const special = readSpecial(text, next);
      value += special.value;
      next = special.end;
    } else if (doubleMark.test(text[next + 1] ?? '')) {
      value += text[next]!;
      next += 2;
    } else return { value, end: next + 1 };
  }
}

/** @param at of the `@` */
export function readHereText(text: string, at: number): QuotedText {
  hereStart.lastIndex = at;
  if (hereStart.exec(text) === null) throw new DataMistakeError(at, 'a text of several lines must begin on a new line');
  const newline = hereStart.lastIndex;
  const isSingle = singleMark.test(text[at + 1]!);
  const end = isSingle ? singleHereEnd : doubleHereEnd;
  end.lastIndex = newline;
  const found = end.exec(text);
  if (found === null) throw new DataMistakeError(at, 'the text that begins here does not end');
  const start = Math.min(newline + (text.startsWith('\r\n', newline) ? 2 : 1), found.index);
  const value = isSingle ? text.slice(start, found.index) : expandable(text.slice(0, found.index), start);
  return { value, end: end.lastIndex };
}

function expandable(text: string, start: number): string {
  let value = '';
  for (let next = start; next < text.length; ) {
    expandableRun.lastIndex = next;
    value += expandableRun.exec(text)![0];
    next = expandableRun.lastIndex;
    if (next >= text.length) break;
    const special = readSpecial(text, next);
    value += special.value;
    next = special.end;
  }
  return value;
}

/** A backtick with what it escapes, or a dollar sign that is only that. */
function readSpecial(text: string, at: number): QuotedText {
  if (text[at] === '$') {
    expansion.lastIndex = at;
    const found = expansion.exec(text)?.[0];
    if (found === undefined) return { value: '$', end: at + 1 };
    throw new DataMistakeError(at, `a text in double quotation marks would have to be expanded (${piece(found)})`);
  }
  const escaped = text[at + 1] ?? '';
  if (escaped === 'u' && text[at + 2] === '{') return readCodePoint(text, at);
  // Nothing is left to escape at the end of the text.
  return { value: escapes[escaped] ?? escaped, end: Math.min(at + 2, text.length) };
}

function readCodePoint(text: string, at: number): QuotedText {
  const digits = /^u\{([0-9A-Fa-f]{1,6})\}/.exec(text.slice(at + 1, at + 10));
  const code = digits === null ? Number.NaN : Number.parseInt(digits[1]!, 16);
  if (!(code <= 0x10ffff)) throw new DataMistakeError(at, 'an escaped character is none of Unicode');
  return { value: String.fromCodePoint(code), end: at + 1 + digits![0].length };
}
