/** What clients send is read, and finds what they mean. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { textEqualTo } from '../../src/odata/conjuncts.ts';
import { compileFilter } from '../../src/odata/evaluate.ts';
import { readCount, readInlineCount, readOrderBy, readSelect } from '../../src/odata/order-and-page.ts';
import { readFilter } from '../../src/odata/read-filter.ts';
import { readQuery, readTextParameter, readTruthParameter } from '../../src/odata/read-query.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { clientRequests } from './client-requests.ts';
import { fields, packages } from './packages.ts';

/** The value, when it is not a refusal. */
function granted<Value>(value: Value): Exclude<Value, { code: string }> {
  if (isRefusal(value)) assert.fail(value.message);
  return value as Exclude<Value, { code: string }>;
}

for (const { client, query: text, finds, id } of clientRequests) {
  test(`the query of ${client} is understood`, () => {
    const query = granted(readQuery(text));
    const filter = granted(readFilter(query.get('$filter') ?? '', fields));
    const passes = filter ? compileFilter(filter, fields) : () => true;
    assert.deepEqual(
      [...packages].filter(([, read]) => passes(read)).map(([name]) => name),
      finds,
    );
    assert.equal(filter && textEqualTo(filter, 'Id'), id);
    granted(readOrderBy(query.get('$orderby'), fields));
    granted(readCount(query.get('$top'), '$top'));
    granted(readCount(query.get('$skip'), '$skip'));
    granted(readInlineCount(query.get('$inlinecount')));
    granted(readSelect(query.get('$select'), fields.keys()));
    for (const name of ['id', 'searchTerm', 'targetFramework', 'semVerLevel']) granted(readTextParameter(query, name));
    granted(readTruthParameter(query, 'includePrerelease'));
  });
}
