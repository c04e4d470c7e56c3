/** Runs the real flit, Debian's where it is installed, with no configuration file and no keyring. */
import type { RunResult } from './run.ts';
import { runCommand } from './run.ts';
import type { Workspace } from './workspace.ts';
import { openWorkspace } from './workspace.ts';

export interface FlitOptions {
  /** Address of the upload endpoint. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface FlitProject {
  readonly name: string;
  readonly version: string;
  /** The first line of the module, which flit takes for the summary. */
  readonly summary?: string;
}

export interface Flit extends AsyncDisposable {
  readonly workspace: Workspace;
  /** Writes the project that is published. */
  writeProject(project: FlitProject): Promise<void>;
  /** `flit publish`: builds both files and sends them, the wheel first. */
  publish(...options: string[]): Promise<RunResult>;
}

/** @param timeoutMs limit of each command, in milliseconds */
export async function prepareFlit(options: FlitOptions, { timeoutMs = 60_000 } = {}): Promise<Flit> {
  const workspace = await openWorkspace('flit');
  const environment = {
    ...workspace.environment,
    // Debian's flit wants Debian's Python, whatever else is first on the path.
    PATH: '/usr/bin:/bin',
    PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
    // Else the sdist holds the second in which it was built, and the next build of the same files is another file.
    SOURCE_DATE_EPOCH: '1735689600',
    FLIT_INDEX_URL: options.url,
    FLIT_USERNAME: options.username,
    FLIT_PASSWORD: options.password,
  };
  const folder = workspace.folder;
  return {
    workspace,
    async writeProject({ name, version, summary = 'A project of the tests' }) {
      const module = name.replaceAll('-', '_');
      await workspace.write(`${module}.py`, `"""${summary}"""\n\n__version__ = "${version}"\n`);
      await workspace.write('README.md', `# ${name}\n\nWritten for flit.\n`);
      await workspace.write(
        'pyproject.toml',
        `[build-system]
requires = ["flit_core >=3.2,<4"]
build-backend = "flit_core.buildapi"
[project]
name = "${name}"
authors = [{name = "Ann Author", email = "ann@example.org"}]
readme = "README.md"
requires-python = ">=3.9"
dynamic = ["version", "description"]
[project.urls]
Home = "https://example.org/${name}"
[tool.flit.module]
name = "${module}"
`,
      );
    },
    publish: (...more) => runCommand('flit', ['publish', '--no-setup-py', ...more], { folder, environment, timeoutMs }),
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}
