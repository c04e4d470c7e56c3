/**
 * The sentences and statuses of uploads that clients match on. `twine upload --skip-existing` and poetry decide by the status
 * 400 (or 409) together with the words "already exist", so these are part of the protocol, not of the style.
 */
import type { Refusal, RefusalCode } from '../../std/refusals.ts';

/**
 * The statuses that clients act on: they are written out, so that a change of the table cannot move them. Duplicates are 400 as
 * on PyPI; 401 makes a client ask for a password, 403 makes it stop.
 */
const statuses: { readonly [code in RefusalCode]?: number } = {
  'file-exists': 400,
  'name-held': 400,
  'credentials-missing': 401,
  'credentials-invalid': 403,
};

/**
 * The status that an upload client gets for a refusal.
 * @returns the status of the upload protocol; the table's own where the protocol asks for nothing else
 */
export function uploadAnswerStatus(refusal: Refusal): number {
  return statuses[refusal.code] ?? refusal.status;
}

/**
 * Says that a file of this name is here with other bytes. twine looks for "already exist", pdm and poetry for the same words.
 * @param filename the name that was uploaded
 * @param blake2b256 hexadecimal digest of the bytes that were uploaded; what is stored is not told
 */
export function fileExistsSentence(filename: string, blake2b256: string): string {
  return (
    `File already exists ('${filename}', with blake2_256 hash '${blake2b256}'). ` +
    'A published file never changes: publish the new bytes under a new version.'
  );
}

/** Says that a file of this name was here and was deleted; its name is never used again. */
export function filenameHeldSentence(filename: string): string {
  return (
    `This filename was previously used by a file that has since been deleted ('${filename}'). ` +
    'Publish under a new version.'
  );
}

/** Says where the actions of the oldest API went: `register` and `upload` of distutils, which posted to `/pypi`. */
export const oldApiSentence =
  'This address took uploads and searches long ago. Upload to /legacy/ of the gallery (twine, poetry, flit), install from /simple/.';

/**
 * The same for XML-RPC, which `pip search` and old mirrors send to the same address: they show a fault's text, but no status.
 * The code is the one that PyPI answers for what it took away.
 */
export const oldApiFault = `<?xml version="1.0"?>
<methodResponse><fault><value><struct>
<member><name>faultCode</name><value><int>-32500</int></value></member>
<member><name>faultString</name><value><string>RuntimeError: ${oldApiSentence}</string></value></member>
</struct></value></fault></methodResponse>
`;
