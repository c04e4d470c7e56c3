/** What the gallery knows of a PowerShell script, whichever client published it, and which scripts it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRequires } from '../../src/validate/psscript/requires.ts';
import { definitionsMax, readScriptText } from '../../src/validate/psscript/script-text.ts';
import { makeNupkg } from '../packages/nupkg.ts';
import { guidOf, makePsModule } from '../packages/psmodule.ts';
import { makePsScript, type PsScriptOptions, psScriptNuspec, psScriptText } from '../packages/psscript.ts';
import { plain, refused, taken } from './powershell-packages.ts';

const whole: PsScriptOptions = {
  id: 'Start-Demo',
  version: '1.2.3-beta1',
  author: 'Ann',
  companyName: 'Example',
  copyright: '(c) Ann',
  description: 'A demonstration.',
  tags: ['demo', 'tools'],
  licenseUri: 'https://example.org/licence',
  projectUri: 'https://example.org/project',
  iconUri: 'https://example.org/icon.png',
  releaseNotes: 'First.\n.NET is needed.',
  requiredModules: ['Plain.Module', { ModuleName: 'Least', ModuleVersion: '1.0' }],
  requiredScripts: ['Other-Script'],
  functions: ['Get-Demo'],
  workflows: ['Run-Demo'],
};

const textOf = (options: Partial<PsScriptOptions> = {}): string => psScriptText({ ...whole, ...options });
const withoutTag = psScriptNuspec(whole).replace(/<tags>.*<\/tags>/, '<tags>demo</tags>');

test('a script tells what is in its comments and which functions it defines', async () => {
  const firstLines = ['#Requires -Version 5.1', '#requires -PSEdition Core -RunAsAdministrator'];
  const { candidate, powershell } = await taken(
    makePsScript({ ...whole, firstLines, externalModuleDependencies: ['Out'] }),
  );
  assert.equal(candidate.kind, 'powershell-script');
  assert.deepEqual(powershell, {
    itemType: 'Script',
    guid: guidOf('Start-Demo'),
    companyName: 'Example',
    powerShellVersion: '5.1',
    compatiblePSEditions: ['Core'],
    functions: ['Get-Demo'],
    cmdlets: [],
    aliases: [],
    workflows: ['Run-Demo'],
    dscResources: [],
    roleCapabilities: [],
    externalModuleDependencies: ['Out'],
    fileList: ['Start-Demo.nuspec', 'Start-Demo.ps1'],
  });
});

test('a script has the same tags whichever client published it', async () => {
  const expected = [
    'demo',
    'tools',
    'PSScript',
    'PSIncludes_Function',
    'PSFunction_Get-Demo',
    'PSIncludes_Workflow',
    'PSWorkflow_Run-Demo',
    'PSCommand_Get-Demo',
    'PSCommand_Run-Demo',
  ].sort();
  for (const hasClientTags of [true, false]) {
    const { metadata } = await taken(makePsScript({ ...whole, hasClientTags }));
    assert.deepEqual([...metadata.tags].sort(), expected);
  }
  const { candidate, metadata } = await taken(makePsScript({ ...whole, nuspec: withoutTag }));
  assert.deepEqual([...metadata.tags].sort(), expected);
  assert.equal(candidate.kind, 'powershell-script');
});

test('what the nuspec lacks comes from the script', async () => {
  const nuspec = `<package><metadata><id>Start-Demo</id><version>1.2.3-beta1</version><authors>Bob</authors>
<description>Other.</description></metadata></package>`;
  const requiredScripts = [
    'Any-Script',
    'Exact-Script:[2.0]',
    'Range-Script:[1.0,2.0]',
    'Least-Script:1.5',
    'Out-Script',
  ];
  const script = textOf({ requiredScripts, externalModuleDependencies: ['PLAIN.module'] })
    .replace('.EXTERNALSCRIPTDEPENDENCIES', '.EXTERNALSCRIPTDEPENDENCIES out-script')
    .replace('.DESCRIPTION', '.SYNOPSIS\nIn short.\n.DESCRIPTION');
  const { metadata } = await taken(makePsScript({ ...whole, nuspec, script }));
  assert.deepEqual(
    [metadata.licenseUrl, metadata.projectUrl, metadata.iconUrl, metadata.copyright, metadata.summary],
    [whole.licenseUri, whole.projectUri, whole.iconUri, whole.copyright, 'In short.'],
  );
  assert.equal(metadata.releaseNotes, whole.releaseNotes, 'a line that begins with a dot is a line');
  assert.deepEqual(metadata.dependencyGroups, [
    {
      dependencies: [
        { id: 'Least', range: '[1.0.0, )' },
        { id: 'Any-Script', range: '(, )' },
        { id: 'Exact-Script', range: '[2.0.0, 2.0.0]' },
        { id: 'Range-Script', range: '[1.0.0, 2.0.0]' },
        { id: 'Least-Script', range: '[1.5.0, )' },
      ],
    },
  ]);
});

test('only functions that the code defines are told', () => {
  const text = `function One { "function Two { $(function Three { 'function Four {' }) $(1)" }
# function Five {}
<# function Six {} #>
@'
function Seven {}
'@; filter Eight { }
@"
function Nine {} $(function Ten { ")" }) "@ \`$(
"@
Write-Output function Eleven { }
if ($true) { function global:Twelve($x) { } }
$a = \${function Thirteen {}}; workflow Fourteen
{ }
'' ; function Fifteen{}
function Commented # before its body
{ }
@{ function = 1 }
"\`" function Sixteen {"; function 'Seventeen' {}; class A { [void] function() { } }`;
  const { functions, workflows, comments } = readScriptText(text);
  assert.deepEqual(functions, ['One', 'Three', 'Eight', 'Ten', 'global:Twelve', 'Fifteen', 'Commented']);
  assert.deepEqual(workflows, ['Fourteen']);
  assert.deepEqual(comments.length, 3);
});

test('expressions in strings are followed to a depth, and functions told up to a number', () => {
  const nested = (depth: number) => `${'"$('.repeat(depth)}function Deep {}${')"'.repeat(depth)}; function After {}`;
  assert.deepEqual(readScriptText(nested(30)).functions, ['Deep', 'After']);
  assert.deepEqual(readScriptText(nested(70)).functions.includes('Deep'), false);
  assert.deepEqual(readScriptText('"$( (1); function Inside {} ) function Outside {}"').functions, ['Inside']);
  const many = Array.from({ length: definitionsMax + 1 }, (_, index) => `function F${index} {}`).join('\n');
  assert.equal(readScriptText(many).functions.length, definitionsMax);
});

test('what a script requires is read in the forms that PowerShell takes', () => {
  const { comments } =
    readScriptText(`#Requires -Modules A, 'B C', @{ ModuleName = "D"; ModuleVersion = '1' } -Version 7.2
  #REQUIRES -Module E
#Requires -PSEdition Desktop
# Requires -Module F
#Requires -Modules @{ ModuleName = $x } , G
#Requires
"#Requires -Module H"`);
  const { modules, powerShellVersion, editions } = readRequires(comments);
  assert.deepEqual(
    modules.map((module) => (typeof module === 'string' ? module : 'a table')),
    ['A', 'B C', 'a table', 'E'],
  );
  assert.deepEqual([powerShellVersion, editions], ['7.2', ['Desktop']]);
});

test('help may be lines, and the description may stand in the PSScriptInfo', async () => {
  const help = '<#\n\n.DESCRIPTION\n\nA demonstration.\n\n#>';
  const lines = textOf().replace(help, '# .SYNOPSIS\n#   Short.\n# .DESCRIPTION\n#   Long.');
  assert.notEqual(lines, textOf());
  assert.equal((await taken(makePsScript({ ...whole, script: lines }))).metadata.summary, 'Short.');
  await taken(
    makePsScript({ ...whole, script: textOf().replace(help, '').replace('.GUID', '.DESCRIPTION Old.\n.GUID') }),
  );
});

const of = "The PSScriptInfo of 'Start-Demo.ps1'";

/** [script, code, sentence] */
const wrong: readonly (readonly [string, string, string])[] = [
  [textOf().replace(/\.VERSION.*/, ''), 'metadata-invalid', `${of} has no .VERSION, which PowerShell's clients need.`],
  [textOf({ guid: '' }), 'metadata-invalid', `${of} has no .GUID, which PowerShell's clients need.`],
  [textOf({ guid: 'x' }), 'metadata-invalid', `${of} has the GUID 'x', which is none.`],
  [
    textOf({ guid: '00000000-0000-0000-0000-000000000000' }),
    'metadata-invalid',
    `${of} has the GUID '00000000-0000-0000-0000-000000000000', which is none.`,
  ],
  [textOf({ author: '' }), 'metadata-invalid', `${of} has no .AUTHOR, which PowerShell's clients need.`],
  [
    textOf({ description: '' }),
    'metadata-invalid',
    `${of} goes with no .DESCRIPTION in the script's help, which PowerShell's clients need.`,
  ],
  [textOf().replace('.TAGS', '.Author Bob\n.TAGS'), 'metadata-invalid', `${of} has .AUTHOR twice.`],
  [
    textOf({ version: '1.2.4' }),
    'metadata-mismatch',
    "The nuspec says version 1.2.3-beta1, but 'Start-Demo.ps1' says 1.2.4.",
  ],
  [
    textOf({ version: '1.2-beta1' }),
    'version-invalid',
    "'Start-Demo.ps1' has the version '1.2' and the label 'beta1'; with a prerelease label PowerShell takes exactly three numbers.",
  ],
  [
    textOf({ version: 'new' }),
    'version-invalid',
    "'Start-Demo.ps1' has the version 'new'; PowerShell takes two to four numbers, such as 1.2.3.",
  ],
];

test('a script whose comments are wrong is refused; without the tag it is a plain package with a warning', async () => {
  for (const [script, code, says] of wrong) {
    await refused(makePsScript({ ...whole, script }), code, says);
    const warning = `${says} So the package is taken as a plain one, not as one of PowerShell.`;
    await plain(makePsScript({ ...whole, script, nuspec: withoutTag }), warning);
    await refused(makePsScript({ ...whole, script, nuspec: withoutTag }), code, says, { mustBePowerShell: true });
  }
});

test('a package with the tag of a script has its script at its root, with the comment that makes it one', async () => {
  const missing = "The package has the tag PSScript, but has no 'Start-Demo.ps1' at its root.";
  await refused(makePsScript({ ...whole, scriptName: 'Other.ps1' }), 'metadata-missing', missing);
  const asModule = psScriptNuspec(whole).replace('PSScript', 'PSModule');
  const noModule = "The package has the tag PSModule, but has no 'Start-Demo.psd1' at its root.";
  await refused(makePsScript({ ...whole, nuspec: asModule }), 'metadata-missing', noModule);
  const script = 'Get-Date';
  const says = "'Start-Demo.ps1' has no comment <#PSScriptInfo ... #>, which a script package needs.";
  await refused(makePsScript({ ...whole, script }), 'metadata-missing', says);
  await refused(makePsScript({ ...whole, script, nuspec: withoutTag }), 'metadata-missing', says, {
    mustBePowerShell: true,
  });
  await plain(makePsScript({ ...whole, script, nuspec: withoutTag }));
  await plain(
    makeNupkg({ id: 'Start-Demo', version: '1.0.0', files: { 'Start-Demo.ps1': `#${'\n'.repeat(5_000_000)}` } }),
  );
});

test('a manifest beside a script makes a module', async () => {
  const files = { 'Start-Demo.ps1': textOf() };
  const { candidate, powershell } = await taken(makePsModule({ id: 'Start-Demo', version: '1.0.0', files }));
  assert.deepEqual([candidate.kind, powershell.itemType], ['powershell-module', 'Module']);
});
