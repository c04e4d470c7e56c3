/** What the gallery's own pages say when it is not well, or when maintenance is near; nothing when all is well or nothing is known. */
import type { GalleryStatus, Maintenance } from './gallery-status.ts';

/** Maintenance is told of so long before it begins. */
export const nearMs = 24 * 3_600_000;

export interface Banner {
  /** What it is, in a sentence. */
  readonly sentence: string;
  /** What exactly; may be empty. */
  readonly details: string;
}

const sentences = {
  minor: 'Some of the gallery does not work as well as it should.',
  major: 'Some of the gallery does not work.',
  critical: 'The gallery does not work at the moment.',
} as const;

/** @param now UTC milliseconds */
export function bannerOf(status: GalleryStatus | undefined, now: number): Banner | undefined {
  if (status === undefined) return undefined;
  const near = status.maintenances
    .filter(({ isUnderWay, from, until }) => isUnderWay || (from - now <= nearMs && until > now))
    .sort((a, b) => a.from - b.from);
  const planned = near.map((one) => maintenanceText(one, now));
  if (status.indicator !== 'none') {
    return {
      sentence: sentences[status.indicator],
      details: [...status.incidents.slice(0, 1), ...planned.slice(0, 1)].join('. '),
    };
  }
  const [first] = near;
  if (first === undefined) return undefined;
  return {
    sentence: first.isUnderWay ? 'Maintenance is under way.' : 'Maintenance is planned.',
    details: planned.join('. '),
  };
}

function maintenanceText({ name, isUnderWay, from, until }: Maintenance, now: number): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const clock = (at: number) => new Date(at).toISOString().slice(11, 16);
  const end = day(until) === day(isUnderWay ? now : from) ? clock(until) : `${day(until)} ${clock(until)}`;
  return isUnderWay ? `${name}, until ${end} UTC` : `${name}, ${day(from)} ${clock(from)} to ${end} UTC`;
}
