/**
 * The packages that the crash tests publish, one after another without end: wheels and a source distribution of the same
 * version, and NuGet packages, of a few names at a time, so that publishers meet at the same package and the same version.
 */
import { createHash } from 'node:crypto';
import { makeNupkg } from '../packages/nupkg.ts';
import { makeSdist } from '../packages/sdist.ts';
import { makeWheel } from '../packages/wheel.ts';

export interface PackageFile {
  readonly kind: 'wheel' | 'sdist' | 'nupkg';
  /** As the author writes it. */
  readonly name: string;
  /** As addresses have it. */
  readonly normalizedName: string;
  readonly version: string;
  readonly filename: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  /** SHA-256 of what is served beside the file: core metadata, or the nuspec. */
  readonly metadataSha256: string;
}

/** Files before new names begin; keeps a package at a size that a sweep of a thousand kills can render. */
const filesOfNames = 250;
const pythonNames = 3;
const nugetNames = 3;
/** Turns that go to one name before the next: publishers who work at once then meet there. */
const turnsOfName = 2;
/** Every so many-th file is large enough that a kill can hit its upload. */
const largeEvery = 7;
const largeBytes = 300_000;

/** @param number of the file, from 0; the same number gives the same bytes */
export async function packageFile(number: number): Promise<PackageFile> {
  const group = Math.floor(number / filesOfNames);
  const size = number % largeEvery === largeEvery - 1 ? { sizeBytes: largeBytes } : {};
  const place = number % 5;
  const turn = Math.floor(number / 5);
  if (place >= 3) {
    // Every fourth is a pre-release of SemVer 2, which the registrations for old clients do not show.
    const patch = turn * 2 + place - 3;
    const version = `1.${Math.floor(patch / 50)}.${patch % 50}${patch % 4 === 3 ? '-beta.1' : ''}`;
    const name = `Crash.Lib.G${group}.N${Math.floor(turn / turnsOfName) % nugetNames}`;
    const made = await makeNupkg({ id: name, version, ...size });
    const sums = { sha256: sha256Of(made.bytes), metadataSha256: sha256Of(made.nuspec) };
    const { filename, bytes } = made;
    return { kind: 'nupkg', name, normalizedName: name.toLowerCase(), version, filename, bytes, ...sums };
  }
  const name = `Crash.Py-g${group}.n${Math.floor(turn / turnsOfName) % pythonNames}`;
  const described = { name, version: `1.${turn}`, requiresPython: '>=3.8', ...size };
  const made =
    place === 2 ? await makeSdist(described) : await makeWheel({ ...described, tag: `py${place + 2}-none-any` });
  return {
    kind: place === 2 ? 'sdist' : 'wheel',
    name,
    normalizedName: name.toLowerCase().replaceAll(/[-_.]+/g, '-'),
    version: described.version,
    filename: made.filename,
    bytes: made.bytes,
    sha256: sha256Of(made.bytes),
    metadataSha256: sha256Of(made.metadata),
  };
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
