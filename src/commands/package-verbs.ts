/**
 * What `holdfast package VERB` does to a package, a version or a file: one entry a verb. Each calls what the API calls, as the operator,
 * who may do everything.
 */
import { operator } from '../accounts/authenticate.ts';
import { deletePackage } from '../delete.ts';
import type { PackageStatus } from '../documents/package-view.ts';
import type { Gallery } from '../gallery.ts';
import { setListing } from '../listing.ts';
import { setStatus } from '../package-status.ts';
import type { Refusal } from '../std/refusals.ts';
import type { Ecosystem } from '../validate/candidate.ts';

/** What the command line names. */
export interface PackageSubject {
  readonly feedName: string;
  readonly ecosystem: Ecosystem;
  readonly normalizedName: string;
  readonly normalizedVersion?: string;
  readonly filename?: string;
}

export interface VerbOptions {
  /** Empty when none was given. */
  readonly reason: string;
}

export interface Verb {
  /** What it needs and takes behind the package's name. */
  readonly takes: 'package' | 'version or file' | 'anything';
  readonly about: string;
  /** What it did, as the end of a sentence that begins with what it was done to. */
  readonly done: string;
  /** It cannot be taken back, and asks for `--yes`. */
  readonly isForGood?: boolean;
  run(gallery: Gallery, subject: PackageSubject, options: VerbOptions): Promise<Refusal | undefined>;
}

const unlist = listing(false);
const relist = listing(true);

export const packageVerbs: Readonly<Record<string, Verb>> = {
  yank: {
    takes: 'version or file',
    about: 'pip passes it by, unless somebody names it',
    done: 'is yanked',
    run: unlist,
  },
  unyank: { takes: 'version or file', about: 'takes that back', done: 'is no longer yanked', run: relist },
  unlist: {
    takes: 'version or file',
    about: 'the same as yank, in the words of NuGet',
    done: 'is unlisted',
    run: unlist,
  },
  relist: { takes: 'version or file', about: 'the same as unyank', done: 'is listed', run: relist },
  archive: { takes: 'package', about: 'takes no more uploads', done: 'is archived', run: status('archived') },
  deprecate: { takes: 'package', about: 'says that it is obsolete', done: 'is deprecated', run: status('deprecated') },
  quarantine: {
    takes: 'package',
    about: 'takes no uploads and offers no file, until it is restored',
    done: 'is in quarantine',
    run: status('quarantined'),
  },
  restore: { takes: 'package', about: 'takes back each of these three', done: 'is active', run: status('active') },
  delete: {
    takes: 'anything',
    about: 'takes it away for good; its name is never used again',
    done: 'is deleted',
    isForGood: true,
    run: (gallery, subject) => deletePackage(gallery, operator, subject),
  },
};

function listing(isListed: boolean): Verb['run'] {
  return (gallery, subject, { reason }) => {
    const { normalizedVersion = '' } = subject;
    return setListing(gallery, operator, { ...subject, normalizedVersion }, { isListed, reason });
  };
}

function status(wanted: PackageStatus): Verb['run'] {
  return (gallery, subject, { reason }) => setStatus(gallery, operator, subject, { status: wanted, reason });
}
