/**
 * Runs the real pip against an index or a folder of packages. Every runner has its own cache, home and target folder, and
 * reads no configuration file, so that two runners never see each other's answers.
 */
import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import type { RunResult } from './run.ts';
import { runCommand } from './run.ts';
import type { Workspace } from './workspace.ts';
import { openWorkspace } from './workspace.ts';

export interface PipOptions {
  /** Address of a simple index, ending in `/simple/`; sign-in may stand in it as `http://user:password@host/…`. */
  readonly indexUrl?: string;
  /** A folder of packages to use instead of an index: `--no-index --find-links`. */
  readonly findLinks?: string;
  /** True turns pip's HTTP cache on for plain http, which it does only for a trusted host. */
  readonly hasHttpCache?: boolean;
  /** Sign-in by .netrc, which pip sends at once. */
  readonly netrc?: { readonly host: string; readonly username: string; readonly password: string };
  /** The interpreter whose pip is run; `python3` of the path when not given. */
  readonly python?: string;
  /** Limit of each command, in milliseconds. Default one minute. */
  readonly timeoutMs?: number;
}

export interface InstallOptions {
  /** The lines of a requirements file with hashes: `install --require-hashes -r FILE`. */
  readonly requirementsWithHashes?: readonly string[];
  /** False installs without dependencies. Default true. */
  readonly hasDependencies?: boolean;
  /** True accepts pre-releases. */
  readonly hasPrereleases?: boolean;
}

export interface Pip extends AsyncDisposable {
  readonly workspace: Workspace;
  /** Where `download` puts files. */
  readonly downloadFolder: string;
  /** Where `install` puts packages. */
  readonly targetFolder: string;
  /** `pip download --no-deps`: the file of each requirement, without its dependencies. */
  download(...requirements: string[]): Promise<RunResult>;
  /** `pip install --target`, with dependencies; wheels only, so that nothing is built. */
  install(requirements: readonly string[], options?: InstallOptions): Promise<RunResult>;
  /** `pip index versions NAME`: prints "Available versions: 1.1, 1.0". */
  indexVersions(name: string): Promise<RunResult>;
  /** Resolves without installing, from metadata by ranges (`fast-deps`) where the index offers no metadata files. */
  resolveLazily(...requirements: string[]): Promise<RunResult>;
  /** Any other pip command, with the same environment; index options are not added. */
  run(...args: string[]): Promise<RunResult>;
  /** @returns the names in the download folder, sorted. */
  downloadedFiles(): Promise<string[]>;
  /** @returns what is installed in the target folder as `name-version` of each dist-info folder, sorted. */
  installedPackages(): Promise<string[]>;
}

/** Prepares a folder and environment for pip. Rejects when there is no such interpreter; see `missing('pip')`. */
export async function preparePip(options: PipOptions): Promise<Pip> {
  // A shim on the path (pyenv) needs the real home; the interpreter itself does not.
  const python = execFileSync(options.python ?? 'python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  }).trim();
  const workspace = await openWorkspace('pip');
  const environment = {
    ...workspace.environment,
    PIP_CONFIG_FILE: '/dev/null',
    PIP_NO_INPUT: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_BREAK_SYSTEM_PACKAGES: '1',
    PIP_CACHE_DIR: workspace.path('cache'),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
  };
  if (options.netrc !== undefined) {
    const { host, username, password } = options.netrc;
    await workspace.write('home/.netrc', `machine ${host}\nlogin ${username}\npassword ${password}\n`);
  }
  const timeoutMs = options.timeoutMs ?? 60_000;
  const folder = workspace.folder;
  const run = (...args: string[]) => runCommand(python, ['-m', 'pip', ...args], { folder, environment, timeoutMs });
  const source = sourceArguments(options);
  const downloadFolder = workspace.path('downloads');
  const targetFolder = workspace.path('target');
  return {
    workspace,
    downloadFolder,
    targetFolder,
    run,
    download: (...names) => run('download', '--no-deps', '-d', downloadFolder, ...source, ...names),
    install: async (names, install = {}) =>
      run(
        'install',
        ...['--target', targetFolder, '--only-binary', ':all:', '--no-compile', ...source],
        ...(await installArguments(workspace, install)),
        ...names,
      ),
    indexVersions: (name) => run('index', 'versions', ...source, name),
    resolveLazily: (...names) => run('install', ...lazyArguments, '--report', '-', ...source, ...names),
    downloadedFiles: async () => (await readdir(downloadFolder)).sort(),
    installedPackages: async () => {
      const names = await readdir(targetFolder);
      return names.flatMap((name) => (name.endsWith('.dist-info') ? name.slice(0, -'.dist-info'.length) : [])).sort();
    },
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

const lazyArguments = ['--dry-run', '--ignore-installed', '--only-binary', ':all:', '--use-feature=fast-deps'];

function sourceArguments({ indexUrl, findLinks, hasHttpCache }: PipOptions): string[] {
  const args: string[] = [];
  if (indexUrl !== undefined) args.push('--index-url', indexUrl);
  else args.push('--no-index');
  if (findLinks !== undefined) args.push('--find-links', findLinks);
  if (hasHttpCache && indexUrl !== undefined) args.push('--trusted-host', new URL(indexUrl).hostname);
  return args;
}

async function installArguments(workspace: Workspace, options: InstallOptions): Promise<string[]> {
  const args: string[] = [];
  if (options.hasDependencies === false) args.push('--no-deps');
  if (options.hasPrereleases) args.push('--pre');
  if (options.requirementsWithHashes !== undefined) {
    const file = await workspace.write('requirements.txt', `${options.requirementsWithHashes.join('\n')}\n`);
    args.push('--require-hashes', '-r', file);
  }
  return args;
}
