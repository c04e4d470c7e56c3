/**
 * Every setting of the program, in one table: name, environment variable, default, unit and meaning. docs/CONFIGURATION.md
 * is made from it (`./holdfast config docs`), and a test keeps the two equal.
 */

import { isIP } from 'node:net';

export type SettingValue = string | number | readonly string[];

export interface Setting<T extends SettingValue> {
  readonly env: string;
  readonly default: T;
  readonly means: string;
  /** Returns a sentence about what is wrong with the value, or undefined. */
  readonly check?: (value: T) => string | undefined;
}

const mebibyte = 1024 * 1024;

type Check<T> = (value: T) => string | undefined;

const text = (env: string, fallback: string, means: string, check?: Check<string>): Setting<string> => ({
  env,
  default: fallback,
  means,
  ...(check === undefined ? {} : { check }),
});

const number = (env: string, fallback: number, means: string, check: Check<number>): Setting<number> => ({
  env,
  default: fallback,
  means,
  check,
});

const list = (
  env: string,
  fallback: readonly string[],
  means: string,
  check: Check<readonly string[]>,
): Setting<readonly string[]> => ({
  env,
  default: fallback,
  means,
  check,
});

function within(lowest: number, highest: number): (value: number) => string | undefined {
  return (value) =>
    Number.isInteger(value) && value >= lowest && value <= highest
      ? undefined
      : `must be a whole number from ${lowest} to ${highest}`;
}

function among(known: readonly string[]): (values: readonly string[]) => string | undefined {
  return (values) =>
    values.every((value) => known.includes(value))
      ? undefined
      : `must be of ${known.slice(0, -1).join(', ')} and ${known.at(-1)}`;
}

export const settings = {
  port: number('HOLDFAST_PORT', 8080, 'TCP port of the public address.', within(1, 65_535)),
  host: text('HOLDFAST_HOST', '127.0.0.1', 'Address to listen on; `0.0.0.0` for all of IPv4, `::` for all.', notEmpty),
  dataDir: text('HOLDFAST_DATA_DIR', 'data', 'Folder of everything the program keeps.', notEmpty),
  baseUrl: text(
    'HOLDFAST_BASE_URL',
    '',
    'Public address of the gallery, such as `https://packages.example.org`. Empty: taken from each request.',
    checkBaseUrl,
  ),
  trustedProxies: list(
    'HOLDFAST_TRUSTED_PROXIES',
    [],
    'Addresses or CIDR ranges of proxies whose X-Forwarded-Proto, -Host and -For are believed; commas between.',
    checkNetworks,
  ),
  readWorkers: number(
    'HOLDFAST_READ_WORKERS',
    2,
    'Processes that serve documents and files. 0: the write process serves them too (smallest machine; installs then stop with it).',
    within(0, 64),
  ),
  writeUrl: text(
    'HOLDFAST_WRITE_URL',
    '',
    'Where a read process that runs on its own finds the write service, such as `http://10.0.0.5:8090`. Empty: the socket in the data folder.',
    checkBaseUrl,
  ),
  writeListen: text(
    'HOLDFAST_WRITE_LISTEN',
    '',
    '`ADDRESS:PORT` for the write service of other machines. Empty: only the socket in the data folder.',
    checkListen,
  ),
  uploadBytesMax: number(
    'HOLDFAST_UPLOAD_BYTES_MAX',
    512 * mebibyte,
    'Largest upload, in bytes.',
    within(1024, 1024 ** 4),
  ),
  uploadIdleMs: number(
    'HOLDFAST_UPLOAD_IDLE_MS',
    60_000,
    'An upload that sends nothing for so long is ended.',
    within(100, 3_600_000),
  ),
  uploadsAtOnceMax: number(
    'HOLDFAST_UPLOADS_AT_ONCE_MAX',
    64,
    'Uploads under way at once; more get 503.',
    within(1, 10_000),
  ),
  packageBytesMax: number(
    'HOLDFAST_PACKAGE_BYTES_MAX',
    0,
    'All files of one package together, in bytes; an upload that would pass it is refused. 0: no limit.',
    within(0, 100 * 1024 ** 4),
  ),
  pythonReleaseAgeMaxDays: number(
    'HOLDFAST_PYTHON_RELEASE_AGE_MAX_DAYS',
    0,
    'Days after its first file for which a Python release takes more files. 0: for ever.',
    within(0, 36_500),
  ),
  pythonRefuse: list(
    'HOLDFAST_PYTHON_REFUSE',
    [],
    'Python uploads that the public gallery refuses and this one takes, to be refused here too, commas between: `local-versions`, `native-platforms` (such as `linux_x86_64`), `private-classifiers` (`Private :: …`), `legacy-filenames`, `wrong-records`.',
    among(['local-versions', 'native-platforms', 'private-classifiers', 'legacy-filenames', 'wrong-records']),
  ),
  pythonAllow: list(
    'HOLDFAST_PYTHON_ALLOW',
    [],
    'Python uploads that are refused unless named here, commas between: `direct-requirements` (`name @ https://…`), `old-metadata` (what installers understand, though it breaks a rule that came later).',
    among(['direct-requirements', 'old-metadata']),
  ),
  archiveEntriesMax: number('HOLDFAST_ARCHIVE_ENTRIES_MAX', 100_000, 'Entries in one archive.', within(1, 10_000_000)),
  archiveUnpackedBytesMax: number(
    'HOLDFAST_ARCHIVE_UNPACKED_BYTES_MAX',
    8 * 1024 * mebibyte,
    'Unpacked size of one archive, in bytes.',
    within(1024, 1024 ** 4),
  ),
  archiveRatioMax: number(
    'HOLDFAST_ARCHIVE_RATIO_MAX',
    50,
    'How many times larger than itself an archive may unpack to, once that is above 64 MiB.',
    within(1, 10_000),
  ),
  forwardsAtOnceMax: number(
    'HOLDFAST_FORWARDS_AT_ONCE_MAX',
    256,
    'Requests that one read process hands to the write service at once; more get 503.',
    within(1, 100_000),
  ),
  forwardDeadlineMs: number(
    'HOLDFAST_FORWARD_DEADLINE_MS',
    60_000,
    'How long the write service may take to begin its answer, counted from the end of the request body.',
    within(100, 3_600_000),
  ),
  headersMs: number(
    'HOLDFAST_HEADERS_MS',
    30_000,
    'How long the headers of a request may take to arrive.',
    within(100, 600_000),
  ),
  connectionsMax: number(
    'HOLDFAST_CONNECTIONS_MAX',
    10_000,
    'Open client connections of one read process.',
    within(1, 1_000_000),
  ),
  documentCacheBytesMax: number(
    'HOLDFAST_DOCUMENT_CACHE_BYTES_MAX',
    64 * mebibyte,
    'Memory of each read process for documents, in bytes.',
    within(mebibyte, 1024 ** 4),
  ),
  accessLogBytesMax: number(
    'HOLDFAST_ACCESS_LOG_BYTES_MAX',
    64 * mebibyte,
    'Size at which an access log file is closed and the next begun, in bytes.',
    within(4096, 1024 ** 4),
  ),
  accessLogFilesMax: number(
    'HOLDFAST_ACCESS_LOG_FILES_MAX',
    16,
    'Access log files kept for each read process.',
    within(2, 100_000),
  ),
  searchOff: list(
    'HOLDFAST_SEARCH_OFF',
    [],
    'Parts of search that are switched off, commas between: `search`, `autocomplete` (both then answer 503), `index` (the search file is left as it is).',
    among(['search', 'autocomplete', 'index']),
  ),
  searchesAtOnceMax: number(
    'HOLDFAST_SEARCHES_AT_ONCE_MAX',
    32,
    'Searches under way or waiting at once, at the write service and at each read process; more get 503.',
    within(1, 10_000),
  ),
  searchDeadlineMs: number(
    'HOLDFAST_SEARCH_DEADLINE_MS',
    2_000,
    'How long one search may take, waiting included; then it is given up with 503.',
    within(10, 60_000),
  ),
  databaseBusyMs: number(
    'HOLDFAST_DATABASE_BUSY_MS',
    1_000,
    'How long a statement waits for a lock of the database.',
    within(10, 600_000),
  ),
  drainMs: number(
    'HOLDFAST_DRAIN_MS',
    10_000,
    'How long requests under way may take to finish when the service stops.',
    within(0, 600_000),
  ),
  statusPort: number(
    'HOLDFAST_STATUS_PORT',
    8081,
    'TCP port of the status page. 0: `serve` runs no status service.',
    within(0, 65_535),
  ),
  statusHost: text('HOLDFAST_STATUS_HOST', '127.0.0.1', 'Address that the status page listens on.', notEmpty),
  statusDir: text(
    'HOLDFAST_STATUS_DIR',
    '',
    'Folder of everything the status service keeps. Empty: `status` in the data folder.',
  ),
  statusConfig: text(
    'HOLDFAST_STATUS_CONFIG',
    '',
    'The status service’s own configuration. Empty: `status.config.json` in its folder, if there is one. See docs/STATUS-CONFIGURATION.md.',
  ),
  statusUrl: text(
    'HOLDFAST_STATUS_URL',
    '',
    'Where the gallery and the commands find the status service. Empty: this machine’s own. `off`: the gallery shows no banner.',
    (value) => (value === 'off' ? undefined : checkBaseUrl(value)),
  ),
  logLevel: text('HOLDFAST_LOG_LEVEL', 'info', 'One of `debug`, `info`, `warn`, `error`, `silent`.', (value) =>
    ['debug', 'info', 'warn', 'error', 'silent'].includes(value)
      ? undefined
      : 'must be debug, info, warn, error or silent',
  ),
} as const;

function notEmpty(value: string): string | undefined {
  return value.trim() === '' ? 'must not be empty' : undefined;
}

function checkBaseUrl(value: string): string | undefined {
  if (value === '') return undefined;
  if (!URL.canParse(value)) return 'must be a whole address, such as https://packages.example.org';
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  if (url.pathname !== '/' || url.search || url.hash || url.username) {
    return 'must be scheme, host and port only, without a path';
  }
  return value.endsWith('/') ? 'must not end with a slash' : undefined;
}

function checkListen(value: string): string | undefined {
  const [, port] = /^[^\s/]+:(\d{1,5})$/.exec(value) ?? [];
  return value === '' || (port !== undefined && Number(port) <= 65_535) ? undefined : 'must be ADDRESS:PORT';
}

function isNetwork(value: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 6 ? 128 : 32));
}

function checkNetworks(values: readonly string[]): string | undefined {
  const bad = values.filter((value) => !isNetwork(value));
  return bad.length > 0 ? `${bad.join(', ')}: not an address or CIDR range` : undefined;
}
