import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Value } from '../../src/odata/evaluate.ts';
import {
  countMax,
  inOrder,
  makeOrder,
  optionLengthMax,
  orderKeysMax,
  readCount,
  readFormat,
  readInlineCount,
  readOrderBy,
  readSelect,
  readSkipToken,
  selectNamesMax,
  skipTokenPartsMax,
} from '../../src/odata/order-and-page.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { fields, things } from './filters.ts';
import { fields as feedFields, packages } from './packages.ts';

function refusal(value: unknown): string {
  assert.ok(isRefusal(value), `${String(value)} is no refusal`);
  assert.equal(value.code, 'query-invalid');
  return value.message;
}

test('an order is a list of fields, each up or down', () => {
  const order = (text: string | undefined) => {
    const keys = readOrderBy(text, feedFields);
    if (isRefusal(keys)) assert.fail(keys.message);
    return keys.map(({ field, isDescending }) => `${field}${isDescending ? ' down' : ''}`);
  };
  assert.deepEqual(order('Id'), ['Id']);
  assert.deepEqual(order('Version desc'), ['Version down']);
  assert.deepEqual(order('downloadcount DESC , id asc,Created'), ['DownloadCount down', 'Id', 'Created']);
  assert.deepEqual(order('concat(Title,Id) desc,Id'), ['Title down', 'Id down', 'Id']);
  assert.deepEqual(order(''), []);
  assert.deepEqual(order(undefined), []);
});

test('an order that is none is refused', () => {
  for (const [text, sentence] of [
    ['Name', /^\$orderby has "Name" at character 1, where a field of this feed should be\.$/],
    ['Id,', /^\$orderby ends at character 4, /],
    [',Id', /"," at character 1/],
    ['Id up', /"up" at character 4, where asc, desc or a comma should be/],
    ['Id desc asc', /"asc" at character 9/],
    ['tolower(Id)', /"tolower" at character 1/],
    ['concat(Title', /^\$orderby ends at character 13, where \) should be/],
    ['concat()', /"\)" at character 8/],
    ["'Id'", /"'Id'" at character 1/],
    ["Id,'", /^\$orderby: The text that begins at character 4/],
    [`${'Id,'.repeat(orderKeysMax)}Id`, /^\$orderby has more than 8 fields\.$/],
    ['Id,'.repeat(optionLengthMax), /^\$orderby has more than 2000 characters\.$/],
  ] as const) {
    assert.match(refusal(readOrderBy(text, feedFields)), sentence, text.slice(0, 50));
  }
});

test('how many and from where are whole numbers', () => {
  assert.equal(readCount('0', '$skip'), 0);
  assert.equal(readCount(' 040 ', '$top'), 40);
  assert.equal(readCount('9'.repeat(400), '$top'), countMax);
  assert.equal(readCount('', '$top'), undefined);
  assert.equal(readCount(undefined, '$top'), undefined);
  for (const text of ['-1', '1.5', 'ten', '1e3', '0x10', '1 0']) {
    assert.match(refusal(readCount(text, '$top')), /^\$top must be a whole number of 0 or more, not "/, text);
  }
});

test('whether to count is allpages or none', () => {
  assert.equal(readInlineCount('allpages'), true);
  assert.equal(readInlineCount('AllPages'), true);
  assert.equal(readInlineCount('none'), false);
  assert.equal(readInlineCount(undefined), false);
  assert.match(refusal(readInlineCount('yes')), /^\$inlinecount must be allpages or none, not "yes"\.$/);
});

test('a selection is a list of names, and a star is all of them', () => {
  const names = (text: string | undefined) => {
    const selected = readSelect(text, feedFields.keys());
    return selected instanceof Set ? [...selected] : selected;
  };
  assert.deepEqual(names('Id, version,Id'), ['Id', 'Version']);
  assert.equal(names('*'), undefined);
  assert.equal(names('Id,*'), undefined);
  assert.equal(names(''), undefined);
  assert.equal(names(undefined), undefined);
  assert.match(refusal(names('Id,Name')), /^\$select names "Name", which is no field of this feed\.$/);
  assert.match(refusal(names('*,Name')), /"Name"/);
  assert.match(refusal(names('Id,')), /""/);
  assert.match(refusal(names('Id,'.repeat(selectNamesMax) + 'Id')), /^\$select has more than 100 names\.$/);
  assert.match(refusal(names('Id,'.repeat(optionLengthMax))), /^\$select has more than 2000 characters\.$/);
});

test('a skip token is a list of values', () => {
  assert.deepEqual(readSkipToken("'Demo.Lib','1.0.0'"), ['Demo.Lib', '1.0.0']);
  assert.deepEqual(readSkipToken("'it''s, so' , 30"), ["it's, so", '30']);
  assert.deepEqual(readSkipToken('30'), ['30']);
  assert.equal(readSkipToken(''), undefined);
  assert.equal(readSkipToken(undefined), undefined);
  for (const text of ["'a',", "'a' 'b'", ',', 'Id', '(', "'a"])
    assert.match(refusal(readSkipToken(text)), /^\$skiptoken/, text);
  assert.match(refusal(readSkipToken('1,'.repeat(skipTokenPartsMax) + '1')), /^\$skiptoken has more than 8 values\.$/);
});

test('a format is Atom or JSON', () => {
  for (const text of ['json', 'application/json;odata=verbose', 'JSON']) assert.equal(readFormat(text), 'json', text);
  for (const text of ['atom', 'application/atom+xml', 'xml']) assert.equal(readFormat(text), 'atom', text);
  assert.equal(readFormat(''), undefined);
  assert.equal(readFormat(undefined), undefined);
  assert.match(refusal(readFormat('yaml')), /^\$format must be atom or json, not "yaml"\.$/);
});

test('things are put into the order that was asked for', () => {
  const names = (text: string) => {
    const orderBy = readOrderBy(text, feedFields);
    assert.ok(!isRefusal(orderBy));
    return inOrder([...packages], makeOrder(orderBy, feedFields), ([, read]) => read).map(([name]) => name);
  };
  const [older, newer, beta, myGet, doIt] = [...packages.keys()];
  assert.deepEqual(names('Id,Version desc'), [beta, newer, older, doIt, myGet]);
  assert.deepEqual(names('DownloadCount desc,NormalizedVersion'), [myGet, older, newer, beta, doIt]);
  assert.deepEqual(names('Created desc'), [beta, newer, myGet, older, doIt]);
  assert.deepEqual(names('IsPrerelease desc'), [beta, older, newer, myGet, doIt]);
  assert.deepEqual(names('Title'), [beta, doIt, myGet, older, newer], 'what has none is first');
  assert.deepEqual(names('Title desc'), [older, newer, myGet, beta, doIt]);
  assert.deepEqual(names(''), [...packages.keys()]);
});

test('letter case does not count in an order', () => {
  const ids = makeOrder([{ field: 'Id', isDescending: false }], fields);
  assert.deepEqual(
    inOrder(['b', 'C', 'a', 'B', 'A'], ids, (id) => () => id),
    ['a', 'A', 'b', 'B', 'C'],
  );
});

test('every order is one: the same both ways, and stable', () => {
  const orders = fc.array(fc.record({ field: fc.constantFrom(...fields.keys()), isDescending: fc.boolean() }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(orders, fc.array(things, { maxLength: 12 }), (orderBy, list) => {
      const order = makeOrder(orderBy, fields);
      const readerOf = (thing: Readonly<Record<string, Value>>) => (field: string) => thing[field] ?? null;
      const keys = list.map((thing) => order.keysOf(readerOf(thing)));
      for (const one of keys) {
        for (const other of keys) {
          assert.equal(Math.sign(order.compare(one, other)) + Math.sign(order.compare(other, one)), 0);
        }
      }
      const sorted = inOrder(list, order, readerOf);
      for (let index = 1; index < sorted.length; index += 1) {
        const [one, other] = [sorted[index - 1]!, sorted[index]!];
        const difference = order.compare(order.keysOf(readerOf(one)), order.keysOf(readerOf(other)));
        assert.ok(difference < 0 || (difference === 0 && list.indexOf(one) < list.indexOf(other)));
      }
    }),
  );
});
