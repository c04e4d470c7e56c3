/** What people type: which packages it finds and in which order, and that nothing of it is syntax to the engine. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { openSearchFile } from '../../src/search/file.ts';
import { scoredMax } from '../../src/search/find.ts';
import { readQuestion, wordsMax } from '../../src/search/question.ts';
import { searchWriter } from '../../src/search/writer.ts';
import { askingFile, type MadePackage, madeFile, searchedPackageOf } from './made-file.ts';

const packages: readonly MadePackage[] = [
  { id: 'Json', description: 'Small' },
  { id: 'Json.Schema', description: 'Checks documents', tags: ['schema', 'validation'] },
  { id: 'Newtonsoft.Json', description: 'A popular framework', authors: 'James Newton-King', tags: ['parser'] },
  { id: 'Yaml.Reader', description: 'Reads documents, also json', tags: ['json-like', 'parser'] },
  { id: 'Contoso.DependencyInjection', title: 'Contoso Container', authors: 'Contoso Ltd', owners: ['contoso'] },
  {
    id: 'Contoso.Tool',
    packageTypes: ['DotnetTool'],
    summary: 'Cleans caches',
    description: 'The object model of caches',
  },
  { id: 'Größe.Tabelle', description: 'Maße und Größen' },
  { id: 'Module.Get', tags: ['PSModule', 'PSCommand_Get-Thing', 'PSCommand_Set-Thing'] },
];

const rankings: readonly [asked: string, found: readonly string[]][] = [
  ['json', ['Json', 'Json.Schema', 'Newtonsoft.Json', 'Yaml.Reader']],
  ['JSON', ['Json', 'Json.Schema', 'Newtonsoft.Json', 'Yaml.Reader']],
  ['newtonsoft.json', ['Newtonsoft.Json']],
  ['NewtonsoftJson', ['Newtonsoft.Json']],
  ['newton', ['Newtonsoft.Json']],
  ['json newtonsoft', ['Newtonsoft.Json']],
  ['json nowhere', []],
  ['injection', ['Contoso.DependencyInjection']],
  ['contoso.t', ['Contoso.Tool', 'Contoso.DependencyInjection']],
  ['dependencyinj', ['Contoso.DependencyInjection']],
  ['grosse', []],
  ['große', ['Größe.Tabelle']],
  ['"object model"', ['Contoso.Tool']],
  ['"model object"', []],
  ['model object', ['Contoso.Tool']],
  ['id:json', ['Json', 'Json.Schema', 'Newtonsoft.Json']],
  ['packageid:JSON', ['Json']],
  ['packageid:json packageid:yaml.reader', ['Json', 'Yaml.Reader']],
  ['title:container', ['Contoso.DependencyInjection']],
  ['tags:parser', ['Newtonsoft.Json', 'Yaml.Reader']],
  ['tag:parser json', ['Newtonsoft.Json', 'Yaml.Reader']],
  ['tags:json', []],
  ['tags:json-like', ['Yaml.Reader']],
  ['tags:schema tags:parser', ['Json.Schema', 'Newtonsoft.Json', 'Yaml.Reader']],
  ['tag:PSCommand_Get-Thing', ['Module.Get']],
  ['tag:PSCommand', []],
  ['author:"Newton-King"', ['Newtonsoft.Json']],
  ['author:contoso id:tool', []],
  ['owner:contoso', ['Contoso.DependencyInjection']],
  ['summary:caches', ['Contoso.Tool']],
  ['description:caches', ['Contoso.Tool']],
  ['version:1.0 packageid:json', ['Json']],
  ['version:2.0', []],
  ['nofield:json', []],
];

test('each question finds these packages, in this order', async (t) => {
  const ask = askingFile(t, await madeFile(t, packages));
  for (const [asked, expected] of rankings) {
    const { hits, total } = ask(asked);
    const found = hits.map(({ document }) => document.id);
    // With equal words, the order is only promised where an id or its beginning decides.
    const ordered = /^(json|contoso\.t)$/i.test(asked) ? found : found.toSorted();
    assert.deepEqual(ordered, expected, asked);
    assert.equal(total, expected.length, asked);
  }
});

test('a question without words finds everything, by name', async (t) => {
  const ask = askingFile(t, await madeFile(t, packages));
  for (const asked of ['', '   ', '*', '"', '""', ':::', '-- ;', 'id:', 'tags:"" *']) {
    const { hits, total } = ask(asked);
    assert.equal(total, packages.length, JSON.stringify(asked));
    assert.equal(hits[0]?.document.id, 'Contoso.DependencyInjection', JSON.stringify(asked));
  }
});

const syntax = fc.constantFrom(
  ...['"', "'", '*', '(', ')', '^', ':', '+', '-', ';', '{', '}', '\0', '\uD800', '\uE000', '%', '\\'],
  ...[' AND ', ' OR ', ' NOT ', 'NEAR(', 'NEAR/2 ', 'id:', 'texts:', '{id tags} :', 'rowid:', 'rank', 'json', 'tags:"'],
  ...["'; drop table texts; --", '1.0.0', 'é', '日本語', '\u0301', '🙂', ' '],
);

test('whatever is typed, the answer is a list of packages that are there', async (t) => {
  const ask = askingFile(t, await madeFile(t, packages));
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.array(syntax, { maxLength: 30 }).map((parts) => parts.join('')),
    fc.array(syntax, { maxLength: 400 }).map((parts) => parts.join(' ')),
  );
  const ids = new Set(packages.map(({ id }) => id));
  fc.assert(
    fc.property(anything, (text) => {
      const { hits, total } = ask(text);
      assert.ok(total >= hits.length && total <= packages.length);
      for (const { document } of hits) assert.ok(ids.has(document.id));
    }),
    { numRuns: 3_000 },
  );
});

test('of a word that is nearly everywhere, ids come first, then titles and tags, and no page repeats another', async (t) => {
  const crowd = Array.from({ length: scoredMax + 500 }, (_, at) => ({
    id: `Crowd.N${at}`,
    description: 'A common thing',
  }));
  const chosen: readonly MadePackage[] = [
    { id: 'A.Tagged', tags: ['common'] },
    { id: 'Late.Common' },
    { id: 'Commonplace' },
    { id: 'Common' },
  ];
  const file = await madeFile(t, [...crowd, ...chosen, { id: 'Other', description: 'Rare' }]);
  const ask = askingFile(t, file);
  const { total, hits } = ask('common');
  assert.equal(total, crowd.length + chosen.length, 'all of them are counted');
  const found = hits.map(({ document }) => document.id);
  assert.deepEqual(found.slice(0, 4), ['Common', 'Commonplace', 'Late.Common', 'A.Tagged']);
  assert.equal(ask('common owner:nobody').total, 0);
  const pages = [0, 1_000, 2_000, 3_000].map((skip) => ask('common', { skip, take: 1_000 }));
  const shown = new Set(pages.flatMap((page) => page.hits.map(({ document }) => document.id)));
  assert.equal(shown.size, 4_000);
});

test('of a word that is nearly everywhere, what is downloaded often is found although it was added last', async (t) => {
  const crowd = Array.from({ length: scoredMax + 1 }, (_, at) => ({
    id: `Crowd.N${at}`,
    description: 'A common thing',
  }));
  const popular = { id: 'Popular', description: 'Another common thing' };
  const file = await madeFile(t, [...crowd, popular]);
  const ask = askingFile(t, file);
  assert.notEqual(ask('common').hits[0]?.document.id, 'Popular');
  const db = openSearchFile(file, { busyMs: 100, isReadOnly: false });
  db.exec(`update packages set downloads = 1000000 where normalized_id = 'popular'`);
  searchWriter(db).put(searchedPackageOf(popular, crowd.length));
  db.close();
  assert.equal(ask('common').hits[0]?.document.id, 'Popular');
});

test('of a very long question, a bounded number of words is looked for', () => {
  const { match = '' } = readQuestion('word '.repeat(10_000));
  assert.equal(match.match(/"word"/g)?.length, wordsMax);
  assert.ok(match.length < 1_000);
});
