/** Forms that are broken, cut off, too large or untrue around a package that is good. */
import { createHash } from 'node:crypto';
import { boundary, filePart, formOf, formRequest, type Part, packageTar, packageZip, pythonParts } from './packages.ts';
import { type Bound, headersOnly, type Row, usual } from './row.ts';
import { uploadBytesMax } from './settings.ts';
import type { Step } from './socket.ts';

const wheel = await packageZip('wheel');
const sdist = packageTar();
const nupkg = await packageZip('nupkg');
const mebibyte = 1024 * 1024;

const broken = 'The upload ended before it was complete, or its form is broken; nothing was kept.';
const tooLarge = `The upload is larger than this gallery takes (${uploadBytesMax} bytes).`;

function forms(
  name: string,
  make: () => Buffer,
  status: number,
  says: string,
  sentAs: 'wheel' | 'sdist' | 'nupkg' = 'wheel',
): Row {
  return {
    heading: 'Forms',
    name,
    sentAs,
    steps: (credentials, more) => formRequest(sentAs, make(), credentials, more),
    status,
    says,
    bound: usual,
  };
}

/** The form of a wheel with some fields changed; undefined leaves one out, a list sends it more than once. */
function changed(fields: Readonly<Record<string, string | readonly string[] | undefined>>, file = wheel): Buffer {
  const parts = pythonParts('wheel', file).flatMap((part): Part[] => {
    if (!Object.hasOwn(fields, part.name)) return [part];
    const value = fields[part.name];
    return value === undefined ? [] : [value].flat().map((one) => ({ ...part, value: one as string }));
  });
  const known = new Set(parts.map((part) => part.name));
  const added = Object.entries(fields).filter(([name, value]) => !known.has(name) && value !== undefined);
  return formOf([...added.map(([name, value]): Part => ({ name, value: value as string })), ...parts]);
}

const digestOf = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');
const otherDigest = digestOf('sha256', Buffer.from('other'));
const named = (filename: string) =>
  formOf([...pythonParts('wheel', wheel).slice(0, -1), filePart('content', wheel, filename)]);

/** A request with a body as it is, without a form. */
function bare(line: string, headers: string, body: Buffer, credentials: string, more: string): Step[] {
  return [
    `${line} HTTP/1.1\r\nHost: gallery\r\n${credentials}${more}${headers}Content-Length: ${body.length}\r\n\r\n`,
    body,
  ];
}

function bodies(
  name: string,
  steps: Row['steps'],
  status: number,
  says: string,
  sentAs: Row['sentAs'],
  bound: Bound = usual,
): Row {
  return { heading: 'Forms', name, sentAs, steps, status, says, bound };
}

const post = 'POST /legacy/';
const put = 'PUT /v3/package';
const multipart = `Content-Type: multipart/form-data; boundary=${boundary}\r\n`;

export const formRows: readonly Row[] = [
  forms('no file', () => formOf(pythonParts('wheel', wheel).slice(0, -1)), 400, 'The form holds no file.'),
  forms('no file', () => formOf([{ name: 'a', value: 'b' }]), 400, 'The form holds no file.', 'nupkg'),
  forms(
    'two files',
    () => formOf([...pythonParts('wheel', wheel), filePart('content', wheel, 'b.whl')]),
    400,
    'The form holds more than one file.',
  ),
  forms(
    'nine files',
    () => formOf([...pythonParts('wheel', wheel), ...Array.from({ length: 8 }, () => filePart('c', wheel, 'b.whl'))]),
    400,
    'The form holds more than one file.',
  ),
  forms(
    'two files',
    () => formOf([filePart('package', nupkg, 'a'), filePart('package', nupkg, 'b')]),
    400,
    'The form holds more than one file.',
    'nupkg',
  ),
  forms(
    'a field sent as a file',
    () => formOf([filePart('name', Buffer.from('x'), 'name'), ...pythonParts('wheel', wheel)]),
    400,
    'The form holds more than one file.',
  ),
  forms('cut off within the file', () => formOf(pythonParts('wheel', wheel)).subarray(0, -200), 400, broken),
  forms('cut off within the head of a part', () => formOf(pythonParts('wheel', wheel)).subarray(0, 60), 400, broken),
  forms(
    'cut off within the file',
    () => formOf([filePart('package', nupkg, 'a')]).subarray(0, -200),
    400,
    broken,
    'nupkg',
  ),
  forms('no last line', () => formOf(pythonParts('wheel', wheel), false), 400, broken),
  forms(
    'another boundary than announced',
    () =>
      Buffer.from(formOf(pythonParts('wheel', wheel)).toString('latin1').replaceAll(boundary, 'other-line'), 'latin1'),
    400,
    broken,
  ),
  forms('no part at all', () => Buffer.from(`--${boundary}--\r\n`), 400, 'The form holds no file.'),
  forms('an empty body', () => Buffer.alloc(0), 400, broken),
  forms(
    'a file of 0 bytes',
    () => changed({ sha256_digest: digestOf('sha256', Buffer.alloc(0)) }, Buffer.alloc(0)),
    400,
    'The file is empty.',
  ),
  forms(
    '4,001 fields',
    () =>
      formOf([
        ...Array.from({ length: 4001 }, () => ({ name: 'classifiers', value: 'a' })),
        ...pythonParts('wheel', wheel),
      ]),
    413,
    'The form has too many fields.',
  ),
  forms(
    'a field of 5 MiB',
    () => changed({ description: 'a'.repeat(5 * mebibyte) }),
    413,
    "The form's field description is larger than 4194304 bytes.",
  ),
  forms(
    'names of fields that are 17 MiB long together',
    () =>
      formOf([
        ...Array.from({ length: 290 }, (_, index) => ({ name: `${index}`.padEnd(60_000, 'n'), value: '' })),
        ...pythonParts('wheel', wheel),
      ]),
    413,
    "The form's fields are larger than 16777216 bytes together.",
  ),

  forms(
    'a file larger than allowed',
    () => formOf([filePart('package', Buffer.alloc(uploadBytesMax + 1), 'a')]),
    413,
    tooLarge,
    'nupkg',
  ),
  bodies(
    'an endless text before the first part, in chunks',
    (credentials, more) => {
      const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mebibyte, 'a'), Buffer.from('\r\n')]);
      const head = `${put} HTTP/1.1\r\nHost: gallery\r\n${credentials}${more}${multipart}Transfer-Encoding: chunked\r\n\r\n`;
      return [head, ...Array.from({ length: 26 }, () => chunk), '0\r\n\r\n'];
    },
    413,
    `The form is larger than ${uploadBytesMax + 16 * mebibyte} bytes.`,
    'nupkg',
    { ...usual, disk: 'nothing' },
  ),

  bodies(
    'an announced length far beyond the limit',
    (credentials, more) => [
      `${post} HTTP/1.1\r\nHost: gallery\r\n${credentials}${more}Expect: 100-continue\r\n${multipart}Content-Length: 99999999999\r\n\r\n`,
    ],
    413,
    tooLarge,
    'wheel',
    headersOnly,
  ),
  bodies(
    'no form',
    (credentials, more) => bare(post, 'Content-Type: application/x-www-form-urlencoded\r\n', wheel, credentials, more),
    400,
    'Send the file as a multipart/form-data form.',
    'wheel',
    { ...usual, disk: 'nothing' },
  ),
  bodies(
    'JSON',
    (credentials, more) => bare(post, 'Content-Type: application/json\r\n', Buffer.from('{"a":'), credentials, more),
    400,
    'Send the file as a multipart/form-data form.',
    'wheel',
    { ...usual, disk: 'nothing' },
  ),
  bodies(
    'JSON',
    (credentials, more) => bare(put, 'Content-Type: application/json\r\n', Buffer.from('{"a":'), credentials, more),
    400,
    'The file is not a zip archive, or it was cut off.',
    'nupkg',
  ),
  bodies(
    'plain text',
    (credentials, more) => bare(put, 'Content-Type: text/plain\r\n', Buffer.from('hello'), credentials, more),
    400,
    'The file is not a zip archive, or it was cut off.',
    'nupkg',
  ),
  bodies(
    'no Content-Type, no body',
    (credentials, more) => bare(put, '', Buffer.alloc(0), credentials, more),
    400,
    'The file is empty.',
    'nupkg',
  ),
  bodies(
    'a form without a boundary',
    (credentials, more) =>
      bare(post, 'Content-Type: multipart/form-data\r\n', formOf(pythonParts('wheel', wheel)), credentials, more),
    400,
    'The form cannot be read: Multipart: Boundary not found.',
    'wheel',
    { ...usual, disk: 'nothing' },
  ),
  forms('the field :action is missing', () => changed({ ':action': undefined }), 400, "The form lacks ':action'."),
  forms(
    'an action of long ago',
    () => changed({ ':action': 'submit' }),
    410,
    "The action 'submit' is no longer supported; upload files with 'file_upload'.",
  ),
  forms('an action that never was', () => changed({ ':action': 'a\r\nX: b' }), 400, "Unknown action 'a??X: b'."),
  forms('protocol version 2', () => changed({ protocol_version: '2' }), 400, 'Unknown protocol version.'),
  forms(
    'the name sent twice',
    () => changed({ name: ['Bad.Input', 'other'] }),
    400,
    "'name' has invalid data: it was sent more than once.",
  ),
  forms(
    'the name of another project',
    () => changed({ name: 'other' }),
    400,
    "The form gives the name 'other', but the file 'Bad.Input'.",
  ),
  forms('a name that climbs', () => changed({ name: '../x' }), 400, "'../x' is not a valid project name."),
  forms('a name with a line end', () => changed({ name: 'bad\n' }), 400, "'bad?' is not a valid project name."),
  forms(
    'a name of a million letters',
    () => changed({ name: 'é'.repeat(1_000_000) }),
    400,
    "'…...' is not a valid project name.",
  ),
  forms(
    'another version',
    () => changed({ version: '2.0' }),
    400,
    "The form gives the version '2.0', but the file '1.0.0'.",
  ),
  forms('a version that is none', () => changed({ version: 'one' }), 400, "'one' is not a valid version (PEP 440)."),
  forms(
    'a version of 201 characters',
    () => changed({ version: `1.${'0'.repeat(199)}` }),
    400,
    "'…...' is not a valid version (PEP 440).",
  ),
  forms(
    'an egg',
    () => changed({ filetype: 'bdist_egg' }),
    400,
    "Unknown type of file 'bdist_egg': use 'sdist' or 'bdist_wheel'.",
  ),
  forms(
    'a wheel that is called an sdist',
    () => changed({ filetype: 'sdist', pyversion: 'source' }),
    400,
    'The form says filetype sdist, but the file is of type bdist_wheel.',
  ),
  forms(
    'no digest',
    () => changed({ sha256_digest: undefined }),
    400,
    "The form lacks a digest of the file: send 'sha256_digest'.",
  ),
  forms(
    'a digest that is none',
    () => changed({ sha256_digest: 'x'.repeat(64) }),
    400,
    "'sha256_digest' must be 64 hexadecimal digits.",
  ),
  forms(
    'a wrong SHA-256 digest',
    () => changed({ sha256_digest: otherDigest }),
    400,
    `The file that arrived has the digest …, but sha256_digest promised ${otherDigest}.`,
  ),
  forms(
    'a wrong BLAKE2 digest beside a right one',
    () => changed({ blake2_256_digest: otherDigest }),
    400,
    `The file that arrived has the digest …, but blake2_256_digest promised ${otherDigest}.`,
  ),
  forms(
    'a wrong MD5 digest beside a right one',
    () => changed({ md5_digest: digestOf('md5', Buffer.from('other')) }),
    400,
    'The file that arrived has the digest …, but md5_digest promised ….',
  ),
  forms(
    'a file without a name',
    () => named(''),
    400,
    "'' cannot be published. Python files end in .whl or .tar.gz, in lower case.",
  ),
  forms(
    'a file name with a zero byte',
    () => named('bad_input-1.0.0\0-py3-none-any.whl'),
    400,
    'The file name has a slash, backslash or control character in it.',
  ),
  forms(
    'a file name of 241 characters',
    () => named(`${'a'.repeat(221)}-1.0-py3-none-any.whl`),
    400,
    'The file name is longer than 240 characters.',
  ),
  forms(
    'a file name of another package',
    () => named('other-1.0.0-py3-none-any.whl'),
    400,
    "The file is named 'other-1.0.0-py3-none-any.whl', but its METADATA is that of 'Bad.Input' version '1.0.0'.",
  ),
  forms(
    'a file name without tags',
    () => named('bad_input-1.0.0.whl'),
    400,
    "'bad_input-1.0.0.whl' is not a valid wheel file name; it must be like name-1.0-py3-none-any.whl.",
  ),
  forms(
    'a source distribution as .zip',
    () => named('bad_input-1.0.0.zip'),
    400,
    "'bad_input-1.0.0.zip' cannot be published. Source distributions are .tar.gz files only (PEP 625); .zip is no longer accepted.",
  ),
  forms(
    'an sdist under the name of another version',
    () => formOf([...pythonParts('sdist', sdist).slice(0, -1), filePart('content', sdist, 'bad_input-2.0.tar.gz')]),
    400,
    "The file is named 'bad_input-2.0.tar.gz', but its PKG-INFO is that of 'Bad.Input' version '1.0.0'.",
    'sdist',
  ),
  forms(
    'a wheel that is called .tar.gz',
    () => formOf([...pythonParts('sdist', wheel).slice(0, -1), filePart('content', wheel, 'bad_input-1.0.0.tar.gz')]),
    400,
    'The file is not gzip data, or it was cut off.',
    'sdist',
  ),
];
