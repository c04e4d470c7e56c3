/** Good packages for bad input to start from, written entry by entry, and the requests that carry them. */
import { createHash } from 'node:crypto';
import type { EndOptions } from 'yazl';
import { coreMetadata } from '../packages/core-metadata.ts';
import { nuspecText } from '../packages/nuspec.ts';
import { type Member, tarGzOf } from '../validate/tar-by-hand.ts';
import { type Content, zipOf } from '../validate/zip-by-hand.ts';
import { type Bound, type Row, usual } from './row.ts';
import type { Step } from './socket.ts';

export type Kind = 'wheel' | 'sdist' | 'nupkg';

const version = '1.0.0';

/** The name that every bad package has; nothing of this name may ever be there. */
export const badName = 'Bad.Input';

export const filenames: Readonly<Record<Kind, string>> = {
  wheel: 'bad_input-1.0.0-py3-none-any.whl',
  sdist: 'bad_input-1.0.0.tar.gz',
  nupkg: 'Bad.Input.1.0.0.nupkg',
};

export const nuspec = nuspecText({ id: badName, version });
export const metadata = coreMetadata({ name: badName, version }, '2.1');

/** The entries of a package that lacks nothing. */
export function contentsOf(kind: 'wheel' | 'nupkg', text = kind === 'wheel' ? metadata : nuspec): Content[] {
  if (kind === 'nupkg') return [['Bad.Input.nuspec', text]];
  return [
    ['bad_input-1.0.0.dist-info/METADATA', text],
    ['bad_input-1.0.0.dist-info/WHEEL', 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
    ['bad_input-1.0.0.dist-info/RECORD', ''],
  ];
}

/** A package with more entries behind those that it needs. */
export function packageZip(
  kind: 'wheel' | 'nupkg',
  more: readonly Content[] = [],
  end: Partial<EndOptions> = {},
): Promise<Buffer> {
  return zipOf([...contentsOf(kind), ...more], end);
}

/** A source distribution with more members behind those that it needs. */
export function packageTar(...more: readonly (Member | Buffer)[]): Buffer {
  return tarGzOf({ name: 'bad_input-1.0.0/PKG-INFO', body: metadata }, ...more);
}

export interface Part {
  readonly name: string;
  readonly value: string | Buffer;
  /** Makes it a file. */
  readonly filename?: string;
  /** Header lines of its own, each with its line end. */
  readonly headers?: string;
}

export const boundary = 'line-between';

/** A form as its bytes, with its last line or without. */
export function formOf(parts: readonly Part[], isWhole = true): Buffer {
  const pieces = parts.flatMap(({ name, value, filename, headers = '' }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${headers}\r\n`;
    return [Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')];
  });
  return Buffer.concat([...pieces, Buffer.from(isWhole ? `--${boundary}--\r\n` : '')]);
}

/** The fields and the file of `twine upload`, for version 1.0.0. */
export function pythonParts(
  kind: 'wheel' | 'sdist',
  bytes: Buffer,
  name = badName,
  filename = filenames[kind],
): Part[] {
  const isWheel = kind === 'wheel';
  const fields = {
    ':action': 'file_upload',
    protocol_version: '1',
    metadata_version: '2.1',
    name,
    version,
    filetype: isWheel ? 'bdist_wheel' : 'sdist',
    pyversion: isWheel ? 'py3' : 'source',
    sha256_digest: createHash('sha256').update(bytes).digest('hex'),
  };
  const parts: Part[] = Object.entries(fields).map(([field, value]) => ({ name: field, value }));
  return [...parts, filePart('content', bytes, filename)];
}

export function filePart(name: string, value: Buffer, filename: string): Part {
  return { name, value, filename, headers: 'Content-Type: application/octet-stream\r\n' };
}

/** The request that uploads a form. */
export function formRequest(kind: Kind, form: Buffer, credentials: string, more = ''): Step[] {
  const line = kind === 'nupkg' ? 'PUT /v3/package/ HTTP/1.1' : 'POST /legacy/ HTTP/1.1';
  const headers = `Host: gallery\r\n${credentials}${more}Content-Length: ${form.length}\r\n`;
  return [`${line}\r\n${headers}Content-Type: multipart/form-data; boundary=${boundary}\r\n\r\n`, form];
}

/** The request that uploads a file as the clients of its kind do. */
export function uploadRequest(kind: Kind, bytes: Buffer, credentials: string, more = ''): Step[] {
  const parts = kind === 'nupkg' ? [filePart('package', bytes, 'package.nupkg')] : pythonParts(kind, bytes);
  return formRequest(kind, formOf(parts), credentials, more);
}

/** A row about the bytes of a file, once for each kind of file. */
export function fileRows<K extends Kind>(
  heading: string,
  kinds: readonly K[],
  name: string,
  make: (kind: K) => Promise<Buffer> | Buffer,
  status: number,
  says: string,
  bound: Bound = usual,
): Row[] {
  return kinds.map((kind) => ({
    heading,
    name,
    sentAs: kind,
    steps: async (credentials, more) => uploadRequest(kind, await make(kind), credentials, more),
    status,
    says,
    bound,
  }));
}
