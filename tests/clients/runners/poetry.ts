/** Runs the real poetry, Debian's where it is installed: no keyring, no configuration of the machine, its environments in the project. */
import { readdir, rm } from 'node:fs/promises';
import type { RunResult } from './run.ts';
import { runCommand } from './run.ts';
import type { Workspace } from './workspace.ts';
import { openWorkspace } from './workspace.ts';

export interface PoetryProject {
  readonly name: string;
  readonly version: string;
  /** What the one module says about itself; other words make other bytes of the same version. */
  readonly summary?: string;
}

export interface PoetryOptions {
  /** Address of the upload endpoint. */
  readonly publishUrl?: string;
  readonly username?: string;
  readonly password?: string;
  /** The only place that packages are looked for in: an index of the Simple API. */
  readonly sourceUrl?: string;
  /** Signs in there, where the index is private. */
  readonly sourcePassword?: string;
}

export interface Poetry extends AsyncDisposable {
  readonly workspace: Workspace;
  /** Writes the project that all commands are about. */
  writeProject(project: PoetryProject): Promise<void>;
  /** `poetry publish --build`: wheel and sdist, one request each. What an earlier build left is removed first, or poetry asks. */
  publish(...options: string[]): Promise<RunResult>;
  /** `poetry add`: asks the index, writes the lock file, installs into the project's own environment. */
  add(...names: string[]): Promise<RunResult>;
  run(...args: string[]): Promise<RunResult>;
  /** @returns what is installed in the project's environment, as `name-version`, without the tools that every environment has. */
  installedPackages(): Promise<string[]>;
}

/** @param timeoutMs limit of each command, in milliseconds */
export async function preparePoetry(options: PoetryOptions, { timeoutMs = 120_000 } = {}): Promise<Poetry> {
  const workspace = await openWorkspace('poetry');
  const environment: Record<string, string> = {
    ...workspace.environment,
    // Debian's poetry wants Debian's Python, and its environments must have it too, whatever else is first on the path.
    PATH: '/usr/bin:/bin',
    PYTHON_KEYRING_BACKEND: 'keyring.backends.null.Keyring',
    PYTHONNOUSERSITE: '1',
    POETRY_CACHE_DIR: workspace.path('cache'),
    POETRY_CONFIG_DIR: workspace.path('configuration'),
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    PIP_CONFIG_FILE: '/dev/null',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    VIRTUALENV_NO_PERIODIC_UPDATE: '1',
  };
  if (options.publishUrl !== undefined) environment.POETRY_REPOSITORIES_GALLERY_URL = options.publishUrl;
  if (options.password !== undefined) {
    environment.POETRY_HTTP_BASIC_GALLERY_USERNAME = options.username ?? '__token__';
    environment.POETRY_HTTP_BASIC_GALLERY_PASSWORD = options.password;
  }
  if (options.sourcePassword !== undefined) {
    environment.POETRY_HTTP_BASIC_SHELF_USERNAME = '__token__';
    environment.POETRY_HTTP_BASIC_SHELF_PASSWORD = options.sourcePassword;
  }
  const folder = workspace.folder;
  const run = (...args: string[]) => runCommand('poetry', [...args, '-n'], { folder, environment, timeoutMs });
  return {
    workspace,
    async writeProject(project) {
      await workspace.write('pyproject.toml', projectText(project, options.sourceUrl));
      const module = project.name.replaceAll('-', '_');
      await workspace.write(`${module}/__init__.py`, `"""${project.summary ?? 'A project of the tests.'}"""\n`);
      await workspace.write('README.md', `# ${project.name}\n\nWritten for poetry.\n`);
    },
    async publish(...more) {
      await rm(workspace.path('dist'), { recursive: true, force: true });
      return run('publish', '--build', '-r', 'gallery', ...more);
    },
    add: (...names) => run('add', ...names),
    run,
    async installedPackages() {
      const [python] = await readdir(workspace.path('.venv', 'lib'));
      const names = await readdir(workspace.path('.venv', 'lib', python ?? '', 'site-packages'));
      const found = names.flatMap((name) => /^(.*)\.dist-info$/.exec(name)?.[1] ?? []);
      return found.filter((name) => !/^(pip|setuptools|wheel)-/.test(name)).sort();
    },
    [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose](),
  };
}

function projectText({ name, version }: PoetryProject, sourceUrl: string | undefined): string {
  const lines = [
    '[tool.poetry]',
    `name = "${name}"`,
    `version = "${version}"`,
    'description = "A project of the tests"',
    'authors = ["Ann Author <ann@example.org>"]',
    'readme = "README.md"',
    '[tool.poetry.dependencies]',
    'python = ">=3.9"',
  ];
  if (sourceUrl !== undefined) {
    lines.push(
      '[[tool.poetry.source]]',
      'name = "shelf"',
      `url = "${sourceUrl}"`,
      'default = true',
      'secondary = false',
    );
  }
  lines.push('[build-system]', 'requires = ["poetry-core"]', 'build-backend = "poetry.core.masonry.api"');
  return `${lines.join('\n')}\n`;
}
