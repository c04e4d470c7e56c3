/**
 * Which stored document or blob answers an address of NuGet v3. Pure and cheap, because a name that does not exist comes by
 * here before anything else. Ids and versions are taken in any letter case, and versions in any spelling that NuGet calls
 * equal: restore asks for a version as the project writes it.
 */
import { isValidPackageId, normalizePackageId, parseNuGetVersion } from '../../identity/nupkg.ts';
import type { BlobTarget, DocumentTarget, ReadRequest, Target } from '../protocol.ts';
import {
  autocompleteAddress,
  catalogFolder,
  catalogIndex,
  catalogLeaf,
  catalogPage,
  type FlatFile,
  flatFile,
  flatFolder,
  flatIndex,
  type Hive,
  hives,
  publishFolder,
  publishSymbolsAddress,
  registrationIndex,
  registrationLeaf,
  registrationPage,
  searchAddress,
  serviceIndex,
  storedPath,
  symbolFile,
  symbolsFolder,
  vulnerabilityIndex,
  vulnerabilityPage,
} from './keys.ts';

const symbolKeyShape = /^([0-9a-f]{32})ffffffff$/i;
const pageNumberShape = /^(?:0|[1-9]\d{0,8})\.json$/;

/**
 * Files of a version. A nuspec is a stranger's XML, in which a browser would run scripts; nothing reads its type, and it is
 * served as plain text.
 */
const flatFiles: Record<FlatFile, { readonly kind: string; readonly contentType: string }> = {
  nupkg: { kind: 'nuget-package', contentType: 'application/octet-stream' },
  snupkg: { kind: 'nuget-symbol-package', contentType: 'application/octet-stream' },
  nuspec: { kind: 'nuget-nuspec', contentType: 'text/plain; charset=utf-8' },
  readme: { kind: 'nuget-readme', contentType: 'text/markdown; charset=utf-8' },
  license: { kind: 'nuget-license', contentType: 'text/plain; charset=utf-8' },
  icon: { kind: 'nuget-icon', contentType: 'image/png' },
  'icon.jpg': { kind: 'nuget-icon', contentType: 'image/jpeg' },
};

/**
 * Maps a request to its answer. The method is not looked at: GET and HEAD have the same answer, and what other methods get is
 * the server's to say.
 * @returns undefined when the address is not one of this protocol, or names something that cannot exist
 */
export function routeNugetV3(request: ReadRequest): Target | undefined {
  const { path } = request;
  if (path === serviceIndex) return document('nuget-service-index', path, {});
  if (path === vulnerabilityIndex || path === vulnerabilityPage) return document('nuget-vulnerabilities', path, {});
  if (path === publishFolder || path.startsWith(`${publishFolder}/`)) return { type: 'forward' };
  if (path === publishSymbolsAddress || path === `${publishSymbolsAddress}/`) return { type: 'forward' };
  if (path === searchAddress || path === autocompleteAddress) return { type: 'forward', isSearch: true };
  if (path.startsWith(`${flatFolder}/`)) return routeFlat(path.slice(flatFolder.length + 1).split('/'));
  if (path.startsWith(`${symbolsFolder}/`)) return routeSymbol(path.slice(symbolsFolder.length + 1).split('/'));
  if (path.startsWith(`${catalogFolder}/`)) return routeCatalog(path);
  const hive = hives.find(({ folder }) => path.startsWith(`${folder}/`));
  return hive && routeRegistration(hive, path.slice(hive.folder.length + 1).split('/'));
}

function routeFlat(segments: readonly string[]): Target | undefined {
  const [askedId, askedVersion, askedFile] = segments;
  const id = readId(askedId);
  if (id === undefined || askedVersion === undefined) return undefined;
  if (segments.length === 2) {
    return askedVersion === 'index.json' ? document('nuget-flat-index', flatIndex(id), { packageName: id }) : undefined;
  }
  const version = parseNuGetVersion(askedVersion)?.lower;
  if (version === undefined || askedFile === undefined || segments.length !== 3) return undefined;
  const file = readFlatFile(askedFile, id, version);
  return file && blob(id, version, file);
}

/** The last segment repeats id and version; they must be those of the folders, in any spelling. */
function readFlatFile(name: string, id: string, version: string): FlatFile | undefined {
  if (name !== 'nupkg' && name !== 'snupkg' && name !== 'nuspec' && Object.hasOwn(flatFiles, name))
    return name as FlatFile;
  const [, stem, ending] = /^(.+)\.(s?nupkg|nuspec)$/i.exec(name) ?? [];
  if (stem === undefined || ending === undefined) return undefined;
  const normalizedStem = normalizePackageId(stem);
  if (ending.toLowerCase() === 'nuspec') return normalizedStem === id ? 'nuspec' : undefined;
  if (!normalizedStem.startsWith(`${id}.`)) return undefined;
  if (parseNuGetVersion(normalizedStem.slice(id.length + 1))?.lower !== version) return undefined;
  return ending.toLowerCase() === 'snupkg' ? 'snupkg' : 'nupkg';
}

/** Keys of other kinds (Windows PDBs, images, ELF) are asked for by every debugger, and lead to nothing here. */
function routeSymbol(segments: readonly string[]): BlobTarget | undefined {
  const [name = '', key = '', again = ''] = segments;
  const guid = symbolKeyShape.exec(key)?.[1];
  if (segments.length !== 3 || guid === undefined || name === '') return undefined;
  const address = symbolFile(name, guid);
  if (symbolFile(again, guid) !== address) return undefined;
  return {
    type: 'blob',
    kind: 'nuget-symbols',
    ecosystem: 'nupkg',
    path: storedPath(address),
    contentType: 'application/octet-stream',
    isReplaceable: true,
  };
}

function routeCatalog(path: string): DocumentTarget | undefined {
  if (path === catalogIndex) return document('nuget-catalog', path, {});
  const [kind, file = ''] = path.slice(catalogFolder.length + 1).split(/\/(?:.*\/)?/);
  if (!pageNumberShape.test(file)) return undefined;
  const number = Number.parseInt(file, 10);
  if (kind === 'page' && path === catalogPage(number)) return document('nuget-catalog-page', path, {});
  return kind === 'data' && path === catalogLeaf(number) ? document('nuget-catalog-leaf', path, {}) : undefined;
}

function routeRegistration(hive: Hive, segments: readonly string[]): Target | undefined {
  const [askedId, second = '', third = ''] = segments;
  const id = readId(askedId);
  if (id === undefined) return undefined;
  const about = { packageName: id, alwaysGzip: hive.alwaysGzip };
  if (segments.length === 3 && second === 'page' && pageNumberShape.test(third)) {
    const page = registrationPage(hive, id, Number.parseInt(third, 10));
    return document('nuget-registration-page', page, about);
  }
  if (segments.length !== 2 || !second.endsWith('.json')) return undefined;
  if (second === 'index.json') return document('nuget-registration', registrationIndex(hive, id), about);
  const version = parseNuGetVersion(second.slice(0, -'.json'.length))?.lower;
  // Clients that put the address together themselves look for a version in their own hive; it is the same document.
  if (version === undefined) return undefined;
  return document('nuget-registration-leaf', registrationLeaf(id, version), { packageName: id, version });
}

function readId(asked: string | undefined): string | undefined {
  return asked !== undefined && isValidPackageId(asked) ? normalizePackageId(asked) : undefined;
}

function document(
  kind: string,
  address: string,
  about: { packageName?: string; version?: string; alwaysGzip?: boolean },
): DocumentTarget {
  return {
    type: 'document',
    kind,
    ecosystem: 'nupkg',
    path: storedPath(address),
    contentType: 'application/json',
    allowsOrigins: true,
    ...about,
  };
}

function blob(id: string, version: string, file: FlatFile): BlobTarget {
  return {
    type: 'blob',
    ecosystem: 'nupkg',
    packageName: id,
    version,
    path: storedPath(flatFile(id, version, file)),
    allowsOrigins: true,
    ...(file === 'snupkg' ? { isReplaceable: true } : {}),
    ...flatFiles[file],
  };
}
