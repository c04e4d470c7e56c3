/**
 * Performs one drill on a fresh gallery: start, status service, users, drill, stop, report. Whatever happens, nothing that was started keeps
 * running; a drill that throws has broken every clause that it had not judged.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Customer } from '../status/canary/customer.ts';
import { systemClock } from '../std/clock.ts';
import { type Drill, now, Stage } from './drill.ts';
import { Pager } from './pager.ts';
import { type DrillReport, makeReport, writeReportMarkdown } from './report.ts';
import { freePort, RunningGallery } from './running-gallery.ts';
import { RunningStatus } from './running-status.ts';
import { startUsers } from './users.ts';

export interface Performance {
  /** Path of main.ts. */
  readonly program: string;
  /** Folder of all drills; this one gets a folder of its own below it. */
  readonly folder: string;
  /** True to switch the drill's countermeasure off. */
  readonly isWithout: boolean;
  readonly onProgress: (text: string) => void;
}

const startWithinMs = 30_000;
/** At a start, each canary is published once, and each probe has run. */
const measuredWithinMs = 120_000;
const using = { everyMs: 250, versionsMax: 15, projectsMax: 3 };

/** @returns the report, which has also been written to `report.json` and `report.md` in the drill's folder */
export async function perform(drill: Drill, performance: Performance): Promise<DrillReport> {
  const startedAt = new Date(systemClock.now()).toISOString();
  const folder = join(performance.folder, `${drill.name}-${startedAt.replaceAll(/[:.]/g, '-')}`);
  mkdirSync(folder, { recursive: true });
  const began = now();
  const { stage, failure, gallery, status } = await onStage(drill, folder, performance);
  const { isWithout } = performance;
  const report = makeReport(drill, stage, { isWithout, startedAt, tookMs: Math.round(now() - began), failure, folder });
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, 'report.md'), writeReportMarkdown(report));
  writeFileSync(join(folder, 'gallery.log'), gallery.output);
  if (status !== undefined) writeFileSync(join(folder, 'status.log'), status.output);
  if (report.isAsExpected) {
    for (const { data } of [gallery.folders, { data: status?.folder }])
      if (data !== undefined) rmSync(data, { recursive: true, force: true });
  }
  return report;
}

async function onStage(drill: Drill, folder: string, performance: Performance) {
  const { program, isWithout, onProgress } = performance;
  const settings = { ...drill.settings, ...(isWithout ? drill.countermeasure.settingsWithout : {}) };
  const gallery = new RunningGallery(program, join(folder, 'gallery'), await freePort(), settings);
  const pager = new Pager();
  await pager.listen();
  let status: RunningStatus | undefined;
  let stage: Stage | undefined;
  let failure: string | undefined;
  try {
    onProgress('starting a gallery');
    gallery.start();
    await gallery.untilWriting(startWithinMs);
    status = await watcherOf(drill, gallery, pager, { ...performance, folder: join(folder, 'status') });
    if (status !== undefined) {
      onProgress('starting a status service, which measures everything once');
      status.start();
      await status.untilWell(measuredWithinMs);
    }
    const customer: Customer = { url: gallery.url, token: gallery.token, deadlineMs: 5_000 };
    stage = new Stage(drill, { gallery, users: startUsers(customer, using), status, program, isWithout }, onProgress);
    await drill.run(stage);
  } catch (error) {
    failure = (error as Error).message;
  } finally {
    await stage?.users.stop();
    await status?.stop();
    await gallery.stop();
    await pager.close();
  }
  return { stage, failure, gallery, status };
}

/** @returns the status service; undefined where a countermeasure of the gallery is switched off, which is judged without it */
async function watcherOf(
  drill: Drill,
  gallery: RunningGallery,
  pager: Pager,
  { program, isWithout, folder }: Performance,
): Promise<RunningStatus | undefined> {
  const { statusWithout } = drill.countermeasure;
  if (isWithout && statusWithout === undefined) return undefined;
  const configuration = { ...drill.statusConfiguration?.(pager), ...(isWithout ? statusWithout : {}) };
  return new RunningStatus(
    { program, folder, port: await freePort(), pager, configuration },
    { url: gallery.url, tokenFile: gallery.folders.canaryToken },
  );
}
