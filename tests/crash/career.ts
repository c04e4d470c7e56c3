/**
 * A package that goes through everything that can happen to one, a step at a time: what was acknowledged of it is known exactly, and an
 * unanswered step has happened wholly or not at all.
 */
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';
import type { Choices } from './choices.ts';
import { type PackageFile, sha256Of } from './package-files.ts';

export type Step =
  | { readonly does: 'publish'; readonly file: PackageFile }
  | { readonly does: 'yank' | 'unyank' | 'delete'; readonly version: string; readonly filename?: string }
  | { readonly does: 'quarantine' | 'restore' | 'delete package' };

/** What installers must see. */
export interface Standing {
  /** Published and not deleted, by file name. */
  readonly files: ReadonlyMap<string, PackageFile>;
  /** Versions and file names that are yanked. */
  readonly yanked: ReadonlySet<string>;
  /** Versions that were deleted, with their last file or as a whole: nothing is published under them again. */
  readonly held: ReadonlySet<string>;
  readonly isQuarantined: boolean;
  /** False before the first publish and after the package was deleted. */
  readonly exists: boolean;
}

const nothing: Standing = {
  files: new Map(),
  yanked: new Set(),
  held: new Set(),
  isQuarantined: false,
  exists: false,
};
const versions = ['1.0', '2.0', '3.0'];
/** Steps after which a package is left as it is, unless it was deleted before. */
const stepsMax = 25;

export class Career {
  readonly name: string;
  readonly normalizedName: string;
  /** In the order in which they are published. */
  readonly files: readonly PackageFile[];
  /** Where each file was served, by file name; filled by whoever publishes. */
  readonly addresses = new Map<string, string>();
  /** What was acknowledged. */
  standing: Standing = nothing;
  /** Asked for and not acknowledged. */
  pending: Step | undefined;
  #published = 0;
  #steps = 0;

  private constructor(name: string, files: readonly PackageFile[]) {
    this.name = name;
    this.normalizedName = name.toLowerCase();
    this.files = files;
  }

  /** @param number of the package, from 0; the same number gives the same bytes */
  static async begin(number: number): Promise<Career> {
    const name = `Life-${number}`;
    const files: PackageFile[] = [];
    for (const version of versions) {
      const described = { name, version };
      for (const kind of ['wheel', 'sdist'] as const) {
        const made = kind === 'wheel' ? await makeWheel(described) : await makeSdist(described);
        const sums = { sha256: sha256Of(made.bytes), metadataSha256: sha256Of(made.metadata) };
        const { filename, bytes } = made;
        files.push({ kind, name, normalizedName: name.toLowerCase(), version, filename, bytes, ...sums });
      }
    }
    return new Career(name, files);
  }

  get isOver(): boolean {
    return this.#steps >= stepsMax || (this.#published > 0 && !this.standing.exists);
  }

  /** @returns what is to be done next, which is pending from now on */
  nextStep(choices: Choices): Step {
    this.#steps += 1;
    this.pending = this.#chooseStep(choices);
    if (this.pending.does === 'publish') this.#published += 1;
    return this.pending;
  }

  #chooseStep(choices: Choices): Step {
    const { isQuarantined, files, yanked, held } = this.standing;
    while (held.has(this.files[this.#published]?.version ?? '')) this.#published += 1;
    const next = this.files[this.#published];
    const isOpen = !isQuarantined && next !== undefined;
    if (isOpen && (files.size < 2 || choices.percent(25))) return { does: 'publish', file: next };
    if (isQuarantined && choices.percent(60)) return { does: 'restore' };
    if (choices.percent(4)) return { does: 'delete package' };
    const file = choices.oneOf([...files.values()]);
    if (!file || choices.percent(20)) return { does: isQuarantined ? 'restore' : 'quarantine' };
    const about = choices.percent(50) ? { version: file.version } : { version: file.version, filename: file.filename };
    if (choices.percent(30) && files.size > 1) return { does: 'delete', ...about };
    return { does: yanked.has(about.filename ?? about.version) ? 'unyank' : 'yank', ...about };
  }

  /** The pending step was acknowledged. */
  settle(): void {
    if (this.pending) this.standing = after(this.standing, this.pending);
    this.pending = undefined;
  }
}

/** @returns what a step makes of a package */
export function after(standing: Standing, step: Step): Standing {
  const files = new Map(standing.files);
  const yanked = new Set(standing.yanked);
  switch (step.does) {
    case 'publish':
      files.set(step.file.filename, step.file);
      return { ...standing, files, exists: true };
    case 'yank':
      yanked.add(step.filename ?? step.version);
      return { ...standing, yanked };
    case 'unyank':
      yanked.delete(step.filename ?? step.version);
      return { ...standing, yanked };
    case 'delete':
      for (const file of standing.files.values()) {
        const isGone = step.filename === undefined ? file.version === step.version : file.filename === step.filename;
        if (isGone) files.delete(file.filename);
      }
      return { ...standing, files, held: heldAfter(standing, files, step.version) };
    case 'delete package':
      return nothing;
    default:
      return { ...standing, isQuarantined: step.does === 'quarantine' };
  }
}

function heldAfter({ held }: Standing, left: Standing['files'], version: string): ReadonlySet<string> {
  return [...left.values()].some((file) => file.version === version) ? held : new Set([...held, version]);
}
