/**
 * What is asked of the metadata of a new file beyond what reading it takes: the rules of the public gallery and of the
 * specifications that it follows (docs/decisions/0015-python-rules.md). What is published already is never held against them.
 */
import { isValidPythonName } from '../../identity/python.ts';
import { shownName } from '../archive/entry-names.ts';
import { isMetadataVersionAtLeast, type ParsedMetadata } from './core-metadata.ts';
import {
  addressProblem,
  classifierProblem,
  contactProblem,
  contentTypeProblem,
  dynamicProblem,
  importNameProblem,
  labelProblem,
  licensePathProblem,
} from './field-forms.ts';
import { licenseExpressionProblem } from './license-expression.ts';
import { parseRequirement } from './requirement.ts';
import type { PythonRules } from './rules.ts';

/** PyPI's limit, in characters. */
const summaryLengthMax = 512;

/** Of these a second value would be passed over by some tools, and taken by others. */
const singleFields = [
  'Summary',
  'Description',
  'Description-Content-Type',
  'Keywords',
  'Home-page',
  'Download-URL',
  'Author',
  'Author-email',
  'Maintainer',
  'Maintainer-email',
  'License',
  'License-Expression',
  'Requires-Python',
];

/**
 * With which version a field came. A tool that knows the stated version only would pass over a newer one. License-File and
 * License-Expression are not among them: setuptools 56 to 76 and hatchling up to 1.26 wrote them under 2.1 to 2.3. Nor are the
 * fields of 1.1 and 1.2, which distutils mixed.
 */
const fieldsByVersion: readonly (readonly [major: number, minor: number, fields: readonly string[]])[] = [
  [2, 1, ['Description-Content-Type', 'Provides-Extra']],
  [2, 2, ['Dynamic']],
  [2, 5, ['Import-Name', 'Import-Namespace']],
];

/** One field's values and what is wrong with a value; the sentence is made in one place. */
type FieldRule = readonly [field: string, values: readonly string[], problem: (value: string) => string | undefined];

/**
 * Holds metadata against the rules for new files. That of the version is not among them.
 * @param parsed as read
 * @returns the end of a sentence that starts with the file's name, or undefined when it may be published
 */
export function metadataRuleProblem(parsed: ParsedMetadata, rules: PythonRules): string | undefined {
  const { metadata } = parsed;
  const isPrivate = metadata.classifiers.find((classifier) => /^Private\s*::/i.test(classifier));
  if (isPrivate !== undefined && !rules.has('private-classifiers')) {
    return `has the Classifier ${shownName(isPrivate)}, by which its author keeps it off galleries such as this one`;
  }
  const direct = metadata.requiresDist.find((text) => parseRequirement(text)?.isDirect ?? text.includes('@'));
  if (direct !== undefined && !rules.has('direct-requirements')) {
    return `has the Requires-Dist ${shownName(direct)}, which names an address and so leads past the gallery`;
  }
  if (rules.has('old-metadata')) return undefined;
  return fieldProblem(parsed) ?? addressesProblem(parsed) ?? licenseProblem(parsed) ?? valueProblem(parsed);
}

function fieldProblem({ metadata, headers }: ParsedMetadata): string | undefined {
  const repeated = singleFields.find((field) => headers.all(field).length > 1);
  if (repeated !== undefined) return `has more than one ${repeated}`;
  // There never was a 2.0; what calls itself so was written by tools on their way to 2.1.
  if (metadata.metadataVersion !== '2.0') {
    for (const [major, minor, fields] of fieldsByVersion) {
      if (isMetadataVersionAtLeast(metadata.metadataVersion, major, minor)) continue;
      const newer = fields.find((field) => headers.all(field).length > 0);
      if (newer === undefined) continue;
      return `has the field ${newer}, which came with Metadata-Version ${major}.${minor}, but says ${metadata.metadataVersion}`;
    }
  }
  const { summary } = metadata;
  if (summary === undefined) return undefined;
  if (summary.length > summaryLengthMax) {
    return `has a Summary of more than ${summaryLengthMax} characters; the long text belongs into the description`;
  }
  const lines = headers.headers.find(({ field }) => field === 'summary')?.value.split('\n') ?? [];
  return lines.length > 1 ? 'has a Summary of more than one line' : undefined;
}

function addressesProblem({ metadata }: ParsedMetadata): string | undefined {
  const labels = new Set<string>();
  for (const { label, url } of metadata.projectUrls) {
    const problem = labelProblem(label, labels);
    if (problem !== undefined) return problem;
    const bad = addressProblem(url);
    if (bad !== undefined) return `has the Project-URL ${shownName(url)}, ${bad}`;
  }
  return undefined;
}

function licenseProblem({ metadata }: ParsedMetadata): string | undefined {
  const { license, licenseExpression } = metadata;
  if (licenseExpression === undefined || !isMetadataVersionAtLeast(metadata.metadataVersion, 2, 4)) return undefined;
  if (license !== undefined) return 'has both a License and a License-Expression; leave License out (PEP 639)';
  const problem = licenseExpressionProblem(licenseExpression);
  return problem === undefined ? undefined : `has the License-Expression ${shownName(licenseExpression)}, ${problem}`;
}

function valueProblem({ metadata }: ParsedMetadata): string | undefined {
  const one = (value: string | undefined) => (value === undefined ? [] : [value]);
  const knowsLicenseFiles = isMetadataVersionAtLeast(metadata.metadataVersion, 2, 4);
  const isOnlyName = metadata.importNames.length === 1;
  const fields: readonly FieldRule[] = [
    ['Author-email', one(metadata.authorEmail), contactProblem],
    ['Maintainer-email', one(metadata.maintainerEmail), contactProblem],
    ['Home-page', one(metadata.homePage), addressProblem],
    ['Download-URL', one(metadata.downloadUrl), addressProblem],
    ['Classifier', metadata.classifiers, classifierProblem],
    ['Description-Content-Type', one(metadata.descriptionContentType), contentTypeProblem],
    ['Dynamic', metadata.dynamic, dynamicProblem],
    ['Requires-Dist', metadata.requiresDist, requirementProblem],
    ['Provides-Dist', metadata.providesDist, indirectProblem],
    ['Obsoletes-Dist', metadata.obsoletesDist, indirectProblem],
    ['Provides-Extra', metadata.providesExtra, extraProblem],
    ['License-File', knowsLicenseFiles ? metadata.licenseFiles : [], licensePathProblem],
    ['Import-Name', metadata.importNames, (name) => importNameProblem(name, isOnlyName)],
    ['Import-Namespace', metadata.importNamespaces, (name) => importNameProblem(name, false)],
  ];
  for (const [field, values, problemOf] of fields) {
    for (const value of values) {
      const problem = problemOf(value);
      if (problem !== undefined) return `has the ${field} ${shownName(value)}, ${problem}`;
    }
  }
  return undefined;
}

function requirementProblem(text: string): string | undefined {
  return parseRequirement(text) === undefined ? 'which is not a requirement that pip can read (PEP 508)' : undefined;
}

function indirectProblem(text: string): string | undefined {
  return parseRequirement(text)?.isDirect === true ? 'which names an address' : requirementProblem(text);
}

function extraProblem(extra: string): string | undefined {
  return isValidPythonName(extra) ? undefined : 'which is not a valid name of an extra';
}
