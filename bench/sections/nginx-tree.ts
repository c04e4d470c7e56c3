/** The gallery's public folder in the hands of a plain file server (bench/gallery.nginx.conf), against its own plain files. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ratio } from '../figures.ts';
import { compare } from '../load/compare.ts';
import type { BenchContext, Goal, SectionResult, Table } from '../section.ts';
import { startNginx } from '../servers/start.ts';
import { readingGallery } from './reading.ts';

const goalOfPlain = 0.95;

export const title = 'The public folder, served by nginx';
export const needs = ['wrk', 'nginx'];

export async function measure(context: BenchContext): Promise<SectionResult> {
  const gallery = await readingGallery(context);
  const things = context.sizes.isWhole
    ? [gallery.smallDocument, gallery.largeDocument, gallery.largeBlob]
    : [gallery.largeDocument];
  const plainFolder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  context.ending(() => rmSync(plainFolder, { recursive: true, force: true }));
  for (const [at, thing] of things.entries()) copyFileSync(thing.file, join(plainFolder, `${at}.json`));
  const tree = await startNginx(context, 'gallery.nginx.conf', gallery.publicFolder, 1);
  const plain = await startNginx(context, 'static.nginx.conf', plainFolder, 1);
  const tables: Table[] = [];
  const goals: Goal[] = [];
  for (const [at, { name, address, headers, file }] of things.entries()) {
    const found = await compare(
      context,
      `${name}, both by nginx`,
      [
        { name: "gallery's folder", url: `${tree.url}${address}`, headers },
        { name: 'plain files', url: `${plain.url}/${at}.json`, headers },
      ],
      { status: 200, bytes: readFileSync(file) },
    );
    tables.push(found.table);
    const measured = found.ratioOf("gallery's folder", 'plain files');
    goals.push({
      what: `${name}: nginx on the gallery's folder, by nginx on plain files`,
      goal: `≥ ${ratio(goalOfPlain)}`,
      measured: ratio(measured),
      isMet: measured >= goalOfPlain,
    });
  }
  return { tables, goals, notes: ['The configuration is bench/gallery.nginx.conf.'] };
}
