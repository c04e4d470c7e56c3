/**
 * One `<entry>` as PSResourceGet 1.0.6 to 1.2 reads it (PSResourceInfo.cs TryConvertFromXml, V2ResponseUtil.cs ConvertResponseToXML): by
 * local name, each child cast to an element, the later value winning.
 */
import { childrenAsElements, elementsByTagName, innerText, type XmlElement } from './dotnet-xml.ts';
import { absoluteUrl, type Converted, type Dependency, type PSResource, readTags, splitVersion } from './psresource.ts';
import {
  anyVersion,
  compareVersions,
  type NuGetVersion,
  normalized,
  parseNuGetVersion,
  parseVersionRange,
  type VersionRange,
} from './versions.ts';

const zero = parseNuGetVersion('0.0.0.0') as NuGetVersion;

/** Entries, turned round when the first has a lower version than the last; nothing else is sorted. */
export function entriesNewestFirst(document: XmlElement): XmlElement[] {
  const entries = elementsByTagName(document, 'entry');
  let [first, last]: (NuGetVersion | undefined)[] = [zero, zero];
  let isOrderKnown = true;
  for (const [place, entry] of entries.entries()) {
    const text = normalizedVersionOf(entry);
    if (text === undefined) continue;
    const version = parseNuGetVersion(text);
    if (version === undefined) isOrderKnown = false;
    if (place === 0) first = version;
    else last = version;
  }
  const isAscending = isOrderKnown && first !== undefined && last !== undefined && compareVersions(first, last) < 0;
  return isAscending ? entries.reverse() : entries;
}

function normalizedVersionOf(entry: XmlElement): string | undefined {
  for (const child of childrenUntil(entry, 'properties')) {
    if (child.localName !== 'properties') continue;
    for (const property of childrenUntil(child, 'NormalizedVersion')) {
      if (property.localName === 'NormalizedVersion') return innerText(property);
    }
  }
  return undefined;
}

/** The loop stops at what it looks for, so that only what stands before it must be elements. */
function* childrenUntil(element: XmlElement, localName: string): Iterable<XmlElement> {
  const end = element.children.findIndex((child) => child.kind === 'element' && child.localName === localName);
  const looked = end < 0 ? element.children : element.children.slice(0, end + 1);
  yield* childrenAsElements({ ...element, children: looked });
}

/** TryConvertFromXml: whatever goes wrong becomes one message. */
export function convertFromXml(entry: XmlElement): Converted {
  try {
    return { resource: resourceOf(entry) };
  } catch (error) {
    return {
      error: `TryConvertFromXml: Cannot parse PSResourceInfo from XmlNode with error: ${(error as Error).message}`,
    };
  }
}

function resourceOf(entry: XmlElement): PSResource {
  // The hashtable knows no letter case, so d:Id replaces what the title gave.
  const fields = new Map<string, string>();
  for (const child of childrenAsElements(entry)) {
    if (child.localName === 'title') fields.set('id', innerText(child));
    if (child.localName !== 'properties') continue;
    for (const property of childrenAsElements(child)) {
      const { localName } = property;
      if (localName === 'Title' && !fields.has('id')) fields.set('id', innerText(property));
      fields.set(localName.toLowerCase(), innerText(property));
    }
  }
  const isPrerelease = fields.get('isprerelease');
  if (isPrerelease === undefined) throw new Error('Object reference not set: IsPrerelease is missing');
  const tags = (fields.get('tags') ?? '').split(' ').filter((tag) => tag !== '');
  const normalizedVersion = fields.get('normalizedversion');
  return {
    name: fields.get('id') ?? '',
    ...splitVersion(fields.get('version') ?? ''),
    isPrerelease: isPrerelease.trim().toLowerCase() === 'true',
    tags,
    ...readTags(tags),
    dependencies: readDependencies(fields.get('dependencies') ?? ''),
    normalizedVersion: normalizedVersion && normalized(parseNuGetVersion(normalizedVersion) ?? parsedOne),
    publishedYear: yearOf(fields.get('published')),
    author: fields.get('authors') ?? '',
    companyName: fields.get('companyname') ?? '',
    description: fields.get('description') ?? '',
    copyright: fields.get('copyright') ?? '',
    releaseNotes: fields.get('releasenotes') ?? '',
    licenseUri: absoluteUrl(fields.get('licenseurl')),
    projectUri: absoluteUrl(fields.get('projecturl')),
    iconUri: absoluteUrl(fields.get('iconurl')),
  };
}

const parsedOne = parseNuGetVersion('1.0.0.0') as NuGetVersion;

/** ParseHttpDateTime: a text that is no date is the year 1. Without the element there is no date. */
export function yearOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^\s*(\d{4})-\d\d-\d\d/.exec(text);
  return match === null ? 1 : Number(match[1]);
}

/**
 * ParseHttpDependencies: `id:range:framework|…`, empty pieces dropped, so that `id::framework` has the framework for a range. A bare
 * version is that version and no other.
 */
export function readDependencies(text: string): Dependency[] {
  return text
    .split('|')
    .filter((piece) => piece !== '')
    .map((piece) => {
      const [name = '', range] = piece.split(':').filter((part) => part !== '');
      return { name, range: range === undefined ? anyVersion : (versionOrRange(range) ?? anyVersion) };
    });
}

/** TryParseVersionOrVersionRange (Utils.cs). */
function versionOrRange(text: string): VersionRange | undefined {
  if (text.trim() === '*') return anyVersion;
  const exact = parseNuGetVersion(text);
  if (exact === undefined) return parseVersionRange(text);
  return { min: exact, max: exact, isMinInclusive: true, isMaxInclusive: true };
}
