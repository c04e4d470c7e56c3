/** Pages of v2 lists, the addresses and terms that clients send, and what is newer than what somebody has: without a gallery. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isInRange, parseNuGetVersion, parseVersionRange } from '../../src/identity/nupkg.ts';
import { feedEntryOf } from '../../src/protocols/nuget-v2/feed-entry.ts';
import { type Place, placeOf } from '../../src/protocols/nuget-v2/keys.ts';
import { askedFormat, type ListRequest, readListRequest } from '../../src/protocols/nuget-v2/list-request.ts';
import { readOperation } from '../../src/protocols/nuget-v2/operation.ts';
import { versionsList } from '../../src/protocols/nuget-v2/package-answer.ts';
import { nextSearch, takeOf } from '../../src/protocols/nuget-v2/page.ts';
import { routeNugetV2 } from '../../src/protocols/nuget-v2/route.ts';
import { readSearchTerms } from '../../src/protocols/nuget-v2/search-terms.ts';
import { versionsOf } from '../../src/protocols/nuget-v2/shown-hits.ts';
import { readUpdateQuestion, updatesOf } from '../../src/protocols/nuget-v2/updates.ts';
import { isRefusal } from '../../src/std/refusals.ts';
import { nupkgVersion } from '../packages/views.ts';

function request(search: string): ListRequest {
  const read = readListRequest(search, '*/*');
  assert.ok(!isRefusal(read), isRefusal(read) ? read.message : '');
  return read;
}

/** Follows next links to the end. @returns the size of each page */
function pages(search: string, total: number): number[] {
  const sizes: number[] = [];
  const seen = new Set<string>();
  for (let next: string | undefined = search; next !== undefined; ) {
    assert.ok(!seen.has(next), `${next} came twice`);
    seen.add(next);
    const asked = request(next);
    const taken = Math.max(0, Math.min(takeOf(asked, ''), total - asked.skip));
    sizes.push(taken);
    next = nextSearch(next, asked, taken, total);
  }
  return sizes;
}

test('next links lead through every entry once, and no link comes twice', () => {
  const options = fc.tuple(fc.nat(700), fc.option(fc.nat(400)), fc.option(fc.nat(200)), fc.boolean());
  fc.assert(
    fc.property(options, ([total, top, skip, isEncoded]) => {
      const sign = isEncoded ? '%24' : '$';
      const parts = ["id='x'", top === null ? '' : `${sign}top=${top}`, skip === null ? '' : `${sign}skip=${skip}`];
      const sizes = pages(`?${parts.filter((part) => part !== '').join('&')}`, total);
      const wanted = Math.max(0, Math.min(top ?? total, total - (skip ?? 0)));
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        wanted,
      );
      assert.ok(
        sizes.slice(0, -1).every((size) => size === 100),
        'all pages but the last are full',
      );
    }),
  );
});

test('PSResourceGet gets 6,000 at once where it goes on by 6,000, and 100 where it goes on by 100', () => {
  const take = (query: string, text = '') => takeOf(request(`?${query}&$top=6000`), text);
  assert.equal(take('$filter=IsLatestVersion'), 6_000);
  assert.equal(take('$filter=IsAbsoluteLatestVersion'), 6_000);
  assert.equal(take('$filter=IsLatestVersion eq true'), 6_000);
  assert.equal(take("$filter=IsLatestVersion and substringof('PSModule', Tags) eq true"), 100);
  assert.equal(take('$filter=IsLatestVersion', 'tag:PSCommand_Get-X'), 100);
  assert.equal(takeOf(request('?$filter=IsLatestVersion&$skip=0&$top=40'), ''), 40);
  assert.equal(takeOf(request('?$filter=IsLatestVersion'), ''), 100);
});

test('functions are understood with parentheses, without, with a slash at the end, and counted', () => {
  assert.deepEqual(readOperation('Search()'), { kind: 'search', isCount: false });
  assert.deepEqual(readOperation('Search'), { kind: 'search', isCount: false });
  assert.deepEqual(readOperation('FindPackagesById()/'), { kind: 'find', isCount: false });
  assert.deepEqual(readOperation('Packages()/$count'), { kind: 'packages', isCount: true });
  assert.deepEqual(readOperation("Packages(Version='1.0',Id='It''s')"), {
    kind: 'version',
    id: "It's",
    version: '1.0',
    property: undefined,
    isValue: false,
  });
  assert.deepEqual(readOperation("Packages(Id='A',Version='1.0')/Download"), {
    kind: 'download',
    id: 'A',
    version: '1.0',
  });
  for (const none of ['Nothing', 'Packages(Id=1)', "Packages(Id='a',Version='b')/x/y", 'package/a/b/c', 'Search()x']) {
    assert.equal(readOperation(none), undefined, none);
  }
});

test('each root shows what it is for, and PowerShellGet sees no scripts outside of their folder', () => {
  const population = (path: string, isPowerShellGet = false) => placeOf(path, isPowerShellGet)?.population;
  assert.equal(population('api/v2/Search()'), 'all');
  assert.equal(population('nuget'), 'all');
  assert.equal(population('powershell/api/v2/'), 'powershell');
  assert.equal(population('powershellgallery.com/api/v2'), 'powershell');
  assert.equal(population('powershell/api/v2/items/psscript/'), 'scripts');
  assert.equal(population('api/v2/items/psscript', true), 'scripts');
  assert.equal(population('api/v2/', true), 'no-scripts');
  assert.equal(population('powershell/api/v2', true), 'modules');
  for (const none of ['api/v3', 'powershell', 'nugets', 'api', 'items/psscript'])
    assert.equal(population(none), undefined);
});

const alias = placeOf('powershellgallery.com/api/v2/Search()', false) as Place;
const root = placeOf('powershell/api/v2/Search()', false) as Place;

test('a name with wildcards in a search term becomes a filter over ids, and leaves the words beside it', () => {
  const { text, filter } = readSearchTerms('Az.*Data*s tag:Cloud', request('?$filter=IsLatestVersion'), alias);
  assert.equal(text, 'tag:Cloud');
  const written = JSON.stringify(filter);
  for (const call of ['startswith', 'substringof', 'endswith']) assert.ok(written.includes(`"${call}"`), written);
  assert.equal(readSearchTerms('*', request(''), alias).filter, undefined);
  assert.equal(readSearchTerms('plain words', request(''), alias).text, 'plain words');
});

test('who wants prereleases and filters by IsLatestVersion alone is shown the newest version of all', () => {
  const asked = request('?$filter=IsLatestVersion&includePrerelease=true');
  assert.deepEqual(readSearchTerms('', asked, root).filter, { kind: 'field', name: 'IsAbsoluteLatestVersion' });
  const plain = request('?$filter=IsLatestVersion&includePrerelease=false');
  assert.deepEqual(readSearchTerms('', plain, root).filter, { kind: 'field', name: 'IsLatestVersion' });
});

test('the alias leaves scripts out of everything at its root, where PSResourceGet asks for them apart', () => {
  const everything = request('?$filter=IsLatestVersion');
  assert.equal(readSearchTerms('', everything, alias).population, 'modules');
  assert.equal(readSearchTerms('', everything, root).population, 'powershell');
  assert.equal(readSearchTerms('tag:X', everything, alias).population, 'powershell');
  assert.equal(readSearchTerms('', request("?$filter=startswith(Id,'A')"), alias).population, 'powershell');
});

function updates(search: string): string[] {
  const asked = request(search);
  const question = readUpdateQuestion(asked);
  assert.ok(!isRefusal(question), isRefusal(question) ? question.message : '');
  const versions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0-beta', '2.0.0'].map((normalizedVersion) => ({
    ...nupkgVersion({ id: 'Demo', normalizedVersion }),
    isListed: normalizedVersion !== '1.2.0',
  }));
  const entries = versions.map((version) => feedEntryOf(version)!);
  return question.installed.flatMap((one) =>
    updatesOf(entries, one, question, 'all', false).map(({ entry }) => entry.version),
  );
}

test('updates are the listed versions above the one that is there, within its constraint', () => {
  assert.deepEqual(updates("?packageIds='Demo'&versions='1.0.0'"), ['2.0.0']);
  assert.deepEqual(updates("?packageIds='Demo'&versions='1.0.0'&includeAllVersions=true"), ['1.1.0', '2.0.0']);
  assert.deepEqual(updates("?packageIds='Demo'&versions='1.1.0'&includeAllVersions=true&includePrerelease=true"), [
    '2.0.0-beta',
    '2.0.0',
  ]);
  assert.deepEqual(updates("?packageIds='Demo'&versions='1.0.0'&versionConstraints='[1.0,2.0)'"), ['1.1.0']);
  assert.deepEqual(updates("?packageIds='Demo'&versions='2.0.0'"), []);
  assert.deepEqual(updates("?packageIds='Demo|Demo'&versions='1.0.0|1.1.0'"), ['2.0.0', '2.0.0']);
});

test('updates of nothing sensible are refused in words', () => {
  const refusal = (search: string) => {
    const question = readUpdateQuestion(request(search));
    assert.ok(isRefusal(question));
    return question.message;
  };
  assert.match(refusal("?packageIds='A|B'&versions='1.0'"), /as many packages as versions/);
  assert.match(refusal("?packageIds='A'&versions='one'"), /"one", which is no version/);
  assert.match(refusal("?packageIds='A'&versions='1.0'&versionConstraints='[x]'"), /no version range/);
  assert.match(refusal(`?packageIds='${'a|'.repeat(500)}a'&versions='${'1|'.repeat(500)}1'`), /at most 500/);
});

test('a version lies in a range when the bounds say so', () => {
  const isIn = (version: string, range: string) => isInRange(parseNuGetVersion(version)!, parseVersionRange(range)!);
  assert.ok(isIn('1.0.0', '1.0') && isIn('9.9', '1.0'));
  assert.ok(!isIn('1.0.0', '(1.0,2.0)') && isIn('1.0.1', '(1.0,2.0)') && !isIn('2.0', '(1.0,2.0)'));
  assert.ok(
    isIn('2.0', '(1.0,2.0]') && isIn('2.0-beta', '(1.0,2.0)') && isIn('1.0', '[1.0]') && !isIn('1.0.1', '[1.0]'),
  );
  assert.ok(isIn('0.1', '(,1.0]') && !isIn('1.1', '(,1.0]'));
});

test('a filter that would look at a package for seconds is refused in words', () => {
  const entries = Array.from({ length: 20 }, (_, at) => {
    const entry = feedEntryOf(
      nupkgVersion({ id: 'Demo.Lib', normalizedVersion: `1.${at}.0`, tags: [`n${at}`.repeat(50_000)] }),
    );
    assert.ok(entry);
    return entry;
  });
  const site = { context: { feedUrl: 'https://gallery.example', feedPath: '' }, base: 'api/v2' };
  const list = { title: 'FindPackagesById', search: '', isCount: false };
  const ask = (filter: string) => versionsList(entries, 'all', list, request(`?$filter=${filter}`), site);
  const many = (count: number) => Array.from({ length: count }, (_, at) => `substringof('z${at}',Tags)`).join(' or ');
  assert.equal(ask(many(3)).status, 200);
  assert.equal(ask(many(250)).status, 400);
  assert.match(ask(many(250)).reason ?? '', /too much text/);
});

test('options in an odd spelling are replaced in next links too', () => {
  for (const skip of [
    '%24%73kip=5',
    '$Skip=5',
    '+$skip=5',
    'x=$skip=5',
    '$skip=$skip=5',
    '$skiptoken=5',
    '%24skiptoke%6e=5',
  ]) {
    const sizes = pages(`?id='x'&${skip}&%24t%6Fp=250`, 1_000);
    assert.deepEqual(sizes, [100, 100, 50], skip);
  }
});

test('who says the format in the query gets it, also for one version and for a refusal', () => {
  const ask = (search: string, accept: string) => askedFormat(search, accept);
  assert.equal(ask('?$format=json', 'application/atom+xml'), 'json');
  assert.equal(ask('?%24format=atom', 'application/json'), 'atom');
  assert.equal(ask('?$format=nonsense', 'application/json'), 'json');
  assert.equal(ask('?$format=%ff', '*/*'), 'atom');
  assert.equal(ask('', 'application/json;odata=verbose'), 'json');
  const answered = (path: string, search: string) => {
    const about = { method: 'GET', path, query: new URLSearchParams(search), search, headers: {}, accept: '*/*' };
    const target = routeNugetV2(about);
    if (target?.type !== 'derived') assert.fail(`${path} is not answered from a document`);
    return target.answer(undefined, { feedUrl: 'https://gallery.example', feedPath: '' });
  };
  for (const [path, search] of [
    ["api/v2/Packages(Id='X',Version='1.0')", '?$format=json'],
    ['api/v2/package/X', '?$format=json'],
    ['api/v2/FindPackagesById()', '?$format=json'],
    ['api/v2/FindPackagesById()', "?id='X'&$select=Nothing&$format=json"],
    ['api/v2/Packages()', '?$filter=nonsense&$format=json'],
  ] as const) {
    assert.equal(typeof JSON.parse(answered(path, search).body).error.message.value, 'string', path);
  }
});

test('a package that is named several times is read once', async () => {
  const read: string[] = [];
  const entries = (id: string) => {
    read.push(id);
    const views = ['1.0.0', '1.1.0'].map((version) => nupkgVersion({ id, normalizedVersion: version }));
    return Promise.resolve(views.map((view) => feedEntryOf(view)!));
  };
  const wanted = [
    { normalizedId: 'demo.lib', lower: '1.1.0' },
    { normalizedId: 'other', lower: '1.0.0' },
    { normalizedId: 'demo.lib', lower: '1.0.0' },
    { normalizedId: 'demo.lib', lower: '9.0.0' },
  ];
  const found = await versionsOf(wanted, entries);
  assert.deepEqual(
    wanted.map((one) => found.get(one)?.normalizedVersion),
    ['1.1.0', '1.0.0', '1.0.0', undefined],
  );
  assert.deepEqual(read, ['demo.lib', 'other']);
});

test('a page of very long texts is cut, goes on where it was cut, and has forty entries of a large module', () => {
  const entriesOf = (length: number) =>
    Array.from(
      { length: 60 },
      (_, at) =>
        feedEntryOf(nupkgVersion({ id: 'Demo.Lib', normalizedVersion: `1.${at}.0`, tags: ['x'.repeat(length)] }))!,
    );
  const site = { context: { feedUrl: 'https://gallery.example', feedPath: '' }, base: 'api/v2' };
  const ask = (length: number, search: string) => {
    const list = { title: 'FindPackagesById', search, isCount: false };
    const { body } = versionsList(entriesOf(length), 'all', list, request(search), site);
    return { count: body.split('</entry>').length - 1, next: /rel="next" href="[^"]*(\?[^"]*)"/.exec(body)?.[1] };
  };
  const first = ask(4_000_000, "?id='Demo.Lib'");
  assert.equal(first.count, 16);
  assert.equal(first.next, '?id=&apos;Demo.Lib&apos;&amp;$skip=16');
  assert.deepEqual(ask(4_000_000, "?id='Demo.Lib'&$skip=50"), { count: 10, next: undefined });
  assert.equal(ask(1_500_000, "?id='Demo.Lib'&$top=40").count, 40);
  assert.equal(ask(70_000_000, "?id='Demo.Lib'&$skip=59").count, 1);
});
