/**
 * Cuts PowerShell data into tokens, one at a time, from left to right: no character is looked at twice but the one that a token ends
 * before. White space, comments and continued lines stand between tokens.
 */
import { DataMistakeError, piece } from './data-mistake.ts';
import { doubleMark, readDoubleQuoted, readHereText, readSingleQuoted, singleMark } from './quoted-text.ts';

export type Token =
  | { readonly kind: 'text'; readonly at: number; readonly value: string }
  | { readonly kind: 'number'; readonly at: number; readonly value: number }
  /** `[version]`: the name of the type in lower case, without `System.`. */
  | { readonly kind: 'cast'; readonly at: number; readonly value: string }
  | { readonly kind: 'word'; readonly at: number; readonly value: string }
  | { readonly kind: 'constant'; readonly at: number; readonly value: boolean | null }
  | { readonly kind: 'newline' | 'end'; readonly at: number; readonly value: '' }
  | { readonly kind: 'mark'; readonly at: number; readonly value: string };

/** PowerShell's white space, lines that a backtick continues, and comments. */
const gaps = [/[ \t\v\f\u0085\p{Z}]+/uy, /`(?:\r\n|\n|\r)/y, /#[^\r\n]*/y];
const newlines = /[\r\n]+/y;
const mark = /@\(|@\{|[(){},;=+]/y;
const dash = /[-\u2013\u2014\u2015]/;
const number = /(?:0x([0-9a-f]+)|0b([01]+)|((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))(?:u?[lsy]|u|n|d)?(kb|mb|gb|tb|pb)?/iy;
const numberGoesOn = /[\p{L}\p{Nd}_.]/u;
const cast = /\[[ \t]*([A-Za-z][\w.]{0,100}(?:\[[ \t]*\])?)[ \t]*\]/y;
const word = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const wordWithDashes = /[^\s,;(){}'"]{0,100}/y;
const variable = /\$[\p{L}\p{Nd}_:?^$]*/uy;
const constants: Readonly<Record<string, boolean | null>> = { $true: true, $false: false, $null: null };
const multipliers: Readonly<Record<string, number>> = {
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
  tb: 2 ** 40,
  pb: 2 ** 50,
};

export class DataTokens {
  readonly text: string;
  /** How many were cut, which is the work done. */
  count = 0;
  #at: number;
  #next: Token | undefined;

  constructor(text: string, at = 0) {
    this.text = text;
    this.#at = at;
  }

  peek(): Token {
    this.#next ??= this.#cut();
    return this.#next;
  }

  take(): Token {
    const token = this.peek();
    this.#next = undefined;
    return token;
  }

  /** Takes the next token if it is this mark. */
  takeMark(value: string): boolean {
    const token = this.peek();
    if (token.kind !== 'mark' || token.value !== value) return false;
    this.take();
    return true;
  }

  skipNewlines(): void {
    while (this.peek().kind === 'newline') this.take();
  }

  /** New lines and semicolons. @returns whether there was one */
  skipSeparators(): boolean {
    let isFound = false;
    while (this.peek().kind === 'newline' || this.takeMark(';')) {
      isFound = true;
      this.skipNewlines();
    }
    return isFound;
  }

  /** Where the next token begins, or would. */
  get at(): number {
    return this.#next?.at ?? this.#at;
  }

  #cut(): Token {
    this.count += 1;
    this.#skipGaps();
    const at = this.#at;
    const first = this.text[at];
    if (first === undefined) return { kind: 'end', at, value: '' };
    if (this.#matched(newlines) !== undefined) return { kind: 'newline', at, value: '' };
    const quoted = this.#quoted(first, at);
    if (quoted !== undefined) return quoted;
    const found = this.#matched(mark);
    if (found !== undefined) return { kind: 'mark', at, value: found };
    if (/\d/.test(first) || (first === '.' && /\d/.test(this.text[at + 1] ?? ''))) return this.#number(at);
    if (dash.test(first)) {
      this.#at += 1;
      return { kind: 'mark', at, value: '-' };
    }
    if (first === '[') return this.#cast(at);
    if (first === '$') return this.#constant(at);
    const name = this.#matched(word);
    if (name !== undefined) return { kind: 'word', at, value: name };
    throw new DataMistakeError(at, `the character ${piece(first)} begins nothing that is data`);
  }

  #skipGaps(): void {
    for (let before = -1; before !== this.#at; ) {
      before = this.#at;
      for (const gap of gaps) this.#matched(gap);
      if (this.text.startsWith('<#', this.#at)) {
        const end = this.text.indexOf('#>', this.#at + 2);
        if (end < 0) throw new DataMistakeError(this.#at, 'the comment that begins here does not end');
        this.#at = end + 2;
      }
    }
  }

  #quoted(first: string, at: number): Token | undefined {
    const second = this.text[at + 1] ?? '';
    const isHere = first === '@' && (singleMark.test(second) || doubleMark.test(second));
    if (!isHere && !singleMark.test(first) && !doubleMark.test(first)) return undefined;
    const read = isHere ? readHereText : singleMark.test(first) ? readSingleQuoted : readDoubleQuoted;
    const { value, end } = read(this.text, at);
    this.#at = end;
    return { kind: 'text', at, value };
  }

  #number(at: number): Token {
    number.lastIndex = at;
    const [whole = '', hex, binary, decimal, multiplier] = number.exec(this.text) ?? [];
    this.#at = at + whole.length;
    const plain = hex ? Number(`0x${hex}`) : binary ? Number(`0b${binary}`) : Number(decimal);
    const value = plain * (multipliers[multiplier?.toLowerCase() ?? ''] ?? 1);
    if (!Number.isFinite(value) || numberGoesOn.test(this.text[this.#at] ?? '')) {
      throw new DataMistakeError(at, 'what begins here is no number; put it between quotation marks');
    }
    return { kind: 'number', at, value };
  }

  #cast(at: number): Token {
    cast.lastIndex = at;
    const name = cast.exec(this.text)?.[1];
    if (name === undefined) throw new DataMistakeError(at, 'a bracket begins nothing that is data');
    this.#at = cast.lastIndex;
    return {
      kind: 'cast',
      at,
      value: name
        .replace(/[ \t]/g, '')
        .toLowerCase()
        .replace(/^system\./, ''),
    };
  }

  #constant(at: number): Token {
    const name = this.#matched(variable) ?? '$';
    const value = constants[name.toLowerCase()];
    if (value !== undefined) return { kind: 'constant', at, value };
    if (name === '$' && this.text[this.#at] === '(')
      throw new DataMistakeError(at, 'an expression, $(...), is no data');
    throw new DataMistakeError(at, `the variable ${piece(name)} is no data; only $true, $false and $null are`);
  }

  #matched(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

/** What a token is called in a sentence. A word is told with what hangs on it, such as `Get-Date`. */
export function called(token: Token, text: string): string {
  if (token.kind === 'end') return 'the end of the file';
  if (token.kind === 'newline') return 'the end of the line';
  if (token.kind === 'text') return 'a text';
  if (token.kind === 'number') return 'a number';
  if (token.kind === 'cast') return `[${piece(token.value)}]`;
  if (token.kind !== 'word') return `${piece(String(token.value))}`;
  wordWithDashes.lastIndex = token.at;
  return `the word ${piece(wordWithDashes.exec(text)?.[0] ?? token.value)}`;
}
