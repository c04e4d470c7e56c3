/**
 * What a `$filter` of an OData query says, as a tree. It knows nothing of packages: fields are names that a caller has allowed.
 * Nothing of a filter ever becomes part of a statement; whoever evaluates it binds values and walks this tree.
 */

/** A value as the filter has it. Dates are UTC milliseconds. */
export type Literal =
  | { readonly kind: 'literal'; readonly type: 'string'; readonly value: string }
  | { readonly kind: 'literal'; readonly type: 'number'; readonly value: number }
  | { readonly kind: 'literal'; readonly type: 'boolean'; readonly value: boolean }
  | { readonly kind: 'literal'; readonly type: 'datetime'; readonly value: number }
  | { readonly kind: 'literal'; readonly type: 'null'; readonly value: null };

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** Functions of texts, which give a text, a number, or true or false. */
export type FunctionName =
  | 'substringof'
  | 'startswith'
  | 'endswith'
  | 'tolower'
  | 'toupper'
  | 'trim'
  | 'concat'
  | 'length'
  | 'indexof';

export type Filter =
  | Literal
  /** One of the caller's fields, in the caller's spelling. */
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly parameters: readonly Filter[] };

/** What kind of values a field has. Versions compare by version order, and texts without regard to letter case. */
export type FieldType = 'string' | 'number' | 'boolean' | 'datetime' | 'version';

/** The fields of a feed, by their names in the feed's spelling. */
export type Fields = ReadonlyMap<string, FieldType>;

export interface OrderBy {
  readonly field: string;
  readonly isDescending: boolean;
}
