/** Requests that break HTTP, or use what few clients use. Some are good: then the row says that they are answered. */
import { boundary, filePart, formOf, packageZip } from './packages.ts';
import { type Bound, headersOnly, type Row, usual } from './row.ts';
import { headersMs, uploadIdleMs } from './settings.ts';
import type { Step } from './socket.ts';

const host = 'Host: gallery.example.org\r\n';
const index = '/v3/index.json';
const multipart = `Content-Type: multipart/form-data; boundary=${boundary}\r\n`;
const form = formOf([filePart('package', Buffer.from('hello'), 'a.nupkg')]);
const nupkg = await packageZip('nupkg');

const noRequest = 'This is not an HTTP request that can be read.';
const noMethod = 'This is not a method that the gallery knows.';
const noVersion = 'This gallery speaks HTTP/1.1 and HTTP/1.0.';
const tooLarge = 'The headers of the request are larger than 16 KiB.';
const noZip = 'The file is not a zip archive, or it was cut off.';
const noKey = 'This needs an API key (dotnet: -k; twine: -p): a token made with "./holdfast token create".';
const broken = 'The upload ended before it was complete, or its form is broken; nothing was kept.';
const silent = `The upload sent nothing for ${uploadIdleMs / 1000} seconds and was ended; nothing was kept.`;

type Steps = (credentials: string) => readonly Step[];

const rows =
  (heading: string, bound: Bound) =>
  (name: string, steps: Steps, status: number, says: string, more: Partial<Row> = {}): Row => ({
    heading,
    name,
    sentAs: 'HTTP',
    steps,
    status,
    says,
    bound,
    ...more,
  });

const heads = rows('Requests: lines and headers', headersOnly);
const bodies = rows('Requests: bodies', usual);
const slow = rows('Requests: slow senders', headersOnly);
const reads = rows('Requests: reading', headersOnly);

/** The head of a push, with these headers. */
const push = (headers: string, line = 'PUT /v3/package HTTP/1.1') => `${line}\r\n${host}${headers}\r\n`;
const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\n${host}${headers}\r\n`;

export const httpRows: readonly Row[] = [
  heads('headers of 20 KiB', () => [get(index, `X: ${'a'.repeat(20_000)}\r\n`)], 431, tooLarge),
  heads(
    'a header of 2 MiB that does not end',
    () => [`GET ${index} HTTP/1.1\r\n${host}X: ${'a'.repeat(2_000_000)}`],
    431,
    tooLarge,
  ),
  heads('2,500 headers', () => [get(index, 'a:b\r\n'.repeat(2500))], 431, tooLarge),
  heads(
    'an address of 9,000 characters',
    () => [get(`/${'a'.repeat(9000)}`)],
    414,
    'The address is longer than 8192 characters.',
  ),
  heads('no Host header', () => [`GET ${index} HTTP/1.1\r\n\r\n`], 400, 'The request has no Host header.'),
  heads(
    'two Host headers',
    () => [`GET ${index} HTTP/1.1\r\n${host}${host}\r\n`],
    400,
    'The request has more than one Host header.',
  ),
  heads(
    'a Host header that names no host',
    () => [`GET ${index} HTTP/1.1\r\nHost: a/../b\r\n\r\n`],
    400,
    'The Host header names no host.',
  ),
  heads('a header without a colon', () => [get(index, 'broken\r\n')], 400, noRequest),
  heads('a header that goes on in the next line', () => [get(index, 'X: a\r\n b\r\n')], 400, noRequest),
  heads('a zero byte in a header', () => [get(index, 'X: a\0b\r\n')], 400, noRequest),
  heads('lines that end in LF alone', () => [`GET ${index} HTTP/1.1\n${host.replace('\r', '')}\n`], 505, noVersion),
  heads('bytes beyond ASCII in the address', () => [get('/simple/\xe4/')], 400, noRequest),
  heads('a method that nobody knows', () => [`BREW ${index} HTTP/1.1\r\n${host}\r\n`], 501, noMethod),
  heads('a method of WebDAV', () => [`PROPFIND ${index} HTTP/1.1\r\n${host}\r\n`], 501, noMethod),
  heads('TRACE', () => [`TRACE ${index} HTTP/1.1\r\n${host}\r\n`], 501, noMethod),
  heads('CONNECT', () => [`CONNECT example.org:443 HTTP/1.1\r\n${host}\r\n`], 501, 'This gallery is no proxy.'),
  heads('the first bytes of TLS', () => [Buffer.from('16030100a5010000a10303', 'hex')], 501, noMethod),
  heads('HTTP/0.9', () => ['GET /\r\n\r\n'], 505, noVersion),
  heads('HTTP/1.2', () => [`GET ${index} HTTP/1.2\r\n${host}\r\n`], 505, noVersion),
  heads('the first bytes of HTTP/2', () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'], 400, noRequest),
  heads(
    'an upgrade to HTTP/2',
    () => [get(index, 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n')],
    200,
    '',
  ),
  heads(
    'DELETE of a page',
    () => [`DELETE ${index} HTTP/1.1\r\n${host}\r\n`],
    405,
    'This address is for reading; uploads go to /legacy/ (Python), /v3/package (NuGet) or /powershell/api/v2/package (PowerShell) of the feed.',
  ),
  heads(
    'GET of the address for pushes',
    () => [get('/v3/package')],
    405,
    'This address takes packages (PUT), for example from dotnet.',
  ),
  heads(
    'PUT to the address for uploads',
    () => [`PUT /legacy/ HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n`],
    405,
    'This address takes uploads (POST), for example from twine.',
  ),
  heads('OPTIONS of the whole server', () => [`OPTIONS * HTTP/1.1\r\n${host}\r\n`], 204, ''),
  heads(
    'an address in absolute form',
    () => [`GET http://gallery.example.org${index} HTTP/1.1\r\n${host}\r\n`],
    200,
    '',
  ),
  heads('an expectation other than 100-continue', () => [get(index, 'Expect: 200-ok\r\n')], 417, ''),
  heads(
    'three requests at once, the last for what is not there',
    () => [get(index) + get('/simple/') + get('/nothing')],
    404,
    '',
    { answersBefore: 2 },
  ),
  bodies(
    'HTTP/1.0 with a length',
    () => [`PUT /v3/package HTTP/1.0\r\nContent-Length: 5\r\n\r\n`, 'hello'],
    401,
    noKey,
  ),
  bodies('HTTP/1.0 without a length', () => [`PUT /v3/package HTTP/1.0\r\n\r\nhello`], 400, noRequest),
  bodies(
    'HTTP/1.0 in chunks',
    () => [`PUT /v3/package HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    400,
    'HTTP/1.0 has no Transfer-Encoding; send a Content-Length.',
  ),
  bodies(
    'chunks of one byte',
    (credentials) => [
      push(`${credentials}${multipart}Transfer-Encoding: chunked\r\n`),
      [...form].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join(''),
      '0\r\n\r\n',
    ],
    400,
    noZip,
  ),
  bodies(
    'a length and chunks at once',
    (credentials) => [push(`${credentials}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`), '0\r\n\r\n'],
    400,
    noRequest,
  ),
  bodies(
    'two lengths',
    (credentials) => [push(`${credentials}Content-Length: 5\r\nContent-Length: 6\r\n`), 'hello'],
    400,
    noRequest,
  ),
  bodies(
    'a length that is no number',
    (credentials) => [push(`${credentials}Content-Length: +5\r\n`), 'hello'],
    400,
    noRequest,
  ),
  bodies(
    'a length beyond all numbers',
    (credentials) => [push(`${credentials}Content-Length: 99999999999999999999\r\n`), 'hello'],
    400,
    noRequest,
  ),
  bodies(
    'a transfer coding besides chunks',
    (credentials) => [push(`${credentials}Transfer-Encoding: gzip, chunked\r\n`), '0\r\n\r\n'],
    501,
    'Of the transfer codings, this gallery takes chunked and no other.',
  ),
  bodies(
    'a transfer coding behind chunks',
    (credentials) => [push(`${credentials}Transfer-Encoding: chunked, gzip\r\n`), '0\r\n\r\n'],
    400,
    noRequest,
  ),
  bodies(
    'a blank before the colon of Transfer-Encoding',
    (credentials) => [push(`${credentials}Transfer-Encoding : chunked\r\n`), '0\r\n\r\n'],
    400,
    noRequest,
  ),
  bodies(
    'a chunk whose size is no number',
    (credentials) => [push(`${credentials}${multipart}Transfer-Encoding: chunked\r\n`), 'zz\r\n'],
    400,
    noRequest,
  ),
  bodies(
    'a chunk beyond all numbers',
    (credentials) => [push(`${credentials}${multipart}Transfer-Encoding: chunked\r\n`), 'ffffffffffffffffff\r\n'],
    400,
    noRequest,
  ),
  bodies(
    'a chunk longer than it says',
    (credentials) => [push(`${credentials}${multipart}Transfer-Encoding: chunked\r\n`), '2\r\nabcdef\r\n'],
    400,
    noRequest,
  ),
  bodies(
    'chunk extensions of 20 KiB',
    (credentials) => [
      push(`${credentials}${multipart}Transfer-Encoding: chunked\r\n`),
      `2;${'a'.repeat(20_000)}\r\nab\r\n0\r\n\r\n`,
    ],
    413,
    'The chunk extensions of the request are larger than 16 KiB.',
  ),
  bodies(
    'a body longer than its length',
    (credentials) => [
      push(`${credentials}${multipart}Content-Length: ${form.length}\r\n`),
      form,
      { until: /not a zip/ },
      `GET ${index} HTTP/1.1\r\n${host}\r\n`,
    ],
    200,
    '',
    { answersBefore: 1 },
  ),
  bodies(
    'an announced body, credentials good',
    (credentials) => [
      push(`${credentials}${multipart}Expect: 100-continue\r\nContent-Length: ${form.length}\r\n`),
      { until: /^HTTP\/1\.1 100 Continue\r\n\r\n$/ },
      form,
    ],
    400,
    noZip,
  ),
  bodies(
    'an announced body, no credentials',
    () => [push(`${multipart}Expect: 100-continue\r\nContent-Length: 1000000\r\n`)],
    401,
    noKey,
    { bound: headersOnly },
  ),
  bodies(
    'an announced body in HTTP/1.0',
    () => [`PUT /v3/package HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`, 'hello'],
    401,
    noKey,
  ),
  bodies(
    'an announced body where nothing is uploaded',
    () => [get(index, 'Expect: 100-continue\r\nContent-Length: 1000000\r\n')],
    200,
    '',
    { bound: headersOnly },
  ),
  bodies(
    'a Content-Type that is none',
    (credentials) => [push(`${credentials}Content-Type: multipart form-data\r\nContent-Length: 5\r\n`), 'hello'],
    415,
    '',
    { bound: headersOnly },
  ),
  bodies(
    'a form whose body ends with the first part',
    (credentials) => [push(`${credentials}${multipart}Content-Length: 40\r\n`), form.subarray(0, 40)],
    400,
    broken,
  ),
  bodies(
    'a JSON body from nobody in particular',
    () => [`POST /api/tokens HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{`],
    401,
    '',
    { bound: headersOnly },
  ),
  slow(
    'headers that do not end',
    () => [
      `GET ${index} HTTP/1.1\r\n${host}X: `,
      ...Array.from({ length: 30 }, (): Step[] => ['a', { pauseMs: headersMs / 4 }]).flat(),
    ],
    408,
    'The headers of the request did not arrive in time.',
    { bound: { ...headersOnly, time: '`HOLDFAST_HEADERS_MS`, and a sixth of it' } },
  ),
  slow('a connection that says nothing', () => [], 408, 'The headers of the request did not arrive in time.', {
    bound: { ...headersOnly, time: '`HOLDFAST_HEADERS_MS`, and a sixth of it' },
  }),
  slow(
    'a file that stops in the middle',
    (credentials) => [push(`${credentials}Content-Length: ${nupkg.length}\r\n`), nupkg.subarray(0, 100)],
    408,
    silent,
    { bound: { ...usual, time: '`HOLDFAST_UPLOAD_IDLE_MS`' } },
  ),
  slow(
    'a form that stops in the middle',
    (credentials) => [push(`${credentials}${multipart}Content-Length: 5000\r\n`), form.subarray(0, 150)],
    408,
    silent,
    { bound: { ...usual, time: '`HOLDFAST_UPLOAD_IDLE_MS`' } },
  ),
  slow(
    'chunks that stop',
    (credentials) => [push(`${credentials}Transfer-Encoding: chunked\r\n`), '5\r\nhello\r\n'],
    408,
    silent,
    { bound: { ...usual, time: '`HOLDFAST_UPLOAD_IDLE_MS`' } },
  ),
  reads('HTTP/1.0', () => [`GET ${index} HTTP/1.0\r\n\r\n`], 200, ''),
  reads(
    'HEAD with a range: the range is not looked at',
    () => [`HEAD /v3/flat/good.input/1.0.0/good.input.1.0.0.nupkg HTTP/1.1\r\n${host}Range: bytes=0-1\r\n\r\n`],
    200,
    '',
  ),
  reads(
    'a range beyond the end',
    () => [get('/v3/flat/good.input/1.0.0/good.input.1.0.0.nupkg', 'Range: bytes=99999999-\r\n')],
    416,
    '',
  ),
  reads(
    'a range that cannot be read',
    () => [get('/v3/flat/good.input/1.0.0/good.input.1.0.0.nupkg', 'Range: bytes=b-a\r\n')],
    200,
    '',
  ),
  reads(
    'a thousand ranges',
    () => [
      get(
        '/v3/flat/good.input/1.0.0/good.input.1.0.0.nupkg',
        `Range: bytes=${Array.from({ length: 1000 }, (_, at) => `${at}-${at}`).join(',')}\r\n`,
      ),
    ],
    200,
    '',
  ),
  reads(
    'If-Match with another tag',
    () => [get('/v3/flat/good.input/1.0.0/good.input.1.0.0.nupkg', 'If-Match: "other"\r\n')],
    412,
    '',
  ),
  reads('If-Match with another tag, for a page', () => [get(index, 'If-Match: "other"\r\n')], 412, ''),
  reads('If-None-Match: *', () => [get(index, 'If-None-Match: *\r\n')], 304, ''),
  reads('an address that climbs', () => [get('/packages/../../first-token')], 404, ''),
  reads('an address that climbs in percent signs', () => [get('/packages/..%2f..%2ffirst-token')], 404, ''),
  reads('a zero byte in percent signs', () => [get('/simple/a%00b/')], 404, ''),
  reads('percent signs that mean nothing', () => [get('/simple/%zz/')], 404, ''),
  reads('a feed that climbs', () => [get('/feeds/../simple/')], 404, ''),
];
