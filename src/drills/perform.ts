/**
 * Performs one drill on a fresh gallery: start, prober, drill, stop, report. Whatever happens, nothing that was started keeps
 * running; a drill that throws has broken every clause that it had not judged.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Customer } from '../status/canary/customer.ts';
import { systemClock } from '../std/clock.ts';
import { type Drill, now, Stage } from './drill.ts';
import { startProber } from './prober.ts';
import { type DrillReport, makeReport, writeReportMarkdown } from './report.ts';
import { freePort, RunningGallery } from './running-gallery.ts';

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
const probing = { everyMs: 250, versionsMax: 15, projectsMax: 3 };

/** @returns the report, which has also been written to `report.json` and `report.md` in the drill's folder */
export async function perform(drill: Drill, performance: Performance): Promise<DrillReport> {
  const startedAt = new Date(systemClock.now()).toISOString();
  const folder = join(performance.folder, `${drill.name}-${startedAt.replaceAll(/[:.]/g, '-')}`);
  const galleryFolder = join(folder, 'gallery');
  mkdirSync(folder, { recursive: true });
  const began = now();
  const { stage, failure, log } = await onStage(drill, galleryFolder, performance);
  const { isWithout } = performance;
  const report = makeReport(drill, stage, { isWithout, startedAt, tookMs: Math.round(now() - began), failure, folder });
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, 'report.md'), writeReportMarkdown(report));
  writeFileSync(join(folder, 'gallery.log'), log);
  if (report.isAsExpected) rmSync(galleryFolder, { recursive: true, force: true });
  return report;
}

async function onStage(drill: Drill, folder: string, { program, isWithout, onProgress }: Performance) {
  const settings = { ...drill.settings, ...(isWithout ? drill.countermeasure.settingsWithout : {}) };
  const gallery = new RunningGallery(program, folder, await freePort(), settings);
  let stage: Stage | undefined;
  let failure: string | undefined;
  try {
    onProgress('starting a gallery');
    gallery.start();
    await gallery.untilWriting(startWithinMs);
    const customer: Customer = { url: gallery.url, token: gallery.token, deadlineMs: 5_000 };
    stage = new Stage(drill, { gallery, prober: startProber(customer, probing), program, isWithout }, onProgress);
    await drill.run(stage);
  } catch (error) {
    failure = (error as Error).message;
  } finally {
    await stage?.prober.stop();
    await gallery.stop();
  }
  return { stage, failure, log: gallery.output };
}
