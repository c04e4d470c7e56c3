/** The one spelling that each ecosystem gives a name and a version, whatever form its users write: what addresses and rows have. */
import { normalizePackageId, parseNuGetVersion } from './nupkg.ts';
import { normalizePythonName, parsePythonVersion } from './python.ts';

interface Spelling {
  /** @returns the normalised name */
  name(written: string): string;
  /** @returns the normalised version; what is no version comes back as it is, and is found nowhere */
  version(written: string): string;
}

/** By ecosystem, as addresses and commands call them. */
export const spellings: Readonly<Record<'python' | 'nupkg', Spelling>> = {
  python: {
    name: normalizePythonName,
    version: (written) => parsePythonVersion(written)?.normalized ?? written,
  },
  nupkg: {
    name: normalizePackageId,
    version: (written) => parseNuGetVersion(written)?.lower ?? written,
  },
};

export function isEcosystem(text: string): text is keyof typeof spellings {
  return Object.hasOwn(spellings, text);
}
