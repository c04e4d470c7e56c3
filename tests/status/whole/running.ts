/**
 * A real status service for a test: `./holdfast status` as a process of its own, in a folder of its own, with intervals short enough
 * that an outage and its end take seconds. Everything it starts ends with the test.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  freePort,
  galleryEnvironment,
  projectFolder,
  runCommand,
  stopProcess,
  type TestGallery,
  temporaryFolder,
  waitFor,
} from '../../gallery.ts';

export type Json = Record<string, unknown>;

export interface RunningStatus {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  /** Of everything it keeps. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Everything the processes wrote so far. */
  output(): string;
  /** Puts another configuration in place, as an editor does. */
  configure(config: Json | string): void;
  /** Starts it again after it ended, and waits until it answers. */
  start(): Promise<void>;
  /** The operator’s token. */
  token(): string;
  /** Of the process that runs. */
  id(): number;
  end(signal?: NodeJS.Signals): Promise<void>;
  text(path: string): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into, and each test asserts what it finds
  json(path: string): Promise<any>;
  /** What a component is in the API; undefined when nothing is known. */
  component(name: string): Promise<string | undefined>;
  /** The API's one word for all. */
  indicator(): Promise<string>;
  command(...args: string[]): Promise<{ stdout: string; stderr: string; exitCode: number }>;
}

/** Seconds instead of minutes; Python alone, because each ecosystem asks on its own and one is enough to see an outage. */
export function quick(gallery: Pick<TestGallery, 'url' | 'dataDir'>, more: Json = {}): Json {
  const { gallery: place, probing, incidents, ...rest } = more as Record<string, Json>;
  return {
    gallery: {
      url: gallery.url,
      tokenFile: join(gallery.dataDir, 'canary-token'),
      ecosystems: ['python'],
      families: [4],
      ...place,
    },
    probing: { everySeconds: 1, confirmSeconds: 1, deadlineSeconds: 3, visibleWithinSeconds: 5, ...probing },
    incidents: { resolveAfterSeconds: 2, ...incidents },
    ...rest,
  };
}

/** @param settings HOLDFAST_ variables */
export async function startStatus(
  t: TestContext,
  config: Json,
  settings: Record<string, string> = {},
): Promise<RunningStatus> {
  const folder = settings.HOLDFAST_STATUS_DIR ?? (await temporaryFolder(t));
  const port = Number(settings.HOLDFAST_STATUS_PORT ?? (await freePort()));
  const url = `http://127.0.0.1:${port}`;
  // Its own data folder: it may run on another machine than the gallery.
  const environment = galleryEnvironment(await temporaryFolder(t), await freePort(), {
    HOLDFAST_LOG_LEVEL: 'info',
    ...settings,
    HOLDFAST_STATUS_DIR: folder,
    HOLDFAST_STATUS_PORT: String(port),
  });
  let [output, child] = ['', undefined as ChildProcess | undefined];
  const configure = (next: Json | string) => {
    const file = join(folder, 'status.config.json');
    writeFileSync(`${file}.new`, typeof next === 'string' ? next : JSON.stringify(next));
    renameSync(`${file}.new`, file);
  };
  const start = async () => {
    child = spawn(join(projectFolder, 'holdfast'), ['status'], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const own = child;
    for (const stream of [own.stdout, own.stderr])
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    await waitFor(
      () => fetch(`${url}/api/v2/status.json`).then(() => true),
      () => (own.exitCode === null ? undefined : `the status service ended: ${output}`),
    );
  };
  t.after(() => child && stopProcess(child));
  const text = async (path: string) => (await fetch(`${url}${path}`)).text();
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const json = async (path: string): Promise<any> => (await fetch(`${url}${path}`)).json();
  configure(config);
  await start();
  return {
    url,
    port,
    folder,
    environment,
    output: () => output,
    configure,
    start,
    token: () => readFileSync(join(folder, 'operator-token'), 'utf8').trim(),
    id: () => child?.pid ?? assert.fail('it does not run'),
    end: async (signal = 'SIGTERM') => child && stopProcess(child, signal),
    text,
    json,
    async component(name) {
      const { components = [] } = (await json('/api/v2/components.json')) as { components?: Json[] };
      return components.find((one) => one.name === name)?.status as string | undefined;
    },
    indicator: async () => (await json('/api/v2/status.json')).status.indicator,
    command: (...args) => runCommand(environment, folder, args),
  };
}

/** Ready when all that the service tries was tried and is well. */
export async function untilWell(status: RunningStatus): Promise<void> {
  await waitFor(async () => (await status.indicator()) === 'none');
}
