import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Filter } from '../../src/odata/filter-tree.ts';
import { filterDepthMax, filterLengthMax, filterNodesMax, readFilter } from '../../src/odata/read-filter.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { clientRequests } from './client-requests.ts';
import { fields, filters, print } from './filters.ts';
import { fields as feedFields } from './packages.ts';

function read(text: string): Filter {
  const filter = readFilter(text, fields);
  if (isRefusal(filter)) assert.fail(filter.message);
  assert.ok(filter, text);
  return filter;
}

/** The sentence of the refusal. */
function refusal(text: string): string {
  const filter = readFilter(text, fields);
  assert.ok(isRefusal(filter), `${text.slice(0, 100)} was not refused`);
  assert.equal(filter.code, 'query-invalid');
  return filter.message;
}

test('operators bind as OData says', () => {
  for (const [text, meant] of [
    ['IsLatest or IsListed and IsLatest', 'IsLatest or (IsListed and IsLatest)'],
    ['IsLatest and IsListed or IsLatest', '(IsLatest and IsListed) or IsLatest'],
    ['not IsLatest and IsListed', '(not (IsLatest)) and IsListed'],
    ['not IsLatest eq true', '(not (IsLatest)) eq true'],
    ['not not IsLatest', 'not (not (IsLatest))'],
    ['not(IsLatest)', 'not IsLatest'],
    ['1 gt 0 eq true', '(1 gt 0) eq true'],
    ['true eq 1 gt 0', 'true eq (1 gt 0)'],
    ["Id eq 'a' and Id ne 'b'", "(Id eq 'a') and (Id ne 'b')"],
    ['IsLatest eq true eq false', '(IsLatest eq true) eq false'],
    ['IsLatest and IsListed and IsLatest', '(IsLatest and IsListed) and IsLatest'],
  ] as const) {
    assert.deepEqual(read(text), read(meant), text);
  }
});

test('keywords, functions, literals and fields are read in any letter case, and get the usual one', () => {
  assert.deepEqual(
    read("SubstringOf('x', ToLower(ID)) EQ True And NOT islatest"),
    read("substringof('x',tolower(Id)) eq true and not IsLatest"),
  );
  assert.equal(print(read('isLATEST')), 'IsLatest');
});

test('literals are read', () => {
  const value = (text: string) => {
    const filter = read(`${text} eq null`);
    assert.ok(filter.kind === 'compare' && filter.left.kind === 'literal');
    return filter.left.value;
  };
  for (const [text, meant] of [
    ["''", ''],
    ["''''", "'"],
    ["'it''s (and, so)'", "it's (and, so)"],
    ['5', 5],
    ['-5', -5],
    ['9223372036854775807L', 2 ** 63],
    ['1.5', 1.5],
    ['1.5M', 1.5],
    ['1.5e3d', 1500],
    ['true', true],
    ['NULL', null],
    ["datetime'2026-01-31T12:30:15.1234567Z'", Date.UTC(2026, 0, 31, 12, 30, 15, 123)],
    ["datetime'2026-01-31T12:30:15.5'", Date.UTC(2026, 0, 31, 12, 30, 15, 500)],
    ["datetime'2026-01-31T12:30:15'", Date.UTC(2026, 0, 31, 12, 30, 15)],
    ["datetime'2026-01-31T12:30'", Date.UTC(2026, 0, 31, 12, 30)],
    ["DateTime'2026-01-31'", Date.UTC(2026, 0, 31)],
    ["datetimeoffset'2026-01-31T12:30:00+02:00'", Date.UTC(2026, 0, 31, 10, 30)],
    ["datetimeoffset'2026-01-31T12:30:00-00:30'", Date.UTC(2026, 0, 31, 13)],
    ["datetime'0001-01-01T00:00:00'", -62_135_596_800_000],
  ] as const) {
    assert.equal(value(text), meant, text);
  }
});

test('a text of blanks is no filter and filters nothing', () => {
  assert.equal(readFilter('', fields), undefined);
  assert.equal(readFilter(' \t', fields), undefined);
});

test('what is no filter is refused in a sentence that names the thing and the place', () => {
  for (const [text, sentence] of [
    ['contains(Id,1)', /^The function "contains" at character 1 is not known here; these are: substringof, /],
    ["Name eq 'x'", /^The filter names "Name" at character 1, /],
    ["IsLatest and Package/Id eq 'x'", /^The filter names "Package\/Id" at character 14, /],
    ["IsLatest gt 'x'", /^"gt" at character 10 compares true or false with a text\.$/],
    ['IsLatest gt false', /^"gt" at character 10 asks which of true and false is larger/],
    ['Downloads eq Created', /compares a number with a date/],
    ["Created gt '2026-01-01'", /compares a date with a text/],
    ['Version eq 1', /compares a version with a number/],
    ['substringof(1,Tags)', /^substringof needs a text at character 13, not a number\.$/],
    ['substringof(Tags, IsLatest)', /^substringof needs a text at character 19, not true or false\.$/],
    ["substringof('a')", /"\)" at character 16, where a comma, as substringof takes 2 values should be/],
    ["tolower(Id,Tags) eq 'a'", /"," at character 11, where \) behind what tolower takes should be/],
    ['substringof()', /"\)" at character 13/],
    ["substringof('a',Tags", /^The filter ends at character 21/],
    ["Id eq 'x' Id", /"Id" at character 11, where and, or, or the end of the filter should be/],
    ["(Id eq 'x'", /^The filter ends at character 11, where \) or an operator should be/],
    ["Id eq 'x')", /"\)" at character 10/],
    ["Id eq 'x", /^The text that begins at character 7 has no closing quotation mark\.$/],
    ["Id eq x'", /"x" at character 7 is no kind of literal/],
    ["Id eq guid'1'", /"guid" at character 7 is no kind of literal/],
    ["Created gt datetime'2026-02-30'", /^The date .* at character 12 is none/],
    ["Created gt datetime'2026-01-01T24:00:00'", /^The date /],
    ["Created gt datetime'yesterday", /^The date /],
    ['Downloads gt 1e999', /^The number "1e999" at character 14 is too large/],
    ['Downloads gt 5x', /Character 14 of the query, "5"/],
    ['IsLatest && IsListed', /Character 10 of the query, "&"/],
    ['Id', /^The filter says neither true nor false, but gives a text\.$/],
    ['null', /gives null/],
    ["not Id eq 'x'", /^"not" at character 1 turns around true or false, not a text/],
    ['Id and IsLatest', /^"and" at character 4 joins true or false, not a text\.$/],
    ['IsLatest or 1', /^"or" at character 10 joins true or false, not a number\.$/],
    ['null and IsLatest', /not null/],
    ['and', /^The filter names "and" at character 1/],
    ['IsLatest eq', /^The filter ends at character 12/],
    ['not', /^The filter ends at character 4/],
    ['()', /"\)" at character 2/],
    ['IsLatest eq \u0000', /Character 13/],
  ] as const) {
    assert.match(refusal(text), sentence, text);
    assert.match(refusal(text), /^[^\n]{1,300}[.]$/, text);
  }
});

test('a filter that is too long, too deep or too large is refused, and the largest one is read', () => {
  const nested = (open: string, times: number, close: string) => open.repeat(times) + 'IsLatest' + close.repeat(times);
  read(nested('(', filterDepthMax, ')'));
  read(nested('not ', filterDepthMax, ''));
  read(`(IsLatest)${' or (IsLatest)'.repeat(2 * filterDepthMax)}`);
  assert.match(refusal(nested('(', filterDepthMax + 1, ')')), new RegExp(`more than ${filterDepthMax} parentheses`));
  assert.match(refusal(nested('not ', filterDepthMax + 1, '')), /parentheses/);
  assert.match(refusal(`${'tolower('.repeat(filterDepthMax + 1)}Id`), /parentheses/);
  for (const sign of ['(', ')', 'not ', 'tolower(', "''", ',', '-']) {
    refusal(sign.repeat(Math.floor(filterLengthMax / sign.length)));
    assert.match(refusal(sign.repeat(10_000)), /^The filter has more than \d+ characters\.$/);
  }
  // Truths and what joins them: one part less than twice as many as truths.
  const chain = (truths: number) => `true${' or true'.repeat(truths - 1)}`;
  assert.match(
    refusal(chain(filterNodesMax / 2 + 1)),
    /^The filter has more than 2000 parts; the one at character \d+ is too many\.$/,
  );
  const filter = read(chain(filterNodesMax / 2));
  assert.deepEqual(structuredClone(filter), filter, 'it can be handed to a thread');
  assert.deepEqual(JSON.parse(JSON.stringify(filter)), filter);
  assert.equal(read(`IsLatest${' '.repeat(filterLengthMax - 8)}`).kind, 'field');
});

test('every tree that is printed is read back as it was', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      assert.deepEqual(read(print(filter)), filter);
    }),
    { numRuns: 2_000 },
  );
});

test('any change to a filter gives a filter or a refusal', () => {
  const seeds = clientRequests.flatMap(({ query }) => new URLSearchParams(query).get('$filter') ?? []);
  const pieces = fc.constantFrom(
    "'",
    '(',
    ')',
    ',',
    ' ',
    'not ',
    ' and ',
    ' eq ',
    'null',
    '1',
    'Id',
    'tolower(',
    '\u0000',
    '\ud800',
    '…',
  );
  const texts = fc.oneof(fc.constantFrom(...seeds), filters.map(print));
  fc.assert(
    fc.property(
      texts,
      fc.array(fc.tuple(fc.nat(), fc.nat(3), pieces), { minLength: 1, maxLength: 4 }),
      (text, changes) => {
        let changed = text;
        for (const [place, dropped, piece] of changes) {
          const at = place % (changed.length + 1);
          changed = changed.slice(0, at) + piece + changed.slice(at + dropped);
        }
        for (const some of [fields, feedFields]) {
          const filter = readFilter(changed, some);
          if (isRefusal(filter)) assert.equal(filter.code, 'query-invalid');
          else if (filter && some === fields) assert.deepEqual(readFilter(print(filter), fields), filter);
        }
      },
    ),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
      readFilter(text, fields);
    }),
  );
});
