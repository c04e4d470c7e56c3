/** What a row costs the gallery: memory of its processes, and files on its disk. Nothing here looks at a clock. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type TestGallery, waitFor } from '../gallery.ts';

const mebibyte = 1024 * 1024;
const lookEveryMs = 5;

/** Watches while a task runs. */
export class Cost {
  readonly #gallery: TestGallery;
  readonly #incoming: string;
  #highestBytes = 0;

  constructor(gallery: TestGallery) {
    this.#gallery = gallery;
    this.#incoming = join(gallery.dataDir, 'incoming');
  }

  /** @returns what the task returns; afterwards the most that was seen on the disk at once, in bytes, and memory in MiB */
  async watch<T>(task: () => Promise<T>): Promise<{ result: T; diskBytes: number; memoryMiB: number }> {
    const before = this.#forgetPeaks();
    this.#highestBytes = 0;
    let isOver = false;
    const looking = this.#look(() => isOver);
    try {
      const result = await task();
      return { result, diskBytes: this.#highestBytes, memoryMiB: this.#growth(before) };
    } finally {
      isOver = true;
      await looking;
      // A client that went away is noticed a moment later.
      await waitFor(() => readdirSync(this.#incoming).length === 0);
    }
  }

  async #look(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      let bytes = 0;
      for (const name of readdirSync(this.#incoming)) {
        bytes += statSync(join(this.#incoming, name), { throwIfNoEntry: false })?.size ?? 0;
      }
      this.#highestBytes = Math.max(this.#highestBytes, bytes);
      await wait(lookEveryMs);
    }
  }

  /** Lets the kernel forget the highest memory that each process ever had (proc(5), clear_refs). */
  #forgetPeaks(): Map<string, number> {
    const resident = new Map<string, number>();
    for (const [role, id] of this.#gallery.processes()) {
      writeFileSync(`/proc/${id}/clear_refs`, '5');
      resident.set(role, memoryOf(id, 'VmRSS'));
    }
    return resident;
  }

  #growth(before: ReadonlyMap<string, number>): number {
    const growth = [...this.#gallery.processes()].map(([role, id]) => {
      const start = before.get(role);
      assert.ok(start !== undefined, `${role} was started anew`);
      return memoryOf(id, 'VmHWM') - start;
    });
    return Math.max(...growth) / mebibyte;
  }
}

function memoryOf(id: number, field: 'VmRSS' | 'VmHWM'): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${id}/status`, 'utf8'));
  return Number(match?.[1]) * 1024;
}
