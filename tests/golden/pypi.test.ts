/**
 * The documents of the Python index, byte for byte. Each file in tests/golden/pypi holds an input and its output together;
 * HOLDFAST_WRITE_GOLDEN=1 writes the outputs again, and the difference is reviewed like code.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Output, RenderContext } from '../../src/documents/output.ts';
import type { AdvisoryView, PackageView } from '../../src/documents/package-view.ts';
import type { News, NewsItem, Stats } from '../../src/protocols/protocol.ts';
import { pypi } from '../../src/protocols/pypi/index.ts';
import { projectJson } from '../../src/protocols/pypi/keys.ts';
import { renderNews } from '../../src/protocols/pypi/rss.ts';
import { renderSimpleIndex } from '../../src/protocols/pypi/simple-index.ts';
import { renderStats } from '../../src/protocols/pypi/stats.ts';
import { parseExact, writeJson } from '../../src/std/json.ts';

interface Golden {
  readonly about: string;
  readonly context: RenderContext;
  readonly view?: PackageView;
  readonly news?: News;
  readonly stats?: Stats;
  readonly index?: { readonly serial: bigint; readonly projects: readonly { name: string; serial: bigint }[] };
  readonly output?: unknown;
}

const folder = new URL('./pypi/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** Reads whole numbers as BigInt, except the times, which are milliseconds. */
function readGolden(file: string): Golden {
  const golden = parseExact(readFileSync(new URL(file, folder), 'utf8')) as Golden;
  const versions = golden.view?.versions.map((version) => ({
    ...version,
    publishedAt: Number(version.publishedAt),
    files: version.files.map((one) => ({ ...one, uploadedAt: Number(one.uploadedAt) })),
  }));
  if (golden.news !== undefined) return { ...golden, news: withTimes(golden.news) };
  if (golden.view === undefined) return golden;
  const { advisories = [] } = golden.view;
  return { ...golden, view: { ...golden.view, advisories: advisories.map(withSeverity), versions: versions! } };
}

const withSeverity = (advisory: AdvisoryView) => ({ ...advisory, severity: Number(advisory.severity) });

function withTimes({ releases, packages }: News): News {
  const withTime = (item: NewsItem) => ({ ...item, publishedAt: Number(item.publishedAt) });
  return { releases: releases.map(withTime), packages: packages.map(withTime) };
}

function renderGolden(golden: Golden): Output[] {
  if (golden.view !== undefined) return pypi.render(golden.view, golden.context);
  if (golden.news !== undefined) return renderNews(golden.news, golden.context);
  if (golden.stats !== undefined) return renderStats(golden.stats, golden.context);
  assert.ok(golden.index !== undefined, 'a golden file holds a view, news, statistics or an index');
  return renderSimpleIndex(golden.index.projects, golden.index.serial, golden.context);
}

/** The output as people review it: HTML and XML by line, JSON as a tree, after making sure that the tree gives the same bytes again. */
function readable(output: Output): unknown {
  if (output.type === 'link') return output;
  const { text, ...about } = output;
  if (output.inlay !== undefined) assert.equal(text.slice(output.inlay.at, output.inlay.at + 2), '""');
  if (/\.(html|xml)$/.test(output.path)) return { ...about, lines: text.split('\n') };
  const tree = parseExact(text);
  assert.equal(writeJson(tree), text, 'JSON is written compactly, with whole numbers exact');
  return { ...about, tree };
}

test('there is a golden file for every case that broke a client somewhere', () => {
  assert.deepEqual(files.sort(), [
    'archived.json',
    'attested.json',
    'beyond-2-53.json',
    'empty-project.json',
    'json-api.json',
    'local-version.json',
    'news.json',
    'quarantined.json',
    'requires-python.json',
    'simple-index.json',
    'stats.json',
    'wheel-and-sdist.json',
    'yanked-both.json',
    'yanked-file.json',
    'yanked.json',
  ]);
});

for (const file of files) {
  const golden = readGolden(file);
  test(golden.about, () => {
    const output = writeJson(renderGolden(golden).map(readable), 2);
    if (process.env.HOLDFAST_WRITE_GOLDEN === '1') {
      const written = { ...golden, output: parseExact(output) };
      writeFileSync(new URL(file, folder), `${writeJson(written, 2)}\n`);
      return;
    }
    assert.equal(output, writeJson(golden.output, 2));
  });

  test(`${golden.about} (the order in which files are given does not matter)`, () => {
    // News and statistics have their order from the database.
    if (golden.news !== undefined || golden.stats !== undefined) return;
    if (golden.view === undefined) {
      const reversed = { ...golden, index: { ...golden.index!, projects: golden.index!.projects.toReversed() } };
      assert.deepEqual(renderGolden(reversed), renderGolden(golden));
      return;
    }
    const versions = golden.view.versions.map((version) => ({ ...version, files: version.files.toReversed() }));
    assert.deepEqual(renderGolden({ ...golden, view: { ...golden.view, versions } }), renderGolden(golden));
  });
}

test('every address on a page leads to a stored link, for the feed at the root and for others', () => {
  for (const file of files) {
    const golden = readGolden(file);
    if (golden.view === undefined) continue;
    const output = renderGolden(golden);
    const links = new Set(output.filter((one) => one.type === 'link').map((link) => link.path));
    const page = output.find((one) => one.path === projectJson(golden.view!.normalizedName));
    assert.ok(page?.type === 'document');
    const { files: listed } = JSON.parse(page.text) as {
      files: { url: string; provenance?: string; 'core-metadata': unknown }[];
    };
    const expected = new Set<string>();
    for (const { url, provenance, 'core-metadata': coreMetadata } of listed) {
      assert.ok(url.startsWith(`${golden.context.feedPath}/packages/`), url);
      assert.ok(!url.includes('+') && !url.includes('!'), url);
      const path = decodeURIComponent(url.slice(golden.context.feedPath.length + 1));
      expected.add(path);
      if (coreMetadata !== false) expected.add(`${path}.metadata`);
      assertBlob(path, golden.view.normalizedName);
      if (provenance === undefined) continue;
      assert.ok(provenance.startsWith(`${golden.context.feedUrl}/integrity/`), provenance);
      const beside = decodeURIComponent(provenance.slice(golden.context.feedUrl.length + 1));
      expected.add(beside);
      assertBlob(beside, golden.view.normalizedName);
    }
    assert.deepEqual(links, expected);
  }
});

function assertBlob(path: string, packageName: string): void {
  const target = pypi.route({
    method: 'GET',
    path,
    query: new URLSearchParams(),
    search: '',
    headers: {},
    accept: '*/*',
  });
  assert.partialDeepStrictEqual(target, { type: 'blob', path, packageName });
}

test("hatch's way of reading the HTML finds every file name", () => {
  for (const file of files) {
    const golden = readGolden(file);
    if (golden.view === undefined) continue;
    const page = renderGolden(golden).find((one) => one.path.endsWith('.html'));
    assert.ok(page?.type === 'document');
    const found = [...page.text.matchAll(/<a [^>]+>([^<]+)<\/a>/g)].map((match) => match[1]);
    const offered = golden.view.status === 'quarantined' ? [] : golden.view.versions;
    assert.deepEqual(found.toSorted(), offered.flatMap((v) => v.files.map((f) => f.filename)).toSorted());
  }
});
