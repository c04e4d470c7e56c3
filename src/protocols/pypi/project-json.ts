/**
 * `simple/{name}/index.json`: the project's page for pip, uv, poetry, pdm, bandersnatch and devpi (PEP 691, 700, 714, 792).
 *
 * {"meta":{"api-version":"1.4","_last-serial":7},"name":"demo","versions":["1.0"],"project-status":{"status":"active"},
 *  "files":[{"filename":"demo-1.0.tar.gz","url":"/packages/…","hashes":{"sha256":"…","sha512":"…"}, …}]}
 */
import type { Document, RenderContext } from '../../documents/output.ts';
import type { PackageView } from '../../documents/package-view.ts';
import { type Json, writeJson } from '../../std/json.ts';
import { projectJson } from './keys.ts';
import { type ProjectFile, projectFiles } from './project-files.ts';
import { projectStatus } from './project-status.ts';

/** The version of the Simple API that JSON speaks. 1.5 is reserved for namespaces (PEP 752), which we do not offer. */
export const apiVersion = '1.4';

/** Renders the page of one project as JSON, also when it has no file: unknown and empty are different to every client. Pure. */
export function renderProjectJson(view: PackageView, context: RenderContext): Document {
  const page: Json = {
    meta: { 'api-version': apiVersion, '_last-serial': view.serial },
    name: view.normalizedName,
    versions: [...new Set(view.versions.map((version) => version.normalizedVersion))],
    'project-status': projectStatus(view),
    files: projectFiles(view, context).map(fileEntry),
  };
  return { type: 'document', path: projectJson(view.normalizedName), rank: 'index', text: writeJson(page) };
}

/**
 * One file. Why these digests and keys:
 * - sha256 comes first, because pip reports and pins the first one it finds; sha512 is what uv prefers. No md5: no installer
 *   needs it beside sha256. No blake2b: the specification reads the key as a hashlib name, by which `blake2b` has 512 bits, but
 *   uv reads 256 there; PyPI gives none either, and pip ignores it. The 256-bit digest stands in the URL.
 * - `core-metadata`, and the misspelt alias that PyPI has always sent and uv reads; never `dist-info-metadata`, on which
 *   pip 22.3 to 23.1 crash when it is an object.
 */
function fileEntry(file: ProjectFile): Json {
  const coreMetadata = file.coreMetadataSha256 === null ? false : { sha256: file.coreMetadataSha256 };
  return {
    filename: file.filename,
    url: file.url,
    hashes: { sha256: file.sha256, sha512: file.sha512 },
    size: file.sizeBytes,
    'upload-time': new Date(file.uploadedAt).toISOString(),
    'requires-python': file.requiresPython,
    yanked: file.yanked === '' ? true : file.yanked,
    'core-metadata': coreMetadata,
    'data-dist-info-metadata': coreMetadata,
    // Left out where there is none, which the specification allows as well as null.
    ...(file.provenanceUrl === null ? {} : { provenance: file.provenanceUrl }),
  };
}
