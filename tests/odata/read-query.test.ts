import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  queryLengthMax,
  queryOptionsMax,
  readQuery,
  readTextParameter,
  readTruthParameter,
} from '../../src/odata/read-query.ts';
import { isRefusal } from '../../src/std/refusals.ts';

function read(text: string) {
  const query = readQuery(text);
  if (isRefusal(query)) assert.fail(query.message);
  return query;
}

function refusal(value: unknown): string {
  assert.ok(isRefusal(value), `${String(value)} is no refusal`);
  assert.equal(value.code, 'query-invalid');
  return value.message;
}

test('options are read by their names in any letter case and encoding', () => {
  assert.deepEqual(
    [...read('%24Filter=Id+eq+%27X%27&$orderBy=Id%20desc&$top=1&&flag&empty=&a=b=c')],
    [
      ['$filter', "Id eq 'X'"],
      ['$orderby', 'Id desc'],
      ['$top', '1'],
      ['flag', ''],
      ['empty', ''],
      ['a', 'b=c'],
    ],
  );
  assert.deepEqual([...read('')], []);
});

test('a plus sign is a blank, and an encoded one is a plus sign', () => {
  assert.equal(read('searchTerm=c+%2B%2B').get('searchterm'), 'c ++');
});

test('of an option that is there twice the first counts', () => {
  assert.equal(read('$top=1&%24TOP=2').get('$top'), '1');
});

test('an option within an option is taken for itself', () => {
  assert.deepEqual(
    [...read('$filter=%24filter=IsLatestVersion&%24top=6000')],
    [
      ['$filter', 'IsLatestVersion'],
      ['$top', '6000'],
    ],
  );
  assert.deepEqual(
    [...read('$filter=%24inlinecount=allpages&$filter=IsLatestVersion')],
    [
      ['$inlinecount', 'allpages'],
      ['$filter', 'IsLatestVersion'],
    ],
  );
});

test('a broken query is refused', () => {
  assert.match(refusal(readQuery('a=1&b=%zz')), /^The percent-encoding of "b=%zz" in the query is broken\.$/);
  assert.match(refusal(readQuery('%ff=1')), /"%ff=1"/);
  assert.match(refusal(readQuery('a=%')), /broken/);
  assert.match(refusal(readQuery('a'.repeat(queryLengthMax + 1))), /more than 8192 characters/);
  assert.equal(read('a'.repeat(queryLengthMax)).size, 1);
  assert.match(refusal(readQuery('a=1&'.repeat(queryOptionsMax + 1))), /more than 100 options/);
  assert.equal(read('a=1&'.repeat(queryOptionsMax)).size, 1);
});

test('a text loses its quotation marks and doubled ones within it', () => {
  for (const [sent, meant] of [
    ["'Demo'", 'Demo'],
    ["%27it''s%27", "it's"],
    ["''", ''],
    ['', ''],
    ["''''", "'"],
    ['Demo', 'Demo'],
    ["+'Demo'+", 'Demo'],
    ["'O'Brien'", "O'Brien"],
    ["it's", "it's"],
    ['2.0.0', '2.0.0'],
    ["'+a+'", ' a '],
  ] as const) {
    assert.equal(readTextParameter(read(`searchTerm=${sent}`), 'searchTerm'), meant, sent);
  }
  assert.equal(readTextParameter(read('x=1'), 'searchTerm'), undefined);
  assert.match(
    refusal(readTextParameter(read("id='Demo"), 'id')),
    /^The text of id in the query has no closing quotation mark\.$/,
  );
  assert.match(refusal(readTextParameter(read("id='"), 'id')), /closing/);
});

test('true and false are read as clients write them', () => {
  for (const [sent, meant] of [
    ['true', true],
    ['False', false],
    ["'TRUE'", true],
    ['', undefined],
    ["''", undefined],
  ] as const) {
    assert.equal(readTruthParameter(read(`includePrerelease=${sent}`), 'includePrerelease'), meant, sent);
  }
  assert.equal(readTruthParameter(read(''), 'includePrerelease'), undefined);
  assert.match(
    refusal(readTruthParameter(read('includePrerelease=yes'), 'includePrerelease')),
    /^includePrerelease in the query must be true or false, not "yes"\.$/,
  );
});

test('whatever is sent, the answer is options or a refusal', () => {
  const pieces = fc.constantFrom('%', '%2', '%27', "'", '&', '=', '+', '$filter', '%24', 'a', '\ud800', 'é');
  fc.assert(
    fc.property(
      fc.array(pieces).map((list) => list.join('')),
      (text) => {
        const query = readQuery(text);
        if (isRefusal(query)) return;
        for (const name of query.keys()) {
          readTextParameter(query, name);
          readTruthParameter(query, name);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

test('what is encoded is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
      const literal = `'${text.replaceAll("'", "''")}'`;
      assert.equal(readTextParameter(read(`q=${encodeURIComponent(literal)}`), 'q'), text);
      assert.equal(readTextParameter(read(new URLSearchParams({ q: literal }).toString()), 'q'), text);
    }),
  );
});
