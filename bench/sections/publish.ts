/** Publishing, one after another and 16 at once, beside what the disk alone could take in the same minutes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { figure, median, quantile, ratio, spread } from '../figures.ts';
import type { Kind } from '../load/packages.ts';
import { ratePerSecond, runDisk, runPublisher, type Times } from '../load/process.ts';
import type { BenchContext, SectionResult } from '../section.ts';
import { emptyGallery } from '../servers/gallery.ts';

const atOnce = 16;
/** Enough objects for a rate, few enough for a moment. */
const objectsForEachPublish = 4;

export const title = 'Publishing';
export const needs: readonly string[] = [];

interface Rounds {
  readonly alone: Times[];
  readonly many: Times[];
}

export async function measure(context: BenchContext): Promise<SectionResult> {
  const { rounds, publishesAlone, publishesAtOnce } = context.sizes;
  const gallery = await emptyGallery(context);
  const folder = mkdtempSync(join(context.folder, 'disk-'));
  context.ending(() => rmSync(folder, { recursive: true, force: true }));
  const kinds: readonly Kind[] = ['nupkg', 'wheel'];
  const measured = new Map<string, Rounds>(['nupkg', 'wheel', 'disk'].map((name) => [name, { alone: [], many: [] }]));
  const { url, token } = gallery;
  for (let round = 1; round <= rounds; round += 1) {
    context.say(`publishing: round ${round} of ${rounds}`);
    for (const kind of kinds) {
      const order = { url, token, kind };
      const prefix = `Bench.R${round}`;
      const { alone, many } = measured.get(kind) as Rounds;
      alone.push(await runPublisher({ ...order, prefix: `${prefix}.Alone`, count: publishesAlone, atOnce: 1 }));
      many.push(await runPublisher({ ...order, prefix: `${prefix}.Many`, count: publishesAtOnce, atOnce }));
    }
    const { alone, many } = measured.get('disk') as Rounds;
    alone.push(await runDisk({ folder, count: publishesAlone * objectsForEachPublish, atOnce: 1 }));
    many.push(await runDisk({ folder, count: publishesAtOnce * objectsForEachPublish, atOnce }));
  }
  return { tables: [tableOf(measured)], goals: [], notes: [] };
}

function tableOf(measured: ReadonlyMap<string, Rounds>) {
  const disk = measured.get('disk') as Rounds;
  const names: Record<string, string> = {
    nupkg: '.nupkg, a new package each',
    wheel: 'wheel, a new project each',
    disk: 'the disk alone: one object',
  };
  const rows = [...measured].map(([name, { alone, many }]) => {
    const latencies = alone.flatMap(({ latenciesMs }) => latenciesMs);
    const latenciesOfMany = many.flatMap(({ latenciesMs }) => latenciesMs);
    const objects = many.map((times, round) => ratePerSecond(disk.many[round] ?? times) / ratePerSecond(times));
    return [
      names[name] ?? name,
      figure(median(latencies)),
      figure(quantile(latencies, 0.95)),
      spread(many.map(ratePerSecond)),
      figure(quantile(latenciesOfMany, 0.95)),
      name === 'disk' ? ratio(1) : `1 in the time of ${figure(median(objects))} objects`,
    ];
  });
  return {
    title: 'Publishes, each answered when it is durable and visible',
    columns: ['', 'alone, p50 ms', 'p95 ms', `${atOnce} at once, a second`, 'p95 ms', 'by the disk alone'],
    rows,
  };
}
