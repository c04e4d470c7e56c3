/** Which answer an address of NuGet v3 has. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { nugetV3 } from '../../src/protocols/nuget-v3/index.ts';
import type { Target } from '../../src/protocols/protocol.ts';

function route(path: string, method = 'GET'): Target | undefined {
  return nugetV3.route({ method, path, query: new URLSearchParams(), search: '', headers: {}, accept: '*/*' });
}

/** The stored path that an address leads to; undefined when it leads nowhere. */
function stored(path: string): string | undefined {
  const target = route(path);
  return target?.type === 'document' || target?.type === 'blob' ? target.path : undefined;
}

test('GET and HEAD of each document lead to it, with what logs and surrogate keys need', () => {
  const common = { type: 'document', ecosystem: 'nupkg', contentType: 'application/json', allowsOrigins: true };
  const about = { ...common, packageName: 'demo.lib' };
  const expected: Record<string, object> = {
    'v3/index.json': { ...common, kind: 'nuget-service-index' },
    'v3/flat/demo.lib/index.json': { ...about, kind: 'nuget-flat-index' },
    'v3/registration/demo.lib/index.json': { ...about, kind: 'nuget-registration', alwaysGzip: false },
    'v3/registration-semver2/demo.lib/index.json': { ...about, kind: 'nuget-registration', alwaysGzip: true },
    'v3/registration-semver2/demo.lib/page/12.json': { ...about, kind: 'nuget-registration-page', alwaysGzip: true },
    'v3/registration-semver2/demo.lib/1.0.0-rc.1.json': {
      ...about,
      kind: 'nuget-registration-leaf',
      version: '1.0.0-rc.1',
    },
  };
  for (const [path, target] of Object.entries(expected)) {
    assert.deepEqual(route(path), { path, ...target });
    assert.deepEqual(route(path, 'HEAD'), route(path));
  }
});

test('each file of a version leads to its link, with its type', () => {
  const expected: Record<string, readonly [string, string]> = {
    'demo.lib.1.0.0-rc.1.nupkg': ['nuget-package', 'application/octet-stream'],
    'demo.lib.nuspec': ['nuget-nuspec', 'text/plain; charset=utf-8'],
    readme: ['nuget-readme', 'text/markdown; charset=utf-8'],
    license: ['nuget-license', 'text/plain; charset=utf-8'],
    icon: ['nuget-icon', 'image/png'],
    'icon.jpg': ['nuget-icon', 'image/jpeg'],
  };
  for (const [file, [kind, contentType]] of Object.entries(expected)) {
    const path = `v3/flat/demo.lib/1.0.0-rc.1/${file}`;
    assert.deepEqual(route(path), {
      type: 'blob',
      kind,
      ecosystem: 'nupkg',
      packageName: 'demo.lib',
      version: '1.0.0-rc.1',
      path,
      contentType,
      allowsOrigins: true,
    });
  }
});

test('an id and a version are found in any letter case', () => {
  assert.equal(stored('v3/flat/Demo.LIB/index.json'), 'v3/flat/demo.lib/index.json');
  const nupkg = 'v3/flat/demo.lib/1.0.0-beta/demo.lib.1.0.0-beta.nupkg';
  assert.equal(stored('v3/flat/Demo.Lib/1.0.0-Beta/DEMO.Lib.1.0.0-BETA.nupkg'), nupkg);
  assert.equal(stored('v3/flat/demo.lib/1.0.0-Beta/demo.lib.1.0.0-beta.NUPKG'), nupkg);
  assert.equal(stored('v3/flat/Demo.Lib/1.0.0/Demo.Lib.nuspec'), 'v3/flat/demo.lib/1.0.0/demo.lib.nuspec');
  assert.equal(stored('v3/registration/Demo.Lib/1.0.0-Beta.json'), 'v3/registration-semver2/demo.lib/1.0.0-beta.json');
  assert.equal(stored('v3/registration/ПАКЕТ/index.json'), 'v3/registration/пакет/index.json');
});

test('a version is found in every spelling that NuGet calls equal', () => {
  for (const version of ['1', '1.0', '1.0.0', '1.0.0.0', '01.00.0', '1.0.0+build']) {
    assert.equal(stored(`v3/flat/a/${version}/a.${version}.nupkg`), 'v3/flat/a/1.0.0/a.1.0.0.nupkg', version);
    assert.equal(stored(`v3/flat/a/${version}/a.1.0.0.nupkg`), 'v3/flat/a/1.0.0/a.1.0.0.nupkg', version);
    assert.equal(stored(`v3/flat/a/${version}/readme`), 'v3/flat/a/1.0.0/readme', version);
    assert.equal(stored(`v3/registration/a/${version}.json`), 'v3/registration-semver2/a/1.0.0.json', version);
  }
  assert.equal(stored('v3/flat/a/1.0.0.1/a.1.0.0.1.nupkg'), 'v3/flat/a/1.0.0.1/a.1.0.0.1.nupkg');
});

test('an id that ends in numbers is not taken for a version', () => {
  assert.equal(stored('v3/flat/a.1/2.0.0/a.1.2.0.0.nupkg'), 'v3/flat/a.1/2.0.0/a.1.2.0.0.nupkg');
  assert.equal(stored('v3/flat/a/2.0.0/a.1.2.0.0.nupkg'), undefined);
  assert.equal(stored('v3/flat/page/index.json'), 'v3/flat/page/index.json');
  assert.equal(stored('v3/registration/page/0.json'), 'v3/registration-semver2/page/0.0.0.json');
  assert.equal(stored('v3/registration/index.json/index.json'), 'v3/registration/index.json/index.json');
});

test('a segment that is too long for a file system is stored under its digest', () => {
  const id = '包'.repeat(100);
  const digest = (text: string): string => `~${createHash('sha256').update(text).digest('hex')}`;
  assert.equal(stored(`v3/flat/${id}/index.json`), `v3/flat/${digest(id)}/index.json`);
  const file = `${id}.1.0.0.nupkg`;
  assert.equal(stored(`v3/flat/${id}/1.0.0/${file}`), `v3/flat/${digest(id)}/1.0.0/${digest(file)}`);
  const target = route(`v3/flat/${id}/index.json`);
  assert.equal(target?.type === 'document' && target.packageName, id);
  assert.equal(stored(`v3/flat/${digest(id)}/index.json`), undefined, 'the digest itself is no id');
});

test('pushes and what lies below them are for the write service, with any method', () => {
  for (const path of ['v3/package', 'v3/package/', 'v3/package/Demo.Lib/1.0.0']) {
    for (const method of ['GET', 'PUT', 'DELETE', 'POST']) assert.deepEqual(route(path, method), { type: 'forward' });
  }
});

test('an address of nothing leads nowhere', () => {
  const nothing = ['', 'v3', 'v3/', 'index.json', 'v3/index.json/', 'v3/packages', 'v3/flat', 'v3/flat/', 'simple/'];
  nothing.push('v3/flat/a', 'v3/flat/a/', 'v3/flat/a/1.0.0', 'v3/flat/a/1.0.0/', 'v3/flat/a/1.0.0/b.1.0.0.nupkg');
  nothing.push('v3/flat/a/1.0.0/a.1.0.1.nupkg', 'v3/flat/a/1.0.0/b.nuspec', 'v3/flat/a/1.0.0/a.nupkg');
  nothing.push('v3/flat/a/1.0.0/nupkg', 'v3/flat/a/1.0.0/nuspec', 'v3/flat/a/1.0.0/constructor');
  nothing.push('v3/flat/a/x/a.x.nupkg', 'v3/flat/a/1.0.0/a.1.0.0.nupkg/x', 'v3/flat/a b/index.json');
  nothing.push(
    'v3/flat/../index.json',
    'v3/flat/./index.json',
    'v3/flat//index.json',
    'v3/registration/../../x/index.json',
  );
  nothing.push('v3/registration/a', 'v3/registration/a/', 'v3/registration/a/x.json', 'v3/registration/a/1.0.0');
  nothing.push('v3/registration/a/page/01.json', 'v3/registration/a/page/x.json', 'v3/registration/a/page/0.json/x');
  nothing.push('v3/registration-x/a/index.json', `v3/flat/${'a'.repeat(101)}/index.json`);
  for (const path of nothing) assert.equal(route(path), undefined, path);
});

test('a symbol file is found by name and key in any letter case, and no key but that of a portable PDB leads anywhere', () => {
  const guid = '0123456789abcdef0123456789abcdef';
  const path = `v3/symbols/demo.lib.pdb/${guid}ffffffff/demo.lib.pdb`;
  assert.deepEqual(route(path), {
    type: 'blob',
    kind: 'nuget-symbols',
    ecosystem: 'nupkg',
    path,
    contentType: 'application/octet-stream',
    isReplaceable: true,
  });
  assert.equal(stored(`v3/symbols/Demo.Lib.pdb/${guid.toUpperCase()}FFFFFFFF/DEMO.lib.PDB`), path);
  for (const other of [
    `v3/symbols/demo.lib.pdb/${guid}1/demo.lib.pdb`,
    `v3/symbols/demo.lib.pdb/${guid}ffffffff/demo.pdb`,
    `v3/symbols/demo.lib.pdb/${guid}ffffffff`,
    `v3/symbols/demo.lib.pdb/${guid}ffffffff/demo.lib.pdb/x`,
    `v3/symbols//${guid}ffffffff/`,
    'v3/symbols/demo.so/elf-buildid-0123/demo.so',
    'v3/symbols/index2.txt',
    'v3/symbols/',
  ]) {
    assert.equal(route(other), undefined, other);
  }
  assert.match(
    stored(`v3/symbols/${'x'.repeat(300)}/${guid}ffffffff/${'x'.repeat(300)}`) ?? '',
    /symbols\/~[0-9a-f]{64}\//,
  );
  for (const address of ['v3/symbolpackage', 'v3/symbolpackage/'])
    assert.deepEqual(route(address), { type: 'forward' });
});

test('the catalog is at the addresses that it gives, and at no other spelling of them', () => {
  const common = { type: 'document', ecosystem: 'nupkg', contentType: 'application/json', allowsOrigins: true };
  for (const [path, kind] of [
    ['v3/catalog/index.json', 'nuget-catalog'],
    ['v3/catalog/page/0.json', 'nuget-catalog-page'],
    ['v3/catalog/page/12.json', 'nuget-catalog-page'],
    ['v3/catalog/data/0/499.json', 'nuget-catalog-leaf'],
    ['v3/catalog/data/2/1000.json', 'nuget-catalog-leaf'],
  ] as const) {
    assert.deepEqual(route(path), { ...common, path, kind });
  }
  for (const path of [
    'v3/catalog/',
    'v3/catalog/page/00.json',
    'v3/catalog/page/-1.json',
    'v3/catalog/page/0/0.json',
    'v3/catalog/page/0.json/',
    'v3/catalog/data/0.json',
    'v3/catalog/data/0/500.json',
    'v3/catalog/data/x/0/5.json',
    'v3/catalog/leaf/0.json',
  ]) {
    assert.equal(route(path), undefined, path);
  }
});
