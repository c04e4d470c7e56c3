/**
 * The fields around an upload, as twine, uv, poetry, pdm, flit and hatch send them. The form only promises: what is published
 * is what the archive says, so nothing but the identity, the kind, the digests and what vouches for the file is kept, and all of
 * it is compared.
 */

import type { Digests } from '../../documents/package-view.ts';
import { isValidPythonName, normalizePythonName, parsePythonVersion } from '../../identity/python.ts';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { Candidate } from '../../validate/candidate.ts';

export type UploadFiletype = 'sdist' | 'bdist_wheel';

export interface UploadForm {
  /** As sent; twine has already replaced odd characters by `-`. */
  readonly name: string;
  readonly version: string;
  readonly filetype: UploadFiletype;
  /** `source`, or the wheel's Python tag. */
  readonly pyversion: string;
  readonly metadataVersion: string;
  readonly digests: FormDigests;
  /** JSON text with what vouches for the file (PEP 740), when something does. */
  readonly attestations: string | undefined;
}

/** Lower-case hexadecimal; at least one is there. */
export interface FormDigests {
  readonly sha256?: string;
  readonly md5?: string;
  readonly blake2b256?: string;
}

type Fields = ReadonlyMap<string, readonly string[]>;

const goneActions = new Set(['submit', 'submit_pkg_info', 'doc_upload']);
const singleFields = [
  ':action',
  'protocol_version',
  'filetype',
  'pyversion',
  'md5_digest',
  'sha256_digest',
  'blake2_256_digest',
  'metadata_version',
  'name',
  'version',
  'attestations',
];
/** Fields about the package that have one value; what they say is read in the archive, but two of one mean a broken client. */
const singleMetadataFields = [
  'summary',
  'description',
  'description_content_type',
  'keywords',
  'home_page',
  'download_url',
  'author',
  'author_email',
  'maintainer',
  'maintainer_email',
  'license',
  'license_expression',
  'requires_python',
];

/**
 * Reads the form of an upload, in the order in which PyPI checks it: action, protocol, the form's own fields, then metadata.
 * Unknown fields are ignored, as is what other fields repeat of the archive.
 * @param fields every text field with its values, in the order received
 * @returns the form; or `action-gone`, `form-incomplete`, `form-field-invalid`, `name-invalid`, `version-invalid`
 */
export function readUploadForm(fields: Fields): UploadForm | Refusal {
  const known = singleValues(fields);
  if (isRefusal(known)) return known;
  const trouble = checkAction(known);
  if (trouble !== undefined) return trouble;

  const filetype = readFiletype(known);
  if (isRefusal(filetype)) return filetype;
  const pyversion = readPyversion(known, filetype);
  if (isRefusal(pyversion)) return pyversion;
  const digests = readDigests(known);
  if (isRefusal(digests)) return digests;

  const metadataVersion = known.get('metadata_version');
  if (metadataVersion === undefined) return missing('metadata_version');
  if (!/^\d+\.\d+$/.test(metadataVersion)) {
    return refuse('form-field-invalid', `'${shown(metadataVersion)}' is not a metadata version, such as 2.4.`);
  }
  const name = known.get('name');
  if (name === undefined) return missing('name');
  if (!isValidPythonName(name)) return refuse('name-invalid', `'${shown(name)}' is not a valid project name.`);
  const version = known.get('version');
  if (version === undefined) return missing('version');
  if (parsePythonVersion(version) === undefined) {
    return refuse('version-invalid', `'${shown(version)}' is not a valid version (PEP 440).`);
  }
  const repeated = singleMetadataFields.find((field) => sentValues(fields, field).length > 1);
  if (repeated !== undefined) return sentTwice(repeated);
  return { name, version, filetype, pyversion, metadataVersion, digests, attestations: known.get('attestations') };
}

/**
 * Holds the promised digests against the bytes, before these are looked into: a file that was damaged on its way explains itself.
 * @param digests of the bytes received
 * @returns undefined when all agree; or `digest-mismatch`
 */
export function checkDigests(form: UploadForm, digests: Digests): Refusal | undefined {
  const promised = [
    ['sha256_digest', form.digests.sha256, digests.sha256],
    ['blake2_256_digest', form.digests.blake2b256, digests.blake2b256],
    ['md5_digest', form.digests.md5, digests.md5],
  ] as const;
  for (const [field, expected, actual] of promised) {
    if (expected === undefined || expected === actual) continue;
    return refuse(
      'digest-mismatch',
      `The file that arrived has the digest ${actual}, but ${field} promised ${expected}.`,
    );
  }
  return undefined;
}

/**
 * Holds the form against the archive.
 * @returns undefined when they agree; or `metadata-mismatch`
 */
export function checkFormAgainst(form: UploadForm, candidate: Candidate): Refusal | undefined {
  const filetype: UploadFiletype = candidate.fileKind === 'wheel' ? 'bdist_wheel' : 'sdist';
  if (filetype !== form.filetype) {
    return refuse('metadata-mismatch', `The form says filetype ${form.filetype}, but the file is of type ${filetype}.`);
  }
  if (normalizePythonName(form.name) !== candidate.normalizedName) {
    return mismatch('name', form.name, candidate.name);
  }
  if (parsePythonVersion(form.version)?.normalized !== candidate.normalizedVersion) {
    return mismatch('version', form.version, candidate.version);
  }
  return undefined;
}

/** `UNKNOWN` counts as not sent: old build tools wrote that word for every field that they could not fill. */
function sentValues(fields: Fields, field: string): string[] {
  return (fields.get(field) ?? []).filter((value) => value.trim() !== 'UNKNOWN');
}

/** The fields that we read. Empty ones count as not sent. */
function singleValues(fields: Fields): Map<string, string> | Refusal {
  const known = new Map<string, string>();
  for (const field of singleFields) {
    const values = sentValues(fields, field);
    if (values.length > 1) return sentTwice(field);
    const value = values[0];
    if (value !== undefined && value !== '') known.set(field, value);
  }
  return known;
}

/** Without `protocol_version` the only one there is was meant: old twine misspelt the field's name. */
function checkAction(known: ReadonlyMap<string, string>): Refusal | undefined {
  const action = known.get(':action');
  if (action === undefined) return missing(':action');
  if (goneActions.has(action)) {
    return refuse('action-gone', `The action '${action}' is no longer supported; upload files with 'file_upload'.`);
  }
  if (action !== 'file_upload') return refuse('form-field-invalid', `Unknown action '${shown(action)}'.`);
  if ((known.get('protocol_version') ?? '1') !== '1') return refuse('form-field-invalid', 'Unknown protocol version.');
  return undefined;
}

/** Eggs and installers ended with PEP 527 and 715. */
function readFiletype(known: ReadonlyMap<string, string>): UploadFiletype | Refusal {
  const filetype = known.get('filetype');
  if (filetype === undefined) return missing('filetype');
  if (filetype === 'sdist' || filetype === 'bdist_wheel') return filetype;
  return refuse('form-field-invalid', `Unknown type of file '${shown(filetype)}': use 'sdist' or 'bdist_wheel'.`);
}

/** flit leaves the field out for source archives, where it has only one possible value. */
function readPyversion(known: ReadonlyMap<string, string>, filetype: UploadFiletype): string | Refusal {
  const pyversion = known.get('pyversion');
  if (filetype === 'bdist_wheel') {
    return pyversion ?? refuse('form-incomplete', "The form lacks 'pyversion', which a wheel needs.");
  }
  if (pyversion === undefined || pyversion === 'source') return 'source';
  return refuse('form-field-invalid', "'pyversion' must be 'source' for an sdist.");
}

/** Hexadecimal in either case; PyPI's documentation says base64 for md5, but its code and all clients say hexadecimal. */
function readDigests(known: ReadonlyMap<string, string>): FormDigests | Refusal {
  const digests: { -readonly [algorithm in keyof FormDigests]: FormDigests[algorithm] } = {};
  const wanted = [
    ['md5_digest', 'md5', 32],
    ['sha256_digest', 'sha256', 64],
    ['blake2_256_digest', 'blake2b256', 64],
  ] as const;
  for (const [field, algorithm, digits] of wanted) {
    const value = known.get(field)?.toLowerCase();
    if (value === undefined) continue;
    if (value.length !== digits || !/^[0-9a-f]+$/.test(value)) {
      return refuse('form-field-invalid', `'${field}' must be ${digits} hexadecimal digits.`);
    }
    digests[algorithm] = value;
  }
  if (Object.keys(digests).length > 0) return digests;
  return refuse('form-incomplete', "The form lacks a digest of the file: send 'sha256_digest'.");
}

function sentTwice(field: string): Refusal {
  return refuse('form-field-invalid', `'${field}' has invalid data: it was sent more than once.`);
}

function missing(field: string): Refusal {
  return refuse('form-incomplete', `The form lacks '${field}'.`);
}

function mismatch(what: 'name' | 'version', inForm: string, inArchive: string): Refusal {
  return refuse(
    'metadata-mismatch',
    `The form gives the ${what} '${shown(inForm)}', but the file '${shown(inArchive)}'.`,
  );
}

/** Foreign text inside a sentence: short, on one line, and printable in the reason phrase of an HTTP answer. */
function shown(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > 100 ? `${printable.slice(0, 100)}...` : printable;
}
