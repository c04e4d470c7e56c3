/** What the gallery knows of a PowerShell module, whichever client published it, and which modules it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeNupkg } from '../packages/nupkg.ts';
import { guidOf, makePsModule, type PsModuleOptions, psModuleManifest, psModuleNuspec } from '../packages/psmodule.ts';
import { plain, refused, taken } from './powershell-packages.ts';

const whole: PsModuleOptions = {
  id: 'Demo.Tools',
  version: '1.2.3',
  prerelease: 'beta1',
  author: 'Ann',
  companyName: 'Example',
  copyright: '(c) Ann',
  description: 'A demonstration.',
  powerShellVersion: '5.1',
  compatiblePSEditions: ['Desktop', 'Core'],
  functions: ['Get-Demo', 'Set-Demo'],
  cmdlets: ['Invoke-Demo'],
  aliases: ['gd'],
  dscResources: ['DemoResource'],
  roleCapabilities: ['DemoRole'],
  requiredModules: ['Plain.Module', { ModuleName: 'Least', ModuleVersion: '1.0' }],
  tags: ['demo', 'tools'],
  licenseUri: 'https://example.org/licence',
  projectUri: 'https://example.org/project',
  iconUri: 'https://example.org/icon.png',
  releaseNotes: 'First.\nSecond.',
};

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]);
const manifestOf = (options: Partial<PsModuleOptions> = {}): string => psModuleManifest({ ...whole, ...options });
const withoutTag = makeNuspecWithoutTag();

/** The clients' nuspec, but with no tag that says what the package is. */
function makeNuspecWithoutTag(): string {
  return psModuleNuspec(whole).replace(/<tags>.*<\/tags>/, '<tags>demo</tags>');
}

test('a module tells what is in its manifest and in its folders', async () => {
  const manifestLines = ["CLRVersion = '4.0'", "DotNetFrameworkVersion = '4.7.2'", "ProcessorArchitecture = 'Amd64'"];
  const { candidate, metadata, powershell } = await taken(
    makePsModule({ ...whole, manifestLines, externalModuleDependencies: ['Plain.Module'] }),
  );
  assert.equal(candidate.kind, 'powershell-module');
  assert.deepEqual(powershell, {
    itemType: 'Module',
    guid: guidOf('Demo.Tools'),
    companyName: 'Example',
    powerShellVersion: '5.1',
    dotNetFrameworkVersion: '4.7.2',
    clrVersion: '4.0',
    processorArchitecture: 'Amd64',
    compatiblePSEditions: ['Desktop', 'Core'],
    functions: ['Get-Demo', 'Set-Demo'],
    cmdlets: ['Invoke-Demo'],
    aliases: ['gd'],
    workflows: [],
    dscResources: ['DemoResource'],
    roleCapabilities: ['DemoRole'],
    externalModuleDependencies: ['Plain.Module'],
    fileList: [
      'Demo.Tools.nuspec',
      'Demo.Tools.psd1',
      'Demo.Tools.psm1',
      'DSCResources/DemoResource/DemoResource.schema.mof',
      'DSCResources/DemoResource/DemoResource.psm1',
      'RoleCapabilities/DemoRole.psrc',
    ],
  });
  assert.deepEqual(metadata.dependencyGroups, [{ dependencies: [{ id: 'Least', range: '[1.0.0, )' }] }]);
  assert.equal(candidate.normalizedVersion, '1.2.3-beta1');
});

test('a module has the same tags whichever client published it', async () => {
  const expected = [
    'demo',
    'tools',
    'PSModule',
    'PSEdition_Desktop',
    'PSEdition_Core',
    'PSIncludes_Cmdlet',
    'PSCmdlet_Invoke-Demo',
    'PSIncludes_Function',
    'PSFunction_Get-Demo',
    'PSFunction_Set-Demo',
    'PSCommand_Invoke-Demo',
    'PSCommand_Get-Demo',
    'PSCommand_Set-Demo',
    'PSCommand_gd',
    'PSIncludes_DscResource',
    'PSDscResource_DemoResource',
    'PSIncludes_RoleCapability',
    'PSRoleCapability_DemoRole',
  ].sort();
  for (const hasClientTags of [true, false]) {
    const { metadata } = await taken(makePsModule({ ...whole, hasClientTags }));
    assert.deepEqual([...metadata.tags].sort(), expected, `hasClientTags ${hasClientTags}`);
  }
  const { candidate, metadata } = await taken(makePsModule({ ...whole, nuspec: withoutTag }));
  assert.deepEqual([...metadata.tags].sort(), expected, 'with no tag in the nuspec');
  assert.equal(candidate.kind, 'powershell-module');
});

test('what the nuspec lacks comes from the manifest, and what it says stands', async () => {
  const bare = `<package><metadata><id>Demo.Tools</id><version>1.2.3-beta1</version><authors>Bob</authors>
<description>Other.</description><tags>DEMO psmodule</tags><dependencies><group targetFramework="net8.0">
<dependency id="least" version="2.0"/></group></dependencies></metadata></package>`;
  const { metadata } = await taken(makePsModule({ ...whole, nuspec: bare }));
  assert.deepEqual(
    [metadata.licenseUrl, metadata.projectUrl, metadata.iconUrl, metadata.releaseNotes, metadata.copyright],
    [whole.licenseUri, whole.projectUri, whole.iconUri, whole.releaseNotes, whole.copyright],
  );
  assert.deepEqual([metadata.authors, metadata.description], ['Bob', 'Other.']);
  assert.deepEqual(metadata.tags.slice(0, 3), ['DEMO', 'psmodule', 'tools']);
  assert.deepEqual(metadata.dependencyGroups, [
    { dependencies: [{ id: 'Plain.Module', range: '(, )' }] },
    { targetFramework: 'net8.0', dependencies: [{ id: 'least', range: '[2.0.0, )' }] },
  ]);
  const own = bare.replace('</metadata>', '<projectUrl>https://example.org/own</projectUrl></metadata>');
  const said = await taken(
    makePsModule({ ...whole, nuspec: own, iconUri: 'icon.png', licenseUri: 'ftp://example.org' }),
  );
  assert.deepEqual(
    [said.metadata.projectUrl, said.metadata.iconUrl, said.metadata.licenseUrl],
    ['https://example.org/own', undefined, undefined],
  );
});

test('a licence or an icon inside the package keeps its address out', async () => {
  const { nuspec } = await makeNupkg({ id: 'Demo.Tools', version: '1.2.3-beta1', licenseExpression: 'MIT', icon: png });
  const own = nuspec.toString().replace(/<licenseUrl>.*<\/licenseUrl>/, '');
  const { metadata } = await taken(makePsModule({ ...whole, nuspec: own, files: { 'icon.png': png } }));
  assert.deepEqual([metadata.licenseUrl, metadata.iconUrl], [undefined, undefined]);
  assert.deepEqual([metadata.licenseExpression, metadata.iconFile], ['MIT', 'icon.png']);
});

test('the manifest may ask for the licence to be accepted, as a truth value or as its name', async () => {
  for (const [value, asks] of [
    ['$true', true],
    ["'True'", true],
    ['$false', false],
    ["'false'", false],
    ["''", false],
  ] as const) {
    const manifest = manifestOf().replace('PSData = @{', `PSData = @{\nRequireLicenseAcceptance = ${value}\n`);
    const { metadata } = await taken(makePsModule({ ...whole, manifest }));
    assert.equal(metadata.requireLicenseAcceptance, asks, value);
  }
});

test('names that no tag can hold, and editions that there are not, make none', async () => {
  const { metadata, powershell } = await taken(
    makePsModule({ ...whole, functions: ['Get Demo', 'Get-Fine'], compatiblePSEditions: ['Core', 'Other'] }),
  );
  assert.deepEqual(powershell.functions, ['Get Demo', 'Get-Fine']);
  assert.deepEqual(
    metadata.tags.filter((tag) => /^PS(Edition|Function)/.test(tag)),
    ['PSEdition_Core', 'PSFunction_Get-Fine'],
  );
  assert.equal(metadata.tags.join(' ').includes('Get Demo'), false);
});

test('the list of files has an end', async () => {
  const filesOf = (count: number, length: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f/${index}${'x'.repeat(length)}`, '']));
  const many = await taken(makePsModule({ ...whole, files: filesOf(3_000, 0) }));
  assert.equal(many.powershell.fileList.length, 2_000);
  const long = await taken(makePsModule({ ...whole, files: filesOf(1_000, 200) }));
  const length = long.powershell.fileList.join('|').length;
  assert.ok(length > 65_000 && length <= 65_536, `${length} characters`);
});

test('required modules of every shape become the ranges that the clients make of them', async () => {
  const nuspec = psModuleNuspec({ ...whole, requiredModules: [] });
  const requiredModules = `@('Any', @{ModuleName='Least';ModuleVersion='1.5'}, @{ModuleName='Exact';RequiredVersion='2.0.1'},
    @{ModuleName='Most';MaximumVersion='3.*'}, @{modulename='Between';ModuleVersion='1.0';MaximumVersion='1.9.9';GUID='${guidOf('x')}'},
    @{ModuleName='Early';RequiredVersion='1.0.0-rc.1'}, 'any', 'Outside', 'Elsewhere', './local.psm1', @{ModuleName='Demo.Tools';ModuleVersion='1.0'})`;
  const manifestLines = ["ExternalModuleDependencies = 'elsewhere'"];
  const manifest = manifestOf({ requiredModules: [], externalModuleDependencies: ['OUTSIDE'], manifestLines }).replace(
    /RequiredModules = .*/,
    `RequiredModules = ${requiredModules}`,
  );
  const { metadata } = await taken(makePsModule({ ...whole, nuspec, manifest }));
  assert.equal(metadata.isSemVer2, true, 'for the label of two parts');
  assert.deepEqual(metadata.dependencyGroups, [
    {
      dependencies: [
        { id: 'Any', range: '(, )' },
        { id: 'Least', range: '[1.5.0, )' },
        { id: 'Exact', range: '[2.0.1, 2.0.1]' },
        { id: 'Most', range: '(, 3.99999999.0]' },
        { id: 'Between', range: '[1.0.0, 1.9.9]' },
        { id: 'Early', range: '[1.0.0-rc.1, 1.0.0-rc.1]' },
      ],
    },
  ]);
  for (const one of ["'One'", "@{ModuleName='One'}", "[string]'One'"]) {
    const single = manifestOf().replace(/RequiredModules = [^)]*\)/, `RequiredModules = ${one}`);
    const { metadata: read } = await taken(makePsModule({ ...whole, nuspec, manifest: single }));
    assert.deepEqual(read.dependencyGroups, [{ dependencies: [{ id: 'One', range: '(, )' }] }], one);
  }
});

test('wildcards export nothing that could be named, and the tags of a client that has loaded the module tell', async () => {
  const manifest = manifestOf({ functions: ['*'], cmdlets: ['Get-*'], aliases: ['?'], dscResources: ['*'] });
  const { metadata, powershell } = await taken(makePsModule({ ...whole, manifest }));
  assert.deepEqual([powershell.functions, powershell.cmdlets, powershell.aliases], [[], [], []]);
  assert.deepEqual(powershell.dscResources, ['DemoResource'], 'the folder tells');
  assert.equal(metadata.tags.includes('PSIncludes_Function'), false);
  const client = await taken(makePsModule({ ...whole, manifest, hasClientTags: true }));
  assert.deepEqual(client.powershell.functions, ['Get-Demo', 'Set-Demo']);
  assert.deepEqual(client.powershell.cmdlets, ['Invoke-Demo']);
});

test('resources that the manifest names are those of the module, whatever its folders hold', async () => {
  const none = await taken(makePsModule({ ...whole, manifest: manifestOf({ dscResources: [] }) }));
  assert.deepEqual(none.powershell.dscResources, []);
  const absent = await taken(makePsModule({ ...whole, manifest: manifestOf().replace(/DscResourcesToExport.*/, '') }));
  assert.deepEqual(absent.powershell.dscResources, ['DemoResource']);
});

test('a manifest is found in any letter case, beside others, in every encoding', async () => {
  const files = {
    'Other.psd1': 'not a manifest',
    'Demo.Tools.ps1': '<#PSScriptInfo\n.VERSION 9\n#>',
    'en-US/Demo.Tools.psd1': '',
  };
  const { candidate } = await taken(makePsModule({ ...whole, manifestName: 'demo.TOOLS.psd1', files }));
  assert.equal(candidate.kind, 'powershell-module');
  const text = manifestOf({ companyName: 'Gr\u00fcn' });
  for (const manifest of [
    Buffer.from(`\ufeff${text}`),
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.from(text, 'utf16le').swap16(),
    Buffer.from(text, 'latin1'),
  ]) {
    const { powershell } = await taken(makePsModule({ ...whole, manifest }));
    assert.equal(powershell.companyName, 'Gr\u00fcn');
  }
});

test('characters that no feed could show are left out', async () => {
  const manifest = manifestOf({ prerelease: 'beta1' }).replace("'Example'", '"Ex`0am`u{d800}ple"');
  const { powershell } = await taken(makePsModule({ ...whole, manifest }));
  assert.equal(powershell.companyName, 'Exam\ufffdple');
});

test('a module of fifteen thousand commands is taken, with tags of a million characters', async () => {
  const cmdlets = Array.from({ length: 15_000 }, (_, index) => `Get-SomeServiceThingNumber${index}`);
  for (const hasClientTags of [true, false]) {
    const { metadata, powershell } = await taken(makePsModule({ id: 'Vast', version: '1.0', cmdlets, hasClientTags }));
    assert.equal(powershell.cmdlets.length, 15_000);
    assert.ok(metadata.tags.join(' ').length > 1_000_000);
    assert.ok(metadata.tags.includes('PSCommand_Get-SomeServiceThingNumber14999'));
  }
});

const notRead = "'Demo.Tools.psd1' could not be read as a module manifest";

/** [change of the manifest, code, sentence] */
const wrong: readonly (readonly [(manifest: string) => string, string, string])[] = [
  [
    (text) => text.replace("'Ann'", '$env:USERNAME'),
    'metadata-invalid',
    `${notRead} (line 7, column 10: the variable $env:USERNAME is no data; only $true, $false and $null are).`,
  ],
  [
    (text) => text.replace(/}\s*$/, ''),
    'metadata-invalid',
    `${notRead} (line 32, column 1: the end of the file stands where a key or } should be).`,
  ],
  [
    (text) => text.replace(/Author.*/, ''),
    'metadata-invalid',
    "The manifest 'Demo.Tools.psd1' has no Author, which PowerShell's clients need.",
  ],
  [
    (text) => text.replace(/Description.*/, "Description = ''"),
    'metadata-invalid',
    "The manifest 'Demo.Tools.psd1' has no Description, which PowerShell's clients need.",
  ],
  [
    (text) => text.replace(/ModuleVersion.*/, ''),
    'metadata-invalid',
    "The manifest 'Demo.Tools.psd1' has no ModuleVersion, which PowerShell's clients need.",
  ],
  [
    (text) => text.replace(/GUID.*/, "GUID = 'x'"),
    'metadata-invalid',
    "The manifest 'Demo.Tools.psd1' has the GUID 'x', which is none.",
  ],
  [
    (text) => text.replace(/ModuleVersion.*/, "ModuleVersion = '1.2.4'"),
    'metadata-mismatch',
    "The nuspec says version 1.2.3-beta1, but 'Demo.Tools.psd1' says 1.2.4-beta1.",
  ],
  [
    (text) => text.replace(/Prerelease.*/, ''),
    'metadata-mismatch',
    "The nuspec says version 1.2.3-beta1, but 'Demo.Tools.psd1' says 1.2.3.",
  ],
  [
    (text) => text.replace(/ModuleVersion.*/, "ModuleVersion = '1.x'"),
    'version-invalid',
    "'Demo.Tools.psd1' has the version '1.x'; PowerShell takes two to four numbers, such as 1.2.3.",
  ],
  [
    (text) => text.replace(/Prerelease.*/, "Prerelease = 'beta.1'"),
    'version-invalid',
    "'Demo.Tools.psd1' has the prerelease label 'beta.1'; PowerShell takes letters from a to z and digits only, such as beta1.",
  ],
  [
    (text) => text.replace(/ModuleVersion.*/, "ModuleVersion = '1.2.3.4'"),
    'version-invalid',
    "'Demo.Tools.psd1' has the version '1.2.3.4' and the label 'beta1'; with a prerelease label PowerShell takes exactly three numbers.",
  ],
  [
    (text) => text.replace("ModuleVersion = '1.0'", "ModuleVersion = 'new'"),
    'metadata-invalid',
    "'Demo.Tools.psd1' requires the module 'Least' in the version 'new', which is none.",
  ],
  [
    (text) => text.replace("ModuleName = 'Least'", "Name = 'Least'"),
    'metadata-invalid',
    "'Demo.Tools.psd1' requires a module without telling its ModuleName.",
  ],
  [(text) => `${text}#${' '.repeat(2_097_152)}`, 'metadata-invalid', "'Demo.Tools.psd1' is larger than 2097152 bytes."],
  [() => 'MZ\0\0\x01\0a', 'metadata-invalid', "'Demo.Tools.psd1' is no text in UTF-8 or UTF-16."],
];

test('a module whose manifest is wrong is refused; without the tag it is a plain package with a warning', async () => {
  for (const [change, code, says] of wrong) {
    const manifest = change(manifestOf());
    await refused(makePsModule({ ...whole, manifest }), code, says);
    const warning = `${says} So the package is taken as a plain one, not as one of PowerShell.`;
    await plain(makePsModule({ ...whole, manifest, nuspec: withoutTag }), warning);
    await refused(makePsModule({ ...whole, manifest, nuspec: withoutTag }), code, says, { mustBePowerShell: true });
  }
});

test('a prerelease label may have its hyphen in the manifest', async () => {
  const { candidate } = await taken(makePsModule({ ...whole, manifest: manifestOf({ prerelease: '-beta1' }) }));
  assert.equal(candidate.normalizedVersion, '1.2.3-beta1');
});

test('versions are compared as NuGet normalises them', async () => {
  const { candidate } = await taken(
    makePsModule({ id: 'Demo', version: '1.0', manifest: psModuleManifest({ id: 'Demo', version: '1.0.0.0' }) }),
  );
  assert.equal(candidate.normalizedVersion, '1.0.0');
});

test('a package with the tag of a module has its manifest at its root', async () => {
  const missing = "The package has the tag PSModule, but has no 'Demo.psd1' at its root";
  const demo = { id: 'Demo', version: '1.0.0' };
  await refused(makeNupkg({ ...demo, tags: 'a PSModule' }), 'metadata-missing', `${missing}.`);
  await refused(
    makePsModule({ ...demo, manifestName: 'Demo2.psd1' }),
    'metadata-missing',
    `${missing}; the package id must be the name of the manifest, and there is 'Demo2.psd1'.`,
  );
  await refused(makePsModule({ ...demo, manifestName: 'tools/Demo.psd1' }), 'metadata-missing', `${missing}.`);
  await refused(
    makeNupkg(demo),
    'metadata-missing',
    "The package was sent as one of PowerShell, but has neither 'Demo.psd1' nor 'Demo.ps1' at its root.",
    { mustBePowerShell: true },
  );
  await plain(makeNupkg(demo));
  await plain(makeNupkg({ ...demo, tags: 'PSModuleLike', files: { 'Other.psd1': '$x' } }));
});
