/** Uploads over HTTP as clients make them, for tests that are about the gallery and not about a client. */
import { createHash } from 'node:crypto';

export interface Target {
  readonly url: string;
  readonly token: string;
}

export interface PythonFile {
  readonly filename: string;
  readonly bytes: Buffer;
}

/** Name and version as the file name has them; good enough for files that the makers made. */
function identify(filename: string): { name: string; version: string; isWheel: boolean } {
  const isWheel = filename.endsWith('.whl');
  const [name = '', version = ''] = isWheel
    ? filename.split('-')
    : filename.replace(/\.tar\.gz$/, '').split(/-(?=[^-]*$)/);
  return { name, version, isWheel };
}

/** The form of `twine upload`. */
export function pythonForm(file: PythonFile, changed: Record<string, string> = {}): FormData {
  const { name, version, isWheel } = identify(file.filename);
  const fields: Record<string, string> = {
    ':action': 'file_upload',
    protocol_version: '1',
    metadata_version: '2.1',
    name,
    version,
    filetype: isWheel ? 'bdist_wheel' : 'sdist',
    pyversion: isWheel ? 'py3' : 'source',
    sha256_digest: createHash('sha256').update(file.bytes).digest('hex'),
    ...changed,
  };
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append('content', new Blob([new Uint8Array(file.bytes)], { type: 'application/octet-stream' }), file.filename);
  return form;
}

export async function uploadPython(
  gallery: Target,
  file: PythonFile,
  options: { feed?: string; token?: string | null; fields?: Record<string, string> } = {},
): Promise<Response> {
  const token = options.token === undefined ? gallery.token : options.token;
  const prefix = options.feed === undefined ? '' : `/feeds/${options.feed}`;
  const headers: Record<string, string> = {};
  if (token !== null) headers.authorization = `Basic ${Buffer.from(`__token__:${token}`).toString('base64')}`;
  return fetch(`${gallery.url}${prefix}/legacy/`, { method: 'POST', headers, body: pythonForm(file, options.fields) });
}

export async function pushNupkg(
  gallery: Target,
  bytes: Buffer,
  options: { feed?: string; token?: string; path?: string } = {},
): Promise<Response> {
  const prefix = options.feed === undefined ? '' : `/feeds/${options.feed}`;
  const form = new FormData();
  form.append('package', new Blob([new Uint8Array(bytes)]), 'package.nupkg');
  return fetch(`${gallery.url}${prefix}${options.path ?? '/v3/package/'}`, {
    method: 'PUT',
    headers: { 'X-NuGet-ApiKey': options.token ?? gallery.token },
    body: form,
  });
}

/** A call of the gallery's own API. */
export async function callApi(gallery: Target, method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${gallery.token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(`${gallery.url}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
