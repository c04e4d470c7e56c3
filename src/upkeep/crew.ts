/**
 * Whoever works on a whole gallery at once shares the work out: a piece of work is a function of the gallery and of what is asked,
 * and a crew does it here or in a thread that has the gallery open too. So the same code runs on one core and on sixteen.
 */
import type { Gallery } from '../gallery.ts';

/** A named function; what it is asked and what it tells can be sent between threads. */
export type Work<Asked, Told> = (gallery: Gallery, asked: Asked) => Promise<Told>;

export interface Crew {
  /** How many pieces of work are worth handing out at once. */
  readonly atOnce: number;
  /** @returns what the work returns; throws what it throws */
  do<Asked, Told>(work: Work<Asked, Told>, asked: Asked): Promise<Told>;
  close(): Promise<void>;
}

/** A crew of one, in this very thread. */
export function soleCrew(gallery: Gallery): Crew {
  return { atOnce: 1, do: (work, asked) => work(gallery, asked), close: async () => undefined };
}

/**
 * Has the work done for each of the asks, several at once.
 * @param take gets what was told, one after another, in no order
 * @returns when all is taken; throws the first error, once nothing is under way any more
 */
export async function shareOut<Asked, Told>(
  crew: Crew,
  work: Work<Asked, Told>,
  asks: Iterable<Asked> | AsyncIterable<Asked>,
  take: (told: Told) => void,
): Promise<void> {
  await atOnce(crew.atOnce, asks, async (asked) => take(await crew.do(work, asked)));
}

/** Runs the task for each of the items, so many at once; no more are taken after the first that fails. */
export async function atOnce<Item>(
  tasksMax: number,
  items: Iterable<Item> | AsyncIterable<Item>,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    const running = task(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(running));
    underWay.add(running);
    if (underWay.size >= tasksMax) await Promise.race(underWay);
    if (failures.length > 0) break;
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}

/** Cuts a list into pieces of the same size; the last may be shorter. */
export function* piecesOf<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
