/**
 * Runs the two old command-line clients under mono: Debian's nuget 2.8.7, which knows v2 alone, and nuget.exe 5.8. Every runner has
 * its own home, configuration, caches and folder of installed packages.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../../gallery.ts';
import { type DotnetSource, nugetConfig } from './dotnet-files.ts';
import { type RunResult, runCommand } from './run.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export type NugetVersion = '2.8.7' | '5.8';

/** Where npm puts the second of them; the first is a command of the system. */
export const nuget5Program = join(projectFolder, 'node_modules', 'nuget-exe', 'nuget-5.8.0.exe');

/** What moves the cursor and sets colours, and is no text (ECMA-48, "control sequences"). */
const terminalCodes = /\u001b\[[\d;?]*[A-Za-z]/g;

export interface NugetOptions extends DotnetSource {
  /** Limit of each command, in milliseconds. Default two minutes. */
  readonly timeoutMs?: number;
}

export interface NugetPush {
  readonly apiKey?: string;
  /** An address to push to, or to delete from, instead of the runner's source. */
  readonly source?: string;
  /** More options as they are written on the command line, such as `-SkipDuplicate`. */
  readonly options?: readonly string[];
}

export interface Nuget extends AsyncDisposable {
  readonly workspace: Workspace;
  /** Writes a made package into the folder that commands run in. @returns its name: 2.8.7 under mono takes no absolute path. */
  addFile(made: { readonly filename: string; readonly bytes: Uint8Array }): Promise<string>;
  /** `nuget list TEXT`; more options as they are written, such as `-Prerelease`. */
  list(text: string, ...options: string[]): Promise<RunResult>;
  /** `nuget install ID`, with no cache; more options as they are written, such as `-Version`. */
  install(id: string, ...options: string[]): Promise<RunResult>;
  /** @returns the folders that installs made, `Id.Version` as the client spells them, sorted. */
  installedPackages(): Promise<string[]>;
  /** Removes what was installed. */
  forgetInstalled(): Promise<void>;
  /** `nuget push`. */
  push(file: string, push?: NugetPush): Promise<RunResult>;
  /** `nuget delete`, which unlists. */
  delete(id: string, version: string, push?: NugetPush): Promise<RunResult>;
  /** Any other command, in the folder of NuGet.Config. */
  run(...args: string[]): Promise<RunResult>;
}

/** Prepares a folder, an environment and a NuGet.Config with one source. */
export async function prepareNuget(version: NugetVersion, options: NugetOptions): Promise<Nuget> {
  const workspace = await openWorkspace(`nuget-${version}`);
  const { timeoutMs = 120_000 } = options;
  const { folder } = workspace;
  const environment = nugetEnvironment(workspace);
  // Both look for it in the folder that they run in.
  await workspace.write('NuGet.Config', nugetConfig(options));
  await mkdir(workspace.path('registry'));
  const program = version === '5.8' ? ['mono', nuget5Program] : ['nuget'];
  const run = (...args: string[]) => {
    const [command = '', ...before] = program;
    return runCommand(command, [...before, ...args, '-NonInteractive'], { folder, environment, timeoutMs });
  };
  // 2.8.7 wants to know how wide the terminal is: without one, or on a dumb one, its list goes on for ever.
  const runOnTerminal = async (...args: string[]) => {
    const words = ['timeout', '--foreground', String(timeoutMs / 1000), ...program, ...args];
    const line = `stty cols 120; exec ${words.map(quoted).join(' ')}`;
    const onTerminal = { folder, environment: { ...environment, TERM: 'ansi' }, timeoutMs };
    const result = await runCommand('script', ['-qfec', line, '/dev/null'], onTerminal);
    return { ...result, stdout: result.stdout.replaceAll(terminalCodes, '') };
  };
  const sourceOf = ({ source = options.source, options: more = [] }: NugetPush) => ['-Source', source, ...more];
  const installed = workspace.path('installed');
  return {
    workspace,
    run,
    addFile: async ({ filename, bytes }) => {
      await workspace.write(filename, bytes);
      return filename;
    },
    list: (text, ...more) =>
      (version === '5.8' ? run : runOnTerminal)('list', text, '-Source', options.source, ...more),
    install: (id, ...more) =>
      run('install', id, '-Source', options.source, '-OutputDirectory', installed, '-NoCache', ...more),
    installedPackages: async () => (await readdir(installed).catch(() => [])).sort(),
    forgetInstalled: () => rm(installed, { recursive: true, force: true }),
    push: (file, push = {}) => run('push', file, ...keyArgument(push), ...sourceOf(push)),
    delete: (id, packageVersion, push = {}) =>
      run('delete', id, packageVersion, ...keyArgument(push), ...sourceOf(push)),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

function nugetEnvironment(workspace: Workspace): Record<string, string> {
  return {
    ...workspace.environment,
    XDG_CONFIG_HOME: workspace.path('config'),
    XDG_DATA_HOME: workspace.path('share'),
    MONO_REGISTRY_PATH: workspace.path('registry'),
    NuGetCachePath: workspace.path('cache'),
    NUGET_PACKAGES: workspace.path('packages'),
    NUGET_HTTP_CACHE_PATH: workspace.path('http'),
    NUGET_SCRATCH: workspace.path('scratch'),
    NUGET_PLUGINS_CACHE_PATH: workspace.path('plugins'),
    TERM: 'dumb',
  };
}

function keyArgument({ apiKey }: NugetPush): string[] {
  return apiKey === undefined ? [] : [apiKey];
}

/** A word for the shell, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
