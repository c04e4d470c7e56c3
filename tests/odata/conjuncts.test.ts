import assert from 'node:assert/strict';
import test from 'node:test';
import { conjunctsOf, textEqualTo } from '../../src/odata/conjuncts.ts';
import type { Filter } from '../../src/odata/filter-tree.ts';
import { readFilter } from '../../src/odata/read-filter.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { fields, print } from './filters.ts';

function read(text: string): Filter {
  const filter = readFilter(text, fields);
  assert.ok(filter && !isRefusal(filter), text);
  return filter;
}

test('a filter falls into what the outermost and joins, from left to right', () => {
  const parts = (text: string) => conjunctsOf(read(text)).map(print);
  assert.deepEqual(parts('IsLatest and (IsListed and (Size eq 1 or IsLatest)) and not (IsListed and IsLatest)'), [
    'IsLatest',
    'IsListed',
    '((Size eq 1) or IsLatest)',
    'not ((IsListed and IsLatest))',
  ]);
  assert.deepEqual(parts('IsLatest or IsListed'), ['(IsLatest or IsListed)']);
  assert.deepEqual(parts('IsLatest'), ['IsLatest']);
});

test('the text that a field must equal is found wherever it is demanded, and only there', () => {
  for (const [text, found] of [
    ["Id eq 'X'", 'X'],
    ["'X' eq Id", 'X'],
    ["tolower(Id) eq 'x'", 'x'],
    ["'x' eq tolower(tolower(Id)) and IsLatest", 'x'],
    ["IsLatest and (IsListed and Id eq 'X')", 'X'],
    ["Id eq 'X' and Id eq 'Y'", 'X'],
    ["Id ne null and Id eq 'X'", 'X'],
    ["Id eq ''", ''],
    ["Id eq 'X' or IsLatest", undefined],
    ["not (Id eq 'X')", undefined],
    ["Id ne 'X'", undefined],
    ["Id ge 'X'", undefined],
    ['Id eq null', undefined],
    ['Id eq Tags', undefined],
    ["Tags eq 'X'", undefined],
    ["toupper(Id) eq 'X'", undefined],
    ["trim(Id) eq 'X'", undefined],
    ["concat(Id,'a') eq 'X'", undefined],
    ["(Id eq 'X') eq false", undefined],
    ["startswith(Id,'X')", undefined],
  ] as const) {
    assert.equal(textEqualTo(read(text), 'Id'), found, text);
  }
});
