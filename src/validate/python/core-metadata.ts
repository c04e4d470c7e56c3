/**
 * Core metadata as the archive tells it: METADATA in a wheel, PKG-INFO in a source distribution. The text is read as Python's
 * e-mail parser reads it, because pip does so; where that parser would guess, the file is refused.
 */
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { decodeUtf8, shownName } from '../archive/entry-names.ts';
import { type HeaderBlock, readHeaders } from './headers.ts';
import { requirementProblem, specifierProblem } from './specifiers.ts';

/** The fields of the specification, in its order. Lists are empty and texts undefined where a field is not there. */
export type CoreMetadata = {
  readonly metadataVersion: string;
  readonly name: string;
  readonly version: string;
  readonly dynamic: readonly string[];
  readonly platforms: readonly string[];
  readonly supportedPlatforms: readonly string[];
  readonly summary: string | undefined;
  readonly descriptionContentType: string | undefined;
  /** As written: separated by commas, or by blanks in old packages. */
  readonly keywords: string | undefined;
  readonly author: string | undefined;
  readonly authorEmail: string | undefined;
  readonly maintainer: string | undefined;
  readonly maintainerEmail: string | undefined;
  readonly license: string | undefined;
  readonly licenseExpression: string | undefined;
  readonly licenseFiles: readonly string[];
  readonly classifiers: readonly string[];
  readonly requiresDist: readonly string[];
  readonly requiresPython: string | undefined;
  readonly requiresExternal: readonly string[];
  readonly projectUrls: readonly ProjectUrl[];
  readonly providesExtra: readonly string[];
  readonly providesDist: readonly string[];
  readonly obsoletesDist: readonly string[];
  readonly homePage: string | undefined;
  readonly downloadUrl: string | undefined;
  /** PEP 794, as written: a dotted name, `; private` behind it or not. One empty name says that there is none to import. */
  readonly importNames: readonly string[];
  readonly importNamespaces: readonly string[];
};

export type ProjectUrl = { readonly label: string; readonly url: string };

export interface ParsedMetadata {
  readonly metadata: CoreMetadata;
  /** The long description, from the body or the header; kept apart because it is large and only few documents show it. */
  readonly description: string | undefined;
  /** All fields as they are written, for rules about how often one stands there. */
  readonly headers: HeaderBlock;
}

const knownVersions = ['1.0', '1.1', '1.2', '2.0', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6'];
/** In characters; no public package comes near. */
const fieldLengthMax = 64 * 1024;
/** New files may have 512 (metadata-rules.ts); old packages in private galleries have longer ones. */
const summaryLengthMax = 2048;
/** With two values for one of these, tools would not agree which package this is. */
const identityFields = ['Metadata-Version', 'Name', 'Version'];

/**
 * Reads core metadata (packaging.python.org, core metadata 1.0 to 2.6; PEP 241, 314, 345, 566, 643, 685, 639, 794, 808).
 * @param bytes of the file, at most the limit for extracts
 * @param filename `METADATA` or `PKG-INFO`, for the sentences
 * @returns the fields; or `metadata-invalid`. Whether name and version are valid is not told here
 */
export function parseCoreMetadata(bytes: Uint8Array, filename: string): ParsedMetadata | Refusal {
  const text = decodeUtf8(bytes);
  if (text === undefined) return refuse('metadata-invalid', `${filename} is not UTF-8 text.`);
  // Some databases cannot keep it, and no field has a use for it.
  if (text.includes('\0')) return refuse('metadata-invalid', `${filename} has a NUL character in it.`);
  const block = readHeaders(text, filename);
  if (isRefusal(block)) return block;
  for (const field of identityFields) {
    const count = block.all(field).length;
    if (count === 0) return refuse('metadata-invalid', `${filename} has no ${field}.`);
    if (count > 1) return refuse('metadata-invalid', `${filename} has more than one ${field}.`);
  }
  const problem = metadataVersionProblem(block.one('Metadata-Version') ?? '') ?? lengthProblem(block);
  if (problem !== undefined) return refuse('metadata-invalid', `${filename} ${problem}.`);
  const projectUrls = block.all('Project-URL').map(readProjectUrl);
  if (projectUrls.includes(undefined)) {
    return refuse('metadata-invalid', `${filename} has a Project-URL that is not a label, a comma and an address.`);
  }
  const metadata = fieldsOf(block, projectUrls as ProjectUrl[]);
  const requirement = requirementsProblem(metadata);
  if (requirement !== undefined) return refuse('metadata-invalid', `${filename} ${requirement}.`);
  return { metadata, description: descriptionOf(block), headers: block };
}

/** Compares as numbers: PKG-INFO can be relied on from 2.2 on (PEP 643). */
export function isMetadataVersionAtLeast(metadataVersion: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = metadataVersion.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

function fieldsOf(block: HeaderBlock, projectUrls: readonly ProjectUrl[]): CoreMetadata {
  const known = (field: string): string | undefined => unlessUnknown(block.one(field));
  return {
    metadataVersion: block.one('Metadata-Version') ?? '',
    name: block.one('Name') ?? '',
    version: block.one('Version') ?? '',
    dynamic: block.all('Dynamic'),
    platforms: block.all('Platform').filter((platform) => platform !== 'UNKNOWN'),
    supportedPlatforms: block.all('Supported-Platform'),
    summary: known('Summary'),
    descriptionContentType: known('Description-Content-Type'),
    keywords: known('Keywords'),
    author: known('Author'),
    authorEmail: known('Author-email'),
    maintainer: known('Maintainer'),
    maintainerEmail: known('Maintainer-email'),
    license: unlessUnknown(block.lines('License')),
    licenseExpression: known('License-Expression'),
    licenseFiles: block.all('License-File'),
    classifiers: block.all('Classifier'),
    requiresDist: block.all('Requires-Dist'),
    requiresPython: known('Requires-Python'),
    requiresExternal: block.all('Requires-External'),
    projectUrls,
    providesExtra: block.all('Provides-Extra'),
    providesDist: block.all('Provides-Dist'),
    obsoletesDist: block.all('Obsoletes-Dist'),
    homePage: known('Home-page'),
    downloadUrl: known('Download-URL'),
    importNames: block.all('Import-Name'),
    importNamespaces: block.all('Import-Namespace'),
  };
}

/** Up to version 65, setuptools writes `UNKNOWN` for each field that it could not fill. */
function unlessUnknown(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value.trim() === 'UNKNOWN' ? undefined : value;
}

function descriptionOf(block: HeaderBlock): string | undefined {
  return unlessUnknown(block.body) ?? unlessUnknown(block.lines('Description'));
}

function metadataVersionProblem(version: string): string | undefined {
  if (knownVersions.includes(version)) return undefined;
  if (!/^[0-9]{1,4}\.[0-9]{1,4}$/.test(version))
    return `has the Metadata-Version ${shownName(version)}, which is not one`;
  return `has the Metadata-Version ${version}; this gallery knows 1.0 to ${knownVersions.at(-1)}`;
}

function lengthProblem(block: HeaderBlock): string | undefined {
  for (const { field, value } of block.headers) {
    if (field === 'description') continue;
    if (value.length > fieldLengthMax) return `has a ${shownName(field)} of more than ${fieldLengthMax} characters`;
  }
  if ((block.one('Summary')?.length ?? 0) > summaryLengthMax) {
    return `has a Summary of more than ${summaryLengthMax} characters; the long text belongs into the description`;
  }
  return undefined;
}

/** A requirement that pip cannot read makes it pass over the whole file, so the author must hear of it now. */
function requirementsProblem({ requiresPython, requiresDist }: CoreMetadata): string | undefined {
  if (requiresPython !== undefined) {
    const problem = specifierProblem(requiresPython);
    if (problem !== undefined) return `has the Requires-Python ${shownName(requiresPython)}, ${problem}`;
  }
  for (const requirement of requiresDist) {
    const problem = requirementProblem(requirement);
    if (problem !== undefined) return `has the Requires-Dist ${shownName(requirement)}, ${problem}`;
  }
  return undefined;
}

function readProjectUrl(value: string): ProjectUrl | undefined {
  const comma = value.indexOf(',');
  if (comma === -1) return undefined;
  const label = value.slice(0, comma).trim();
  const url = value.slice(comma + 1).trim();
  return label === '' || url === '' ? undefined : { label, url };
}
