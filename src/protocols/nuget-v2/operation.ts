/**
 * What an address below a root asks for. Clients write functions with and without parentheses, and a slash at the end or none;
 * all of them mean the same.
 */

/** A list, or how many it has. */
export interface ListOperation {
  readonly kind: 'find' | 'search' | 'updates' | 'packages';
  readonly isCount: boolean;
}

export type Operation =
  | { readonly kind: 'service' }
  | { readonly kind: 'metadata' }
  /** Lists: every version of one package, a search, what is newer than what somebody has, or anything that a filter says. */
  | ListOperation
  /** One version; or one of its properties, as XML or as bare text. */
  | {
      readonly kind: 'version';
      readonly id: string;
      readonly version: string;
      readonly property: string | undefined;
      readonly isValue: boolean;
    }
  /** The package's bytes; without a version, those of the newest stable one. */
  | { readonly kind: 'download'; readonly id: string; readonly version: string | undefined }
  | { readonly kind: 'ids' }
  | { readonly kind: 'versions'; readonly id: string }
  /** Where packages are pushed: not for reading. */
  | { readonly kind: 'push' };

const lists = {
  FindPackagesById: 'find',
  Search: 'search',
  GetUpdates: 'updates',
  Packages: 'packages',
} as const;

const quoted = "'((?:[^']|'')*)'";
const keyShape = new RegExp(
  `^Packages\\((?:Id=${quoted},Version=${quoted}|Version=${quoted},Id=${quoted})\\)(?:/(.*))?$`,
);
const listShape = /^(FindPackagesById|Search|GetUpdates|Packages)(?:\(\))?(\/\$count)?$/;
const propertyShape = /^([A-Za-z]{1,64})(\/\$value)?$/;

/**
 * @param rest what stands behind the root in a decoded path
 * @returns undefined when the protocol has no such thing
 */
export function readOperation(rest: string): Operation | undefined {
  const path = rest.replace(/\/$/, '');
  if (path === '') return { kind: 'service' };
  if (path === '$metadata') return { kind: 'metadata' };
  if (path === 'package-ids') return { kind: 'ids' };
  if (path === 'package' || path === 'symbolpackage') return { kind: 'push' };
  const [, list, count] = listShape.exec(path) ?? [];
  if (list !== undefined) return { kind: lists[list as keyof typeof lists], isCount: count !== undefined };
  if (path.startsWith('package-versions/')) return versionsOf(path.slice('package-versions/'.length));
  if (path.startsWith('package/')) return downloadOf(path.slice('package/'.length).split('/'));
  return versionOf(path);
}

function versionsOf(id: string): Operation | undefined {
  return id.includes('/') ? undefined : { kind: 'versions', id };
}

function downloadOf([id = '', version, ...more]: readonly string[]): Operation | undefined {
  return more.length > 0 ? undefined : { kind: 'download', id, version };
}

function versionOf(path: string): Operation | undefined {
  const match = keyShape.exec(path);
  if (match === null) return undefined;
  const [, id = match[4] ?? '', version = match[3] ?? '', , , tail] = match;
  const about = { id: unquoted(id), version: unquoted(version) };
  // The bytes of the entry, as OData and as NuGet.Server have it.
  if (tail === '$value' || tail === 'Download') return { kind: 'download', ...about };
  if (tail === undefined) return { kind: 'version', ...about, property: undefined, isValue: false };
  const [, property, value] = propertyShape.exec(tail) ?? [];
  return property === undefined ? undefined : { kind: 'version', ...about, property, isValue: value !== undefined };
}

const unquoted = (text: string) => text.replaceAll("''", "'");
