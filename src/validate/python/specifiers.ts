/**
 * Version specifiers and requirements in core metadata, checked as far as pip's reading of them: what passes may still never
 * match anything, but no installer stumbles over it.
 */
import { isValidPythonName, parsePythonVersion } from '../../identity/python.ts';

/**
 * Checks a specifier set (PEP 440, `packaging.specifiers.SpecifierSet`): `>=3.8,!=3.9.*`. Empty parts are let pass as there.
 * @returns the end of a sentence, or undefined when all is well
 */
export function specifierProblem(text: string): string | undefined {
  for (const part of text.split(',')) {
    const specifier = part.trim();
    if (specifier !== '' && !isSpecifier(specifier)) return 'which is not a list of version specifiers such as >=3.9';
  }
  return undefined;
}

function isSpecifier(specifier: string): boolean {
  const match = /^(===|~=|==|!=|<=|>=|<|>)\s*(\S+)$/.exec(specifier);
  if (match === null) return false;
  const [, operator, version] = match as unknown as [string, string, string];
  if (operator === '===') return true;
  const isPrefix = version.endsWith('.*');
  if (isPrefix && operator !== '==' && operator !== '!=') return false;
  const parsed = parsePythonVersion(isPrefix ? version.slice(0, -2) : version);
  if (parsed === undefined) return false;
  if (isPrefix && parsed.public.includes('.dev')) return false;
  // "Compatible with 1" would have nothing to be compatible in.
  if (operator === '~=' && !/^(?:[0-9]+!)?[0-9]+\.[0-9]/.test(parsed.public)) return false;
  return !parsed.isLocal || ((operator === '==' || operator === '!=') && !isPrefix);
}

/**
 * Checks the start of a requirement (PEP 508): a valid name, then extras, versions, a marker, an address, or nothing.
 * @returns the end of a sentence, or undefined when all is well
 */
export function requirementProblem(text: string): string | undefined {
  const name = /^[A-Za-z0-9._-]+/.exec(text)?.[0] ?? '';
  if (!isValidPythonName(name)) return 'which does not start with the name of a package';
  return /^\s*(?:$|[[(<>=!~;@])/.test(text.slice(name.length)) ? undefined : 'which is not a requirement';
}
