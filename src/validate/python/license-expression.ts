/**
 * License expressions (PEP 639, SPDX 2.3 annex D): known licences joined by AND, OR and WITH. Case does not matter, as for every
 * tool that builds packages. What is known is told by the two lists of the SPDX project.
 */
import exceptions from 'spdx-exceptions/index.json' with { type: 'json' };
import deprecatedLicenses from 'spdx-license-ids/deprecated.json' with { type: 'json' };
import licenses from 'spdx-license-ids/index.json' with { type: 'json' };

const knownLicenses = new Set([...licenses, ...deprecatedLicenses].map((id) => id.toLowerCase()));
const knownExceptions = new Set(exceptions.map((id) => id.toLowerCase()));

/** In characters; the longest of a public package has some hundreds. */
const expressionLengthMax = 4_000;

/**
 * Checks an expression.
 * @returns the end of a sentence that starts with it, or undefined when it is one
 */
export function licenseExpressionProblem(text: string): string | undefined {
  if (text.length > expressionLengthMax) return `which is longer than ${expressionLengthMax} characters`;
  const malformed = 'which is not an expression of SPDX licences such as MIT OR Apache-2.0';
  let depth = 0;
  /** What may come next: a licence, an exception, or what joins two. */
  let next: 'license' | 'exception' | 'join' | 'join or WITH' = 'license';
  for (const token of text.toLowerCase().match(/[()]|[^\s()]+/g) ?? []) {
    if (next === 'license') {
      if (token === '(') depth += 1;
      else {
        if (/^(?:and|or|with|\))$/.test(token)) return malformed;
        if (!isLicense(token)) return `in which ${token} is no licence that SPDX knows; use LicenseRef-… for your own`;
        next = 'join or WITH';
      }
    } else if (next === 'exception') {
      if (!knownExceptions.has(token)) return `in which ${token} is no exception that SPDX knows`;
      next = 'join';
    } else if (token === ')' && depth > 0) {
      depth -= 1;
      next = 'join';
    } else if (token === 'with' && next === 'join or WITH') next = 'exception';
    else if (token === 'and' || token === 'or') next = 'license';
    else return malformed;
  }
  return depth === 0 && (next === 'join' || next === 'join or WITH') ? undefined : malformed;
}

function isLicense(token: string): boolean {
  const id = token.endsWith('+') ? token.slice(0, -1) : token;
  return /^licenseref-[a-z0-9.-]+$/.test(id) || knownLicenses.has(id);
}
