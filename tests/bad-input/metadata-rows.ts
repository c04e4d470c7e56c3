/** Metadata that a good archive holds: names and versions that are none, wrong encodings, hostile XML, lengths without end. */
import { nuspecText } from '../packages/nuspec.ts';
import { zipOf } from '../validate/zip-by-hand.ts';
import { badName, contentsOf, fileRows, metadata, nuspec, packageZip } from './packages.ts';
import { type Bound, type Row, usual } from './row.ts';

/** A nuspec, or core metadata, as these bytes. */
function withText(kind: 'wheel' | 'nupkg', bytes: Buffer | string): Promise<Buffer> {
  const [first, ...others] = contentsOf(kind);
  return zipOf([[first![0], bytes, { compress: true }], ...others]);
}

const nuspecs = (name: string, make: () => Buffer | string, says: string): Row[] =>
  fileRows('Hostile and wrong nuspecs', ['nupkg'], name, (kind) => withText(kind, make()), 400, says, usual);
const metadatas = (name: string, make: () => Buffer | string, says: string, bound: Bound = usual): Row[] =>
  fileRows('Wrong core metadata', ['wheel'], name, (kind) => withText(kind, make()), 400, says, bound);

const inMetadata = (xml: string) => nuspec.replace('</metadata>', `${xml}</metadata>`);
const withId = (id: string) => nuspecText({ id, version: '1.0.0' });
const withVersion = (version: string) => nuspecText({ id: badName, version });
const shownId = (id: string) =>
  `The package id ${id} is not allowed: letters, digits and _ joined by single dots or hyphens, 100 characters at most.`;
const shownVersion = (version: string) =>
  `The version ${version} is not one that NuGet takes (such as 1.2.3 or 1.2.3-beta.1, 64 characters at most).`;
const before = (line: string) => metadata.replace('Summary:', `${line}\nSummary:`);

export const metadataRows: readonly Row[] = [
  ...nuspecs(
    'entities that grow to a billion',
    () => `<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>${nuspec.slice(nuspec.indexOf('<package'))}`,
    'The nuspec has a document type declaration, which is not allowed.',
  ),
  ...nuspecs(
    'an entity that is a file of the server',
    () => `<!DOCTYPE a SYSTEM "file:///etc/passwd">${nuspec.slice(nuspec.indexOf('<package'))}`,
    'The nuspec has a document type declaration, which is not allowed.',
  ),
  ...nuspecs(
    'an entity that nobody declared',
    () => inMetadata('<title>&x;</title>'),
    'The nuspec is not well-formed XML: … undefined entity.',
  ),
  ...nuspecs(
    'elements one inside the other, a million deep',
    () => '<a>'.repeat(1_300_000),
    'The nuspec nests its elements deeper than 32.',
  ),
  ...nuspecs(
    'prefixes that nobody declared, a million deep',
    () => '<a:a>'.repeat(800_000),
    'The nuspec is not well-formed XML: …',
  ),
  ...nuspecs(
    'a million elements',
    () => inMetadata('<a/>'.repeat(1_000_000)),
    'The nuspec has more than 50000 elements and attributes.',
  ),
  ...nuspecs(
    'a hundred thousand attributes',
    () => inMetadata(`<a ${Array.from({ length: 100_000 }, (_, index) => `a${index}=""`).join(' ')}/>`),
    'The nuspec has more than 50000 elements and attributes.',
  ),
  ...nuspecs(
    'a nuspec of 5 MiB',
    () => inMetadata(' '.repeat(5 * 1024 * 1024)),
    'The nuspec is larger than 4194304 bytes.',
  ),
  ...nuspecs('a nuspec that ends in the middle', () => nuspec.slice(0, 200), 'The nuspec is not well-formed XML: …'),
  ...nuspecs('an empty nuspec', () => '', 'The nuspec is not well-formed XML: …'),
  ...nuspecs(
    'Latin-1',
    () => Buffer.from(inMetadata('<title>Gr\xfcn</title>'), 'latin1'),
    'The nuspec is not valid UTF-8, nor UTF-16 with a byte order mark.',
  ),
  ...nuspecs(
    'UTF-16 without a byte order mark',
    () => Buffer.from(nuspec, 'utf16le'),
    'The nuspec is not well-formed XML: …',
  ),
  ...nuspecs(
    'an encoding that its bytes are not',
    () => nuspec.replace('utf-8', 'utf-7'),
    'The nuspec says that its encoding is utf-7, which its bytes are not; save it as UTF-8.',
  ),
  ...nuspecs('a zero byte', () => inMetadata('<title>a\0b</title>'), 'The nuspec is not well-formed XML: …'),
  ...nuspecs('the id twice', () => inMetadata('<id>Other</id>'), 'The nuspec has <id> more than once.'),
  ...nuspecs('no id', () => nuspec.replace(/<id>.*<\/id>/, ''), 'The nuspec has no <id>, which NuGet needs.'),
  ...nuspecs('an id that climbs', () => withId('../../x'), shownId('"../../x"')),
  ...nuspecs('an id of 101 letters', () => withId('a'.repeat(101)), shownId('…')),
  ...nuspecs('an id in decomposed letters', () => withId('Gru\u0308n'), shownId('"Gru?n"')),
  ...nuspecs('a version that is none', () => withVersion('one'), shownVersion('"one"')),
  ...nuspecs(
    'a version with a number beyond 2,147,483,647',
    () => withVersion('1.2147483648.0'),
    shownVersion('"1.2147483648.0"'),
  ),
  ...nuspecs('a version of 65 characters', () => withVersion(`1.0.0-${'a'.repeat(59)}`), shownVersion('…')),
  ...nuspecs(
    'an address that is a script',
    () => inMetadata('<projectUrl>javascript:alert(1)</projectUrl>'),
    '<projectUrl> of the nuspec must be a whole http or https address.',
  ),
  ...nuspecs(
    'a licence expression that is none',
    () => inMetadata('<license type="expression">&lt;b&gt;</license>'),
    'The licence expression "<b>" is not an SPDX expression.',
  ),
  ...nuspecs(
    'a dependency on a range that is none',
    () => inMetadata('<dependencies><dependency id="A" version="[2,1]"/></dependencies>'),
    'The dependency "A" has the version range "[2,1]", which is none.',
  ),
  ...nuspecs(
    'a readme that is not in the package',
    () => inMetadata('<readme>..\\..\\x.md</readme>'),
    'The nuspec names a readme file that is not in the package.',
  ),
  ...fileRows(
    'Hostile and wrong nuspecs',
    ['nupkg'],
    'no nuspec',
    () => zipOf([['a.txt', 'text']]),
    400,
    'The package has no nuspec at its root.',
    usual,
  ),
  ...fileRows(
    'Hostile and wrong nuspecs',
    ['nupkg'],
    'two nuspecs',
    (kind) => packageZip(kind, [['Other.nuspec', nuspec]]),
    400,
    'The package has more than one nuspec at its root.',
    usual,
  ),
  ...metadatas(
    'METADATA of 17 MiB',
    () => `${metadata}${' '.repeat(17 * 1024 * 1024)}`,
    "'bad_input-1.0.0.dist-info/METADATA' unpacks to more than 16777216 bytes.",
  ),
  ...metadatas(
    'a field of five million lines',
    () => before(`Keywords: a${'\n a'.repeat(5_000_000)}`),
    "METADATA has a 'keywords' of more than 65536 characters.",
    { memoryMiB: 160, disk: 'the upload' },
  ),
  ...metadatas(
    'eleven thousand fields',
    () => before('Classifier: a\n'.repeat(11_000).trimEnd()),
    'METADATA has more than 10000 fields.',
  ),
  ...metadatas('Latin-1', () => Buffer.from(before('Author: Gr\xfcn'), 'latin1'), 'METADATA is not UTF-8 text.'),
  ...metadatas('UTF-16', () => Buffer.from(`\ufeff${metadata}`, 'utf16le'), 'METADATA is not UTF-8 text.'),
  ...metadatas(
    'a byte order mark',
    () => `\ufeff${metadata}`,
    'Line 1 of METADATA is neither a field nor the indented rest of one.',
  ),
  ...metadatas('a zero byte', () => before('Author: a\0b'), 'METADATA has a NUL character in it.'),
  ...metadatas('the name twice', () => before('Name: other'), 'METADATA has more than one Name.'),
  ...metadatas('no version', () => metadata.replace(/Version: 1.0.0\n/, ''), 'METADATA has no Version.'),
  ...metadatas(
    'Metadata-Version 9.9',
    () => metadata.replace('Metadata-Version: 2.1', 'Metadata-Version: 9.9'),
    'METADATA has the Metadata-Version 9.9; this gallery knows 1.0 to …',
  ),
  ...metadatas(
    'a name that climbs',
    () => metadata.replace(badName, '../x'),
    "METADATA has the Name '../x', which is not a valid project name.",
  ),
  ...metadatas(
    'the Kelvin sign for a k',
    () => metadata.replace(badName, '\u212aelvin'),
    "METADATA has the Name '?elvin', which is not a valid project name.",
  ),
  ...metadatas(
    'a version that is none',
    () => metadata.replace('Version: 1.0.0', 'Version: one'),
    "METADATA has the Version 'one', which is not one (PEP 440).",
  ),
  ...metadatas(
    'the metadata of another package',
    () => metadata.replace(badName, 'other'),
    "The file is named 'bad_input-1.0.0-py3-none-any.whl', but its METADATA is that of 'other' version '1.0.0'.",
  ),
  ...fileRows(
    'Wrong core metadata',
    ['wheel'],
    'no .dist-info folder',
    () => zipOf([['a.py', '']]),
    400,
    'The wheel holds no .dist-info folder.',
    usual,
  ),
  ...fileRows(
    'Wrong core metadata',
    ['wheel'],
    'two .dist-info folders',
    (kind) => packageZip(kind, [['b-1.dist-info/METADATA', '']]),
    400,
    'The wheel holds more than one .dist-info folder.',
    usual,
  ),
  ...fileRows(
    'Wrong core metadata',
    ['wheel'],
    'no RECORD',
    async (kind) => zipOf(contentsOf(kind).slice(0, 2)),
    400,
    'The wheel holds no RECORD in its .dist-info folder.',
    usual,
  ),
];
