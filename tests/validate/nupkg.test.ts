/** What a NuGet package must be to be taken, on packages made entry by entry. */
import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { after, before, test } from 'node:test';
import { ZipFile } from 'yazl';
import { isRefusal, type Refusal } from '../../src/std/refusals.ts';
import type { ArchiveLimits, Candidate } from '../../src/validate/candidate.ts';
import { inspectNupkg } from '../../src/validate/nupkg/inspect.ts';

const limits: ArchiveLimits = {
  entriesMax: 1000,
  unpackedBytesMax: 64 * 1024 * 1024,
  extractBytesMax: 8 * 1024 * 1024,
  ratioMax: 200,
};
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 0]);

let folder = '';
let made = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-nupkg-'));
});
after(() => rm(folder, { recursive: true }));

type Entries = Record<string, Uint8Array | string>;

async function inspect(entries: Entries): Promise<Candidate | Refusal> {
  const path = join(folder, `${made++}.nupkg`);
  const zip = new ZipFile();
  for (const [name, contents] of Object.entries(entries)) zip.addBuffer(Buffer.from(contents), name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
  return inspectNupkg(path, limits);
}

const fields = { id: 'Demo.Lib', version: '1.0', authors: 'Ann', description: 'A demonstration.' };

/** A nuspec with the four needed fields, of which any may be replaced or (as undefined) left out, and more XML. */
function nuspec(more = '', replaced: Record<string, string | undefined> = {}, attributes = ''): string {
  const needed = Object.entries({ ...fields, ...replaced })
    .map(([name, text]) => (text === undefined ? '' : `<${name}>${text}</${name}>`))
    .join('');
  return `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
<metadata ${attributes}>${needed}${more}</metadata></package>`;
}

async function accepted(entries: Entries): Promise<Candidate> {
  const candidate = await inspect(entries);
  assert.ok(!isRefusal(candidate), isRefusal(candidate) ? candidate.message : '');
  return candidate;
}

async function refused(entries: Entries, code: string, sentence: RegExp): Promise<void> {
  const refusal = await inspect(entries);
  assert.ok(isRefusal(refusal), 'the package was taken');
  assert.equal(refusal.code, code, refusal.message);
  assert.match(refusal.message, sentence);
}

const refusedNuspec = (text: string, sentence: RegExp, code = 'metadata-invalid'): Promise<void> =>
  refused({ 'demo.nuspec': text }, code, sentence);

test('the smallest package is taken, under its normalised name and version', async () => {
  const text = nuspec();
  const candidate = await accepted({ 'Demo.Lib.nuspec': text, 'lib/net8.0/_._': '' });
  assert.deepEqual(candidate, {
    ecosystem: 'nupkg',
    name: 'Demo.Lib',
    normalizedName: 'demo.lib',
    version: '1.0',
    normalizedVersion: '1.0.0',
    sortKey: '0000000001.0000000000.0000000000.0000000000~',
    isPrerelease: false,
    kind: 'library',
    fileKind: 'nupkg',
    filename: 'demo.lib.1.0.0.nupkg',
    versionMetadata: {
      id: 'Demo.Lib',
      verbatimVersion: '1.0',
      normalizedVersion: '1.0.0',
      isSemVer2: false,
      authors: 'Ann',
      description: 'A demonstration.',
      tags: [],
      requireLicenseAcceptance: false,
      developmentDependency: false,
      packageTypes: [],
      dependencyGroups: [],
    },
    fileMetadata: {},
    extracts: [{ name: 'nuspec', bytes: Buffer.from(text), contentType: 'application/xml' }],
  });
});

test('everything that a nuspec tells is read', async () => {
  const more = `<title> The Demo </title><owners>nobody</owners><summary>S</summary><releaseNotes><![CDATA[a < b]]></releaseNotes>
    <copyright>© Ann</copyright><language>en-GB</language><tags> one, two;three  four </tags>
    <projectUrl>https://example.org/p?a=1&amp;b=2</projectUrl><licenseUrl>https://licenses.example.org/MIT</licenseUrl>
    <license type="expression">MIT OR Apache-2.0</license><iconUrl>http://example.org/i.png</iconUrl>
    <requireLicenseAcceptance>True</requireLicenseAcceptance><developmentDependency>true</developmentDependency>
    <repository type="git" url="https://example.org/r.git" branch="main" commit="abc" />
    <packageTypes><packageType name="Dependency" version="1.0" /></packageTypes>
    <frameworkReferences><group targetFramework="net8.0"><frameworkReference name="X" /></group></frameworkReferences>
    <dependencies><group targetFramework="net8.0"><dependency id="Other.Lib" version="1.0" exclude="Build" /></group>
    <group targetFramework=".NETStandard2.0" /><group><dependency id="Any" /></group></dependencies>`;
  const text = nuspec(more, { version: '1.2.3-Beta.1+Build.7' }, 'minClientVersion="3.3.0"');
  const candidate = await accepted({ 'x.nuspec': text });
  assert.equal(candidate.version, '1.2.3-Beta.1+Build.7');
  assert.equal(candidate.normalizedVersion, '1.2.3-beta.1');
  assert.equal(candidate.isPrerelease, true);
  assert.deepEqual(candidate.versionMetadata, {
    id: 'Demo.Lib',
    verbatimVersion: '1.2.3-Beta.1+Build.7',
    normalizedVersion: '1.2.3-Beta.1',
    buildMetadata: 'Build.7',
    isSemVer2: true,
    title: 'The Demo',
    authors: 'Ann',
    description: 'A demonstration.',
    summary: 'S',
    releaseNotes: 'a < b',
    copyright: '© Ann',
    language: 'en-GB',
    tags: ['one', 'two', 'three', 'four'],
    projectUrl: 'https://example.org/p?a=1&b=2',
    licenseUrl: 'https://licenses.example.org/MIT',
    licenseExpression: 'MIT OR Apache-2.0',
    iconUrl: 'http://example.org/i.png',
    requireLicenseAcceptance: true,
    minClientVersion: '3.3.0',
    developmentDependency: true,
    repository: { type: 'git', url: 'https://example.org/r.git', branch: 'main', commit: 'abc' },
    packageTypes: [{ name: 'Dependency', version: '1.0' }],
    dependencyGroups: [
      { targetFramework: 'net8.0', dependencies: [{ id: 'Other.Lib', range: '[1.0.0, )' }] },
      { targetFramework: '.NETStandard2.0', dependencies: [] },
      { dependencies: [{ id: 'Any', range: '(, )' }] },
    ],
  });
});

test('a flat list of dependencies is one group for every framework', async () => {
  const { versionMetadata } = await accepted({
    'x.nuspec': nuspec(
      '<dependencies><dependency id="A" version="[1.0]"/><dependency id="B" version=""/></dependencies>',
    ),
  });
  assert.deepEqual(versionMetadata.dependencyGroups, [
    {
      dependencies: [
        { id: 'A', range: '[1.0.0, 1.0.0]' },
        { id: 'B', range: '(, )' },
      ],
    },
  ]);
});

test('a dependency on a SemVer 2 version makes the package a SemVer 2 package', async () => {
  const { versionMetadata } = await accepted({
    'x.nuspec': nuspec('<dependencies><dependency id="A" version="1.0.0-rc.1"/></dependencies>'),
  });
  assert.equal(versionMetadata.isSemVer2, true);
});

test('package types and the tags of PowerShell tell what a version is for', async () => {
  const kind = async (more: string, files: Entries = {}): Promise<string> =>
    (await accepted({ 'x.nuspec': nuspec(more), ...files })).kind;
  const module = { 'Demo.Lib.psd1': "@{ ModuleVersion = '1.0'; Author = 'Ann'; Description = 'A demonstration.' }" };
  const script = {
    'Demo.Lib.ps1': `<#PSScriptInfo
.VERSION 1.0
.GUID 11111111-2222-4333-a444-555555555555
.AUTHOR Ann
.DESCRIPTION A demonstration.
#>`,
  };
  assert.equal(await kind('<packageTypes><packageType name="DotnetTool"/></packageTypes>'), 'tool');
  assert.equal(await kind('<packageTypes><packageType name="template"/></packageTypes>'), 'template');
  assert.equal(await kind('<tags>a PSModule</tags>', module), 'powershell-module');
  assert.equal(await kind('<tags>psscript</tags>', script), 'powershell-script');
  assert.equal(await kind('<tags>PSModuleLike</tags>'), 'library');
  const tool = '<tags>PSModule</tags><packageTypes><packageType name="DotnetTool"/></packageTypes>';
  assert.equal(await kind(tool), 'tool', 'whatever its tags say');
});

test('a readme, an icon and a licence inside the package are taken out as they are', async () => {
  const more = '<readme>docs\\README.md</readme><icon>icon.png</icon><license type="file">my licence.TXT</license>';
  const readme = '\ufeff# Häuser\r\n';
  const candidate = await accepted({
    'x.nuspec': nuspec(more),
    'docs/readme.md': readme,
    'icon.png': jpeg,
    'my%20licence.txt': 'Free.',
  });
  assert.deepEqual(candidate.extracts.slice(1), [
    { name: 'readme', bytes: Buffer.from(readme), contentType: 'text/markdown' },
    { name: 'icon', bytes: jpeg, contentType: 'image/jpeg' },
    { name: 'license', bytes: Buffer.from('Free.'), contentType: 'text/plain' },
  ]);
  assert.equal(candidate.versionMetadata.readmeFile, 'docs\\README.md');
  const other = await accepted({
    'x.nuspec': nuspec('<icon>i</icon><license type="file">L.md</license>'),
    i: png,
    'L.md': '# L',
  });
  assert.deepEqual(
    other.extracts.slice(1).map((extract) => extract.contentType),
    ['image/png', 'text/markdown'],
  );
});

test('a nuspec in any namespace or none, and in UTF-16, is read', async () => {
  const bare = nuspec().replace(/ xmlns="[^"]+"/, '');
  assert.equal((await accepted({ 'x.nuspec': bare })).name, 'Demo.Lib');
  const inner = bare.replace(
    '<metadata ',
    '<metadata xmlns="http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd" ',
  );
  assert.equal((await accepted({ 'x.nuspec': inner })).name, 'Demo.Lib');
  const wide = `\ufeff${nuspec('', { id: 'Пакет' }).replace('utf-8', 'utf-16')}`;
  const littleEndian = Buffer.from(wide, 'utf16le');
  assert.equal((await accepted({ 'x.nuspec': littleEndian })).normalizedName, 'пакет');
  assert.equal((await accepted({ 'x.nuspec': Buffer.from(littleEndian).swap16() })).normalizedName, 'пакет');
});

test('a package without a nuspec at its root, or with two, is refused', async () => {
  await refused({ 'sub/x.nuspec': nuspec() }, 'metadata-missing', /no nuspec at its root/);
  await refused({ 'x.nuspec': nuspec(), 'Y.NUSPEC': nuspec() }, 'metadata-invalid', /more than one nuspec/);
});

test('a file that is no zip archive is refused', async () => {
  const refusal = await inspectNupkg(import.meta.filename, limits);
  assert.ok(isRefusal(refusal) && refusal.code === 'archive-unreadable');
});

test('XML that could be read in two ways, or is made to harm, is refused', async () => {
  await refusedNuspec('not xml', /not well-formed/);
  await refusedNuspec(nuspec().replace('</package>', ''), /not well-formed/);
  await refusedNuspec(nuspec('', { id: '&demo;' }), /not well-formed/);
  const withType = nuspec('', { id: '&d;' }).replace('<package ', '<!DOCTYPE package [<!ENTITY d "x">]><package ');
  await refusedNuspec(withType, /document type declaration/);
  await refusedNuspec(nuspec('<a>'.repeat(40) + '</a>'.repeat(40)), /deeper than 32/);
  await refusedNuspec(nuspec().replace('utf-8', 'windows-1252'), /encoding is windows-1252/);
  await refusedNuspec(nuspec().replace('version="1.0"', 'version="1.1"'), /XML 1\.1/);
  await refused(
    { 'x.nuspec': Buffer.from(nuspec('<title>é</title>'), 'latin1') },
    'metadata-invalid',
    /not valid UTF-8/,
  );
  await refusedNuspec(nuspec('<id>Other</id>'), /<id> more than once/);
  await refusedNuspec(nuspec('', { description: 'a <b>c</b>' }), /<description> .* other elements/);
  await refusedNuspec('<package><metadata/><metadata/></package>', /exactly one <metadata>/);
  await refusedNuspec('<other/>', /exactly one <metadata>/);
});

test('a nuspec of more than four mebibytes is refused before it is read', async () => {
  const padded = (bytes: number): string =>
    nuspec('', { description: 'a'.repeat(bytes - nuspec('', { description: '' }).length) });
  await refusedNuspec(padded(4_194_305), /nuspec is larger than 4194304/);
  await accepted({ 'x.nuspec': padded(4_194_304) });
});

test('elements and attributes of a foreign namespace say nothing', async () => {
  const dependency = '<dependency id="A" xmlns:f="urn:f" f:version="1.*" f:id="a b"/>';
  const { versionMetadata } = await accepted({ 'x.nuspec': nuspec(`<dependencies>${dependency}</dependencies>`) });
  assert.deepEqual(versionMetadata.dependencyGroups, [{ dependencies: [{ id: 'A', range: '(, )' }] }]);
  const candidate = await accepted({ 'x.nuspec': nuspec('<f:id xmlns:f="urn:f">Evil</f:id>') });
  assert.equal(candidate.name, 'Demo.Lib');
});

test('a field that NuGet needs may not be absent or empty', async () => {
  for (const name of ['authors', 'description']) {
    await refusedNuspec(nuspec('', { [name]: undefined }), new RegExp(`no <${name}>`));
    await refusedNuspec(nuspec('', { [name]: ' ' }), new RegExp(`no <${name}>`));
  }
  await refusedNuspec(nuspec('', { id: undefined }), /no <id>/);
  await refusedNuspec(nuspec('', { version: undefined }), /no <version>/);
});

test('an id that NuGet does not allow is refused', async () => {
  for (const id of ['a b', '../x', 'a..b', 'a'.repeat(101), 'e\u0301']) {
    await refusedNuspec(nuspec('', { id }), /package id .* is not allowed/, 'name-invalid');
  }
});

test('a version that NuGet does not take, or is too long with its id, is refused', async () => {
  for (const version of ['1.0.0-01', '1.x', '99999999999', `1.0.0-${'a'.repeat(60)}`]) {
    await refusedNuspec(nuspec('', { version }), /is not one that NuGet takes/, 'version-invalid');
  }
  const long = { id: 'a'.repeat(100), version: `1.0.0-${'a'.repeat(55)}` };
  await refusedNuspec(nuspec('', long), /together have more than 160/, 'version-invalid');
});

test('dependencies that no client could follow are refused', async () => {
  const depends = (inner: string): string => nuspec(`<dependencies>${inner}</dependencies>`);
  await refusedNuspec(depends('<dependency id="a b" version="1.0"/>'), /not an allowed package id/);
  await refusedNuspec(depends('<dependency version="1.0"/>'), /not an allowed package id/);
  await refusedNuspec(depends('<dependency id="A" version="1.*"/>'), /version range "1\.\*"/);
  await refusedNuspec(depends('<dependency id="A" version="[2,1]"/>'), /version range/);
  await refusedNuspec(depends('<dependency id="A"/><dependency id="a"/>'), /twice in one group/);
  await refusedNuspec(depends('<dependency id="A"/><group/>'), /inside and outside of groups/);
});

test('addresses that are not whole web addresses are refused', async () => {
  for (const name of ['projectUrl', 'licenseUrl', 'iconUrl']) {
    for (const url of ['/x', 'javascript:alert(1)', 'example.org', 'http://']) {
      await refusedNuspec(nuspec(`<${name}>${url}</${name}>`), new RegExp(`<${name}> .* whole http or https`));
    }
  }
});

test('a licence is either an expression or a file', async () => {
  await refusedNuspec(nuspec('<license>MIT</license>'), /the type "expression" or "file"/);
  await refusedNuspec(nuspec('<license type="expression">MIT &lt;</license>'), /not an SPDX expression/);
  const both = '<license type="expression">MIT</license><license type="file">L</license>';
  await refusedNuspec(nuspec(both), /<license> more than once/);
  await refusedNuspec(nuspec('<license type="expression"> </license>'), /no <license>/);
  await refusedNuspec(
    nuspec(`<license type="expression">${'('.repeat(1_000_000)}</license>`),
    /more than 500 characters/,
  );
  await refusedNuspec(nuspec(`<license type="expression">${'M'.repeat(501)}</license>`), /more than 500 characters/);
});

test('embedded files must be there, be small, and be what they are called', async () => {
  const missing = { readme: 'R.md', icon: 'i.png' };
  for (const [name, path] of Object.entries(missing)) {
    await refusedNuspec(nuspec(`<${name}>${path}</${name}>`), new RegExp(`${name} file that is not in the package`));
  }
  await refusedNuspec(nuspec('<license type="file">L</license>'), /license file that is not in the package/);
  const withFile = (name: string, bytes: Uint8Array): Entries => ({
    'x.nuspec': nuspec(`<${name}>f</${name}>`),
    f: bytes,
  });
  const big = Buffer.alloc(1_048_577, 'a');
  await refused(withFile('readme', big), 'metadata-invalid', /readme file is larger than 1048576/);
  await accepted(withFile('readme', big.subarray(1)));
  await refused(withFile('readme', Buffer.from([0xff])), 'metadata-invalid', /readme file is not valid UTF-8/);
  const twice = { 'x.nuspec': nuspec('<readme>a b</readme>'), 'a b': '', 'a%20b': '' };
  await refused(twice, 'metadata-invalid', /readme file that the nuspec names more than once/);
  await refused(withFile('icon', Buffer.from('<svg/>')), 'metadata-invalid', /neither a PNG nor a JPEG/);
});

test('a symbol package is no package', async () => {
  const more = '<packageTypes><packageType name="SymbolsPackage"/></packageTypes>';
  await refusedNuspec(nuspec(more), /symbol package/);
  await refusedNuspec(nuspec('<packageTypes><packageType/></packageTypes>'), /has no name/);
});

test('a lowest client version that is no version is refused', async () => {
  await refusedNuspec(nuspec('', {}, 'minClientVersion="latest"'), /minClientVersion/);
});
