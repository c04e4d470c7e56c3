/** Queries of the v2 protocol with filters: whatever is asked, the file answers what asking every version would. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Comparison, Filter, FunctionName, OrderBy } from '../../src/odata/filter-tree.ts';
import { searchedPackage } from '../../src/search/entries.ts';
import type { FeedQuery } from '../../src/search/feed-query.ts';
import { type Asked, anyGallery, anyNeedle, viewOf, withGallery } from './feed-galleries.ts';
import { isTrueOf, modelRows } from './feed-model.ts';

const text = (value: string): Filter => ({ kind: 'literal', type: 'string', value });
const field = (name: string): Filter => ({ kind: 'field', name });
const call = (name: FunctionName, ...parameters: Filter[]): Filter => ({ kind: 'call', name, parameters });
const yes: Filter = { kind: 'literal', type: 'boolean', value: true };
const no: Filter = { kind: 'literal', type: 'boolean', value: false };

const textFields = ['Id', 'Tags', 'Tags', 'Title', 'Description', 'Summary'];
const flags = ['IsLatestVersion', 'IsAbsoluteLatestVersion', 'IsPrerelease', 'RequireLicenseAcceptance'];
const operators: readonly Comparison[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];
const versions = ['1.0', '1.0.0', '1.0.1-BETA', '1.2', '1.10', '2.0.0', '1.10.0 build', 'none', ''];

const anyLiteral = anyNeedle.map(text);
const anyText: fc.Arbitrary<Filter> = fc.letrec<{ text: Filter }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 2 },
    { weight: 5, arbitrary: fc.constantFrom(...textFields.map(field)) },
    anyLiteral,
    fc
      .tuple(fc.constantFrom('tolower', 'toupper', 'trim'), tie('text'))
      .map(([name, one]) => call(name as FunctionName, one)),
    fc.tuple(tie('text'), tie('text')).map(([one, other]) => call('concat', one, other)),
  ),
})).text;
const anyNumber: fc.Arbitrary<Filter> = fc.oneof(
  anyText.map((one) => call('length', one)),
  fc.tuple(anyText, anyText).map(([one, other]) => call('indexof', one, other)),
  fc.constantFrom('DownloadCount', 'VersionDownloadCount', 'PackageSize').map(field),
  fc.integer({ min: -1, max: 1_001 }).map((value): Filter => ({ kind: 'literal', type: 'number', value })),
);
const compared = (one: fc.Arbitrary<Filter>, other: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  fc.record({
    kind: fc.constant('compare' as const),
    operator: fc.constantFrom(...operators),
    left: one,
    right: other,
  });

const nothing: Filter = { kind: 'literal', type: 'null', value: null };
const anyMoment = fc
  .constantFrom(0, 1, 1_000, 9e15)
  .map((value): Filter => ({ kind: 'literal', type: 'datetime', value }));
const anyCondition: fc.Arbitrary<Filter> = fc.oneof(
  { weight: 4, arbitrary: anyNeedle.map((part) => call('substringof', text(part), field('Tags'))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(anyNeedle, fc.constantFrom(' x ', ' x', 'x ', '  x'))
      .map(([part, blanks]) => call('substringof', text(blanks.replace('x', () => part)), field('Tags'))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('startswith' as const, 'endswith' as const), anyNeedle)
      .map(([name, part]) => call(name, field('Id'), text(part))),
  },
  { weight: 2, arbitrary: anyNeedle.map((part) => call('substringof', text(part), call('tolower', field('Id')))) },
  fc
    .tuple(fc.constantFrom('startswith' as const, 'endswith' as const, 'substringof' as const), anyText, anyText)
    .map(([name, one, other]) => call(name, one, other)),
  compared(anyText, fc.oneof(anyText, fc.constant(nothing))),
  compared(fc.constantFrom(field('Version'), field('NormalizedVersion')), fc.constantFrom(...versions.map(text))),
  compared(fc.constantFrom(field('Created'), field('LastEdited')), anyMoment),
  compared(anyNumber, anyNumber),
  { weight: 3, arbitrary: fc.constantFrom(...flags.map(field)) },
);
const anyFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: anyCondition },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('and' as const), left: tie('filter'), right: tie('filter') }),
    },
    fc.record({ kind: fc.constant('or' as const), left: tie('filter'), right: tie('filter') }),
    fc.record({ kind: fc.constant('not' as const), operand: tie('filter') }),
    fc
      .tuple(tie('filter'), fc.constantFrom(yes, no), fc.constantFrom('eq' as const, 'ne' as const))
      .map(([left, right, operator]): Filter => ({ kind: 'compare', operator, left, right })),
  ),
})).filter;

const fieldsOfOrder = ['Id', 'DownloadCount', 'Version', 'Created', 'Title', 'Tags', 'IsPrerelease', 'PackageSize'];
const anyOrder: fc.Arbitrary<readonly OrderBy[]> = fc.array(
  fc.record({ field: fc.constantFrom(...fieldsOfOrder), isDescending: fc.boolean() }),
  { maxLength: 2 },
);

const anyQuery: fc.Arbitrary<FeedQuery> = fc.record({
  kind: fc.constant('feed' as const),
  feed: fc.constantFrom('main', 'main', 'other', 'none'),
  hasPrerelease: fc.boolean(),
  hasSemVer2: fc.boolean(),
  population: fc.constantFrom(
    'all' as const,
    'powershell' as const,
    'no-scripts' as const,
    'modules' as const,
    'scripts' as const,
  ),
  text: fc.constant(''),
  hasAllVersions: fc.boolean(),
  filter: fc.option(anyFilter, { nil: undefined }),
  orderBy: anyOrder,
  skip: fc.nat(4),
  take: fc.integer({ min: 0, max: 40 }),
});

const named = ({ id, lower }: { id: string; lower: string }) => `${id} ${lower}`;

function assertAnswers({ views, ask }: Pick<Asked, 'views' | 'ask'>, query: FeedQuery): void {
  const { filter } = query;
  const rows = modelRows(views, query).filter((row) => filter === undefined || isTrueOf(filter, row));
  const whole = ask({ ...query, skip: 0, take: 1_000 }, 60_000);
  const found = whole.hits.map(({ normalizedId, lower }) => named({ id: normalizedId, lower }));
  assert.deepEqual(found.toSorted(), rows.map(named).sort());
  assert.equal(whole.total, rows.length);
  const rowOf = new Map(rows.map((row) => [named(row), row]));
  for (const [index, hit] of whole.hits.entries()) {
    const row = rowOf.get(found[index] ?? '')!;
    assert.equal(hit.isLatestVersion, row.isLatestVersion);
    assert.equal(hit.isAbsoluteLatestVersion, row.isAbsoluteLatestVersion);
    // The newest versions are kept whole; of others the package's document tells.
    if (hit.isLatestVersion || hit.isAbsoluteLatestVersion) {
      const entry = JSON.parse(hit.entry ?? '{}') as { id: string; normalizedVersion: string };
      assert.equal(named({ id: entry.id, lower: entry.normalizedVersion }).toLowerCase(), found[index]);
    }
  }
  const page = ask(query, 60_000);
  assert.equal(page.total, rows.length);
  const names = page.hits.map(({ normalizedId, lower }) => named({ id: normalizedId, lower }));
  assert.deepEqual(names, found.slice(query.skip, query.skip + query.take), 'a page is a piece of the whole');
}

test('whatever a filter asks, the answer is what asking every version gives', () => {
  fc.assert(
    fc.property(anyGallery, fc.array(anyQuery, { minLength: 12, maxLength: 12 }), (packages, queries) => {
      withGallery(packages.map(viewOf), (asked) => {
        for (const query of queries) assertAnswers(asked, query);
      });
    }),
    { numRuns: 150 },
  );
});

test('after packages have changed, totals and indexes are those of a file made anew', () => {
  fc.assert(
    fc.property(
      anyGallery,
      anyGallery,
      fc.array(anyQuery, { minLength: 6, maxLength: 6 }),
      (before, after, queries) => {
        const now = after.map(viewOf);
        withGallery(now, (anew) => {
          withGallery(before.map(viewOf), ({ ask, writer }) => {
            for (const index of before.keys()) if (index >= now.length) writer.remove(BigInt(index + 1));
            for (const [index, view] of now.entries()) {
              writer.put({ ...searchedPackage(BigInt(index + 1), view, ['owner']), serial: 1_000n + BigInt(index) });
            }
            for (const query of queries) {
              assertAnswers({ views: now, ask }, query);
              assert.equal(ask(query, 60_000).total, anew.ask(query, 60_000).total);
            }
          });
        });
      },
    ),
    { numRuns: 40 },
  );
});
