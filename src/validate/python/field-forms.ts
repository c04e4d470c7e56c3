/**
 * The forms that single fields of core metadata have to have. Each function answers with the end of a sentence, or undefined
 * when the value is good.
 */
import { shownName } from '../archive/entry-names.ts';

/** PyPI's limit for the label of a Project-URL, in characters. */
const labelLengthMax = 32;

/** Addresses that browsers open: http and https, with a host, without blanks and other characters that no address has. */
export function addressProblem(address: string): string | undefined {
  const isGood =
    !/[\s<>"{}|\\^`\u0000-\u001f\u007f]/.test(address) &&
    /^https?:\/\//i.test(address) &&
    URL.canParse(address) &&
    new URL(address).hostname !== '';
  return isGood ? undefined : 'which is not an address that begins with http:// or https://';
}

/** @param labels those that came before, to which this one is added: with two addresses for one, tools show either */
export function labelProblem(label: string, labels: Set<string>): string | undefined {
  if (label.length > labelLengthMax) return `has a Project-URL with a label of more than ${labelLengthMax} characters`;
  if (labels.has(label)) return `has two addresses for the Project-URL ${shownName(label)}`;
  labels.add(label);
  return undefined;
}

/**
 * E-mail addresses with names or without, as RFC 822 has them: `Ada <ada@example.org>, bo@example.org`. Only their form is
 * looked at; a host of one word is good, because within a company there are such.
 */
export function contactProblem(contacts: string): string | undefined {
  const bare = contacts.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/\([^()]*\)/g, '');
  const enclosed = [...bare.matchAll(/<([^<>]*)>/g)].map((match) => match[1]!);
  const addresses = enclosed.length > 0 ? enclosed : bare.split(',');
  const bad = addresses.map((address) => address.trim()).find((address) => !isMailAddress(address));
  return bad === undefined ? undefined : `in which ${shownName(bad)} is not an e-mail address`;
}

function isMailAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  const [local, host] = [address.slice(0, Math.max(at, 0)), address.slice(at + 1)];
  return (
    address.length <= 254 &&
    /^[^\s@<>()[\],;:\\"\u0000-\u001f]{1,64}$/.test(local) &&
    !/^\.|\.\.|\.$/.test(local) &&
    /^[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)*$/u.test(host)
  );
}

/** `Topic :: Utilities`. Which classifiers there are is not known here. */
export function classifierProblem(classifier: string): string | undefined {
  const parts = classifier.split(' :: ');
  const isGood = parts.length > 1 && parts.every((part) => part !== '' && part === part.trim() && !part.includes('::'));
  return isGood ? undefined : "which is not of the form 'Topic :: Utilities'";
}

/** What a long description is written in (core metadata 2.1): of three types, in UTF-8, Markdown in one of two variants. */
export function contentTypeProblem(contentType: string): string | undefined {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (!/^text\/(?:plain|x-rst|markdown)$/i.test(type)) return 'which is none of text/plain, text/x-rst, text/markdown';
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim().replace(/^"(.*)"$/, '$1'));
    if (/^charset$/i.test(name) && !/^utf-8$/i.test(value)) return 'whose charset is not UTF-8';
    if (/^variant$/i.test(name) && /markdown$/i.test(type) && !/^(?:GFM|CommonMark)$/.test(value)) {
      return 'whose variant is neither GFM nor CommonMark';
    }
  }
  return undefined;
}

/**
 * A path in the archive (PEP 639).
 * @param path as written, relative to the folder that licences are kept in
 */
export function licensePathProblem(path: string): string | undefined {
  if (path === '' || path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'which is not a relative path';
  if (path.includes('\\')) return 'which has a backslash in it';
  if (/[*?[\]]/.test(path)) return 'which is a pattern and not a path';
  return path.split('/').some((part) => part === '..') ? "which climbs out of its folder with '..'" : undefined;
}

/** A dotted name (PEP 794), `; private` behind it or not. One empty name says that there is nothing to import. */
export function importNameProblem(name: string, mayBeEmpty: boolean): string | undefined {
  const [, dotted = '', marker] = /^([^;]*?)\s*(?:;\s*(.*))?$/s.exec(name) ?? [];
  if (marker !== undefined && marker.trim() !== 'private') return 'behind which only "; private" may stand';
  if (dotted === '') return mayBeEmpty && marker === undefined ? undefined : 'which is empty';
  const isGood = dotted.split('.').every((part) => /^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(part));
  return isGood ? undefined : 'which Python could not import';
}

/** Fields whose value a build may find out (PEP 643): all but the identity, and none that is not there. */
export function dynamicProblem(field: string): string | undefined {
  return dynamicFields.has(field.toLowerCase()) ? undefined : 'which is not a field that can be dynamic';
}

const dynamicFields = new Set([
  'platform',
  'supported-platform',
  'summary',
  'description',
  'description-content-type',
  'keywords',
  'home-page',
  'download-url',
  'author',
  'author-email',
  'maintainer',
  'maintainer-email',
  'license',
  'license-expression',
  'license-file',
  'classifier',
  'requires-dist',
  'requires-python',
  'requires-external',
  'project-url',
  'provides-extra',
  'provides-dist',
  'obsoletes-dist',
  'requires',
  'provides',
  'obsoletes',
  'import-name',
  'import-namespace',
]);
