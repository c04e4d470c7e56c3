/** Files: ours against nginx with sendfile, and against a bare server that streams them from the disk. */

import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ratio } from '../figures.ts';
import { compare } from '../load/compare.ts';
import type { BenchContext, Goal, SectionResult, Table } from '../section.ts';
import { startBare, startNginx, startReaders } from '../servers/start.ts';
import { readingGallery } from './reading.ts';

const goalOfNginx = 0.8;

export const title = 'Files';
export const needs = ['wrk', 'nginx'];

export async function measure(context: BenchContext): Promise<SectionResult> {
  const { isWhole } = context.sizes;
  const gallery = await readingGallery(context);
  const ours = await startReaders(context, gallery.dataDir, 1, 1);
  const two = isWhole ? await startReaders(context, gallery.dataDir, 2, 2) : undefined;
  const tables: Table[] = [];
  const goals: Goal[] = [];
  for (const thing of isWhole ? [gallery.smallBlob, gallery.largeBlob] : [gallery.largeBlob]) {
    const headers = ['Content-Type', 'application/octet-stream'];
    const bare = await startBare(context, { [thing.address]: { file: thing.file, headers, isStreamed: true } });
    const name = thing.address.split('/').at(-1);
    const plain = await startNginx(context, 'static.nginx.conf', dirname(thing.file), 1);
    const plainTwo = isWhole ? await startNginx(context, 'static.nginx.conf', dirname(thing.file), 2) : undefined;
    const found = await compare(
      context,
      `file of ${thing.name}`,
      [
        { name: 'Holdfast', url: `${ours.url}${thing.address}`, headers: {} },
        { name: 'nginx', url: `${plain.url}/${name}`, headers: {} },
        { name: 'bare node:http', url: `${bare.url}${thing.address}`, headers: {} },
        ...(two ? [{ name: 'Holdfast, 2 workers', url: `${two.url}${thing.address}`, headers: {} }] : []),
        ...(plainTwo ? [{ name: 'nginx, 2 workers', url: `${plainTwo.url}/${name}`, headers: {} }] : []),
      ],
      { status: 200, bytes: readFileSync(thing.file) },
    );
    tables.push(found.table);
    const measured = found.ratioOf('Holdfast', 'nginx');
    goals.push({
      what: `download of ${thing.name}, by nginx`,
      goal: thing === gallery.largeBlob ? `≥ ${ratio(goalOfNginx)}` : 'none',
      measured: ratio(measured),
      isMet: thing !== gallery.largeBlob || measured >= goalOfNginx,
    });
  }
  return { tables, goals, notes: [] };
}
