/** dotnet, the real one, is told of vulnerable, deprecated and outdated packages. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { osv } from '../advisories/osv-files.ts';
import { startGallery, type TestGallery } from '../gallery.ts';
import { callApi } from '../publish/upload.ts';
import { requireOrSkip } from './runners/available.ts';
import { type Dotnet, prepareDotnet } from './runners/dotnet.ts';
import { publishNupkg, unlist } from './runners/publish.ts';
import { describeResult, type RunResult } from './runners/run.ts';

let gallery: TestGallery;

before(async (t) => {
  gallery = await startGallery(t as TestContext);
});

const prepare = (): Promise<Dotnet> => prepareDotnet({ source: `${gallery.url}/v3/index.json` });

/** @returns what dotnet printed, on one line */
function said(result: RunResult): string {
  assert.equal(result.exitCode, 0, describeResult(result));
  return `${result.stdout}${result.stderr}`.replaceAll(/\s+/g, ' ');
}

test('restore warns of vulnerable packages, list shows them, and both are silent once the advisory is removed', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  await publishNupkg(gallery, { id: 'Audit.Inner', version: '1.0.0' });
  await publishNupkg(gallery, { id: 'Audit.Inner', version: '1.1.0' });
  await publishNupkg(gallery, {
    id: 'Audit.Outer',
    version: '2.0.0-beta',
    dependencies: [{ id: 'Audit.Inner', range: '1.0.0' }],
  });
  for (const [id, name, severity, events] of [
    ['GHSA-aaaa-bbbb-cccc', 'Audit.Inner', 'CRITICAL', undefined],
    ['EXAMPLE-2026-2', 'Audit.Outer', 'LOW', [{ introduced: '0' }, { last_affected: '2.0.0' }]],
  ] as const) {
    const file = join(gallery.dataDir, `${id}.json`);
    writeFileSync(file, JSON.stringify(osv({ id, name, severity, ...(events ? { events } : {}) })));
    const loaded = await gallery.command('advisory', 'load', file);
    assert.equal(loaded.exitCode, 0, loaded.stderr);
  }
  await using dotnet = await prepare();
  const references = { 'Audit.Outer': '2.0.0-beta' };

  const restored = said(await dotnet.restore(references));
  const inner = 'https://advisories.example.org/GHSA-aaaa-bbbb-cccc';
  const outer = 'https://advisories.example.org/EXAMPLE-2026-2';
  assert.match(
    restored,
    new RegExp(`NU1904: Package 'Audit.Inner' 1.0.0 has a known critical severity vulnerability, ${inner}`),
  );
  assert.match(
    restored,
    new RegExp(`NU1901: Package 'Audit.Outer' 2.0.0-beta has a known low severity vulnerability, ${outer}`),
  );
  const options = ['--vulnerable', '--include-transitive'];
  const listed = said(await dotnet.listPackages(references, ...options));
  assert.match(listed, new RegExp(`Audit.Outer 2.0.0-beta 2.0.0-beta Low ${outer}`));
  assert.match(listed, new RegExp(`Audit.Inner 1.0.0 Critical ${inner}`));
  const mended = said(await dotnet.restore({ 'Audit.Inner': '1.1.0' }));
  assert.doesNotMatch(mended, /NU190/, 'a version that mends it is no reason to warn');

  for (const id of ['GHSA-aaaa-bbbb-cccc', 'EXAMPLE-2026-2']) {
    assert.equal((await callApi(gallery, 'DELETE', `/api/advisories/${id}`)).status, 200);
  }
  await dotnet.clearCaches();
  assert.doesNotMatch(said(await dotnet.restore(references)), /NU190/);
  assert.match(said(await dotnet.listPackages(references, ...options)), /has no vulnerable packages/);
});

test('list tells what is deprecated, why, and what to use instead', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (const version of ['1.0.0', '1.1.0']) await publishNupkg(gallery, { id: 'Old.Lib', version });
  const deprecate = (path: string, body: unknown) =>
    callApi(gallery, 'POST', `/api/feeds/main/nupkg/Old.Lib/${path}`, body);
  const alternatePackage = { id: 'New.Lib', range: '[2.0.0, )' };
  const answer = await deprecate('1.0.0/deprecate', { reasons: ['Legacy', 'CriticalBugs'], alternatePackage });
  assert.equal(answer.status, 200, await answer.text());
  await using dotnet = await prepare();

  const listed = said(await dotnet.listPackages({ 'Old.Lib': '1.0.0' }, '--deprecated'));
  assert.match(listed, /Old\.Lib 1\.0\.0 1\.0\.0 Legacy, ?Critical ?Bugs New\.Lib >= 2\.0\.0/);
  assert.match(said(await dotnet.listPackages({ 'Old.Lib': '1.1.0' }, '--deprecated')), /has no deprecated packages/);
  assert.equal((await deprecate('1.0.0/undeprecate', {})).status, 200);
  await dotnet.clearCaches();
  assert.match(said(await dotnet.listPackages({ 'Old.Lib': '1.0.0' }, '--deprecated')), /has no deprecated packages/);
});

test('list shows the newest version as the newer one: none that is unlisted, and a prerelease only when asked', async (t) => {
  if (!requireOrSkip(t, 'dotnet')) return;
  for (const version of ['1.0.0', '1.1.0', '1.2.0', '2.0.0-beta'])
    await publishNupkg(gallery, { id: 'Aged.Lib', version });
  await unlist(gallery, 'nupkg', 'aged.lib', '1.2.0');
  await using dotnet = await prepare();

  const references = { 'Aged.Lib': '1.0.0' };
  assert.match(said(await dotnet.listPackages(references, '--outdated')), /Aged\.Lib 1\.0\.0 1\.0\.0 1\.1\.0/);
  const withPrereleases = await dotnet.listPackages(references, '--outdated', '--include-prerelease');
  assert.match(said(withPrereleases), /Aged\.Lib 1\.0\.0 1\.0\.0 2\.0\.0-beta/);
  assert.match(said(await dotnet.listPackages({ 'Aged.Lib': '1.1.0' }, '--outdated')), /has no updates/);
});
