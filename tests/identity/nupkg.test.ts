/**
 * Identity and order of NuGet packages. The tables hold what NuGet.Versioning of SDK 10.0.401 answers; the properties compare
 * with a comparison written from its rules. HOLDFAST_SEED replays a run.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import {
  isValidPackageId,
  normalizePackageId,
  parseNuGetVersion,
  parseVersionRange,
} from '../../src/identity/nupkg.ts';

const seed = Number(process.env.HOLDFAST_SEED ?? randomInt(2 ** 31));

function holds<T>(context: TestContext, property: fc.IProperty<T>): void {
  context.diagnostic(`HOLDFAST_SEED=${seed}`);
  fc.assert(property, { seed, numRuns: 2000 });
}

// Each is above the one before it, and no two are equal.
const ascending = [
  ...['0.0.0-a', '0.0.0', '0.0.0.1', '1.0.0--2147483648', '1.0.0--1', '1.0.0-0', '1.0.0-1', '1.0.0-2', '1.0.0-10'],
  ...['1.0.0-2147483647', '1.0.0--2147483649', '1.0.0--a', '1.0.0-0a', '1.0.0-10a', '1.0.0-2147483648'],
  ...['1.0.0-99999999999999', '1.0.0-a', '1.0.0-A.1', '1.0.0-a.2', '1.0.0-a.10', '1.0.0-a.10.0', '1.0.0-a.B'],
  ...['1.0.0-a-', '1.0.0-a-b', '1.0.0-a0', '1.0.0-alpha', '1.0.0-ALPHA1', '1.0.0-alpha10', '1.0.0-alpha2'],
  ...['1.0.0-Beta', '1.0.0-rc.1', '1.0', '1.0.0.1-a', '1.0.0.1', '1.0.0.2', '1.0.1', '1.0.9', '1.0.10', '1.2', '1.10'],
  ...['2.0.0-0', '2.0', '10.0', '2147483647.2147483647.2147483647.2147483647'],
];

function key(text: string): string {
  const version = parseNuGetVersion(text);
  assert.ok(version, text);
  return version.sortKey;
}

test('versions sort as NuGet sorts them', () => {
  for (const [index, version] of ascending.slice(1).entries()) {
    assert.ok(Buffer.compare(Buffer.from(key(ascending[index]!)), Buffer.from(key(version))) < 0, version);
  }
  const shuffled = ascending.toSorted((a, b) =>
    a.split('').reverse().join('') < b.split('').reverse().join('') ? -1 : 1,
  );
  assert.deepEqual(
    shuffled.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
    ascending,
  );
});

test('versions that NuGet calls equal have equal sort keys', () => {
  for (const [one, other] of [
    ['1.0.0-a', '1.0.0-A'],
    ['1.0.0--0', '1.0.0-0'],
    ['1.0.0--01', '1.0.0--1'],
    ['1.0.0+a', '1.0.0+b'],
    ['1', '1.0.0.0'],
  ] as const) {
    assert.equal(key(one), key(other), `${one} and ${other}`);
  }
});

test('a version is normalised as NuGet normalises it, with its letter case kept', () => {
  const expected: Record<string, string> = {
    '1': '1.0.0',
    ' 1.0 ': '1.0.0',
    '00.0': '0.0.0',
    '1.0.0.0': '1.0.0',
    '01.02.03.04-Beta.A+Meta': '1.2.3.4-Beta.A',
    '2147483647.1': '2147483647.1.0',
    '1.0.0--01': '1.0.0--01',
    '1.0.0+01': '1.0.0',
    '1.0.0-99999999999999.1': '1.0.0-99999999999999.1',
  };
  for (const [text, normalized] of Object.entries(expected)) {
    assert.equal(parseNuGetVersion(text)?.normalized, normalized, text);
    assert.equal(parseNuGetVersion(text)?.lower, normalized.toLowerCase(), text);
    assert.equal(parseNuGetVersion(text)?.original, text.trim(), text);
  }
});

test('a version that NuGet does not take is no version', () => {
  const invalid = [
    '',
    '1.',
    '1..0',
    '1.0.0-',
    '1.0.0+',
    '1.0.0-a..b',
    '1.0.0+a..b',
    '1.0.0-a+b+c',
    '1.0.0-é',
    'v1.0',
    '+1.0',
  ];
  invalid.push('-1.0', '1.2.3.4.5', '1.0.0-01', '1.0.0-00', '1.0.0-a.01', '2147483648', '1. 0', '1.0.0-a\n1', '١.0');
  invalid.push(`1.0.0-${'a'.repeat(59)}`);
  for (const text of invalid) assert.equal(parseNuGetVersion(text), undefined, text);
  assert.ok(parseNuGetVersion(`1.0.0-${'a'.repeat(58)}`), 'the longest');
});

test('a dotted label or build metadata makes a version a SemVer 2 version, a plain label a prerelease', () => {
  const flags = (text: string): unknown => {
    const version = parseNuGetVersion(text);
    return version && [version.isPrerelease, version.isSemVer2, version.metadata];
  };
  assert.deepEqual(flags('1.0.0'), [false, false, '']);
  assert.deepEqual(flags('1.0.0-a-b'), [true, false, '']);
  assert.deepEqual(flags('1.0.0-a.b'), [true, true, '']);
  assert.deepEqual(flags('1.0.0+A.1'), [false, true, 'A.1']);
  assert.deepEqual(flags('1.0.0-rc+x'), [true, true, 'x']);
});

test('a version range is printed as NuGet prints it', () => {
  const expected: Record<string, string | undefined> = {
    '1.0': '[1.0.0, )',
    ' 1.0 ': '[1.0.0, )',
    '[1.0]': '[1.0.0, 1.0.0]',
    '[1.0,]': '[1.0.0, )',
    '(1.0,)': '(1.0.0, )',
    '(,1.0]': '(, 1.0.0]',
    '(,1.0)': '(, 1.0.0)',
    '[,2.0)': '(, 2.0.0)',
    '[ 1.0 , 2.0 ]': '[1.0.0, 2.0.0]',
    '[1.0,2.0)': '[1.0.0, 2.0.0)',
    '[1.0-Beta.1, 2.0+m]': '[1.0.0-Beta.1, 2.0.0]',
    '(1.0,1.0)': '(1.0.0, 1.0.0)',
    '[ , ]': '(, )',
    '(,)': '(, )',
  };
  for (const [text, printed] of Object.entries(expected))
    assert.equal(parseVersionRange(text)?.normalized, printed, text);
});

test('a version range that NuGet does not take in a package is none', () => {
  const invalid = [
    '',
    '*',
    '1.*',
    '[1.0.*, )',
    '(1.0)',
    '[]',
    '()',
    '[2.0,1.0]',
    '[1.0,1.0)',
    '[1.0,2.0,3.0]',
    '[1.0',
    '1.0]',
  ];
  for (const text of [...invalid, '{1.0}', '1.0.0-beta-*', 'x', '[x,]'])
    assert.equal(parseVersionRange(text), undefined, text);
});

test('a range with a SemVer 2 bound says so', () => {
  for (const text of ['1.0+a', '[1.0.0-a.b, )', '(, 1.0.0-a.b)'])
    assert.equal(parseVersionRange(text)?.isSemVer2, true, text);
  for (const text of ['1.0', '[1.0-a, 2.0]', '(, )']) assert.equal(parseVersionRange(text)?.isSemVer2, false, text);
});

test('ids are compared as .NET lowers them, one code point at a time', () => {
  assert.equal(normalizePackageId('Demo.Lib_2-X'), 'demo.lib_2-x');
  assert.equal(normalizePackageId('\u0130stanbul'), '\u0130stanbul', 'the dotted capital I stays');
  assert.equal(normalizePackageId('ΟΔΟΣ'), 'οδοσ', 'no final sigma');
  assert.equal(normalizePackageId('\u212Aelvin'), 'kelvin');
  assert.equal(normalizePackageId('ПАКЕТ'), 'пакет');
});

test('an id is words joined by single dots or hyphens, of a hundred characters at most', () => {
  for (const id of ['a', '_', 'A.b-C', '1.2', 'пакет', '包', 'e\u0301', 'a'.repeat(100)])
    assert.ok(isValidPackageId(id), id);
  const invalid = [
    '',
    '.',
    'a.',
    '-a',
    'a..b',
    'a.-b',
    'a b',
    'a/b',
    'a\n',
    'a+b',
    '..',
    '\u{10400}',
    'a'.repeat(101),
    '²',
  ];
  for (const id of invalid) assert.ok(!isValidPackageId(id), JSON.stringify(id));
});

const number = fc.oneof(fc.nat(12), fc.nat(2147483647));
const label = fc.oneof(
  fc.nat(20).map(String),
  fc.stringMatching(/^[0-9A-Za-z-]{1,6}$/).filter((text) => !/^0\d+$/.test(text)),
  fc.constantFrom('2147483647', '2147483648', '-1', '-0', 'a', 'A', 'a-', 'rc'),
);
// Short enough to be written with more zeros.
const versionParts = fc
  .record({ numbers: fc.array(number, { minLength: 1, maxLength: 4 }), labels: fc.array(label, { maxLength: 3 }) })
  .filter((parts) => textOf(parts).length <= 56);
type Parts = { numbers: number[]; labels: string[] };

function textOf({ numbers, labels }: Parts): string {
  return numbers.join('.') + (labels.length > 0 ? `-${labels.join('.')}` : '');
}

function compareLabels(a: string, b: string): number {
  const asInt32 = (text: string): number | undefined =>
    /^-?\d+$/.test(text) && Math.trunc(Number(text)) === (Number(text) | 0) ? Number(text) : undefined;
  const [x, y] = [asInt32(a), asInt32(b)];
  if (x !== undefined && y !== undefined) return Math.sign(x - y);
  if (x !== undefined) return -1;
  if (y !== undefined) return 1;
  const [left, right] = [a.toUpperCase(), b.toUpperCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareParts(a: Parts, b: Parts): number {
  for (let index = 0; index < 4; index++) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  if (a.labels.length === 0 || b.labels.length === 0) return Math.sign(b.labels.length - a.labels.length);
  for (let index = 0; index < Math.max(a.labels.length, b.labels.length); index++) {
    const [x, y] = [a.labels[index], b.labels[index]];
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    const compared = compareLabels(x, y);
    if (compared !== 0) return compared;
  }
  return 0;
}

test('the order of sort keys is the order of the rules, for any two versions', (context) => {
  holds(
    context,
    fc.property(versionParts, versionParts, (a, b) => {
      const [x, y] = [key(textOf(a)), key(textOf(b))];
      assert.equal(x < y ? -1 : x > y ? 1 : 0, compareParts(a, b), `${textOf(a)} and ${textOf(b)}`);
      assert.match(x, /^[ -~]+$/, 'printable ASCII');
    }),
  );
});

test('normalising a version twice changes nothing, and neither do leading zeros or a fourth zero', (context) => {
  holds(
    context,
    fc.property(versionParts, (parts) => {
      const version = parseNuGetVersion(textOf(parts))!;
      assert.equal(parseNuGetVersion(version.normalized)?.normalized, version.normalized);
      assert.equal(parseNuGetVersion(version.lower)?.sortKey, version.sortKey);
      const padded = { ...parts, numbers: [...parts.numbers, 0, 0, 0].slice(0, 4) };
      assert.equal(parseNuGetVersion(`0${textOf(padded)}`)?.normalized, version.normalized);
    }),
  );
});

test('normalising an id twice changes nothing, and a valid id stays valid', (context) => {
  const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  holds(
    context,
    fc.property(id, (text) => {
      const normalized = normalizePackageId(text);
      assert.equal(normalizePackageId(normalized), normalized);
      assert.equal(normalized.length, text.length);
      assert.equal(isValidPackageId(normalized), isValidPackageId(text));
    }),
  );
});
