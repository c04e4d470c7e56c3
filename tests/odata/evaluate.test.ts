import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { normalizePackageId } from '../../src/identity/nupkg.ts';
import { compileFilter, type Value } from '../../src/odata/evaluate.ts';
import { lowerCase } from '../../src/odata/letter-case.ts';
import { filterLengthMax, filterNodesMax, readFilter } from '../../src/odata/read-filter.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { fields, filters, interpret, print, things } from './filters.ts';

const demo: Readonly<Record<string, Value>> = {
  Id: 'Demo.Lib',
  Tags: null,
  Version: '1.10.0.0',
  NormalizedVersion: '1.10.0',
  Downloads: 5,
  IsLatest: true,
  IsListed: null,
  Created: Date.UTC(2026, 0, 31),
};

function says(text: string, thing = demo): boolean {
  const filter = readFilter(text, fields);
  if (isRefusal(filter)) assert.fail(filter.message);
  assert.ok(filter);
  return compileFilter(filter, fields)((field) => thing[field] ?? null);
}

test('a filter says of a thing what OData means by it', () => {
  for (const text of [
    'IsLatest',
    'IsLatest eq true',
    'IsLatest ne false',
    "Id eq 'demo.lib'",
    "'DEMO.LIB' eq Id",
    "Id ne 'demo'",
    "Id gt 'DEMO'",
    "substringof('O.L', Id)",
    "startswith(Id,'demo') eq true",
    "endswith(Id,'LIB')",
    "not endswith(Id,'demo')",
    "indexof(Id,'LIB') eq 5",
    "indexof(Id,'x') eq -1",
    'length(Id) eq 8',
    "concat(toupper(Id),trim('  x ')) eq 'demo.libX'",
    "tolower(Id) eq 'Demo.lib'",
    'Downloads ge 5 and Downloads le 5L and Downloads lt 5.5',
    "Created gt datetime'2026-01-30T23:59:59.999' and Created lt datetime'2026-01-31T00:00:00.001Z'",
    "Created eq datetimeoffset'2026-01-31T01:00:00+01:00'",
  ]) {
    assert.equal(says(text), true, text);
    assert.equal(says(`not (${text})`), false, text);
    assert.equal(says(`(${text}) eq false`), false, text);
  }
});

test('versions compare by the order of versions, also with their equals in another spelling', () => {
  for (const text of [
    "Version eq '1.10'",
    'Version eq NormalizedVersion',
    "Version eq '1.10.0+build'",
    "Version eq '1.10.0 build'",
    "Version gt '1.9.0'",
    "Version gt '1.10.0-beta'",
    "Version lt '1.10.1-alpha'",
    "'2' gt Version",
    "startswith(Version,'1.10')",
    "Version gt '1.9' and startswith(Version,'1.10') and Version eq '1.10'",
  ]) {
    assert.equal(says(text), true, text);
  }
  assert.equal(says("tolower(Version) eq '1.10'"), false, 'a function makes a text of it');
  // What is no version equals its own text alone, and is before all versions.
  assert.equal(says("Version gt 'none'"), true);
  assert.equal(says("Version eq 'none'"), false);
  assert.equal(says("Version eq 'None'", { Version: 'none' }), true);
});

test('null equals null alone, has no order, and what is asked of it is null or false', () => {
  for (const text of [
    'Tags eq null',
    'null eq null',
    'Id ne null',
    "Tags ne 'x'",
    'tolower(Tags) eq null',
    'length(Tags) eq null',
    "concat(Tags,'x') eq null",
    "indexof('x',Tags) eq null",
    "substringof('x',Tags) eq false",
    'IsListed eq null',
    'not IsListed',
    'Size eq null',
  ]) {
    assert.equal(says(text), true, text);
  }
  for (const text of [
    'Tags ne null',
    'Id eq null',
    "Tags eq 'x'",
    "Tags gt 'x'",
    "Tags le 'x'",
    'null ge null',
    'Size lt 1',
    'Size ge null',
    "substringof('x',Tags)",
    'substringof(null,Id)',
    'IsListed',
    'IsListed eq false',
    'IsListed and IsLatest',
  ]) {
    assert.equal(says(text), false, text);
  }
});

test('every filter says of one thing after the other what its plainest reading says', () => {
  let truths = 0;
  let questions = 0;
  fc.assert(
    fc.property(filters, fc.array(things, { minLength: 1, maxLength: 4 }), (filter, list) => {
      const again = readFilter(print(filter), fields);
      assert.ok(again && !isRefusal(again));
      const compiled = compileFilter(filter, fields);
      const compiledAgain = compileFilter(again, fields);
      for (const thing of list) {
        const read = (field: string) => thing[field] ?? null;
        const answer = interpret(filter, read) === true;
        assert.equal(compiled(read), answer);
        assert.equal(compiledAgain(read), answer);
        truths += Number(answer);
        questions += 1;
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(
    truths > questions / 10 && truths < (questions * 9) / 10,
    `both answers are common: ${truths} of ${questions}`,
  );
});

test('small letters are those of package ids', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(lowerCase(text), normalizePackageId(text));
    }),
    { numRuns: 2_000 },
  );
  for (let code = 0; code < 0x3000; code += 1) {
    const text = `a${String.fromCharCode(code)}`;
    assert.equal(lowerCase(text), normalizePackageId(text), `U+${code.toString(16)}`);
  }
});

test('the longest chains are answered', () => {
  for (const operator of ['or', 'and', 'eq']) {
    const link = ` ${operator} true`;
    const links = Math.min(filterNodesMax / 2 - 1, Math.floor((filterLengthMax - 4) / link.length));
    assert.equal(says(`true${link.repeat(links)}`), true, operator);
  }
});

test('what a filter looks at is counted, whatever it does with a text, and comes to an end', () => {
  const long = { ...demo, Tags: 'x'.repeat(100_000) };
  const many = (part: string, count: number) => Array.from({ length: count }, () => part).join(' or ');
  for (const [text, characters] of [
    [many("substringof('z',Tags)", 100), 10_000_000],
    [many("concat(Tags,Tags) eq 'z'", 100), 40_000_000],
    [many("toupper(Tags) eq 'z'", 100), 10_000_000],
    [many("indexof(trim(Tags),'z') eq 1", 100), 20_000_000],
    [many("Version eq concat('1.','2')", 100), 100_000],
    [many('IsLatest eq false', 100), 1_000],
  ] as const) {
    const filter = readFilter(text, fields);
    assert.ok(filter && !isRefusal(filter));
    const work = { left: characters };
    const says = compileFilter(filter, fields, work);
    assert.equal(
      says((field) => (long as Record<string, Value>)[field] ?? null),
      false,
    );
    assert.ok(work.left < 0, `${text.slice(0, 40)}: ${work.left} of ${characters} left`);
  }
});

test('a filter for which too little work is left says nothing true', () => {
  const filter = readFilter("not substringof('z',Id)", fields);
  assert.ok(filter && !isRefusal(filter));
  const work = { left: 10 };
  assert.equal(
    compileFilter(filter, fields, work)((field) => demo[field] ?? null),
    false,
  );
  assert.ok(work.left < 0);
});
