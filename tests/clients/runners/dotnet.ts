/**
 * Runs the real dotnet against one package source named `gallery`. Every runner has its own home, packages folder, HTTP cache
 * and NuGet.Config, and no build server survives a command.
 */
import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DotnetSource, PackOptions } from './dotnet-files.ts';
import { libraryFiles, nugetConfig, restoreProject } from './dotnet-files.ts';
import type { RunResult } from './run.ts';
import { runCommand } from './run.ts';
import type { Workspace } from './workspace.ts';
import { openWorkspace } from './workspace.ts';

export interface DotnetOptions extends DotnetSource {
  /** Limit of each command, in milliseconds. Default two minutes. */
  readonly timeoutMs?: number;
}

export interface PushOptions {
  readonly apiKey?: string;
  readonly skipDuplicate?: boolean;
  /** An address to push to instead of the source `gallery`. */
  readonly source?: string;
  /** True sends to `source` exactly, without `/api/v2/package` added. */
  readonly isServiceEndpoint?: boolean;
}

export interface PackResult extends RunResult {
  /** Paths of what was packed: .nupkg, and .snupkg where asked for. */
  readonly files: readonly string[];
}

export interface Dotnet extends AsyncDisposable {
  readonly workspace: Workspace;
  /** Writes a made package into the folder `made`. @returns its path. */
  addFile(made: { readonly filename: string; readonly bytes: Uint8Array }): Promise<string>;
  /** Writes a small project and packs it, with no network. */
  pack(options: PackOptions): Promise<PackResult>;
  /** `dotnet nuget push`; a .snupkg beside the file goes to the symbol endpoint when the source has one. */
  push(file: string, options?: PushOptions): Promise<RunResult>;
  /** `dotnet nuget delete`, which unlists. */
  delete(id: string, version: string, options?: { readonly apiKey?: string }): Promise<RunResult>;
  /** Writes a project with these references (id to version or range) and restores it. */
  restore(references: Readonly<Record<string, string>>): Promise<RunResult>;
  /** Restores as `restore` does, and then lists the project's packages: `dotnet list package OPTIONS`. */
  listPackages(references: Readonly<Record<string, string>>, ...options: string[]): Promise<RunResult>;
  /** `dotnet add package` on a new project: takes the newest version when none is given. */
  addPackage(
    id: string,
    options?: { readonly version?: string; readonly hasPrereleases?: boolean },
  ): Promise<RunResult>;
  /** `dotnet tool install` into `toolFolder`. */
  toolInstall(id: string, options?: { readonly version?: string }): Promise<RunResult>;
  /** Runs an installed tool. */
  runTool(command: string, ...args: string[]): Promise<RunResult>;
  /** Where tools are installed. */
  readonly toolFolder: string;
  /** `dotnet package search`; more options as they are written on the command line, such as `--prerelease`. */
  search(text: string, ...options: string[]): Promise<RunResult>;
  /** Any other dotnet command, in the folder of NuGet.Config. */
  run(...args: string[]): Promise<RunResult>;
  /** @returns what restores put into the packages folder, as `id/version` in lower case, sorted. */
  restoredPackages(): Promise<string[]>;
  /** Forgets restored packages and the HTTP cache, so that the next restore asks the source again. */
  clearCaches(): Promise<RunResult>;
}

/** Prepares a folder, an environment and a NuGet.Config. */
export async function prepareDotnet(options: DotnetOptions): Promise<Dotnet> {
  const workspace = await openWorkspace('dotnet');
  await workspace.write('NuGet.Config', nugetConfig(options));
  const environment = dotnetEnvironment(workspace);
  const { timeoutMs } = options;
  const folder = workspace.folder;
  const framework = targetFramework();
  const run = (...args: string[]) => runCommand('dotnet', args, { folder, environment, timeoutMs });
  const config = ['--configfile', workspace.path('NuGet.Config')];
  const toolFolder = workspace.path('tools');
  let projectCount = 0;
  const writeProject = (references: Readonly<Record<string, string>>) =>
    workspace.write(`projects/app${++projectCount}/app.csproj`, restoreProject(framework, references));
  return {
    workspace,
    toolFolder,
    run,
    addFile: ({ filename, bytes }) => workspace.write(`made/${filename}`, bytes),
    pack: (packed) => pack(workspace, run, framework, packed),
    push: (file, push = {}) => run('nuget', 'push', file, ...pushArguments(push)),
    delete: (id, version, { apiKey } = {}) =>
      run('nuget', 'delete', id, version, '-s', 'gallery', '--non-interactive', ...keyArguments(apiKey)),
    restore: async (references) => run('restore', await writeProject(references), ...config),
    listPackages: async (references, ...more) => {
      const project = await writeProject(references);
      const restored = await run('restore', project, ...config);
      return restored.exitCode === 0 ? run('list', project, 'package', ...more) : restored;
    },
    addPackage: async (id, { version, hasPrereleases } = {}) => {
      const args = version === undefined ? [] : ['--version', version];
      if (hasPrereleases) args.push('--prerelease');
      return run('add', await writeProject({}), 'package', id, ...args);
    },
    toolInstall: (id, { version } = {}) =>
      run('tool', 'install', id, '--tool-path', toolFolder, ...config, ...(version ? ['--version', version] : [])),
    runTool: (command, ...args) => runCommand(join(toolFolder, command), args, { folder, environment, timeoutMs }),
    search: (text, ...more) => run('package', 'search', text, '--source', 'gallery', ...config, ...more),
    restoredPackages: () => idsAndVersions(workspace.path('packages')),
    clearCaches: () => run('nuget', 'locals', 'all', '--clear'),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

function dotnetEnvironment(workspace: Workspace): Record<string, string> {
  return {
    ...workspace.environment,
    ...(process.env.DOTNET_ROOT ? { DOTNET_ROOT: process.env.DOTNET_ROOT } : {}),
    DOTNET_CLI_HOME: workspace.path('home'),
    NUGET_PACKAGES: workspace.path('packages'),
    NUGET_HTTP_CACHE_PATH: workspace.path('http'),
    NUGET_SCRATCH: workspace.path('scratch'),
    NUGET_PLUGINS_CACHE_PATH: workspace.path('plugins'),
    NUGET_CERT_REVOCATION_MODE: 'offline',
    DOTNET_NOLOGO: '1',
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    DOTNET_SKIP_FIRST_TIME_EXPERIENCE: '1',
    DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false',
    DOTNET_ADD_GLOBAL_TOOLS_TO_PATH: 'false',
    DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE: 'true',
    DOTNET_CLI_UI_LANGUAGE: 'en',
    MSBUILDDISABLENODEREUSE: '1',
    DOTNET_CLI_USE_MSBUILD_SERVER: '0',
    // The compiler server starts a session of its own, out of reach of the process group.
    UseSharedCompilation: 'false',
  };
}

/** The framework of the SDK that is installed: it brings the reference assemblies, so nothing must be fetched. */
function targetFramework(): string {
  const version = execFileSync('dotnet', ['--version'], { encoding: 'utf8', cwd: '/' }).trim();
  return `net${version.split('.')[0]}.0`;
}

async function pack(
  workspace: Workspace,
  run: (...args: string[]) => Promise<RunResult>,
  framework: string,
  options: PackOptions,
): Promise<PackResult> {
  const folder = `projects/${options.id}-${options.version}`;
  for (const [name, content] of Object.entries(libraryFiles(framework, options))) {
    await workspace.write(`${folder}/${name}`, content);
  }
  const output = workspace.path('out', `${options.id}-${options.version}`);
  const result = await run('pack', workspace.path(folder), '-c', 'Release', '-o', output);
  const files = result.exitCode === 0 ? (await readdir(output)).sort().map((name) => join(output, name)) : [];
  return { ...result, files };
}

function pushArguments({ apiKey, skipDuplicate, source, isServiceEndpoint }: PushOptions): string[] {
  const args = ['-s', source ?? 'gallery', ...keyArguments(apiKey)];
  if (source?.startsWith('http:')) args.push('--allow-insecure-connections');
  if (isServiceEndpoint) args.push('--no-service-endpoint');
  if (skipDuplicate) args.push('--skip-duplicate');
  return args;
}

function keyArguments(apiKey: string | undefined): string[] {
  return apiKey === undefined ? [] : ['-k', apiKey];
}

async function idsAndVersions(packagesFolder: string): Promise<string[]> {
  const found: string[] = [];
  const ids = await readdir(packagesFolder, { withFileTypes: true }).catch(() => []);
  for (const id of ids) {
    if (!id.isDirectory() || id.name.startsWith('.')) continue;
    for (const version of await readdir(join(packagesFolder, id.name))) found.push(`${id.name}/${version}`);
  }
  return found.sort();
}
