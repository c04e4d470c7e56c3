/** How pip and uv find a wheel: the project's page as JSON (PEP 691), and what it says of the file. */
import type { Canary } from './canary.ts';
import type { Client } from './clients.ts';
import { addressIn, type Fields, type Found, fieldsOf, InstallError, listIn, objectIn, type Read } from './found.ts';

/** @param root of the feed, without a slash at the end */
export async function findWheel(read: Read, root: string, canary: Canary, client: Client): Promise<Found> {
  const page = `${root}/simple/${canary.name.toLowerCase()}/`;
  const { files } = objectIn(await read(page, client.documents), page);
  const file = listIn(files, `"files" of ${new URL(page).pathname}`).find(
    ({ filename }) => filename === canary.filename,
  );
  if (file === undefined) throw new InstallError(`${canary.filename} is not on its project's page`, 200);
  const url = addressIn(file.url, page, `the address of ${canary.filename}`);
  // `true`, or a text that says why.
  const isYanked = file.yanked === true || (typeof file.yanked === 'string' && file.yanked !== '');
  return {
    file: { what: canary.filename, url, headers: client.file, sha256: canary.sha256 },
    others: [...metadataOf(file, url, client), ...signatureOf(file, url, client), ...provenanceOf(file, page, client)],
    isListed: !isYanked,
  };
}

/** PEP 658 and 714: beside the file, with a digest. */
function metadataOf({ 'core-metadata': told }: Fields, url: string, client: Client): Found['others'] {
  if (told === undefined || told === false) return [];
  const { sha256 } = told === true ? {} : fieldsOf(told, 'what the page says of the metadata beside the file');
  const wanted = typeof sha256 === 'string' ? sha256 : undefined;
  return [{ what: 'the metadata beside the file', url: `${url}.metadata`, headers: client.file, sha256: wanted }];
}

function signatureOf({ 'gpg-sig': told }: Fields, url: string, client: Client): Found['others'] {
  return told === true ? [{ what: 'the signature of the file', url: `${url}.asc`, headers: client.file }] : [];
}

/** PEP 740. */
function provenanceOf({ provenance }: Fields, page: string, client: Client): Found['others'] {
  if (provenance === undefined || provenance === null) return [];
  const url = addressIn(provenance, page, 'the address of the provenance');
  return [{ what: 'the provenance of the file', url, headers: client.documents }];
}
