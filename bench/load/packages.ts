/** The packages that the publish measurement sends: made before the clock starts, each different from the others. */
import { createHash } from 'node:crypto';
import { makeNupkg } from '../../tests/packages/nupkg.ts';
import { makeWheel } from '../../tests/packages/wheel.ts';

export type Kind = 'nupkg' | 'wheel';

export interface MadeFile {
  readonly kind: Kind;
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly bytes: Buffer;
}

/** What most packages have beyond their code: a README of a page or two. */
const readme = `# About\n\n${'It does one thing, and says how in a paragraph that people read before they install it. '.repeat(25)}\n`;
const fileBytes = 20_000;

/**
 * @param name name of the package
 * @returns a file of about 20 KB with a README of 2 KB, as clients would send it
 */
export async function madeFile(kind: Kind, name: string, version: string): Promise<MadeFile> {
  const description = `Measures how long ${name} takes to publish. Nobody installs it, but it is a whole package.`;
  if (kind === 'nupkg') {
    const made = await makeNupkg({
      id: name,
      version,
      description,
      tags: 'bench publish measure',
      readme,
      dependencies: [{ id: 'Bench.Base', range: '1.0.0', targetFramework: 'net8.0' }],
      sizeBytes: fileBytes,
    });
    return { kind, name, version, filename: made.filename, bytes: made.bytes };
  }
  const made = await makeWheel({
    name,
    version,
    summary: description,
    description: readme,
    requiresPython: '>=3.9',
    requiresDist: ['requests>=2', 'click>=8; extra == "cli"'],
    sizeBytes: fileBytes,
  });
  return { kind, name, version, filename: made.filename, bytes: made.bytes };
}

/** The request that publishes the file, as twine and dotnet make it: path, headers, and the form's bytes. */
export function uploadRequest(file: MadeFile, token: string) {
  const boundary = `----bench${createHash('sha256').update(file.filename).digest('hex').slice(0, 24)}`;
  const fields: [string, string][] =
    file.kind === 'nupkg'
      ? []
      : [
          [':action', 'file_upload'],
          ['protocol_version', '1'],
          ['filetype', 'bdist_wheel'],
          ['pyversion', 'py3'],
          ['metadata_version', '2.1'],
          ['name', file.name],
          ['version', file.version],
          ['sha256_digest', createHash('sha256').update(file.bytes).digest('hex')],
        ];
  const head = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const field = file.kind === 'nupkg' ? 'package' : 'content';
  head.push(
    `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${file.filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const body = Buffer.concat([Buffer.from(head.join('')), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const headers: Record<string, string> = {
    'Content-Type': `multipart/form-data; boundary=${boundary}`,
    'Content-Length': String(body.length),
  };
  if (file.kind === 'nupkg') headers['X-NuGet-ApiKey'] = token;
  else headers.Authorization = `Basic ${Buffer.from(`__token__:${token}`).toString('base64')}`;
  return {
    method: file.kind === 'nupkg' ? 'PUT' : 'POST',
    path: file.kind === 'nupkg' ? '/v3/package' : '/legacy/',
    headers,
    body,
    okStatus: file.kind === 'nupkg' ? 201 : 200,
  };
}
