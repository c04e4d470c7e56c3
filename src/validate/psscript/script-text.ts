/**
 * Walks once over the text of a script, without understanding it: tells comments from strings from code, and which functions and
 * workflows the code defines. Nothing in a script is wrong here; what does not end goes on to the end.
 */
import { doubleMark, singleMark } from '../powershell/quoted-text.ts';

export interface ScriptComment {
  /** With its marks: `# ...` or `<# ... #>`. */
  readonly text: string;
  readonly at: number;
}

export interface ScriptParts {
  readonly comments: readonly ScriptComment[];
  readonly functions: readonly string[];
  readonly workflows: readonly string[];
  /** What the walk cost; at most one for each character, and one. */
  readonly steps: number;
}

/** Functions and workflows of one script that are told; what comes after has no tags. */
export const definitionsMax = 5_000;
/** Expressions in strings in expressions. */
const depthMax = 64;

/** Plain code: nothing in it begins or ends anything. */
const plain = /[^\s#<'"\u2018-\u201f@`$(){};|&A-Za-z_]+/y;
const blanks = /[^\S\r\n]+/y;
const newlines = /[\r\n]+/y;
const word = /[A-Za-z_][\w-]*/y;
/** A name behind the keyword; parameters, body or a comment follow. */
const defined = /[ \t]+([\p{L}_][\p{L}\p{Nd}_:.-]{0,199})(?=[\s({#]|$)/uy;
const lineRest = /[^\r\n]*/y;
const variable = /\$(?:\{[^}\r\n]{0,100}\}|[\w:?^$]+)?/y;
const hereStart = /@(['"\u2018-\u201e])[^\S\r\n]*(?:\r\n|\n|\r)/y;
const hereEnds = {
  single: /(?:\r\n|\n|\r)['\u2018-\u201b]@/g,
  double: /(?:\r\n|\n|\r)["\u201c-\u201e]@/y,
};

/** Where the walk is: in code, with the open parentheses of an expression within a string, or in a string that may have such. */
type Level = { readonly kind: 'code'; open: number } | { readonly kind: 'text' | 'here' };

/** @param text of a script */
export function readScriptText(text: string): ScriptParts {
  const walk = new ScriptWalk(text);
  while (walk.step());
  return walk;
}

class ScriptWalk implements ScriptParts {
  readonly comments: ScriptComment[] = [];
  readonly functions: string[] = [];
  readonly workflows: string[] = [];
  steps = 0;
  readonly #text: string;
  readonly #levels: Level[] = [{ kind: 'code', open: 0 }];
  #at = 0;
  /** Whether a command may begin here. */
  #isStart = true;

  constructor(text: string) {
    this.#text = text;
  }

  step(): boolean {
    if (this.#at >= this.#text.length) return false;
    this.steps += 1;
    const level = this.#levels.at(-1)!;
    if (level.kind === 'code') this.#code(level);
    else this.#inText(level.kind);
    return true;
  }

  #code(level: { open: number }): void {
    const character = this.#text[this.#at]!;
    if (this.#take(blanks) || this.#comment(character) || this.#quoted(character)) return;
    if (this.#take(newlines)) {
      this.#isStart = true;
      return;
    }
    if (/[A-Za-z_]/.test(character)) {
      this.#word();
      return;
    }
    if (this.#take(plain)) {
      this.#isStart = false;
      return;
    }
    if (character === '`') this.#at += 1;
    else if (character === '$' && this.#text[this.#at + 1] !== '(') {
      this.#take(variable);
      this.#isStart = false;
      return;
    } else if (character === '(') level.open += 1;
    else if (character === ')') {
      level.open -= 1;
      if (level.open < 0 && this.#levels.length > 1) this.#levels.pop();
    }
    this.#at += 1;
    this.#isStart = /[{}();|&]/.test(character);
  }

  #comment(character: string): boolean {
    const at = this.#at;
    if (character === '<' && this.#text[at + 1] === '#') {
      const end = this.#text.indexOf('#>', at + 2);
      this.#at = end < 0 ? this.#text.length : end + 2;
    } else if (character === '#' && !/[\w-]/.test(this.#text[at - 1] ?? '')) this.#take(lineRest);
    else return false;
    this.comments.push({ text: this.#text.slice(at, this.#at), at });
    return true;
  }

  #quoted(character: string): boolean {
    const here = character === '@' ? this.#matched(hereStart) : null;
    if (here === null && !singleMark.test(character) && !doubleMark.test(character)) return false;
    this.#isStart = false;
    if (here !== null) {
      // The end may stand on the very next line, so the line break counts for both.
      this.#at += here[0].length - (here[0].endsWith('\r\n') ? 2 : 1);
      if (singleMark.test(here[1]!)) this.#skipTo(hereEnds.single);
      else this.#levels.push({ kind: 'here' });
    } else {
      this.#at += 1;
      if (singleMark.test(character)) this.#skipTo(/['\u2018-\u201b]/g);
      else this.#levels.push({ kind: 'text' });
    }
    return true;
  }

  /** In a string that may hold expressions: to its end, or into the next of them. */
  #inText(kind: 'text' | 'here'): void {
    const special = kind === 'text' ? /["\u201c-\u201e`$]/g : /[\r\n`$]/g;
    special.lastIndex = this.#at;
    const at = special.exec(this.#text)?.index ?? this.#text.length;
    this.#at = at;
    const character = this.#text[at];
    if (kind === 'here' && this.#take(hereEnds.double)) this.#levels.pop();
    else if (character === '$' && this.#text[at + 1] === '(' && this.#levels.length < depthMax) {
      this.#levels.push({ kind: 'code', open: 0 });
      this.#at += 2;
      this.#isStart = true;
    } else {
      if (kind === 'text' && character !== undefined && doubleMark.test(character)) this.#levels.pop();
      this.#at += character === '`' ? 2 : 1;
    }
  }

  #word(): void {
    const isStart = this.#isStart;
    const name = this.#matched(word)![0];
    this.#at += name.length;
    this.#isStart = false;
    const list = isStart ? this.#listOf(name.toLowerCase()) : undefined;
    const found = list && this.#matched(defined);
    if (list === undefined || !found || list.length >= definitionsMax) return;
    list.push(found[1]!);
    this.#at += found[0].length;
  }

  #listOf(keyword: string): string[] | undefined {
    if (keyword === 'function' || keyword === 'filter') return this.functions;
    return keyword === 'workflow' ? this.workflows : undefined;
  }

  #skipTo(end: RegExp): void {
    end.lastIndex = this.#at;
    this.#at = end.exec(this.#text) === null ? this.#text.length : end.lastIndex;
  }

  #matched(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }

  #take(pattern: RegExp): boolean {
    const length = this.#matched(pattern)?.[0].length ?? 0;
    this.#at += length;
    return length > 0;
  }
}
