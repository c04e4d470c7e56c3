/** Queries of the v2 protocol by words and tags, as PowerShell's and NuGet's clients send them: what they find, in which order and pages. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { openLog } from '../../src/observe/log.ts';
import type { Filter } from '../../src/odata/filter-tree.ts';
import { entriesLengthMax } from '../../src/search/feed-hits.ts';
import type { FeedAnswer, FeedQuery } from '../../src/search/feed-query.ts';
import { scoredMax } from '../../src/search/find.ts';
import { openSearcher } from '../../src/search/searcher.ts';
import { systemClock } from '../../src/std/clock.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { type MadeFeedPackage, viewOf, withGallery } from './feed-galleries.ts';
import { madeFile, searchedPackageOf } from './made-file.ts';

const latest: Filter = { kind: 'field', name: 'IsLatestVersion' };
const base: FeedQuery = {
  kind: 'feed',
  feed: 'main',
  hasPrerelease: false,
  hasSemVer2: true,
  population: 'all',
  text: '',
  hasAllVersions: false,
  filter: latest,
  orderBy: [],
  skip: 0,
  take: 100,
};

const named = ({ hits }: FeedAnswer) => hits.map(({ normalizedId, lower }) => `${normalizedId} ${lower}`);

const module = (id: string, tags: readonly string[], description = 'Does things'): MadeFeedPackage => ({
  id,
  versions: [{ version: '1.0.0', kind: 'powershell-module', tags: ['PSModule', ...tags], description }],
});

const packages: readonly MadeFeedPackage[] = [
  module('Graph.Tools', ['PSCommand_Get-Thing', 'PSCommand_Set-Thing', 'PSEdition_Core', 'cloud']),
  module('Telegraph', ['PSCommand_Get-Thing', 'PSEdition_Desktop', 'c#']),
  module('Paint', ['PSCommand_Get-Thingy', 'c++', 'cloud'], 'Draws a graph'),
  { id: 'Library', versions: [{ version: '1.0.0', tags: ['cloud', 'get-thing'], description: 'A graph of types' }] },
  {
    id: 'Script',
    versions: [
      { version: '1.0.0', kind: 'powershell-script', tags: ['PSScript', 'old'] },
      { version: '2.0.0', kind: 'powershell-script', tags: ['PSScript', 'new'] },
      { version: '3.0.0-beta', kind: 'powershell-script', tags: ['PSScript', 'newest'] },
    ],
  },
];

const questions: readonly [asked: string, found: readonly string[]][] = [
  ['tag:PSCommand_Get-Thing', ['graph.tools', 'telegraph']],
  ['Tag:pscommand_GET-thing', ['graph.tools', 'telegraph']],
  [' tag:PSCommand_Get-Thing', ['graph.tools', 'telegraph']],
  ['tag:PSCommand_Get-Thing tag:PSCommand_Set-Thing', ['graph.tools']],
  ['tag:PSCommand_Get-Thing tag:PSCommand_Get-Thingy', []],
  ['tag:PSCommand_Get', []],
  ['tag:Get-Thing', ['library']],
  ['Tags:"PSEdition_Core"', ['graph.tools']],
  ['tags:cloud tag:PSModule', ['graph.tools', 'paint']],
  ['tags:cloud,c#', ['graph.tools', 'library', 'paint', 'telegraph']],
  ['tag:c#', ['telegraph']],
  ['tag:c++', ['paint']],
  ['tag:c', []],
  ['graph', ['graph.tools', 'library', 'paint', 'telegraph']],
  ['elegra', ['telegraph']],
  ['graph tag:cloud', ['graph.tools', 'library', 'paint']],
  ['graph tag:cloud tag:PSModule', ['graph.tools', 'paint']],
  ['graph tools', ['graph.tools']],
  ['id:graph id:tools', ['graph.tools']],
  ['id:graph id:paint', []],
  ['packageid:paint packageid:script', ['paint', 'script']],
  ['version:1.0.0 tag:new', ['script']],
  ['tag:old', []],
  ['tag:"" tag:', ['graph.tools', 'library', 'paint', 'script', 'telegraph']],
  ['nothing of this', []],
];

test('words and tags find what clients mean: every tag, whole, and ids that have a word anywhere', () => {
  withGallery(packages.map(viewOf), ({ ask }) => {
    for (const [text, expected] of questions) {
      const answer = ask({ ...base, text }, 10_000);
      const found = answer.hits.map(({ normalizedId }) => normalizedId);
      assert.deepEqual(found.toSorted(), expected, text);
      assert.equal(answer.total, expected.length, text);
    }
    assert.equal(ask({ ...base, text: 'graph' }, 10_000).hits[0]?.normalizedId, 'graph.tools', 'the best one first');
    // NuGet's search box goes on to mean any of several tags.
    const box = { kind: 'packages', feed: 'main', hasPrerelease: false, hasSemVer2: true, skip: 0, take: 20 } as const;
    assert.equal(ask({ ...box, text: 'tags:new tags:cloud', packageType: undefined }, 10_000).total, 4);
  });
});

const pieces = fc.constantFrom(
  ...[
    '"',
    "'",
    '*',
    '(',
    ')',
    '^',
    ':',
    '-',
    ';',
    '{',
    '}',
    '\0',
    '\uE000',
    '\uE001',
    '%',
    '\\',
    ' AND ',
    ' NOT ',
    'NEAR(',
  ],
  ...[
    'tag:',
    'tags:"',
    'id:',
    'packageid:',
    'version:',
    'texts:',
    'rowid',
    'graph',
    'PSCommand_Get-Thing',
    'c#',
    'é',
    '🙂',
  ],
);

test('nothing that is typed is syntax to the engine', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.array(pieces, { maxLength: 200 }).map((parts) => parts.join(' ')),
  );
  withGallery(packages.map(viewOf), ({ ask }) => {
    fc.assert(
      fc.property(anything, fc.boolean(), (text, hasAllVersions) => {
        const { total, hits } = ask({ ...base, text, hasAllVersions }, 10_000);
        assert.ok(total >= hits.length && total <= 7);
      }),
      { numRuns: 1_500 },
    );
  });
});

test('an address shows its own kinds, and who asks decides which version is the latest', () => {
  withGallery(packages.map(viewOf), ({ ask }) => {
    const totals = (['all', 'powershell', 'no-scripts', 'modules', 'scripts'] as const).map(
      (population) => ask({ ...base, population }, 10_000).total,
    );
    assert.deepEqual(totals, [5, 4, 4, 3, 1]);
    const scripts = { ...base, population: 'scripts', filter: undefined } as const;
    assert.deepEqual(named(ask(scripts, 10_000)), ['script 2.0.0']);
    const seesAll = { ...scripts, hasPrerelease: true } as const;
    assert.deepEqual(named(ask(seesAll, 10_000)).sort(), ['script 2.0.0', 'script 3.0.0-beta']);
    const { hits } = ask({ ...seesAll, hasAllVersions: true }, 10_000);
    assert.deepEqual(
      hits.map(({ lower, entry, isLatestVersion, isAbsoluteLatestVersion }) => [
        lower,
        entry !== undefined,
        isLatestVersion,
        isAbsoluteLatestVersion,
      ]),
      [
        ['3.0.0-beta', true, false, true],
        ['2.0.0', true, true, false],
        ['1.0.0', false, false, false],
      ],
    );
  });
});

test('of a word that is nearly everywhere, all pages together show every package once', () => {
  const crowd = Array.from({ length: scoredMax + 300 }, (_, at) => module(`Crowd${at}`, [], 'A common thing'));
  const others = [module('Uncommonly', []), module('Common', []), module('Common.Base', [])];
  withGallery([...crowd, ...others].map(viewOf), ({ ask }) => {
    const shown: string[] = [];
    for (let skip = 0; skip < 6_000; skip += 700) {
      const page = ask({ ...base, text: 'common', skip, take: 700 }, 60_000);
      assert.equal(page.total, crowd.length + others.length);
      shown.push(...named(page));
    }
    assert.equal(new Set(shown).size, crowd.length + others.length);
    assert.equal(shown.length, crowd.length + others.length);
    assert.deepEqual(shown.slice(0, 2), ['common 1.0.0', 'common.base 1.0.0']);
    assert.equal(shown.at(-1), 'uncommonly 1.0.0');
  });
});

test('a page of very long texts is cut, and goes on where it was cut', () => {
  withGallery([], ({ ask, writer }) => {
    const feedEntry = JSON.stringify({ description: 'x'.repeat(entriesLengthMax / 4) });
    for (const [index, id] of ['A', 'B', 'C', 'D', 'E', 'F'].entries()) {
      const made = searchedPackageOf({ id }, index);
      writer.put({ ...made, entries: made.entries.map((entry) => ({ ...entry, feedEntry })) });
    }
    const first = ask({ ...base, take: 6_000 }, 10_000);
    assert.deepEqual(named(first), ['a 1.0.0', 'b 1.0.0', 'c 1.0.0']);
    assert.equal(first.total, 6);
    const next = ask({ ...base, skip: 3, take: 6_000 }, 10_000);
    assert.deepEqual(named(next), ['d 1.0.0', 'e 1.0.0', 'f 1.0.0']);
  });
});

test('threads answer, in time or in words', async (t) => {
  const many = Array.from({ length: 3_000 }, (_, at) => ({ id: `Package.P${at}`, description: 'common words' }));
  const file = await madeFile(t, many);
  const searcher = openSearcher({
    file,
    clock: systemClock,
    log: openLog('test', 'silent'),
    atOnceMax: 4,
    deadlineMs: 20_000,
  });
  t.after(() => searcher.close());
  const answer = await searcher.ask({ ...base, text: 'p17' });
  assert.ok(!isRefusal(answer));
  assert.deepEqual(named(answer).slice(0, 1), ['package.p17 1.0.0']);
  const hasty = openSearcher({
    file,
    clock: systemClock,
    log: openLog('test', 'silent'),
    atOnceMax: 4,
    deadlineMs: 0.001,
  });
  t.after(() => hasty.close());
  const filter: Filter = {
    kind: 'call',
    name: 'substringof',
    parameters: [
      { kind: 'literal', type: 'string', value: 'nowhere' },
      { kind: 'field', name: 'Description' },
    ],
  };
  const late = await hasty.ask({ ...base, filter });
  assert.ok(isRefusal(late));
  assert.equal(late.status, 503);
});
