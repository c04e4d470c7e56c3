/** When the page is exported: at each change, every minute, one round after the other, with trouble told. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Exporter, startExporter } from '../../../src/status/export/exporter.ts';
import { folderTarget } from '../../../src/status/export/folder.ts';
import type { ExportTarget } from '../../../src/status/export/target.ts';
import { systemDisk } from '../../../src/std/disk.ts';
import { temporaryFolder } from '../../gallery.ts';
import { HandClock } from '../hand-clock.ts';

interface Kept {
  readonly exporter: Exporter;
  readonly clock: HandClock;
  readonly folder: string;
  /** Texts of `index.html` as rounds asked for them. */
  readonly rounds: string[];
  readonly most: { atOnce: number };
}

/** An exporter to a real folder; the page's text is the number of the round. */
async function keep(t: TestContext): Promise<Kept> {
  const folder = join(await temporaryFolder(t), 'status');
  const clock = new HandClock();
  const rounds: string[] = [];
  const most = { atOnce: 0 };
  const files = () => {
    rounds.push(`round ${rounds.length + 1}`);
    const body = Buffer.from(rounds.at(-1)!);
    return [{ path: 'index.html', contentType: 'text/html', body, maxAgeSeconds: 60, status: 200 as const }];
  };
  const exporter = startExporter([counted(folderTarget(folder, systemDisk), most)], files, clock);
  t.after(() => exporter.stop());
  await settled({ rounds, clock }, 1);
  return { exporter, clock, folder, rounds, most };
}

/** The same target, which counts how many puts are under way. */
function counted(target: ExportTarget, most: { atOnce: number }): ExportTarget {
  let underWay = 0;
  return {
    ...target,
    async begin(signal) {
      const round = await target.begin(signal);
      return {
        ...round,
        async put(file) {
          underWay += 1;
          most.atOnce = Math.max(most.atOnce, underWay);
          await round.put(file);
          underWay -= 1;
        },
      };
    },
  };
}

/** Waits until so many rounds have been, and then for what comes right after. */
async function settled({ rounds, clock }: Pick<Kept, 'rounds' | 'clock'>, count: number): Promise<void> {
  while (rounds.length < count || !clock.isWaitedFor()) await turn();
  await someTurns();
}
const someTurns = async () => {
  for (let count = 0; count < 20; count++) await turn();
};
const shown = ({ folder }: Kept) => readFile(join(folder, 'index.html'), 'utf8');

test('a round follows each change after a second, and each minute without one', async (t) => {
  const kept = await keep(t);
  const { exporter, clock, rounds } = kept;
  exporter.changed();
  exporter.changed();
  await someTurns();
  assert.equal(rounds.length, 1, 'the second is not over');
  clock.goOn(1_000);
  await settled(kept, 2);
  assert.equal(await shown(kept), 'round 2');
  clock.goOn(1_000);
  await settled(kept, 2);
  exporter.changed();
  await settled(kept, 3);
  clock.goOn(1_000);
  await settled(kept, 3);
  clock.goOn(58_999);
  await settled(kept, 3);
  assert.equal(rounds.length, 3);
  clock.goOn(1);
  await settled(kept, 4);
  assert.equal(await shown(kept), 'round 4');
  assert.equal(kept.most.atOnce, 1);
});

test('a folder that cannot be written is a ticket after three minutes, and none once it works', async (t) => {
  const kept = await keep(t);
  const { exporter, clock, rounds, folder } = kept;
  assert.equal(exporter.conditions()[0]!.isFiring, false);
  await rm(folder, { recursive: true });
  await writeFile(folder, 'a file where the folder was');
  for (let minute = 1; minute <= 4; minute++) {
    assert.equal(exporter.conditions()[0]!.isFiring, false, `minute ${minute}`);
    clock.goOn(1_000);
    await someTurns();
    clock.goOn(59_000);
    await settled(kept, minute + 1);
  }
  const [condition] = exporter.conditions();
  assert.deepEqual([condition!.key, condition!.isFiring, condition!.severity], ['export:1', true, 'ticket']);
  assert.match(condition!.text, /EEXIST|ENOTDIR/);
  await rm(folder);
  clock.goOn(1_000);
  await someTurns();
  exporter.changed();
  await settled(kept, 6);
  assert.equal(exporter.conditions()[0]!.isFiring, false);
  assert.equal(await shown(kept), `round ${rounds.length}`);
});
