/**
 * An integration of somebody else: reads packages and their dependencies by the steps of each protocol, as strictly as the strictest
 * client does, downloads all of them, and keeps the shape of every answer that it read.
 */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { isInRange, parseNuGetVersion, parseVersionRange } from '../identity/nupkg.ts';
import { type Answer, ask } from '../status/canary/request.ts';
import { htmlLines, jsonLines, readWireXml, type WireElement, xmlLines } from './shape-lines.ts';
import type { Wanted } from './shape-packages.ts';

/** Which gallery and feed is read. */
export interface Source {
  /** Of the gallery, without a slash at the end. */
  readonly url: string;
  readonly feed: string;
}

/** What one answer had: its lines by its title, such as `/v3/index.json`. */
export type Shapes = ReadonlyMap<string, readonly string[]>;

/** An answer that an integration cannot use. */
export class UnreadableError extends Error {}

const deadlineMs = 10_000;
const jsonAccept = 'application/vnd.pypi.simple.v1+json';
const htmlAccept = 'application/vnd.pypi.simple.v1+html';
const requiredProperties = [
  'Id',
  'Version',
  'NormalizedVersion',
  'Dependencies',
  'PackageHash',
  'PackageHashAlgorithm',
];
const flagProperties = ['IsPrerelease', 'IsLatestVersion', 'IsAbsoluteLatestVersion', 'RequireLicenseAcceptance'];
const numberProperties = ['PackageSize', 'DownloadCount', 'VersionDownloadCount'];

/** @returns the shapes of all that was read; throws UnreadableError, or what the connection threw */
export async function readAll(source: Source, all: readonly Wanted[]): Promise<Shapes> {
  const reading = new Reading(source);
  for (const one of all) {
    const ways = { nuget: [byV3, byV2], powershell: [byV2, byV3], python: [byPython] }[one.kind];
    for (const way of ways) {
      const found = new Map<string, string>();
      await way(reading, one, found);
      const closure = [...found].map(([name, version]) => `${name} ${version}`).sort();
      const isAll = closure.join(', ') === one.closure.join(', ');
      if (!isAll)
        throw new UnreadableError(`${one.name} came with ${closure.join(', ')} and not with ${one.closure.join(', ')}`);
    }
  }
  return reading.shapes;
}

/** Asks, and writes down the shape of what comes. */
class Reading {
  readonly shapes = new Map<string, readonly string[]>();
  readonly root: string;
  readonly #prefix: string;
  #isKept = true;
  /** Of the last answer. */
  #contentType = '';

  constructor({ url, feed }: Source) {
    this.#prefix = feed === 'main' ? '' : `/feeds/${feed}`;
    this.root = `${url}${this.#prefix}`;
  }

  /** Reads on without keeping shapes: those of a dependency are no other than those of what needs it. */
  async without<T>(read: () => Promise<T>): Promise<T> {
    const before = this.#isKept;
    this.#isKept = false;
    const found = await read();
    this.#isKept = before;
    return found;
  }

  async json(address: string, accept = 'application/json'): Promise<unknown> {
    const text = await this.text(address, accept);
    const value: unknown = readable(address, () => JSON.parse(this.#plain(text)));
    this.#keep(address, accept, jsonLines(value));
    return JSON.parse(text);
  }

  async xml(address: string): Promise<WireElement> {
    const text = await this.text(address, 'application/atom+xml,application/xml');
    const root = readable(address, () => readWireXml(this.#plain(text)));
    this.#keep(address, '', xmlLines(root));
    return readWireXml(text);
  }

  async html(address: string): Promise<string> {
    const text = await this.text(address, htmlAccept);
    this.#keep(address, htmlAccept, htmlLines(this.#plain(text)));
    return text;
  }

  async text(address: string, accept = '*/*'): Promise<string> {
    return (await this.get(address, accept)).body.toString('utf8');
  }

  async get(address: string, accept = '*/*'): Promise<Answer> {
    const answer = await ask(address, { deadlineMs, headers: { Accept: accept } });
    if (answer.status !== 200)
      throw new UnreadableError(`${this.#title(address)} was answered ${answer.status} ${answer.reason}`);
    this.#contentType = answer.headers['content-type'] ?? 'none';
    if (answer.headers['content-encoding'] !== 'gzip') return answer;
    return { ...answer, body: gunzipSync(answer.body) };
  }

  keepText(address: string, text: string): void {
    this.#keep(address, '', text.trimEnd().split('\n'));
  }

  #keep(address: string, accept: string, lines: readonly string[]): void {
    if (!this.#isKept) return;
    const form = accept.startsWith('application/vnd') ? ` (${accept})` : '';
    this.shapes.set(this.#title(address) + form, [`Content-Type: ${this.#contentType}`, ...lines.toSorted()]);
  }

  #title(address: string): string {
    return this.#plain(address).replace('{base}', '');
  }

  /** Without what is different in another gallery or feed. */
  #plain(text: string): string {
    const plain = text.replaceAll(this.root, '{base}');
    return this.#prefix === '' ? plain : plain.replaceAll(`${this.#prefix}/`, '/');
  }
}

function readable<T>(address: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UnreadableError(`${address} cannot be read: ${(error as Error).message}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function textOf(of: Fields, key: string, where: string): string {
  const value = of[key];
  if (typeof value !== 'string' || value === '') throw new UnreadableError(`${where} has no text "${key}"`);
  return value;
}

function listOf(of: Fields, key: string, where: string): readonly Fields[] {
  const value = of[key];
  if (!Array.isArray(value)) throw new UnreadableError(`${where} has no list "${key}"`);
  return value as readonly Fields[];
}

/** The lowest version in the range, as NuGet chooses. */
function lowestIn(versions: readonly string[], range: string, where: string): string {
  const parsed = range === '' ? parseVersionRange('(, )') : parseVersionRange(range);
  if (parsed === undefined) throw new UnreadableError(`${where} has the range "${range}", which is none`);
  const found = versions
    .flatMap((one) => parseNuGetVersion(one) ?? [])
    .filter((one) => isInRange(one, parsed))
    .toSorted((a, b) => (a.sortKey < b.sortKey ? -1 : 1))[0];
  if (found === undefined) throw new UnreadableError(`${where}: no version of ${versions.join(', ')} is in ${range}`);
  return found.lower;
}

/** Service index, registration, its dependency groups, and all of those in turn; then the bytes. */
async function byV3(reading: Reading, { name, version }: Named, found: Map<string, string>): Promise<void> {
  const index = (await reading.json(`${reading.root}/v3/index.json`)) as Fields;
  const resources = listOf(index, 'resources', 'the service index');
  const base = (type: string) => {
    const resource = resources.find((one) => one['@type'] === type);
    return textOf(resource ?? {}, '@id', `the service index, ${type}`).replace(/\/$/, '');
  };
  const registration = `${base('RegistrationsBaseUrl/3.6.0')}/${name.toLowerCase()}/index.json`;
  // Older clients read the other copy.
  await reading.json(registration.replace(base('RegistrationsBaseUrl/3.6.0'), base('RegistrationsBaseUrl')));
  const pages = listOf((await reading.json(registration)) as Fields, 'items', registration);
  const leaves = pages.flatMap((page) => listOf(page, 'items', registration));
  const leaf = leaves.find((one) => (one.catalogEntry as Fields | undefined)?.version === version);
  const entry = (leaf?.catalogEntry ?? {}) as Fields;
  const where = `the registration of ${name} ${version}`;
  found.set(textOf(entry, 'id', where), version);
  const { body } = await reading.get(textOf(leaf ?? {}, 'packageContent', where));
  assertZip(body, where);
  for (const group of entry.dependencyGroups === undefined ? [] : listOf(entry, 'dependencyGroups', where)) {
    for (const dependency of group.dependencies === undefined ? [] : listOf(group, 'dependencies', where)) {
      const id = textOf(dependency, 'id', where);
      const flat = `${base('PackageBaseAddress/3.0.0')}/${id.toLowerCase()}/index.json`;
      const { versions } = (await reading.json(flat)) as { versions: readonly string[] };
      const chosen = lowestIn(versions, textOf(dependency, 'range', where), where);
      if (found.get(id) !== chosen) await reading.without(() => byV3(reading, { name: id, version: chosen }, found));
    }
  }
}

interface Named {
  readonly name: string;
  readonly version: string;
  readonly kind?: Wanted['kind'];
}

/** The root, the list of versions, the version's own entry, its dependencies in turn; then the bytes, and their digest. */
async function byV2(reading: Reading, { name, version, kind }: Named, found: Map<string, string>): Promise<void> {
  const root = `${reading.root}/${kind === 'powershell' ? 'powershell/' : ''}api/v2`;
  await reading.xml(root);
  await reading.xml(`${root}/$metadata`);
  const list = await reading.xml(`${root}/FindPackagesById()?id='${name}'&semVerLevel=2.0.0`);
  const entries = list.children.filter((child) => child.name === 'entry').map((one) => propertiesOf(one, name));
  if (!entries.some(({ Version }) => Version === version))
    throw new UnreadableError(`${name} ${version} is not in its list`);
  const address = `${root}/Packages(Id='${name}',Version='${version}')`;
  const entry = await reading.xml(address);
  const properties = propertiesOf(entry, address);
  found.set(properties.Id ?? '', version);
  const source = entry.children.find((child) => child.name === 'content')?.attributes.src ?? '';
  const { body, headers } = await reading.get(source);
  if (headers['content-length'] === undefined) throw new UnreadableError(`${source} has no Content-Length`);
  const digest = createHash('sha512').update(body).digest('base64');
  if (digest !== properties.PackageHash) throw new UnreadableError(`${source} is not what PackageHash says`);
  for (const piece of (properties.Dependencies ?? '').split('|').filter((one) => one !== '')) {
    const [id, range, , ...more] = piece.split(':');
    if (more.length > 0 || id === undefined || range === undefined) {
      throw new UnreadableError(`Dependencies of ${name} has "${piece}", which is not ID:RANGE:FRAMEWORK`);
    }
    // A group without dependencies.
    if (id === '') continue;
    const address = `${root}/FindPackagesById()?id='${id}'&semVerLevel=2.0.0`;
    const dependency = await reading.without(() => reading.xml(address));
    const versions = dependency.children
      .filter((one) => one.name === 'entry')
      .map((one) => propertiesOf(one, id).Version ?? '');
    const chosen = lowestIn(versions, range, `Dependencies of ${name}`);
    if (found.get(id) !== chosen)
      await reading.without(() => byV2(reading, { name: id, version: chosen, ...(kind && { kind }) }, found));
  }
}

/** What an entry says, looked up by names with their prefix, as PSResourceGet does. */
function propertiesOf(entry: WireElement, where: string): Readonly<Record<string, string | undefined>> {
  const inside = entry.children.find((child) => child.name === 'm:properties')?.children ?? [];
  const all = Object.fromEntries(inside.map(({ name, text }) => [name.replace(/^d:/, ''), text]));
  const isThere = (name: string) => inside.some((one) => one.name === `d:${name}`);
  const missing = [...requiredProperties, ...flagProperties, ...numberProperties].find((name) => !isThere(name));
  if (missing !== undefined) throw new UnreadableError(`an entry of ${where} has no d:${missing}`);
  const oddFlag = flagProperties.find((name) => !/^(true|false)$/.test(all[name] ?? ''));
  const oddNumber = numberProperties.find((name) => !/^\d+$/.test(all[name] ?? ''));
  const odd = oddFlag ?? oddNumber;
  if (odd !== undefined) throw new UnreadableError(`d:${odd} of an entry of ${where} is "${all[odd]}"`);
  return all;
}

/** The project's page as JSON and as HTML, the metadata of the newest file, what it requires in turn, the JSON API; then the bytes. */
async function byPython(reading: Reading, { name, version }: Named, found: Map<string, string>): Promise<void> {
  const page = `${reading.root}/simple/${name}/`;
  const files = listOf((await reading.json(page, jsonAccept)) as Fields, 'files', page);
  const file = version === '' ? files.at(-1) : files.find((one) => String(one.filename).includes(`-${version}-`));
  const filename = textOf(file ?? {}, 'filename', page);
  const [, chosen = ''] = filename.split('-');
  found.set(name, chosen);
  const address = new URL(textOf(file ?? {}, 'url', page), page).href;
  const { body } = await reading.get(address);
  const sha256 = createHash('sha256').update(body).digest('hex');
  if ((file?.hashes as Fields | undefined)?.sha256 !== sha256)
    throw new UnreadableError(`${filename} is not what its hash says`);
  if (!(await reading.html(page)).includes(`${filename}#sha256=${sha256}"`))
    throw new UnreadableError(`${filename} is not on the HTML page`);
  await reading.json(`${reading.root}/pypi/${name}/json`);
  const metadata = await reading.text(`${address}.metadata`);
  const told = (file?.['core-metadata'] as Fields | undefined)?.sha256;
  if (createHash('sha256').update(metadata).digest('hex') !== told)
    throw new UnreadableError(`the metadata of ${filename} is not what the page says`);
  reading.keepText(`${address}.metadata`, metadata);
  for (const [, required = ''] of metadata.matchAll(/^Requires-Dist: ([\w-]+)/gm)) {
    if (!found.has(required)) await reading.without(() => byPython(reading, { name: required, version: '' }, found));
  }
}

function assertZip(bytes: Buffer, where: string): void {
  if (bytes.subarray(0, 4).toString('latin1') !== 'PK\x03\x04')
    throw new UnreadableError(`${where} leads to no package`);
}
