/**
 * The documents of NuGet v3. Each file in tests/golden/nuget-v3 holds an input and its output together; HOLDFAST_WRITE_GOLDEN=1
 * writes the outputs again, and the difference is reviewed like code.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Document, Output, RenderContext } from '../../src/documents/output.ts';
import type { AdvisoryView, PackageView, VersionView } from '../../src/documents/package-view.ts';
import { nugetV3 } from '../../src/protocols/nuget-v3/index.ts';
import { storedPath } from '../../src/protocols/nuget-v3/keys.ts';
import type { KnownAdvisories } from '../../src/protocols/protocol.ts';
import { parseExact, writeJson } from '../../src/std/json.ts';

interface Golden {
  readonly about: string;
  /** How many versions to make of the view's only one: 1.0.0, 1.1.0, … */
  readonly repeat?: bigint;
  /** The one document that the output holds, its leaves cut down to their addresses. */
  readonly trimmedTo?: string;
  readonly context: RenderContext;
  /** Absent: the feed's own documents are rendered. */
  readonly view?: PackageView;
  /** For the feed's own documents. */
  readonly known?: KnownAdvisories;
  readonly output?: unknown;
}

interface Page {
  readonly '@id': string;
  readonly count: number;
  readonly lower: string;
  readonly upper: string;
  readonly parent?: string;
  readonly items?: readonly {
    readonly '@id': string;
    readonly catalogEntry: { readonly '@id': string; readonly version: string };
    readonly packageContent: string;
  }[];
}

const folder = new URL('./nuget-v3/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const hiveFolders = ['v3/registration', 'v3/registration-semver2'];

/** Reads whole numbers as BigInt, except times (milliseconds) and severities. */
function readGolden(file: string): Golden {
  const golden = parseExact(readFileSync(new URL(file, folder), 'utf8')) as Golden;
  if (golden.view === undefined) return { ...golden, known: golden.known && readKnown(golden.known) };
  const { advisories = [] } = golden.view;
  const versions = golden.view.versions.map((version) => ({
    ...version,
    deprecation: version.deprecation ?? null,
    publishedAt: Number(version.publishedAt),
    files: version.files.map((one) => ({ ...one, uploadedAt: Number(one.uploadedAt) })),
  }));
  return { ...golden, view: { ...golden.view, advisories: advisories.map(withSeverity), versions } };
}

const withSeverity = (advisory: AdvisoryView) => ({ ...advisory, severity: Number(advisory.severity) });

function readKnown({ list, changedAt }: KnownAdvisories): KnownAdvisories {
  return {
    list: list.map((one) => ({ ...one, advisory: withSeverity(one.advisory) })),
    changedAt: Number(changedAt),
  };
}

function repeated(view: PackageView, count: number): PackageView {
  const one = view.versions[0]!;
  const versions = Array.from({ length: count }, (_, minor): VersionView => {
    const version = `1.${minor}.0`;
    const metadata = { ...one.metadata, verbatimVersion: version, normalizedVersion: version };
    return { ...one, serial: 1n, version, normalizedVersion: version, metadata };
  });
  return { ...view, versions };
}

function renderGolden({ view, repeat, context, known = { list: [], changedAt: 0 } }: Golden): Output[] {
  if (view === undefined) return nugetV3.renderFeed(context, known);
  return nugetV3.render(repeat === undefined ? view : repeated(view, Number(repeat)), context);
}

/** The output as people review it: JSON as a tree, after making sure that the tree gives the same bytes again. */
function readable(output: Output): unknown {
  if (output.type === 'link') return output;
  const { text, ...about } = output;
  const tree = parseExact(text);
  assert.equal(writeJson(tree), text, 'JSON is written compactly');
  return { ...about, tree };
}

function trimmed(outputs: readonly Output[], path: string): Output[] {
  const document = outputs.find((output): output is Document => output.path === path && output.type === 'document');
  assert.ok(document, path);
  const index = JSON.parse(document.text) as { items: Page[] };
  const items = index.items.map((page) => ({ ...page, items: page.items?.map((leaf) => leaf['@id']) }));
  return [{ ...document, text: writeJson({ ...index, items }) }];
}

/** @returns the documents by path, parsed */
function documents(outputs: readonly Output[]): Map<string, Record<string, unknown>> {
  const found = outputs.filter((output) => output.type === 'document');
  return new Map(found.map((document) => [document.path, JSON.parse(document.text) as Record<string, unknown>]));
}

const manyVersions = (count: number): { outputs: Output[]; trees: Map<string, Record<string, unknown>> } => {
  const golden = readGolden('two-inline-pages.json');
  const outputs = nugetV3.render(repeated(golden.view!, count), golden.context);
  return { outputs, trees: documents(outputs) };
};

for (const file of files) {
  const golden = readGolden(file);
  test(golden.about, () => {
    const outputs = renderGolden(golden);
    const held = golden.trimmedTo === undefined ? outputs : trimmed(outputs, golden.trimmedTo);
    const output = writeJson(held.map(readable), 2);
    if (process.env.HOLDFAST_WRITE_GOLDEN === '1') {
      const written = { ...golden, output: parseExact(output) };
      writeFileSync(new URL(file, folder), `${writeJson(written, 2)}\n`);
      return;
    }
    assert.equal(output, writeJson(golden.output, 2));
  });
}

test('no two outputs have one path, leaves are in the folders of their package, and leaves of a version name it', () => {
  for (const file of files) {
    const golden = readGolden(file);
    if (golden.view === undefined) continue;
    const outputs = renderGolden(golden);
    assert.equal(new Set(outputs.map(({ path }) => path)).size, outputs.length);
    const id = golden.view.normalizedName;
    const folders = ['flat', 'registration', 'registration-semver2'].map((one) => storedPath(`v3/${one}/${id}`));
    for (const output of outputs) {
      assert.ok(
        folders.some((one) => output.path.startsWith(`${one}/`)),
        output.path,
      );
      assert.ok(output.path.split('/').every((segment) => Buffer.byteLength(segment) <= 200));
      if (output.type === 'document' && output.rank === 'leaf' && !output.path.includes('/page/')) {
        assert.ok(output.path.endsWith(`/${output.version}.json`), output.path);
      }
    }
  }
});

test('every address of the gallery in a document leads to something that was rendered, unless it is of another package', () => {
  for (const file of files) {
    const golden = readGolden(file);
    if (golden.view === undefined) continue;
    const outputs = renderGolden(golden);
    const paths = new Set(outputs.map(({ path }) => path));
    for (const output of outputs) {
      if (output.type === 'link') continue;
      for (const [, url = ''] of output.text.matchAll(/"(https:\/\/gallery\.example[^"]*)"/g)) {
        assert.ok(url.startsWith(`${golden.context.feedUrl}/v3/`), url);
        const path = decodeURIComponent(new URL(url).pathname).slice(golden.context.feedPath.length + 1);
        const target = nugetV3.route({
          method: 'GET',
          path,
          query: new URLSearchParams(),
          search: '',
          headers: {},
          accept: '*/*',
        });
        assert.ok(target?.type === 'document' || target?.type === 'blob', path);
        if (target.packageName === golden.view.normalizedName) assert.ok(paths.has(target.path), path);
      }
    }
  }
});

test('what the address of a catalog entry leads to is that entry, and leads no further', () => {
  let entries = 0;
  for (const file of files) {
    const golden = readGolden(file);
    if (golden.view === undefined) continue;
    const trees = documents(renderGolden(golden));
    for (const [path, tree] of trees) {
      if (!hiveFolders.some((one) => path.startsWith(storedPath(one))) || !path.endsWith('/index.json')) continue;
      const leaves = (tree as { items: Page[] }).items.flatMap((page) => page.items ?? []);
      for (const { catalogEntry } of leaves) {
        const address = decodeURIComponent(catalogEntry['@id'].slice(golden.context.feedUrl.length + 1));
        const leaf = trees.get(storedPath(address));
        assert.equal(leaf?.version, catalogEntry.version, address);
        // The NuGet provider of PackageManagement takes the leaf for the entry, and fails on a text of this name in it.
        assert.ok(!('catalogEntry' in leaf), address);
        entries += 1;
      }
    }
  }
  assert.ok(entries > 0);
});

test('up to 127 versions stand in the index; from 128 on the index leads to page documents', () => {
  const below = manyVersions(127);
  for (const hive of hiveFolders) {
    const index = below.trees.get(`${hive}/demo.many/index.json`) as { count: number; items: Page[] } | undefined;
    assert.equal(index?.count, 2);
    assert.deepEqual(
      index.items.map((page) => [page.count, page.items?.length]),
      [
        [64, 64],
        [63, 63],
      ],
    );
  }
  assert.ok(![...below.trees.keys()].some((path) => path.includes('/page/')));

  for (const [count, sizes] of [
    [128, [64, 64]],
    [129, [64, 64, 1]],
    [1000, [...Array(15).fill(64), 40]],
  ] as const) {
    const { trees, outputs } = manyVersions(count);
    for (const hive of hiveFolders) {
      const index = trees.get(`${hive}/demo.many/index.json`) as { count: number; items: Page[] } | undefined;
      assert.deepEqual(
        index?.items.map((page) => page.count),
        sizes,
      );
      assert.equal(index.count, sizes.length);
      assert.ok(index.items.every((page) => page.items === undefined && page.parent === undefined));
      const versions: string[] = [];
      for (const [number, reference] of index.items.entries()) {
        const page = trees.get(`${hive}/demo.many/page/${number}.json`) as Page | undefined;
        assert.ok(page?.items, 'the page is rendered');
        const { items, parent, ...rest } = page;
        assert.deepEqual(rest, reference, 'the index and the page agree');
        assert.equal(parent, `https://gallery.example/${hive}/demo.many/index.json`);
        versions.push(...items.map((leaf) => leaf['@id'].replace(/^.*\/(.*)\.json$/, '$1')));
        assert.equal(versions.at(-1), page.upper);
        assert.equal(versions.at(-items.length), page.lower);
      }
      assert.deepEqual(
        versions,
        Array.from({ length: count }, (_, minor) => `1.${minor}.0`),
      );
    }
    const pages = outputs.filter((output) => output.path.includes('/page/'));
    assert.equal(pages.length, hiveFolders.length * sizes.length);
    assert.ok(
      pages.every((page) => page.type === 'document' && page.rank === 'leaf'),
      'pages come before the index',
    );
  }
});

test('old clients see no SemVer 2 version, and restore sees every version', () => {
  const trees = documents(renderGolden(readGolden('hives.json')));
  const versions = (hive: string): string[] => {
    const { items } = trees.get(`${hive}/demo.module/index.json`) as unknown as { items: Page[] };
    return items.flatMap((page) => page.items!.map((leaf) => leaf['@id'].replace(/^.*\/(.*)\.json$/, '$1')));
  };
  assert.deepEqual(versions('v3/registration'), ['1.0.0', '1.1.0', '2.0.0-beta']);
  const all = ['1.0.0', '1.1.0', '1.2.0', '2.0.0-beta', '2.0.0-rc.1'];
  assert.deepEqual(versions('v3/registration-semver2'), all);
  assert.deepEqual(trees.get('v3/flat/demo.module/index.json'), { versions: all });
});

test("PSResourceGet's search for the version inside the download address finds it in the author's letter case", () => {
  const outputs = renderGolden(readGolden('hives.json'));
  const trees = documents(outputs);
  const paths = new Set(outputs.map(({ path }) => path));
  const { items } = trees.get('v3/registration-semver2/demo.module/index.json') as unknown as { items: Page[] };
  const contents = items.flatMap((page) => page.items!.map((leaf) => leaf.packageContent));
  for (const [index, version] of ['1.0.0', '1.1.0', '1.2.0', '2.0.0-Beta', '2.0.0-rc.1'].entries()) {
    const content = contents[index] ?? '';
    assert.ok(content.includes(version), content);
    assert.ok(paths.has(new URL(content).pathname.slice(1)), 'the address without its fragment is the stored path');
  }
});

test('every resource of v3 lies below the service index, and the ones that clients append to end with a slash', () => {
  const [output] = renderGolden(readGolden('service-index.json'));
  assert.ok(output?.type === 'document' && output.path === 'v3/index.json');
  const { resources } = JSON.parse(output.text) as { resources: { '@id': string; '@type': string }[] };
  // Another protocol, which clients come to as a source of its own.
  const legacy = resources.filter((resource) => resource['@type'] === 'LegacyGallery/2.0.0');
  assert.deepEqual(
    legacy.map((resource) => resource['@id']),
    ['https://gallery.example/feeds/team/api/v2'],
  );
  for (const resource of resources.filter((one) => !legacy.includes(one))) {
    assert.ok(resource['@id'].startsWith('https://gallery.example/feeds/team/v3/'), resource['@id']);
    if (/BaseAddress|BaseUrl/.test(resource['@type'])) assert.ok(resource['@id'].endsWith('/'), resource['@id']);
  }
  assert.equal(new Set(resources.map((resource) => resource['@type'])).size, resources.length);
});

test('a new version behind a page leaves the page unwritten; one before it, one that is gone, and the first paging do not', () => {
  const pagesOf = (count: number) =>
    manyVersions(count).outputs.filter(
      (output) => output.type === 'document' && output.path.includes('registration-semver2/demo.many/page/'),
    );
  const written = (count: number, ...versions: string[]) =>
    pagesOf(count).map((page) => page.type === 'document' && !page.isUntouchedBy?.(new Set(versions)));
  assert.deepEqual(written(200, '1.199.0'), [false, false, false, true]);
  assert.deepEqual(written(200, '1.70.0'), [false, true, true, true]);
  assert.deepEqual(written(200, '1.3.0', '1.199.0'), [true, true, true, true]);
  assert.deepEqual(written(200, '1.500.0'), [true, true, true, true], 'a version that is not there any more');
  assert.deepEqual(written(128, '1.127.0'), [true, true], 'until now everything stood in the index');
});
