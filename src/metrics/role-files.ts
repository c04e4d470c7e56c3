/** Reads what the processes of this machine tell of themselves. A file that is old, too large or odd is left out and counted. */
import { type Figure, figuresFileOf, type RoleFigures, roleOfFile, type TimesFigure } from '../observe/figures.ts';
import { requestBucketsSeconds } from '../observe/request-times.ts';
import { systemDisk } from '../std/disk.ts';
import { metricTable } from './table.ts';

/** Age from which on a process counts as silent, in milliseconds. */
export const staleMs = 30_000;
const fileBytesMax = 512 * 1024;
const filesMax = 200;

export interface RoleFiles {
  readonly figures: readonly Figure[];
  readonly times: readonly TimesFigure[];
  readonly stale: number;
}

/**
 * @param folder `run` of the data folder
 * @param now UTC milliseconds
 */
export async function readRoleFiles(folder: string, now: number): Promise<RoleFiles> {
  const roles = (await systemDisk.list(folder)).flatMap(({ name }) => roleOfFile(name) ?? []).slice(0, filesMax);
  const read = roles.map((role) => readOne(`${folder}/${figuresFileOf(role)}`, now));
  const good = read.filter((one) => one !== undefined);
  return {
    figures: good.flatMap(({ figures }) => figures),
    times: good.flatMap(({ times }) => times),
    stale: read.length - good.length,
  };
}

function readOne(file: string, now: number): RoleFigures | undefined {
  const bytes = systemDisk.readStart(file, fileBytesMax);
  if (bytes === undefined || bytes.length === fileBytesMax) return undefined;
  const read = parse(Buffer.from(bytes).toString('utf8'));
  // A clock that was set back makes a file look as if it came from the future; it is as fresh as one can know.
  return read && now - read.writtenAt <= staleMs ? read : undefined;
}

function parse(text: string): RoleFigures | undefined {
  try {
    const read = JSON.parse(text) as RoleFigures;
    return typeof read.writtenAt === 'number' && read.figures.every(isFigure) && read.times.every(isTimes)
      ? read
      : undefined;
  } catch {
    return undefined;
  }
}

/** A process of another version, in the middle of a change of versions, may tell what this one does not know. */
function isFigure({ name, labels = {}, value }: Figure): boolean {
  const kind = metricTable.find((one) => one.name === name);
  return kind?.labels.join() === Object.keys(labels).join() && Number.isFinite(value);
}

function isTimes({ name, labels, counts, sumSeconds }: TimesFigure): boolean {
  const kind = metricTable.find((one) => one.name === name);
  const isWhole = counts.length === requestBucketsSeconds.length + 1 && counts.every(Number.isSafeInteger);
  return kind?.labels.join() === Object.keys(labels).join() && isWhole && Number.isFinite(sumSeconds);
}
