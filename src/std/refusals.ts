/**
 * The one table of refusals: every answer that says "no" to a caller has a code here, with its HTTP status and what it means.
 * A refusal is a value that is returned; a bug throws. docs/REFUSALS.md is checked against this table by a test.
 */

export const refusals = {
  // Who is asking
  'credentials-missing': { status: 401, means: 'The request carries no credentials and this action needs them.' },
  'credentials-invalid': {
    status: 403,
    means: 'The token is unknown, misspelt, revoked or expired.',
  },
  'not-allowed': {
    status: 403,
    means: 'The token is good, but its scopes, package globs or owner do not allow this action.',
  },
  'not-found': { status: 404, means: 'There is no such feed, package, version or file here.' },
  // The form around an upload
  'form-unreadable': {
    status: 400,
    means: 'The body is not the multipart form (or package) that the protocol asks for.',
  },
  'form-incomplete': { status: 400, means: 'A field or the file is missing from the form.' },
  'form-field-invalid': { status: 400, means: 'A field of the form has a value that cannot be used.' },
  'upload-interrupted': { status: 400, means: 'The body ended before it was complete; nothing was kept.' },
  'upload-too-large': { status: 413, means: 'The body or one of its fields is larger than the configured limit.' },
  'attestations-invalid': {
    status: 400,
    means: 'What was sent to vouch for the file is malformed, or is not about this file.',
  },
  'digest-mismatch': { status: 400, means: 'The bytes received do not have the digest that the form promised.' },
  'action-gone': { status: 410, means: 'An old action of the upload protocol that galleries no longer offer.' },
  'file-unreadable': { status: 400, means: 'A file that was to be imported cannot be read.' },
  // The archive
  'archive-unreadable': { status: 400, means: 'The file is not a readable archive of its kind.' },
  'archive-unsafe': {
    status: 400,
    means: 'The archive holds an entry that would be dangerous to unpack, or two readings of the same bytes.',
  },
  'archive-too-large': {
    status: 400,
    means: 'The archive holds too many entries, or unpacks to more than the configured limit.',
  },
  'metadata-missing': { status: 400, means: 'The archive lacks the file that tells its name and version.' },
  'metadata-invalid': { status: 400, means: 'The metadata inside the archive breaks its specification.' },
  'metadata-mismatch': { status: 400, means: 'File name, form and archive do not agree on name or version.' },
  'name-invalid': { status: 400, means: 'The package name is not one that the ecosystem allows.' },
  'version-invalid': { status: 400, means: 'The version is not one that the ecosystem allows.' },
  'filename-invalid': { status: 400, means: 'The file name is not one that the ecosystem allows.' },
  'advisory-invalid': {
    status: 400,
    means: 'The advisory is not in the format of OSV, or tells of versions that do not exist.',
  },
  // What is asked
  'query-invalid': {
    status: 400,
    means: 'The query cannot be read: a filter, an order or an option that is none, or is too large.',
  },
  // What is there already
  'file-exists': { status: 409, means: 'A file of this name is here already, with other bytes.' },
  'sdist-exists': { status: 400, means: 'The release has a source distribution already, of another name.' },
  'name-held': {
    status: 409,
    means: 'The name or file name belonged to something that was deleted; it is never reused.',
  },
  'package-closed': { status: 403, means: 'The package is archived or quarantined, and takes no uploads.' },
  'package-full': {
    status: 400,
    means: 'The files of the package together would be larger than the configured limit.',
  },
  'release-closed': { status: 400, means: 'The release is older than the configured age up to which it takes files.' },
  'limit-reached': { status: 409, means: 'There are as many of these as their limit allows.' },
  // The status page
  'subscription-invalid': { status: 400, means: 'News cannot be sent to this address, or not about this component.' },
  // The gallery's own state
  busy: { status: 503, means: 'A limit on concurrent work is reached; try again after the stated time.' },
  'too-often': { status: 429, means: 'This was asked for too often; try again after the stated time.' },
  unavailable: { status: 503, means: 'A part that this action needs is away; nothing was changed.' },
  'method-not-allowed': { status: 405, means: 'This address does not take this method.' },
} as const satisfies Record<string, { status: number; means: string }>;

export type RefusalCode = keyof typeof refusals;

/** An expected "no": a code of the table and a sentence for the person who reads it. */
export class Refusal {
  readonly code: RefusalCode;
  readonly message: string;

  constructor(code: RefusalCode, message: string) {
    this.code = code;
    this.message = message;
  }

  /** The same refusal in the words of a protocol. */
  withMessage(message: string): Refusal {
    return new Refusal(this.code, message);
  }

  /** HTTP status, where the protocol has no other wish. */
  get status(): number {
    return refusals[this.code].status;
  }
}

/**
 * Makes a refusal.
 * @param code a code of the table above
 * @param message one clear sentence, shown to the user by every client (reason phrase and body)
 */
export function refuse(code: RefusalCode, message: string): Refusal {
  return new Refusal(code, message);
}

/** Tells whether a result is a refusal and not the thing asked for. */
export function isRefusal(value: unknown): value is Refusal {
  return value instanceof Refusal;
}

/** A status line takes Latin-1 without control characters; the body has the sentence as it is. */
export function reasonPhrase(sentence: string): string {
  return sentence.replaceAll(/[^\x20-\x7e\xa0-\xff]+/g, '?').slice(0, 500);
}
