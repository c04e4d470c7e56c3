/**
 * The form of a licence expression: the grammar of SPDX (specification 2.3, annex D) with the characters that NuGet allows, which leaves
 * out references to other documents. Identifiers are not looked up: the list grows every few months, and a package of a private
 * gallery may well have a licence of its own, which NuGet takes with a warning.
 */

/** Case counts in the operators: `or` is an identifier like any other. */
const operators = new Set(['AND', 'OR', 'WITH']);
const tokenShape = /[()]|[A-Za-z0-9.+-]+/g;
const wholeShape = /^[A-Za-z0-9.+\-() ]+$/;
/** `GPL-2.0+`: this version or a later one. */
const licenseShape = /^[A-Za-z0-9.-]+\+?$/;
const exceptionShape = /^[A-Za-z0-9.-]+$/;

/**
 * Tells whether a text is a licence expression, such as `MIT OR (Apache-2.0 WITH LLVM-exception AND BSD-3-Clause)`.
 * @param text not longer than a nuspec's licence may be: reading goes as deep as it has parentheses
 */
export function isLicenseExpression(text: string): boolean {
  if (!wholeShape.test(text)) return false;
  const tokens = text.match(tokenShape) ?? [];
  return readChoice(tokens, 0) === tokens.length;
}

/** Alternatives and conjunctions bind differently and have one form. @returns where it ends; undefined when it is none */
function readChoice(tokens: readonly string[], start: number): number | undefined {
  let at = readLicense(tokens, start);
  while (at !== undefined && (tokens[at] === 'AND' || tokens[at] === 'OR')) at = readLicense(tokens, at + 1);
  return at;
}

function readLicense(tokens: readonly string[], start: number): number | undefined {
  if (tokens[start] === '(') {
    const end = readChoice(tokens, start + 1);
    return end !== undefined && tokens[end] === ')' ? end + 1 : undefined;
  }
  if (!isName(tokens[start], licenseShape)) return undefined;
  // An exception belongs to a single licence, never to what stands in parentheses.
  if (tokens[start + 1] !== 'WITH') return start + 1;
  return isName(tokens[start + 2], exceptionShape) ? start + 3 : undefined;
}

function isName(token: string | undefined, shape: RegExp): boolean {
  return token !== undefined && !operators.has(token) && shape.test(token);
}
