/** PowerShell's data language, piece by piece: what it says, and where it stops being data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataProblem, depthMax, readDataFile, valuesMax } from '../../src/validate/powershell/data-language.ts';
import { DataTable, type DataValue } from '../../src/validate/powershell/data-values.ts';
import { decodePowerShell } from '../../src/validate/powershell/script-encoding.ts';

/** Tables as objects with keys as asked for; lists as they are. */
function plain(value: DataValue | undefined): unknown {
  if (value instanceof DataTable) return 'a table';
  return Array.isArray(value) ? value.map(plain) : value;
}

function table(text: string): DataTable {
  const file = readDataFile(text);
  assert.ok(!(file instanceof DataProblem), file instanceof DataProblem ? file.problem : '');
  return file.table;
}

/** The value of one expression. */
const read = (expression: string): unknown => plain(table(`@{ Key = ${expression}\n}`).get('KEY'));

function problemOf(text: string): string {
  const file = readDataFile(text);
  assert.ok(file instanceof DataProblem, `read: ${text}`);
  return file.problem;
}

/** [expression, value] */
const expressions: readonly (readonly [string, unknown])[] = [
  ["'plain'", 'plain'],
  ["'it''s $not `n'", "it's $not `n"],
  ["''", ''],
  ['\u2018typographic\u2019', 'typographic'],
  ['"say ""so"" `"`$5`" for 3 $ `u{1F600}`t`0."', 'say "so" "$5" for 3 $ \u{1f600}\t\0.'],
  ['\u201ctypographic\u201d', 'typographic'],
  ['"two\nlines"', 'two\nlines'],
  ["@'\none ' two\n  '@ $x\n'@", "one ' two\n  '@ $x"],
  ["@'\r\none\r\ntwo\r\n'@", 'one\r\ntwo'],
  ["@'\n'@", ''],
  ['@"  \nsay "so" `$x\n"@', 'say "so" $x'],
  ['0', 0],
  ['-12', -12],
  ['\u20135', -5],
  ['+7', 7],
  ['0x1F', 31],
  ['0b101', 5],
  ['1.5', 1.5],
  ['.5', 0.5],
  ['1e3', 1000],
  ['10L', 10],
  ['2.50d', 2.5],
  ['1kb', 1024],
  ['2MB', 2_097_152],
  ['$true', true],
  ['$FALSE', false],
  ['$null', null],
  ["'a', 'b',\n  'c'", ['a', 'b', 'c']],
  [",'a'", ['a']],
  ['@()', []],
  ["@('a')", ['a']],
  ["@('a'; 'b'\n'c', 'd'\n\n)", ['a', 'b', 'c', 'd']],
  ["@('a', @('b', 'c'))", ['a', ['b', 'c']]],
  ["('a')", 'a'],
  ["(\n'a', 'b'\n)", ['a', 'b']],
  ['@{ Inner = 1 }', 'a table'],
  ["[string]'x'", 'x'],
  ["[System.String]'x'", 'x'],
  ['[string]1.5', '1.5'],
  ["[version]'1.2.3'", '1.2.3'],
  ["[Version] '1.0'", '1.0'],
  ['[string[]]@()', []],
  ["[string[]]('a', 1)", ['a', '1']],
  ["[string[]]'a'", ['a']],
  ['[bool]0', false],
  ["[bool]'no'", true],
  ['[bool]@(0)', false],
  ['[bool]@(0, 0)', true],
  ["[int]'12'", 12],
  ["[guid]'11111111-2222-4333-a444-555555555555'", '11111111-2222-4333-a444-555555555555'],
  ["[array]'a'", ['a']],
  ["[object[]]('a')", ['a']],
  ["'a' + 'b' +\n 'c'", 'abc'],
  ["'a' + 1", 'a1'],
  ['1 + 2', 3],
  ["@('a') + 'b' + ('c', 'd')", ['a', 'b', 'c', 'd']],
  ["`\n  'continued'", 'continued'],
  ["<# a comment #> 'x' # another", 'x'],
  ["\u00a0'x'\u2003", 'x'],
];

test('every kind of value that manifests have is read', () => {
  for (const [expression, value] of expressions) assert.deepEqual(read(expression), value, expression);
});

test('keys are words, texts and numbers, in any letter case, and values may begin on the next line', () => {
  const keyed = table("\n\n@{;;\nOne=\n\n1; 'Two words' = 2\r\n\"Three\"\n=\n3;4='four';}\n");
  assert.deepEqual(
    ['ONE', 'two WORDS', 'three', '4', 'five'].map((key) => keyed.get(key)),
    [1, 2, 3, 'four', undefined],
  );
});

test('comments and a signature around the table do not matter', () => {
  const text =
    '#requires -version 5\n<#\n @{ x = $y }\n#>\n@{ a = 1 }\n\n# SIG # Begin signature block\n# MIIx}{\n# SIG # End';
  assert.equal(table(text).get('a'), 1);
  assert.equal(table('@{ a = 1 }\r\r;\r').get('a'), 1);
});

/** [text, what is said] */
const problems: readonly (readonly [string, string])[] = [
  ['', 'line 1, column 1: the end of the file stands where a value should be'],
  ['@{\n  A = "x $y"\n}', 'line 2, column 10: a text in double quotation marks would have to be expanded ($y)'],
  ['@{ A = "$(Get-Date)" }', 'line 1, column 9: a text in double quotation marks would have to be expanded ($()'],
  [`@{ A = "$${'{x}'}" }`, 'line 1, column 9: a text in double quotation marks would have to be expanded (${)'],
  ['@{ A = @"\na\n$b\n"@ }', 'line 3, column 1: a text in double quotation marks would have to be expanded ($b)'],
  [
    '@{ A = $PSScriptRoot }',
    'line 1, column 8: the variable $PSScriptRoot is no data; only $true, $false and $null are',
  ],
  ['@{ A = $env:TEMP }', 'line 1, column 8: the variable $env:TEMP is no data; only $true, $false and $null are'],
  ['@{ A = $(1) }', 'line 1, column 8: an expression, $(...), is no data'],
  ['@{\r\n  A = Get-Date\r\n}', 'line 2, column 7: the word Get-Date stands where a value should be'],
  ['@{ A = if ($true) { 1 } }', 'line 1, column 8: the word if stands where a value should be'],
  ["@{ A = 'x'.Length }", 'line 1, column 11: the character . begins nothing that is data'],
  ["@{ A = 'x' -join ',' }", 'line 1, column 12: - stands where ; or a new line or } should be'],
  ["@{ A = @('x')[0] }", 'line 1, column 14: a bracket begins nothing that is data'],
  ["@{ A = 'x' * 9 }", 'line 1, column 12: the character * begins nothing that is data'],
  ['@{ A = { 1 } }', 'line 1, column 8: { stands where a value should be'],
  ['@{ A = & "x" }', 'line 1, column 8: the character & begins nothing that is data'],
  ['@{ A = 1.0.0 }', 'line 1, column 8: what begins here is no number; put it between quotation marks'],
  ['@{ A = 1 B = 2 }', 'line 1, column 10: the word B stands where ; or a new line or } should be'],
  ['@{ A = 1; a = 2 }', 'line 1, column 11: the key that begins here is there twice'],
  ['@{ A = }', 'line 1, column 8: } stands where a value should be'],
  ['@{ A 1 }', 'line 1, column 6: a number stands where = should be'],
  ['@{ A = 1', 'line 1, column 9: the end of the file stands where ; or a new line or } should be'],
  ['@{ A = 1 } 2', 'line 1, column 12: a number stands where the end of the file should be'],
  ["@('a')", 'line 1, column 1: the file must be one table, @{ ... }'],
  ["@{ A = 'x", 'line 1, column 8: the text that begins here does not end'],
  ['@{ A = "x`', 'line 1, column 8: the text that begins here does not end'],
  ["@{ A = @'x\n'@ }", 'line 1, column 8: a text of several lines must begin on a new line'],
  ["@{ A = @'\nx\n '@ }", 'line 1, column 8: the text that begins here does not end'],
  ['<# x', 'line 1, column 1: the comment that begins here does not end'],
  ["@{ A = [version]'x' }", 'line 1, column 8: what follows [version] is none'],
  ["@{ A = [io.file]'x' }", 'line 1, column 8: the type [io.file] is none that data has'],
  ["@{ A = -'x' }", 'line 1, column 8: - stands before what is no number'],
  ['@{ A = @{} + 1 }', 'line 1, column 12: + stands between what cannot be added'],
  ['@{ A = "`u{110000}" }', 'line 1, column 9: an escaped character is none of Unicode'],
];

test('what is not data is refused, with its line and column', () => {
  for (const [text, problem] of problems) assert.equal(problemOf(text), problem, text);
});

test('depth and number of values are bounded, and the work is', () => {
  const nested = (depth: number) => `@{ A = ${'@('.repeat(depth)}1${')'.repeat(depth)} }`;
  assert.ok(table(nested(depthMax - 2)));
  assert.match(problemOf(nested(depthMax - 1)), /more than 64 levels lie within each other$/);
  for (const text of ['@{a=', '(', '[string]', '-', '@(', ',']) {
    assert.match(problemOf(`@{ A = ${text.repeat(100_000)}`), /levels|should be/, text);
  }
  const many = (count: number) => `@{ A = @(${'1,'.repeat(count - 1)}1) }`;
  assert.ok(table(many(valuesMax - 3)));
  assert.match(problemOf(many(valuesMax + 1)), /it has more than 100000 values$/);
  const long = readDataFile(`@{ A = '${"''".repeat(500_000)}' + ${"'a' + ".repeat(20_000)}'b' }`);
  assert.ok(!(long instanceof DataProblem));
  assert.equal((long.table.get('A') as string).length, 520_001);
  assert.ok(long.tokens < 40_020);
});

const sample = "@{ Author = 'Gr\u00fcn' }";
const marked = (text: string, encoding: 'utf8' | 'utf16le') => Buffer.from(`\ufeff${text}`, encoding);

test('UTF-8, UTF-16 and Windows-1252 are told apart', () => {
  const bigEndian = (bytes: Buffer) => Buffer.from(bytes).swap16();
  const forms: Record<string, Buffer> = {
    'UTF-8': Buffer.from(sample),
    'UTF-8 with a mark': marked(sample, 'utf8'),
    'UTF-16 with a mark': marked(sample, 'utf16le'),
    'UTF-16, the other way, with a mark': bigEndian(marked(sample, 'utf16le')),
    'UTF-16': Buffer.from(sample, 'utf16le'),
    'UTF-16, the other way': bigEndian(Buffer.from(sample, 'utf16le')),
    'Windows-1252': Buffer.from(sample, 'latin1'),
  };
  for (const [form, bytes] of Object.entries(forms)) assert.equal(decodePowerShell(bytes), sample, form);
  assert.equal(decodePowerShell(Buffer.from([0x80, 0x93, 0xe9])), '\u20ac\u201c\u00e9', 'Windows-1252, not Latin-1');
});

test('what is no text is not taken for it', () => {
  const binary = {
    'zeros here and there': Buffer.from('MZ\0\0\x01\0a\0\0b'),
    'a zero in plain text': Buffer.from(`${sample}\0`),
    'UTF-8 with a mark, and then not': Buffer.from([0xef, 0xbb, 0xbf, 0xff]),
    'half a character of UTF-16': Buffer.concat([marked(sample, 'utf16le'), Buffer.from('x')]),
    'half a pair of UTF-16': Buffer.from('\ufeff\ud800x', 'utf16le'),
    'a zero in UTF-16': marked('a\0', 'utf16le'),
  };
  for (const [form, bytes] of Object.entries(binary)) assert.equal(decodePowerShell(bytes), undefined, form);
});
