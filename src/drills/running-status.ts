/**
 * A whole status service of a drill's own, `./holdfast status` with a folder of its own, as if on another machine: it sees the gallery
 * through the public address, at its default intervals, and calls a pager. What it shows is read from its public API.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ask } from '../status/canary/request.ts';
import type { Call, Pager } from './pager.ts';
import { callChannel, namedIn } from './pager.ts';
import { type CommandOutcome, until } from './running-gallery.ts';

/** What of the page's summary drills look at. */
export interface Summary {
  readonly status: { readonly indicator: string; readonly description: string };
  readonly components: readonly {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly group: boolean;
    readonly group_id: string | null;
  }[];
  readonly incidents: readonly {
    readonly id: string;
    readonly name: string;
    readonly status: string;
    readonly impact: string;
  }[];
}

export interface RunningStatusOptions {
  /** Path of main.ts. */
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  readonly pager: Pager;
  /** Beside what every drill's has: sections of the configuration. */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

export class RunningStatus {
  readonly url: string;
  readonly folder: string;
  readonly pager: Pager;
  readonly #options: RunningStatusOptions;
  #child: ChildProcess | undefined;
  #configuration: Readonly<Record<string, unknown>>;
  #output = '';

  constructor(
    options: RunningStatusOptions,
    gallery: { readonly url: string; readonly tokenFile: string; readonly ecosystems?: readonly string[] },
  ) {
    this.#options = options;
    this.folder = options.folder;
    this.pager = options.pager;
    this.url = `http://127.0.0.1:${options.port}`;
    mkdirSync(options.folder, { recursive: true });
    this.#configuration = standard(options.pager);
    this.configure({ gallery, ...options.configuration });
  }

  get output(): string {
    return this.#output;
  }

  start(): void {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(HOLDFAST_|NODE_)/.test(name));
    const environment = {
      ...Object.fromEntries(inherited),
      HOLDFAST_DATA_DIR: this.folder,
      HOLDFAST_STATUS_DIR: this.folder,
      HOLDFAST_STATUS_PORT: String(this.#options.port),
      HOLDFAST_LOG_LEVEL: 'info',
    };
    const launcher = join(dirname(this.#options.program), '..', 'holdfast');
    const child = spawn(launcher, ['status'], {
      cwd: this.folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString('utf8');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
  }

  #launcher(): string {
    return join(dirname(this.#options.program), '..', 'holdfast');
  }

  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(HOLDFAST_|NODE_)/.test(name));
    return {
      ...Object.fromEntries(inherited),
      HOLDFAST_DATA_DIR: this.folder,
      HOLDFAST_STATUS_DIR: this.folder,
      HOLDFAST_STATUS_PORT: String(this.#options.port),
      HOLDFAST_LOG_LEVEL: 'info',
    };
  }

  /** Runs a command such as `incident open`, as the operator of this service does. */
  async command(...args: string[]): Promise<CommandOutcome> {
    const options = { cwd: this.folder, env: this.#environment(), maxBuffer: 16 * 1024 * 1024 };
    try {
      const { stdout, stderr } = await promisify(execFile)(this.#launcher(), args, options);
      return { exitCode: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string };
      if (typeof code !== 'number') throw error;
      return { exitCode: code, output: stdout + stderr };
    }
  }

  /** Writes sections of the configuration anew; a running service reads them within seconds. */
  configure(sections: Readonly<Record<string, unknown>>): void {
    this.#configuration = { ...this.#configuration, ...sections };
    writeFileSync(join(this.folder, 'status.config.json'), `${JSON.stringify(this.#configuration, null, 2)}\n`);
  }

  /** The launcher replaces itself by the program, so its process id is the service's. */
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child?.kill(name);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    if (!(await until(hasEnded, 10_000))) child.kill('SIGKILL');
    await until(hasEnded, 5_000);
  }

  /** @returns what the page says, or undefined when it does not answer or does not know */
  async summary(): Promise<Summary | undefined> {
    const answer = await ask(`${this.url}/api/v2/summary.json`, { deadlineMs: 5_000 }).catch(() => undefined);
    return answer?.status === 200 ? (JSON.parse(answer.body.toString('utf8')) as Summary) : undefined;
  }

  /** @returns a text that the service shows at a path, whatever its status; undefined without an answer */
  async read(path: string): Promise<string | undefined> {
    const answer = await ask(`${this.url}${path}`, { deadlineMs: 5_000 }).catch(() => undefined);
    return answer?.body.toString('utf8');
  }

  /** Waits until everything was measured and is well; throws when it is not in time. */
  async untilWell(withinMs: number): Promise<void> {
    let last: Summary | undefined;
    const isWell = async () => {
      last = await this.summary();
      return last !== undefined && last.components.length > 0 && last.status.indicator === 'none';
    };
    if (await until(isWell, withinMs)) return;
    const words = last?.components
      .filter(({ status }) => status !== 'operational')
      .map(({ name, status }) => `${name}: ${status}`);
    throw new Error(
      `the status service did not find all well within ${withinMs} ms (${words?.join(', ') ?? 'no answer'}):\n${this.#output.slice(-3_000)}`,
    );
  }

  /** @returns the first call since the moment that names it, in its title or among the parts of an outage; waits for it */
  async untilCalled(what: RegExp, since: number, withinMs: number): Promise<Call | undefined> {
    const find = () =>
      this.pager.calls.find((call) => call.at >= since && namedIn(call).some((name) => what.test(name)));
    await until(() => find() !== undefined, withinMs);
    return find();
  }
}

/** One person on duty, whom everything reaches. */
function standard(pager: Pager): Readonly<Record<string, unknown>> {
  return {
    page: { name: 'A gallery under drill' },
    channels: [callChannel(pager, 'on-duty')],
    onCall: {
      people: [{ name: 'on-duty', channels: ['on-duty'] }],
      escalation: [{ afterSeconds: 0, notify: ['on-duty'] }],
      tickets: ['on-duty'],
    },
    incidents: { resolveAfterSeconds: 10 },
  };
}
