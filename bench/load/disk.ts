/**
 * The physical limit: how many small objects a second this disk takes for good. `run bench/load/disk.ts FILE` with `{folder, count,
 * atOnce}` as JSON in the file. An object is a file of 1,500 bytes: written, forced to disk, renamed, and its folder forced to disk.
 */
import { constants, mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

export interface DiskOrder {
  readonly folder: string;
  readonly count: number;
  readonly atOnce: number;
}

export interface DiskTimes {
  readonly latenciesMs: readonly number[];
  readonly tookMs: number;
}

const bytes = Buffer.alloc(1_500, 'object ');

async function placeObject(folder: string, name: string): Promise<void> {
  const file = await open(join(folder, `${name}.new`), 'wx');
  await file.writeFile(bytes);
  await file.datasync();
  await file.close();
  await rename(join(folder, `${name}.new`), join(folder, name));
  const opened = await open(folder, constants.O_RDONLY);
  await opened.sync();
  await opened.close();
}

async function placeAll({ folder, count, atOnce }: DiskOrder): Promise<DiskTimes> {
  const latenciesMs: number[] = [];
  let left = count;
  const run = `${process.pid}`;
  const work = async (_: unknown, worker: number) => {
    const own = join(folder, `${run}-${worker}`);
    mkdirSync(own, { recursive: true });
    while (left > 0) {
      left -= 1;
      const name = String(left);
      const startedAt = performance.now();
      await placeObject(own, name);
      latenciesMs.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: atOnce }, work));
  return { latenciesMs, tookMs: performance.now() - startedAt };
}

const order = JSON.parse(readFileSync(process.argv.at(-1) ?? '', 'utf8')) as DiskOrder;
process.stdout.write(`${JSON.stringify(await placeAll(order))}\n`);
