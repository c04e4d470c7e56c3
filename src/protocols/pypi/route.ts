/**
 * Which stored document or blob answers an address of the Python index. Pure and cheap, because a name that does not exist
 * comes by here before anything else: it gets 404, never 403, on which uv would stop looking in its other indexes.
 */
import {
  isValidPythonName,
  normalizePythonName,
  parsePythonVersion,
  parseSdistFilename,
  parseWheelFilename,
} from '../../identity/python.ts';
import type { BlobTarget, DocumentTarget, ReadRequest, RedirectTarget, Target } from '../protocol.ts';
import {
  isFilename,
  jsonProject,
  jsonRelease,
  projectHtml,
  projectJson,
  provenancePath,
  readFilePath,
  rssPackages,
  rssProject,
  rssUpdates,
  simpleIndexHtml,
  simpleIndexJson,
  statsHtml,
  statsJson,
} from './keys.ts';
import { negotiateProvenance, negotiateSimple, prefersJson } from './negotiate.ts';

/** bandersnatch compares it with the serial it waits for. */
const serialHeader = 'X-PyPI-Last-Serial';

/** What PyPI says; readers of RSS look at nothing else. */
const rssType = 'text/xml; charset=utf-8';

const pagePath = /^simple\/([^/]+)(\/?)$/;
/** hatch takes every gallery but PyPI for devpi and looks for the project's page below the upload address. */
const hatchPagePath = /^legacy\/\+simple\/([^/]+)(\/?)$/;
const jsonPath = /^pypi\/([^/]+)\/(?:([^/]+)\/)?json\/?$/;
const provenanceShape = /^integrity\/([^/]+)\/([^/]+)\/([^/]+)\/provenance$/;
const rssPath = /^rss\/project\/([^/]+)\/releases\.xml$/;

/**
 * Maps a request to its answer (PEP 503 and 691 for pages, PEP 658 for metadata, PyPI's JSON API and RSS).
 * @returns undefined when the address is not one of this protocol, or names something that cannot exist
 */
export function routePypi(request: ReadRequest): Target | undefined {
  const { path } = request;
  if (path === 'simple') return redirect('simple/', request.query);
  if (path === 'simple/') return indexTarget(request);
  const page = pagePath.exec(path) ?? hatchPagePath.exec(path);
  if (page !== null) return pageTarget(page[1]!, page[2] === '/', request);
  if (path.startsWith('packages/')) return fileTarget(path);
  if (path.startsWith('pypi/')) {
    const json = jsonPath.exec(path);
    if (json !== null) return jsonTarget(json[1]!, json[2], request);
  }
  if (path.startsWith('integrity/')) return provenanceTarget(request);
  if (path.startsWith('rss/')) return rssTarget(path, request);
  if (path === 'stats') return redirect('stats/', request.query);
  if (path === 'stats/') return statsTarget(request.accept);
  // Uploads; `pypi` is where they went before 2017, and old clients are told so.
  if (path === 'legacy' || path === 'legacy/' || path === 'pypi' || path === 'pypi/') return { type: 'forward' };
  return undefined;
}

/** With a slash at the end it is the same document, and a version may be spelt in any way: PyPI redirects neither. */
function jsonTarget(name: string, version: string | undefined, request: ReadRequest): Target | undefined {
  const parsed = version === undefined ? undefined : parsePythonVersion(version);
  if (!isValidPythonName(name) || (version !== undefined && parsed === undefined)) return undefined;
  const normalizedName = normalizePythonName(name);
  const normalized = parsed?.normalized;
  if (name !== normalizedName) {
    const middle = normalized === undefined ? '' : `${encodeURIComponent(normalized)}/`;
    return redirect(`pypi/${normalizedName}/${middle}json`, request.query);
  }
  return {
    type: 'document',
    kind: normalized === undefined ? 'pypi-json' : 'pypi-release-json',
    ecosystem: 'python',
    packageName: normalizedName,
    ...(normalized === undefined ? {} : { version: normalized }),
    path: normalized === undefined ? jsonProject(normalizedName) : jsonRelease(normalizedName, normalized),
    contentType: 'application/json',
    allowsOrigins: true,
    serialHeader,
  };
}

function rssTarget(path: string, request: ReadRequest): Target | undefined {
  const about = { type: 'document', ecosystem: 'python', contentType: rssType, allowsOrigins: true } as const;
  if (path === rssUpdates || path === rssPackages) return { ...about, kind: 'pypi-rss', path };
  const name = rssPath.exec(path)?.[1];
  if (name === undefined || !isValidPythonName(name)) return undefined;
  const normalizedName = normalizePythonName(name);
  if (name !== normalizedName) return redirect(rssProject(normalizedName), request.query);
  return { ...about, kind: 'pypi-rss', packageName: normalizedName, path: rssProject(normalizedName) };
}

/** PyPI has HTML and JSON at one address, and gives HTML unless JSON is asked for. */
function statsTarget(accept: string): DocumentTarget {
  const isJson = prefersJson(accept);
  return {
    type: 'document',
    kind: 'pypi-stats',
    ecosystem: 'python',
    path: isJson ? statsJson : statsHtml,
    contentType: isJson ? 'application/json' : 'text/html; charset=utf-8',
    variesByAccept: true,
    allowsOrigins: true,
  };
}

function indexTarget(request: ReadRequest): DocumentTarget {
  const { form, contentType } = negotiateSimple(request.accept, request.query.get('format'));
  return {
    type: 'document',
    kind: 'pypi-index',
    ecosystem: 'python',
    path: form === 'json' ? simpleIndexJson : simpleIndexHtml,
    contentType,
    variesByAccept: true,
    allowsOrigins: true,
    serialHeader,
  };
}

function pageTarget(name: string, hasSlash: boolean, request: ReadRequest): Target | undefined {
  if (!isValidPythonName(name)) return undefined;
  const normalizedName = normalizePythonName(name);
  if (!hasSlash || name !== normalizedName) return redirect(`simple/${normalizedName}/`, request.query);
  const { form, contentType } = negotiateSimple(request.accept, request.query.get('format'));
  return {
    type: 'document',
    kind: 'pypi-project',
    ecosystem: 'python',
    packageName: normalizedName,
    path: form === 'json' ? projectJson(normalizedName) : projectHtml(normalizedName),
    contentType,
    variesByAccept: true,
    allowsOrigins: true,
    serialHeader,
  };
}

/** Keeps the query, or `?format=` would be lost on the way. Normalised names need no percent-encoding. */
function redirect(path: string, query: URLSearchParams): RedirectTarget {
  const text = query.toString();
  return { type: 'redirect', status: 301, location: text === '' ? path : `${path}?${text}`, allowsOrigins: true };
}

/**
 * Archives are plain bytes to everybody: a type such as application/gzip makes some clients unpack a source archive on the way.
 * Metadata comes from the uploader and is therefore text that no browser runs.
 */
function fileTarget(path: string): BlobTarget | undefined {
  const file = readFilePath(path);
  if (file === undefined) return undefined;
  return {
    type: 'blob',
    kind: file.isMetadata ? 'pypi-metadata' : 'pypi-file',
    ecosystem: 'python',
    ...releaseOf(file.filename),
    path,
    contentType: file.isMetadata ? 'text/plain; charset=utf-8' : 'application/octet-stream',
    allowsOrigins: true,
  };
}

/** Of one file, whose name tells project and version too; they are asked for in any spelling, and answered in one. */
function provenanceTarget(request: ReadRequest): Target | undefined {
  const [, name = '', version = '', filename = ''] = provenanceShape.exec(request.path) ?? [];
  const normalized = parsePythonVersion(version)?.normalized;
  if (!isValidPythonName(name) || normalized === undefined || !isFilename(filename)) return undefined;
  const normalizedName = normalizePythonName(name);
  const path = provenancePath(normalizedName, normalized, filename);
  if (path !== request.path) return redirect(path.split('/').map(encodeURIComponent).join('/'), request.query);
  const contentType = negotiateProvenance(request.accept);
  return {
    type: 'blob',
    kind: 'pypi-provenance',
    ecosystem: 'python',
    packageName: normalizedName,
    version: normalized,
    path,
    contentType: contentType ?? 'application/json',
    allowsOrigins: true,
    variesByAccept: true,
    ...(contentType === undefined ? { isNotAcceptable: true } : {}),
  };
}

/** What the name of a file tells about its release, for the log and surrogate keys; the file is served all the same. */
function releaseOf(filename: string): { packageName?: string; version?: string } {
  const parsed = parseWheelFilename(filename) ?? parseSdistFilename(filename);
  return parsed === undefined ? {} : { packageName: parsed.normalizedName, version: parsed.version.normalized };
}
