/** What wheels and source distributions tell about themselves, and which of them are refused. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { isRefusal, type Refusal, type RefusalCode } from '../../src/std/refusals.ts';
import type { ArchiveLimits, Candidate } from '../../src/validate/candidate.ts';
import { parseCoreMetadata } from '../../src/validate/python/core-metadata.ts';
import { inspectPythonFile } from '../../src/validate/python/inspect.ts';
import { pythonRules } from '../../src/validate/python/rules.ts';
import { tarGz } from '../packages/archive.ts';
import { metadataOf, sdistOf, wheelOf } from './python-files.ts';

const folder = await mkdtemp(join(tmpdir(), 'holdfast-python-'));
after(async () => {
  const open = await openFilesIn(folder);
  await rm(folder, { recursive: true });
  assert.deepEqual(open, [], 'every file is closed');
});

const limits: ArchiveLimits = { entriesMax: 100, unpackedBytesMax: 1 << 24, extractBytesMax: 1 << 18, ratioMax: 50 };
const usual = pythonRules([], []);
/** Reading is tried with fields that no new file may have together. */
const forOldFiles = pythonRules([], ['direct-requirements', 'old-metadata']);
let made = 0;

async function openFilesIn(path: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
  return (await Promise.all(links)).filter((target) => target.startsWith(path));
}

async function inspect(filename: string, bytes: Uint8Array, rules = usual): Promise<Candidate | Refusal> {
  made += 1;
  const path = join(folder, `${made}.upload`);
  await writeFile(path, bytes);
  return inspectPythonFile(path, filename, limits, rules);
}

async function assertAccepted(filename: string, bytes: Uint8Array, rules = usual): Promise<Candidate> {
  const candidate = await inspect(filename, bytes, rules);
  if (isRefusal(candidate)) assert.fail(`${filename} refused: ${candidate.message}`);
  return candidate;
}

async function assertRefused(filename: string, bytes: Uint8Array, code: RefusalCode, words: RegExp): Promise<void> {
  const candidate = await inspect(filename, bytes);
  if (!isRefusal(candidate)) assert.fail(`${filename} accepted, but should be refused: ${words}`);
  assert.match(candidate.message, words);
  assert.equal(candidate.code, code);
}

const fullMetadata = `Metadata-Version: 2.5
Name: Demo.Py
Version: 1.0.0+Local.1
Dynamic: Classifier
Platform: any
Platform: UNKNOWN
Supported-Platform: linux
Summary: A demo
  in two lines
Description-Content-Type: text/markdown; charset=UTF-8
Keywords: a,b
Author: Äda
Author-email: Ada <ada@example.org>
Maintainer: Bo
Maintainer-email: bo@example.org
License: First line
        Second line
         indented by one
License-Expression: MIT
License-File: LICENSE
License-File: NOTICE
classifier: Private :: Do Not Upload
Classifier: Programming Language :: Python
Requires-Dist: requests>=2; extra == "web"
Requires-Dist: Other (<3)
Requires-Dist: third @ https://example.org/third.whl
Requires-Python: >=3.8, !=3.9.*
Requires-External: libc
Project-URL: Source, https://example.org/a,b
Provides-Extra: web
Home-page: UNKNOWN
Download-URL: https://example.org/d
Import-Name: demo.py ; private
Import-Namespace: demo

# Demo

    indented, with "Name: not a header"
`;

test('a wheel tells its identity, its metadata and its exact METADATA bytes', async () => {
  const filename = 'Demo.Py-1.0+local.1-1-py2.py3-none-any.whl';
  const wheel = await wheelOf('Demo.Py-1.0.0+local.1.dist-info', fullMetadata);
  const candidate = await assertAccepted(filename, wheel, forOldFiles);
  const { versionMetadata, extracts, sortKey, ...rest } = candidate;
  assert.deepEqual(rest, {
    ecosystem: 'python',
    name: 'Demo.Py',
    normalizedName: 'demo-py',
    version: '1.0.0+Local.1',
    normalizedVersion: '1.0.0+local.1',
    isPrerelease: false,
    kind: 'library',
    fileKind: 'wheel',
    filename,
    fileMetadata: { requiresPython: '>=3.8, !=3.9.*', metadataVersion: '2.5', pythonTag: 'py2.py3' },
  });
  assert.ok(sortKey.length > 0);
  assert.deepEqual(versionMetadata, {
    metadataVersion: '2.5',
    name: 'Demo.Py',
    version: '1.0.0+Local.1',
    dynamic: ['Classifier'],
    platforms: ['any'],
    supportedPlatforms: ['linux'],
    summary: 'A demo in two lines',
    descriptionContentType: 'text/markdown; charset=UTF-8',
    keywords: 'a,b',
    author: 'Äda',
    authorEmail: 'Ada <ada@example.org>',
    maintainer: 'Bo',
    maintainerEmail: 'bo@example.org',
    license: 'First line\nSecond line\n indented by one',
    licenseExpression: 'MIT',
    licenseFiles: ['LICENSE', 'NOTICE'],
    classifiers: ['Private :: Do Not Upload', 'Programming Language :: Python'],
    requiresDist: ['requests>=2; extra == "web"', 'Other (<3)', 'third @ https://example.org/third.whl'],
    requiresPython: '>=3.8, !=3.9.*',
    requiresExternal: ['libc'],
    projectUrls: [{ label: 'Source', url: 'https://example.org/a,b' }],
    providesExtra: ['web'],
    providesDist: [],
    obsoletesDist: [],
    homePage: undefined,
    downloadUrl: 'https://example.org/d',
    importNames: ['demo.py ; private'],
    importNamespaces: ['demo'],
  });
  assert.deepEqual(
    extracts.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]),
    [['core-metadata', fullMetadata]],
  );
});

test('the long description comes from the body or the header, apart from the other fields', () => {
  const parse = (text: string) => {
    const parsed = parseCoreMetadata(Buffer.from(text), 'METADATA');
    if (isRefusal(parsed)) assert.fail(parsed.message);
    return parsed;
  };
  const body = parse(fullMetadata);
  assert.equal(body.description, '# Demo\n\n    indented, with "Name: not a header"\n');
  assert.ok(!JSON.stringify(body.metadata).includes('indented, with'));
  const folded = parse(metadataOf('demo', '1.0', 'Description: First\n        \n            code\n       |piped\n'));
  assert.equal(folded.description, 'First\n\n    code\npiped');
  const long = parse(metadataOf('demo', '1.0', `Description: ${'x'.repeat(100_000)}\n`));
  assert.equal(long.description?.length, 100_000);
  assert.equal(parse(metadataOf('demo', '1.0', 'Description: UNKNOWN\n')).description, undefined);
  assert.equal(parse(metadataOf('demo', '1.0', '\nUNKNOWN\n')).description, undefined);
  assert.equal(parse(metadataOf('demo', '1.0')).description, undefined);
});

test('metadata with the line ends of Windows is read the same', () => {
  const unix = parseCoreMetadata(Buffer.from(fullMetadata), 'METADATA');
  const windows = parseCoreMetadata(Buffer.from(fullMetadata.replaceAll('\n', '\r\n')), 'METADATA');
  assert.ok(!isRefusal(unix));
  assert.deepEqual(windows, unix);
});

test('a source distribution of setuptools, with hyphens in its name, is accepted', async () => {
  const filename = 'demo-py-1.0.0.tar.gz';
  const candidate = await assertAccepted(filename, await sdistOf('demo-py-1.0.0', metadataOf('demo-py', '1.0.0')));
  assert.equal(candidate.normalizedName, 'demo-py');
  assert.equal(candidate.normalizedVersion, '1.0.0');
  assert.equal(candidate.fileKind, 'sdist');
  assert.equal(candidate.filename, filename);
  assert.deepEqual(candidate.fileMetadata, { requiresPython: undefined, metadataVersion: '2.1', pythonTag: 'source' });
});

test('file names are accepted in every spelling that means the same name and version', async () => {
  const names = ['demo_py-1.0.post1', 'Demo.Py-1.0-1', 'demo-py-1.0.0.post01', 'DEMO_PY-v1.0-post1'];
  for (const stem of names) {
    const sdist = await sdistOf('anything', metadataOf('Demo-Py', '1.0.post1'));
    assert.equal((await assertAccepted(`${stem}.tar.gz`, sdist)).normalizedName, 'demo-py');
  }
});

test('metadata of a source distribution is served from version 2.2 on, and kept before', async () => {
  for (const [metadataVersion, name] of [
    ['1.2', 'pkg-info'],
    ['2.1', 'pkg-info'],
    ['2.2', 'core-metadata'],
    ['2.6', 'core-metadata'],
  ] as const) {
    const metadata = metadataOf('demo', '1.0', '', metadataVersion);
    const { extracts } = await assertAccepted('demo-1.0.tar.gz', await sdistOf('demo-1.0', metadata));
    assert.deepEqual(
      extracts.map((extract) => extract.name),
      [name],
      metadataVersion,
    );
    for (const { bytes } of extracts) assert.equal(Buffer.from(bytes).toString(), metadata);
  }
});

test('pre-releases and development releases are marked as such', async () => {
  for (const [version, expected] of [
    ['1.0', false],
    ['1.0rc1', true],
    ['1.0.dev1', true],
    ['1.0.post1', false],
  ] as const) {
    const wheel = await wheelOf(`demo-${version}.dist-info`, metadataOf('demo', version));
    const candidate = await assertAccepted(`demo-${version}-py3-none-any.whl`, wheel);
    assert.equal(candidate.isPrerelease, expected, version);
  }
});

test('a file name that is not the one of the metadata is refused', async () => {
  const wheel = await wheelOf('demo-1.0.dist-info', metadataOf('demo', '1.0'));
  await assertAccepted('demo-1.0-py3-none-any.whl', wheel);
  const words = /is that of 'demo' version '1.0'/;
  await assertRefused('other-1.0-py3-none-any.whl', wheel, 'metadata-mismatch', words);
  await assertRefused('demo-1.1-py3-none-any.whl', wheel, 'metadata-mismatch', words);
  await assertRefused('demo-1.0+local-py3-none-any.whl', wheel, 'metadata-mismatch', words);
  const sdist = await sdistOf('demo-1.0', metadataOf('demo', '1.0'));
  await assertRefused('other-1.0.tar.gz', sdist, 'metadata-mismatch', words);
  await assertRefused('demo-1.0.post1.tar.gz', sdist, 'metadata-mismatch', words);
});

test('a wheel whose .dist-info folder is of another package or version is refused', async () => {
  for (const distInfo of ['other-1.0.dist-info', 'demo-1.1.dist-info', 'demo.dist-info', '.dist-info']) {
    const wheel = await wheelOf(distInfo, metadataOf('demo', '1.0'));
    await assertRefused('demo-1.0-py3-none-any.whl', wheel, 'metadata-mismatch', /is named/);
  }
});

test('a wheel must hold METADATA, WHEEL and RECORD in one .dist-info folder', async () => {
  const filename = 'demo-1.0-py3-none-any.whl';
  const metadata = metadataOf('demo', '1.0');
  for (const left of ['METADATA', 'WHEEL', 'RECORD']) {
    const wheel = await wheelOf('demo-1.0.dist-info', metadata, [left]);
    await assertRefused(filename, wheel, 'metadata-missing', new RegExp(`holds no ${left}`));
  }
  await assertRefused(filename, await wheelOf('demo', metadata), 'metadata-missing', /no .dist-info folder/);
  const nested = await wheelOf('folder/demo-1.0.dist-info', metadata);
  await assertRefused(filename, nested, 'metadata-missing', /no .dist-info folder/);
  const second = [{ path: 'other-1.0.dist-info/METADATA', content: '' }];
  const two = await wheelOf('demo-1.0.dist-info', metadata, [], second);
  await assertRefused(filename, two, 'metadata-invalid', /more than one .dist-info/);
});

test('a source distribution must hold one top folder with PKG-INFO in it', async () => {
  const metadata = metadataOf('demo', '1.0');
  const filename = 'demo-1.0.tar.gz';
  const one = /one top folder/;
  const beside = await sdistOf('demo-1.0', metadata, [{ path: 'other/file', content: '' }]);
  await assertRefused(filename, beside, 'archive-unsafe', one);
  const loose = await sdistOf('demo-1.0', metadata, [{ path: 'file', content: '' }]);
  await assertRefused(filename, loose, 'archive-unsafe', one);
  await assertRefused(filename, await tarGz([{ path: 'PKG-INFO', content: metadata }]), 'archive-unsafe', one);
  await assertRefused(filename, await tarGz([]), 'metadata-missing', /empty/);
  const without = await tarGz([{ path: 'demo-1.0/demo.egg-info/PKG-INFO', content: metadata }]);
  await assertRefused(filename, without, 'metadata-missing', /no PKG-INFO/);
});

test('file formats that ended, and other files, are refused with the reason', async () => {
  const cases: readonly (readonly [filename: string, words: RegExp])[] = [
    ['demo-1.0.zip', /Source distributions are \.tar\.gz/],
    ['demo-1.0.tgz', /not in \.tgz/],
    ['demo-1.0.tar.bz2', /Source distributions are \.tar\.gz/],
    ['demo-1.0-py3.8.egg', /Eggs are no longer accepted/],
    ['demo-1.0.win-amd64.exe', /Windows installers/],
    ['demo-1.0.msi', /Windows installers/],
    ['demo-1.0-1.noarch.rpm', /RPM packages/],
    ['demo-1.0-py3-none-any.WHL', /in lower case/],
    ['demo-1.0.TAR.GZ', /in lower case/],
    ['demo.txt', /\.whl or \.tar\.gz/],
    ['', /\.whl or \.tar\.gz/],
    ['demo-py3-none-any.whl', /not a valid wheel file name/],
    ['demo.tar.gz', /not a valid file name of a source distribution/],
    ['../demo-1.0.tar.gz', /slash/],
    ['demo\\demo-1.0.tar.gz', /slash/],
    ['demo-1.0\n.tar.gz', /control character/],
    [`demo-1.0+${'a'.repeat(250)}.tar.gz`, /longer than 240/],
  ];
  for (const [filename, words] of cases) await assertRefused(filename, Buffer.from('x'), 'filename-invalid', words);
});

test('a file that is not what its name says is refused', async () => {
  const wheel = await wheelOf('demo-1.0.dist-info', metadataOf('demo', '1.0'));
  const sdist = await sdistOf('demo-1.0', metadataOf('demo', '1.0'));
  await assertRefused('demo-1.0.tar.gz', wheel, 'archive-unreadable', /not gzip data/);
  await assertRefused('demo-1.0-py3-none-any.whl', sdist, 'archive-unreadable', /not a zip archive/);
});

test('metadata that breaks its specification is refused with the reason', async () => {
  const cases: readonly (readonly [metadata: string, code: RefusalCode, words: RegExp])[] = [
    ['', 'metadata-invalid', /no Metadata-Version/],
    ['Metadata-Version: 2.1\nVersion: 1.0\n', 'metadata-invalid', /no Name/],
    ['Metadata-Version: 2.1\nName: demo\n', 'metadata-invalid', /no Version/],
    ['Metadata-Version: 2.1\nName: demo\n\nVersion: 1.0\n', 'metadata-invalid', /no Version/],
    [metadataOf('demo', '1.0', 'name: other\n'), 'metadata-invalid', /more than one Name/],
    [metadataOf('demo', '1.0', 'Version: 1.0\n'), 'metadata-invalid', /more than one Version/],
    [metadataOf('demo', '1.0', 'Metadata-Version: 2.1\n'), 'metadata-invalid', /more than one Metadata-Version/],
    [
      metadataOf('demo', '1.0', '', '2.7'),
      'metadata-invalid',
      /Metadata-Version 2\.7; this gallery knows 1\.0 to 2\.6/,
    ],
    [metadataOf('demo', '1.0', '', '3.0'), 'metadata-invalid', /Metadata-Version 3\.0/],
    [metadataOf('demo', '1.0', '', 'two'), 'metadata-invalid', /'two', which is not one/],
    [metadataOf('-demo', '1.0'), 'name-invalid', /'-demo'/],
    [metadataOf('demo', 'one'), 'version-invalid', /'one'/],
    [metadataOf('demo', ''), 'version-invalid', /''/],
    [metadataOf('demo', '1.0', 'no header\n'), 'metadata-invalid', /Line 4 of METADATA/],
    [metadataOf('demo', '1.0', 'Author: a\0b\n'), 'metadata-invalid', /NUL/],
    [metadataOf(`a${' '.repeat(200_000)}b`, '1.0'), 'metadata-invalid', /'name' of more than/],
    [metadataOf('demo', '1.0', 'Requires-Python: 3.8\n'), 'metadata-invalid', /Requires-Python '3\.8'/],
    [metadataOf('demo', '1.0', 'Requires-Python: >=three\n'), 'metadata-invalid', /Requires-Python '>=three'/],
    [metadataOf('demo', '1.0', 'Requires-Python: ~=3.8+x\n'), 'metadata-invalid', /Requires-Python '~=3\.8\+x'/],
    [metadataOf('demo', '1.0', 'Requires-Python: >=3.*\n'), 'metadata-invalid', /Requires-Python '>=3\.\*'/],
    [metadataOf('demo', '1.0', 'Requires-Dist: -x\n'), 'metadata-invalid', /Requires-Dist '-x'/],
    [metadataOf('demo', '1.0', 'Requires-Dist: a b\n'), 'metadata-invalid', /Requires-Dist 'a b'/],
    [metadataOf('demo', '1.0', 'Project-URL: https://example.org\n'), 'metadata-invalid', /Project-URL/],
    [metadataOf('demo', '1.0', `Summary: ${'x'.repeat(2049)}\n`), 'metadata-invalid', /Summary of more than 2048/],
    [metadataOf('demo', '1.0', `Author: ${'x'.repeat(65537)}\n`), 'metadata-invalid', /'author' of more than/],
    [metadataOf('demo', '1.0', 'Platform: x\n'.repeat(10_000)), 'metadata-invalid', /more than 10000 fields/],
    [metadataOf('demo', '1.0', `\n${'x'.repeat(1 << 18)}`), 'archive-too-large', /more than 262144 bytes/],
  ];
  for (const [metadata, code, words] of cases) {
    await assertRefused('demo-1.0-py3-none-any.whl', await wheelOf('demo-1.0.dist-info', metadata), code, words);
  }
  const latin = Buffer.from(metadataOf('demo', '1.0', 'Author: \xfc\n'), 'latin1');
  assert.match((parseCoreMetadata(latin, 'PKG-INFO') as Refusal).message, /PKG-INFO is not UTF-8/);
});

test('every known Metadata-Version is accepted', async () => {
  for (const metadataVersion of ['1.0', '1.1', '1.2', '2.0', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6']) {
    const requires = 'Requires-Python: >=3.8, ===3.x, !=3.9.*, ==3.9+x,\n';
    const metadata = metadataOf('demo', '1.0', requires, metadataVersion);
    await assertAccepted('demo-1.0-py3-none-any.whl', await wheelOf('demo-1.0.dist-info', metadata));
  }
});
