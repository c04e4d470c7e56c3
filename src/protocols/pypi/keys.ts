/**
 * Every path of the Python index inside a feed, in one place: what `render` writes is what `route` asks for. Paths here are
 * decoded; `urlOf` is the only function that percent-encodes.
 */
import assert from 'node:assert/strict';
import type { RenderContext } from '../../documents/output.ts';

/** The list of all projects, for people and for clients that ask for HTML. */
export const simpleIndexHtml = 'simple/index.html';
/** The list of all projects, for clients that ask for JSON. */
export const simpleIndexJson = 'simple/index.json';
/** The newest releases of the feed, as RSS. */
export const rssUpdates = 'rss/updates.xml';
/** The newest projects of the feed, as RSS. */
export const rssPackages = 'rss/packages.xml';

/** How much room the feed's packages take, for people. */
export const statsHtml = 'stats/index.html';
/** The same for programs. */
export const statsJson = 'stats/index.json';

const blake2b256Shape = /^[0-9a-f]{64}$/;
const filenameShape = /^[A-Za-z0-9][A-Za-z0-9._+!-]*$/;
const filePathShape = /^packages\/([0-9a-f]{2})\/([0-9a-f]{2})\/([0-9a-f]{60})\/([A-Za-z0-9][A-Za-z0-9._+!-]*)$/;
const fileEndings = ['.whl', '.tar.gz'];

/** @returns the folder with the documents of one project, and of no other; the name is normalised. */
export function projectFolder(name: string): string {
  return `simple/${name}`;
}

/** @returns the path of the project's page as HTML; the name is normalised. */
export function projectHtml(name: string): string {
  return `${projectFolder(name)}/index.html`;
}

/** @returns the path of the project's page as JSON; the name is normalised. */
export function projectJson(name: string): string {
  return `${projectFolder(name)}/index.json`;
}

/** @returns the path of what the JSON API tells of a project; the name is normalised. */
export function jsonProject(name: string): string {
  return `pypi/${name}/index.json`;
}

/** @returns the path of what the JSON API tells of one version; both are normalised. */
export function jsonRelease(name: string, version: string): string {
  return `pypi/${name}/${version}/index.json`;
}

/** @returns the path of the project's newest releases as RSS, which is their address too; the name is normalised. */
export function rssProject(name: string): string {
  return `rss/project/${name}/releases.xml`;
}

/**
 * The public path of a file. The digest in it makes the path immutable, and bandersnatch wants it to begin with `packages`.
 * @param blake2b256 64 lower-case hexadecimal digits
 * @param filename as the uploader named the file
 */
export function filePath(blake2b256: string, filename: string): string {
  assert.match(blake2b256, blake2b256Shape);
  const path = `packages/${blake2b256.slice(0, 2)}/${blake2b256.slice(2, 4)}/${blake2b256.slice(4)}/${filename}`;
  assert.match(path, filePathShape);
  return path;
}

/** The public path of a file's core metadata: the file's own path with `.metadata` behind it (PEP 658). */
export function metadataPath(blake2b256: string, filename: string): string {
  return `${filePath(blake2b256, filename)}.metadata`;
}

/**
 * The public path of what vouches for a file (PEP 740); the name and the version are normalised.
 * @param filename as the uploader named the file
 */
export function provenancePath(name: string, version: string, filename: string): string {
  return `integrity/${name}/${version}/${filename}/provenance`;
}

/**
 * Reads a path back into what it names.
 * @param path decoded, inside the feed
 * @returns the file's name without `.metadata`, and which of the two was asked for; undefined when the path has another shape
 */
export function readFilePath(path: string): { filename: string; isMetadata: boolean } | undefined {
  const last = filePathShape.exec(path)?.[4];
  if (last === undefined) return undefined;
  const isMetadata = last.endsWith('.metadata');
  const filename = isMetadata ? last.slice(0, -'.metadata'.length) : last;
  return isFilename(filename) ? { filename, isMetadata } : undefined;
}

/** Tells whether a file of this name could have been published. */
export function isFilename(text: string): boolean {
  return filenameShape.test(text) && fileEndings.some((ending) => text.length > ending.length && text.endsWith(ending));
}

/**
 * The URL of a path, relative to the host's root: clients resolve it rightly from every page, whatever the page's own address
 * (paths with `../` were resolved differently by pip and uv). `+` and `!` are encoded, because object stores and some CDNs read
 * a literal `+` as a space.
 */
export function urlOf(path: string, context: RenderContext): string {
  const encoded = path.split('/').map((segment) => encodeURIComponent(segment).replaceAll('!', '%21'));
  return `${context.feedPath}/${encoded.join('/')}`;
}

/** The same with the gallery's address before it, where clients do not resolve addresses: in the JSON API and in RSS. */
export function absoluteUrlOf(path: string, context: RenderContext): string {
  return `${context.feedUrl}${urlOf(path, context).slice(context.feedPath.length)}`;
}

/** Where people read about a project: its page of the Simple API, as long as the gallery has no other. */
export function pageUrlOf(name: string, context: RenderContext): string {
  return `${absoluteUrlOf(projectFolder(name), context)}/`;
}

/** The address at which a version tells about itself. */
export function releaseUrlOf(name: string, version: string, context: RenderContext): string {
  return absoluteUrlOf(`pypi/${name}/${version}/json`, context);
}
