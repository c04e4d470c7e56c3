/** Runs the real twine, Debian's where it is installed, with no configuration file and no keyring. */
import type { RunResult } from './run.ts';
import { runCommand } from './run.ts';
import type { Workspace } from './workspace.ts';
import { openWorkspace } from './workspace.ts';

export interface TwineUploadOptions {
  /** Address of the upload endpoint. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** True goes on when the server says that a file exists already. */
  readonly skipExisting?: boolean;
  /** True also prints the body of a refusal; without it twine shows the reason phrase only. */
  readonly isVerbose?: boolean;
}

export interface Twine extends AsyncDisposable {
  readonly workspace: Workspace;
  /** Writes a made package into the folder `dist`. @returns its path. */
  addFile(made: { readonly filename: string; readonly bytes: Uint8Array }): Promise<string>;
  /** `twine upload`: one request a file, wheels first, Basic sign-in at once. */
  upload(files: readonly string[], options: TwineUploadOptions): Promise<RunResult>;
  /** `twine check --strict`: the metadata renders. */
  check(...files: string[]): Promise<RunResult>;
}

/** @param timeoutMs limit of each command, in milliseconds */
export async function prepareTwine({ timeoutMs = 60_000 } = {}): Promise<Twine> {
  const workspace = await openWorkspace('twine');
  const environment = {
    ...workspace.environment,
    // Debian's twine wants Debian's Python, whatever else is first on the path.
    PATH: `/usr/bin:/bin:${workspace.environment.PATH}`,
    PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
  };
  const folder = workspace.folder;
  const run = (...args: string[]) => runCommand('twine', args, { folder, environment, timeoutMs });
  return {
    workspace,
    addFile: ({ filename, bytes }) => workspace.write(`dist/${filename}`, bytes),
    upload: (files, options) => run('upload', ...uploadArguments(options), ...files),
    check: (...files) => run('check', '--strict', ...files),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

function uploadArguments({ url, username, password, skipExisting, isVerbose }: TwineUploadOptions): string[] {
  const args = ['--config-file', '/dev/null', '--non-interactive', '--disable-progress-bar'];
  if (skipExisting) args.push('--skip-existing');
  if (isVerbose) args.push('--verbose');
  return [...args, '--repository-url', url, '-u', username, '-p', password];
}
