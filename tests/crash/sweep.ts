/**
 * The kill sweep: publishers work at once through the read worker, the write process is killed at a random moment, what was
 * acknowledged is looked for before anything can be completed, the write process starts again, and what got no answer is
 * asked for again. At the end the whole gallery must be clean, and its catalogue must come back from the records alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '../../src/catalogue/database.ts';
import { type Inspected, inspectAfterKill } from './after-kill.ts';
import { Careers } from './careers.ts';
import { type Choices, choicesOf } from './choices.ts';
import { Ledger } from './ledger.ts';
import { type PackageFile, packageFile } from './package-files.ts';
import { perform, type Task, taskName } from './publisher.ts';
import { type Roles, startRoles } from './roles.ts';
import { StoredRecords } from './stored-records.ts';

export interface SweepOptions {
  readonly seed: number;
  readonly kills: number;
  /** A fault to plant, by its name in faulty-write.ts. */
  readonly fault?: string;
  readonly onProgress?: (text: string) => void;
}

export interface SweepReport {
  readonly kills: number;
  /** Tasks under way when their write process was killed, all kills together. */
  readonly interrupted: number;
  readonly acknowledged: number;
  readonly unlisted: number;
  /** Steps of packages that are yanked, quarantined, restored and deleted. */
  readonly steps: number;
  readonly repeats: number;
  readonly seconds: number;
  /** Empty when the gallery kept its word; the sweep ends at the first kill that shows any. */
  readonly violations: readonly string[];
}

const publishers = 8;
/** The kill comes within so many times what a publish takes on this machine at this moment, so that it hits some. */
const killWithinPublishes = 3;
const firstPublishMs = 300;
const unlistPercent = 8;
const careerPercent = 40;
const olderSample = 10;
const filesAhead = 60;
const violationsShown = 20;

export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-crash-'));
  try {
    return await sweepIn(dataDir, options);
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

async function sweepIn(dataDir: string, options: SweepOptions): Promise<SweepReport> {
  const startedAt = performance.now();
  const roles = await startRoles(dataDir, options.fault);
  const run = new Run(roles, choicesOf(options.seed));
  const { ledger } = run;
  let kills = 0;
  try {
    while (kills < options.kills && ledger.violations.length === 0) {
      await run.publishUntilKilled();
      kills += 1;
      await run.lookAfterKill();
      await roles.startWrite();
      await run.lookAfterStart();
      if (kills % 10 === 0) options.onProgress?.(`${kills} kills, ${ledger.published.length} publishes acknowledged`);
    }
    if (ledger.violations.length === 0) await run.finish();
  } catch (error) {
    ledger.violations.push((error as Error).message);
  } finally {
    await roles.stop();
  }
  return {
    kills,
    interrupted: run.interrupted,
    acknowledged: ledger.published.length,
    unlisted: ledger.unlisted.size,
    steps: run.careers.steps,
    repeats: ledger.repeats,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    violations: ledger.violations.slice(0, violationsShown),
  };
}

class Run {
  readonly ledger = new Ledger();
  readonly careers: Careers;
  interrupted = 0;
  readonly #roles: Roles;
  readonly #choices: Choices;
  readonly #records: StoredRecords;
  readonly #inspected: Inspected = new Set();
  readonly #ready: PackageFile[] = [];
  #made = 0;
  /** What a publish takes: an average in which the latest weigh most. */
  #publishMs = firstPublishMs;

  constructor(roles: Roles, choices: Choices) {
    this.#roles = roles;
    this.#choices = choices;
    this.#records = new StoredRecords(roles.folders);
    this.careers = new Careers(roles.url, choices);
  }

  async publishUntilKilled(): Promise<void> {
    while (this.#ready.length < filesAhead) this.#ready.push(await packageFile(this.#made++));
    await this.careers.prepare();
    this.ledger.beginRound();
    const repeats = this.ledger.unanswered.splice(0);
    const killing = new AbortController();
    const underWay = { count: 0 };
    const working = Array.from({ length: publishers }, () => this.#work(repeats, killing.signal, underWay));
    await wait(this.#choices.fraction() * killWithinPublishes * this.#publishMs);
    this.interrupted += underWay.count;
    killing.abort();
    await this.#roles.killWrite();
    await Promise.all(working);
    this.ledger.unanswered.unshift(...repeats);
  }

  /** One publisher: repeats first, then new things, until the kill. */
  async #work(repeats: Task[], killing: AbortSignal, underWay: { count: number }): Promise<void> {
    while (!killing.aborted) {
      const repeat = repeats.shift();
      const task = repeat ?? this.#newTask();
      if (!task) return;
      if (task.action === 'step') this.careers.begin(task);
      else this.ledger.sent.set(task.file.sha256, task.file);
      underWay.count += 1;
      const sentAt = performance.now();
      const outcome = await perform(this.#roles.url, this.#roles.token, task);
      underWay.count -= 1;
      if (outcome === 'acknowledged') this.#publishMs += (performance.now() - sentAt - this.#publishMs) / 20;
      this.ledger.note(task, outcome, repeat !== undefined);
      if (task.action === 'step') await this.careers.end(task, outcome);
      if (outcome === 'unanswered' && !killing.aborted) {
        this.ledger.violations.push(`${taskName(task)} got no answer, although nothing was killed`);
        return;
      }
    }
  }

  #newTask(): Task | undefined {
    const step = this.#choices.percent(careerPercent) ? this.careers.nextTask() : undefined;
    if (step) return step;
    if (this.#choices.percent(unlistPercent)) {
      const file = this.#choices.oneOf(this.ledger.published);
      if (file && !this.ledger.unlisted.has(file)) return { action: 'unlist', file };
    }
    const file = this.#ready.shift();
    return file && { action: 'publish', file };
  }

  async lookAfterKill(): Promise<void> {
    const older = this.ledger.beforeThisRound();
    const sample = Array.from({ length: Math.min(olderSample, older.length) }, () => this.#choices.oneOf(older)!);
    const acknowledged = [...new Set([...this.ledger.ofThisRound(), ...sample])];
    await this.#inspect(acknowledged);
    this.ledger.violations.push(...(await this.careers.lookAfterKill()));
  }

  async lookAfterStart(): Promise<void> {
    this.ledger.violations.push(...(await this.careers.lookAfterStart()));
  }

  async #inspect(acknowledged: readonly PackageFile[]): Promise<void> {
    const touched = this.ledger.unanswered.flatMap((task) => (task.action === 'step' ? [] : [task.file]));
    const { violations } = this.ledger;
    violations.push(
      ...(await inspectAfterKill(this.#roles, this.#records, this.ledger, acknowledged, touched, this.#inspected)),
    );
  }

  /** Everything asked for is answered; then the gallery is compared, whole, with its catalogue and its records. */
  async finish(): Promise<void> {
    const { ledger } = this;
    for (const task of ledger.unanswered.splice(0)) {
      const outcome = await perform(this.#roles.url, this.#roles.token, task);
      ledger.note(task, outcome, true);
      if (task.action === 'step') await this.careers.end(task, outcome);
    }
    if (ledger.unanswered.length > 0) ledger.violations.push(`${ledger.unanswered.length} repeats got no answer`);
    await this.#roles.settle();
    await this.#inspect(ledger.published);
    ledger.violations.push(...(await this.careers.lookAtAll()));
    await this.#roles.stop();
    await this.#roles.verify();
    await this.#roles.rebuildCatalogue();
    await this.#roles.verify();
    await this.#lookIntoCatalogue();
  }

  async #lookIntoCatalogue(): Promise<void> {
    const db = openDatabase(this.#roles.folders.database, 5_000, false);
    const rows = await db
      .selectFrom('files')
      .innerJoin('versions', 'versions.id', 'files.version_id')
      .select(['files.sha256', 'versions.is_listed'])
      .execute();
    this.ledger.violations.push(...(await this.careers.lookIntoCatalogue(db)));
    await db.destroy();
    const listed = new Map(rows.map((row) => [row.sha256, row.is_listed === 1n]));
    for (const file of this.ledger.published) {
      const isListed = listed.get(file.sha256);
      if (isListed === undefined) this.ledger.violations.push(`${file.filename} is not in the rebuilt catalogue`);
      else if (isListed && this.ledger.unlisted.has(file)) {
        this.ledger.violations.push(`${file.filename} was unlisted, and is listed in the rebuilt catalogue`);
      }
    }
  }
}
