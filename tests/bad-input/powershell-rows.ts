/** Modules and scripts of PowerShell that are code where data should be, or are not what their nuspec says. */
import { nuspecText } from '../packages/nuspec.ts';
import { psModuleManifest } from '../packages/psmodule.ts';
import { psScriptText } from '../packages/psscript.ts';
import { zipOf } from '../validate/zip-by-hand.ts';
import { badName, fileRows } from './packages.ts';
import type { Row } from './row.ts';

const version = '1.0.0';
const manifest = psModuleManifest({ id: badName, version, functions: ['Get-Bad'] });
const script = psScriptText({ id: badName, version });

function packageOf(tags: string, filename: string, content: Buffer | string): Promise<Buffer> {
  return zipOf([
    [`${badName}.nuspec`, nuspecText({ id: badName, version, tags })],
    [filename, content, { compress: true }],
  ]);
}

const rows = (tags: string, filename: string, name: string, make: () => Buffer | string, says: string): Row[] =>
  fileRows('Modules and scripts of PowerShell', ['nupkg'], name, () => packageOf(tags, filename, make()), 400, says);
const modules = (name: string, make: () => Buffer | string, says: string): Row[] =>
  rows('PSModule', `${badName}.psd1`, name, make, says);
const scripts = (name: string, make: () => Buffer | string, says: string): Row[] =>
  rows('PSScript', `${badName}.ps1`, name, make, says);

const notRead = (problem: string) => `'Bad.Input.psd1' could not be read as a module manifest (${problem}).`;
const author = (value: string) => manifest.replace("'Test Author'", value);

export const powershellRows: readonly Row[] = [
  ...modules(
    'a manifest that runs a command',
    () => author('(Get-Content /etc/passwd)'),
    notRead('line 6, column 11: the word Get-Content stands where a value should be'),
  ),
  ...modules(
    'a text that runs a command when it is read',
    () => author('"$(Remove-Item x)"'),
    notRead('line 6, column 11: a text in double quotation marks would have to be expanded ($()'),
  ),
  ...modules(
    'a secret of the machine that reads it',
    () => author('$env:SECRET'),
    notRead('line 6, column 10: the variable $env:SECRET is no data; only $true, $false and $null are'),
  ),
  ...modules(
    'a text that doubles itself',
    () => author("((('a' * 9999) * 9999) * 9999)"),
    notRead('line 6, column 17: the character * begins nothing that is data'),
  ),
  ...modules(
    'lists in lists, a million deep',
    () => author('@('.repeat(1_000_000)),
    notRead('line 6, column 136: more than 64 levels lie within each other'),
  ),
  ...modules(
    'casts of casts, two hundred thousand of them',
    () => author('[string]'.repeat(200_000)),
    notRead('line 6, column 514: more than 64 levels lie within each other'),
  ),
  ...modules(
    'a million values',
    () => author(`@(${'1,'.repeat(1_000_000)}1)`),
    notRead('line 6, column …: it has more than 100000 values'),
  ),
  ...modules(
    'a manifest of 3 MiB',
    () => `${manifest}${'#'.repeat(3 * 1024 * 1024)}`,
    "'Bad.Input.psd1' is larger than 2097152 bytes.",
  ),
  ...modules(
    'a text without end',
    () => author("@'\n"),
    notRead('line 6, column 10: the text that begins here does not end'),
  ),
  ...modules(
    'a program',
    () => Buffer.from('MZ\x90\0\x03\0\0\0', 'latin1'),
    "'Bad.Input.psd1' is no text in UTF-8 or UTF-16.",
  ),
  ...modules(
    'an empty manifest',
    () => '',
    notRead('line 1, column 1: the end of the file stands where a value should be'),
  ),
  ...modules(
    'another version than the nuspec has',
    () => manifest.replace("'1.0.0'", "'2.0.0'"),
    "The nuspec says version 1.0.0, but 'Bad.Input.psd1' says 2.0.0.",
  ),
  ...rows(
    'PSModule',
    'Other.psd1',
    'the manifest of another module',
    () => manifest,
    "The package has the tag PSModule, but has no 'Bad.Input.psd1' at its root; the package id must be the name of the manifest, and there is 'Other.psd1'.",
  ),
  ...scripts(
    'a script that says nothing of itself',
    () => 'Get-Date',
    "'Bad.Input.ps1' has no comment <#PSScriptInfo ... #>, which a script package needs.",
  ),
  ...scripts(
    'a script whose version is none',
    () => script.replace('.VERSION 1.0.0', '.VERSION new'),
    "'Bad.Input.ps1' has the version 'new'; PowerShell takes two to four numbers, such as 1.2.3.",
  ),
  ...scripts(
    'a comment that hides the one that tells, a hundred thousand deep',
    () => `${'<#'.repeat(100_000)}PSScriptInfo${script}`,
    "'Bad.Input.ps1' has no comment <#PSScriptInfo ... #>, which a script package needs.",
  ),
];
