/** What a filter demands in any case, so that a query about one package need not look at all of them. */
import { operandsOf } from './evaluate.ts';
import type { Filter } from './filter-tree.ts';

/** The parts that must all be true: what the outermost `and`s join, or the filter itself. */
export function conjunctsOf(filter: Filter): readonly Filter[] {
  return operandsOf(filter, 'and');
}

/**
 * The text that a field must equal for the filter to be true, letter case aside: of `Id eq 'x'`, `'x' eq tolower(Id)` and the like.
 * @param field in the feed's spelling
 * @returns undefined when the filter demands no such thing; the first text when it demands several
 */
export function textEqualTo(filter: Filter, field: string): string | undefined {
  for (const conjunct of conjunctsOf(filter)) {
    if (conjunct.kind !== 'compare' || conjunct.operator !== 'eq') continue;
    const { left, right } = conjunct;
    const text = isField(left, field) ? right : isField(right, field) ? left : undefined;
    if (text?.kind === 'literal' && text.type === 'string') return text.value;
  }
  return undefined;
}

/** `tolower(Id) eq 'X'` is no other demand than `Id eq 'X'`, as letter case does not count. */
function isField(filter: Filter, field: string): boolean {
  if (filter.kind === 'call' && filter.name === 'tolower') return isField(filter.parameters[0]!, field);
  return filter.kind === 'field' && filter.name === field;
}
