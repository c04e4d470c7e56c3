/**
 * Reads the text of a `$filter` (OData 2.0, section 4.5 of the URI conventions) into a tree, or says what is wrong and where.
 * Every tree that comes out is well-typed: whoever evaluates it checks nothing again. Keywords, functions and fields are read in
 * any letter case; the tree has the feed's spelling.
 */
import { isRefusal, type Refusal, refuse } from '../std/refusals.ts';
import type { Comparison, Fields, Filter, FunctionName } from './filter-tree.ts';
import { shown } from './shown.ts';
import { readTokens, type Token } from './tokens.ts';
import { functions, isText, spellingsOf, typeNames, typeOf } from './types.ts';

/** Characters of a filter's text. An address is not longer either. */
export const filterLengthMax = 8_192;
/** Parentheses, calls and `not` within each other. The oldest way to search opens three parentheses for each word. */
export const filterDepthMax = 100;
/** Fields, literals, calls, comparisons, `and`, `or` and `not` together. */
export const filterNodesMax = 2_000;

/** What joins two operands, from what binds least to what binds most; `not` binds more than all of them. */
const levels: readonly (readonly string[])[] = [['or'], ['and'], ['eq', 'ne'], ['lt', 'gt', 'le', 'ge']];

/**
 * Reads a filter.
 * @param text percent-decoded
 * @param fields what the filter may name
 * @returns undefined for a text of blanks, which filters nothing; `query-invalid` for everything that is no filter
 */
export function readFilter(text: string, fields: Fields): Filter | undefined | Refusal {
  if (text.length > filterLengthMax) {
    return refuse('query-invalid', `The filter has more than ${filterLengthMax} characters.`);
  }
  const tokens = readTokens(text);
  if (isRefusal(tokens)) return tokens;
  return tokens.length === 1 ? undefined : new FilterReader(tokens, fields).read();
}

class FilterReader {
  readonly #tokens: readonly Token[];
  readonly #fields: Fields;
  readonly #spellings: ReadonlyMap<string, string>;
  #position = 0;
  #depth = 0;
  #nodes = 0;

  constructor(tokens: readonly Token[], fields: Fields) {
    this.#tokens = tokens;
    this.#fields = fields;
    this.#spellings = spellingsOf(fields.keys());
  }

  read(): Filter | Refusal {
    const filter = this.#level(0);
    if (isRefusal(filter)) return filter;
    if (this.#next.kind !== 'end') return unexpected(this.#next, 'and, or, or the end of the filter');
    if (!this.#isBoolean(filter)) {
      return refuse('query-invalid', `The filter says neither true nor false, but gives ${this.#typeName(filter)}.`);
    }
    return filter;
  }

  get #next(): Token {
    return this.#tokens[this.#position]!;
  }

  /** Operands and operators of a level, joined from left to right. */
  #level(level: number): Filter | Refusal {
    const operators = levels[level];
    if (operators === undefined) return this.#unary();
    let left = this.#level(level + 1);
    for (;;) {
      const token = this.#next;
      const operator = token.text.toLowerCase();
      if (isRefusal(left) || token.kind !== 'word' || !operators.includes(operator)) return left;
      this.#position += 1;
      const right = this.#level(level + 1);
      if (isRefusal(right)) return right;
      left =
        operator === 'and' || operator === 'or'
          ? this.#join(operator, left, right, token)
          : this.#compare(operator as Comparison, left, right, token);
    }
  }

  #unary(): Filter | Refusal {
    const token = this.#next;
    if (token.kind !== 'word' || token.text.toLowerCase() !== 'not') return this.#primary();
    this.#position += 1;
    const operand = this.#deeper(token, () => this.#unary());
    if (isRefusal(operand)) return operand;
    if (!this.#isBoolean(operand)) {
      return refuse(
        'query-invalid',
        `"not" at character ${token.at} turns around true or false, not ${this.#typeName(operand)}; a comparison needs parentheses.`,
      );
    }
    return this.#node({ kind: 'not', operand }, token);
  }

  #primary(): Filter | Refusal {
    const token = this.#next;
    if (token.kind === '(') {
      this.#position += 1;
      const inner = this.#deeper(token, () => this.#level(0));
      return isRefusal(inner) ? inner : (this.#expect(')', ') or an operator') ?? inner);
    }
    if (token.kind !== 'word' && token.kind !== 'literal') return unexpected(token, 'a field, a function or a value');
    this.#position += 1;
    if (token.literal) return this.#node(token.literal, token);
    if (this.#next.kind === '(') return this.#call(token);
    const name = this.#spellings.get(token.text.toLowerCase());
    if (name === undefined) {
      return refuse(
        'query-invalid',
        `The filter names ${shown(token.text)} at character ${token.at}, which is no field of this feed.`,
      );
    }
    return this.#node({ kind: 'field', name }, token);
  }

  #call(token: Token): Filter | Refusal {
    const name = token.text.toLowerCase() as FunctionName;
    const known = functions.get(name);
    if (known === undefined) {
      const all = [...functions.keys()].join(', ');
      return refuse(
        'query-invalid',
        `The function ${shown(token.text)} at character ${token.at} is not known here; these are: ${all}.`,
      );
    }
    this.#position += 1;
    const parameters: Filter[] = [];
    while (parameters.length < known.parameters) {
      const separator =
        parameters.length > 0 ? this.#expect(',', `a comma, as ${name} takes ${known.parameters} values`) : undefined;
      if (separator) return separator;
      const start = this.#next;
      const parameter = this.#deeper(token, () => this.#level(0));
      if (isRefusal(parameter)) return parameter;
      const type = typeOf(parameter, this.#fields);
      if (!isText(type) && type !== 'null') {
        return refuse('query-invalid', `${name} needs a text at character ${start.at}, not ${typeNames[type]}.`);
      }
      parameters.push(parameter);
    }
    return this.#expect(')', `) behind what ${name} takes`) ?? this.#node({ kind: 'call', name, parameters }, token);
  }

  #join(kind: 'and' | 'or', left: Filter, right: Filter, token: Token): Filter | Refusal {
    const wrong = [left, right].find((side) => !this.#isBoolean(side));
    if (wrong === undefined) return this.#node({ kind, left, right }, token);
    return refuse(
      'query-invalid',
      `"${kind}" at character ${token.at} joins true or false, not ${this.#typeName(wrong)}.`,
    );
  }

  #compare(operator: Comparison, left: Filter, right: Filter, token: Token): Filter | Refusal {
    const [one, other] = [typeOf(left, this.#fields), typeOf(right, this.#fields)];
    const place = `"${operator}" at character ${token.at}`;
    if (one !== 'null' && other !== 'null') {
      if (one !== other && !(isText(one) && isText(other))) {
        return refuse('query-invalid', `${place} compares ${typeNames[one]} with ${typeNames[other]}.`);
      }
      if (one === 'boolean' && operator !== 'eq' && operator !== 'ne') {
        return refuse('query-invalid', `${place} asks which of true and false is larger; they have no order.`);
      }
    }
    return this.#node({ kind: 'compare', operator, left, right }, token);
  }

  /** Counts what is within each other, so that no text makes the stack overflow. */
  #deeper(token: Token, read: () => Filter | Refusal): Filter | Refusal {
    if (this.#depth === filterDepthMax) {
      return refuse(
        'query-invalid',
        `The filter has more than ${filterDepthMax} parentheses within each other at character ${token.at}.`,
      );
    }
    this.#depth += 1;
    const filter = read();
    this.#depth -= 1;
    return filter;
  }

  #node(filter: Filter, token: Token): Filter | Refusal {
    this.#nodes += 1;
    if (this.#nodes <= filterNodesMax) return filter;
    return refuse(
      'query-invalid',
      `The filter has more than ${filterNodesMax} parts; the one at character ${token.at} is too many.`,
    );
  }

  /** Passes over a sign. */
  #expect(kind: Token['kind'], wanted: string): Refusal | undefined {
    if (this.#next.kind !== kind) return unexpected(this.#next, wanted);
    this.#position += 1;
    return undefined;
  }

  #isBoolean(filter: Filter): boolean {
    return typeOf(filter, this.#fields) === 'boolean';
  }

  #typeName(filter: Filter): string {
    return typeNames[typeOf(filter, this.#fields)];
  }
}

function unexpected(token: Token, wanted: string): Refusal {
  const what = token.kind === 'end' ? 'The filter ends' : `The filter has ${shown(token.text)}`;
  return refuse('query-invalid', `${what} at character ${token.at}, where ${wanted} should be.`);
}
