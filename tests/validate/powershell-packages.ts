/** Inspects made PowerShell packages as an upload would, in a folder of the test file's own. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { isRefusal, type Refusal } from '../../src/std/refusals.ts';
import type { ArchiveLimits, Candidate } from '../../src/validate/candidate.ts';
import { inspectNupkg, type NupkgRules } from '../../src/validate/nupkg/inspect.ts';
import type { NuspecMetadata } from '../../src/validate/nupkg/nuspec.ts';
import type { PowerShellMetadata } from '../../src/validate/powershell/metadata.ts';
import type { MadeNupkg } from '../packages/nupkg.ts';

export const limits: ArchiveLimits = {
  entriesMax: 10_000,
  unpackedBytesMax: 64 * 1024 * 1024,
  extractBytesMax: 16 * 1024 * 1024,
  ratioMax: 200,
};

let folder = '';
let made = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-powershell-'));
});
after(() => rm(folder, { recursive: true }));

export async function inspect(made_: Promise<MadeNupkg>, rules: NupkgRules = {}): Promise<Candidate | Refusal> {
  const path = join(folder, `${made++}.nupkg`);
  await writeFile(path, (await made_).bytes);
  return inspectNupkg(path, limits, rules);
}

export interface Taken {
  readonly candidate: Candidate;
  readonly metadata: NuspecMetadata;
  readonly powershell: PowerShellMetadata;
}

/** Taken as a module or a script, without a word. */
export async function taken(nupkg: Promise<MadeNupkg>): Promise<Taken> {
  const candidate = await inspect(nupkg);
  assert.ok(!isRefusal(candidate), isRefusal(candidate) ? candidate.message : '');
  assert.equal(candidate.warnings, undefined);
  const metadata = candidate.versionMetadata as unknown as NuspecMetadata;
  assert.ok(metadata.powershell, 'it is a package of PowerShell');
  return { candidate, metadata, powershell: metadata.powershell };
}

export async function refused(
  nupkg: Promise<MadeNupkg>,
  code: string,
  says: string,
  rules?: NupkgRules,
): Promise<void> {
  const refusal = await inspect(nupkg, rules);
  assert.ok(isRefusal(refusal), `taken, though: ${says}`);
  assert.deepEqual([refusal.code, refusal.message], [code, says]);
}

/** Taken as a plain package, with this warning or none. */
export async function plain(nupkg: Promise<MadeNupkg>, warning?: string): Promise<void> {
  const candidate = await inspect(nupkg);
  assert.ok(!isRefusal(candidate), isRefusal(candidate) ? candidate.message : '');
  assert.equal(candidate.kind, 'library');
  assert.equal('powershell' in candidate.versionMetadata, false);
  assert.deepEqual(candidate.warnings, warning === undefined ? undefined : [warning]);
}
