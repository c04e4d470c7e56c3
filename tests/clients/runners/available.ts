/**
 * Says whether a real client is on this machine. A test without its client is skipped with the reason; with CI=true it fails
 * instead, because a check that did not run is no proof.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { nuget5Program } from './nuget.ts';

export type Client = 'pip' | 'twine' | 'dotnet' | 'poetry' | 'flit' | 'nuget 2.8.7' | 'nuget 5.8';

/** What nuget.exe 5.8 needs that mono comes without, where Debian puts it. */
const monoLibraries = ['System.Net.Http', 'System.IO.Compression', 'System.IO.Compression.FileSystem'].map(
  (name) => `/usr/lib/mono/4.5/${name}.dll`,
);

/** What to try for each client: a command that must succeed, or only a file on the path where starting it is slow. */
const checks: Readonly<Record<Client, () => string | undefined>> = {
  pip: () => (succeeds('python3', ['-m', 'pip', '--version']) ? undefined : 'python3 with pip is not installed'),
  twine: () =>
    isOnPath('twine', ['/usr/bin', '/bin']) ? undefined : "twine is not installed (Debian's package twine)",
  poetry: () =>
    isOnPath('poetry', ['/usr/bin', '/bin']) ? undefined : "poetry is not installed (Debian's package python3-poetry)",
  flit: () => (isOnPath('flit', ['/usr/bin', '/bin']) ? undefined : "flit is not installed (Debian's package flit)"),
  dotnet: () => (isOnPath('dotnet') ? undefined : 'the .NET SDK (dotnet) is not installed'),
  'nuget 2.8.7': () => (isOnPath('nuget') ? undefined : "nuget is not installed (Debian's package nuget)"),
  'nuget 5.8': missingForNuget5,
};

const answers = new Map<Client, string | undefined>();

/** @returns why the client cannot be run on this machine, or undefined when it can. */
export function missing(client: Client): string | undefined {
  if (!answers.has(client)) answers.set(client, checks[client]());
  return answers.get(client);
}

/**
 * Use as `if (!requireOrSkip(t, 'twine')) return;`. Throws with CI=true when the client is missing.
 * @returns false when the client is missing; the test is then marked as skipped and must return.
 */
export function requireOrSkip(t: Pick<TestContext, 'skip'>, ...clients: Client[]): boolean {
  const reasons = clients.flatMap((client) => missing(client) ?? []);
  if (reasons.length === 0) return true;
  if (process.env.CI === 'true') throw new Error(`With CI=true nothing is skipped: ${reasons.join('; ')}`);
  t.skip(reasons.join('; '));
  return false;
}

function missingForNuget5(): string | undefined {
  if (!existsSync(nuget5Program)) return 'nuget.exe 5.8 is not installed (npm ci)';
  if (!isOnPath('mono')) return "mono is not installed (Debian's package nuget)";
  const lacking = monoLibraries.filter((file) => !existsSync(file));
  return lacking.length === 0 ? undefined : `mono lacks ${lacking.join(', ')} (Debian's packages libmono-*-cil)`;
}

function isOnPath(command: string, moreFolders: readonly string[] = []): boolean {
  const folders = [...moreFolders, ...(process.env.PATH ?? '').split(delimiter)];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0;
}
