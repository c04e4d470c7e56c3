/**
 * What must be true after a power cut at any moment: a name never leads to a half-written file, an index document that can be
 * there leads only to what is there for certain, and whatever was acknowledged is there for certain, whole.
 */
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { blobKey, defaultFeed, documentKey, linkKey, recordKey } from '../../src/blobs/keys.ts';
import { unfinishedFolder } from '../../src/blobs/local.ts';
import type { Key } from '../../src/blobs/store.ts';
import type { DiskAfterPowerCut, StoredFile } from './disk-after-power-cut.ts';
import { type PackageFile, sha256Of } from './package-files.ts';

/** A publish that was answered. */
export interface Acknowledged {
  readonly file: PackageFile;
  readonly serial: bigint;
}

const feed = { name: defaultFeed, isPrivate: false };
const hives = ['registration', 'registration-semver2'];

/** Looks at one store; remembers what it has read, since the same file is met after every step. */
export class Promises {
  readonly #root: string;
  readonly #digests = new WeakMap<StoredFile, string>();
  readonly #texts = new WeakMap<StoredFile, string>();
  readonly #targets = new WeakMap<StoredFile, readonly Key[]>();

  /** @param root the store's folder */
  constructor(root: string) {
    this.#root = root;
  }

  /** @returns what would be broken if the power went now, a sentence each */
  broken(disk: DiskAfterPowerCut, acknowledged: readonly Acknowledged[]): string[] {
    const problems: string[] = [];
    for (const path of disk.paths()) {
      if (!path.startsWith(this.#root) || path.startsWith(join(this.#root, unfinishedFolder))) continue;
      for (const file of disk.possible(path)) {
        if (!file) continue;
        const key = path.slice(this.#root.length + 1);
        if (!file.isForced) problems.push(`${key} can be a half-written file`);
        for (const target of this.#leadsTo(key, file)) {
          if (!this.#isCertain(disk, target)) problems.push(`${key} can lead to ${target}, which can be gone`);
        }
      }
    }
    for (const publish of acknowledged) {
      const lacks = this.#lacks(disk, publish);
      problems.push(...lacks.map((what) => `${publish.file.filename} was acknowledged, but ${what}`));
    }
    return problems;
  }

  #possible(disk: DiskAfterPowerCut, key: Key): (StoredFile | undefined)[] {
    return disk.possible(`${this.#root}/${key}`);
  }

  #isCertain(disk: DiskAfterPowerCut, key: Key): boolean {
    return this.#possible(disk, key).every((file) => file?.isForced === true);
  }

  #lacks(disk: DiskAfterPowerCut, { file, serial }: Acknowledged): string[] {
    const lacks: string[] = [];
    for (const [what, sha256] of [['bytes', file.sha256] as const, ['metadata', file.metadataSha256] as const]) {
      const blobs = this.#possible(disk, blobKey(sha256));
      if (!blobs.every((blob) => this.#digest(blob) === sha256)) lacks.push(`the blob of its ${what} can be gone`);
    }
    const records = this.#possible(disk, recordKey(serial));
    if (!records.every((record) => record && Buffer.from(record.bytes).includes(file.sha256))) {
      lacks.push('its record can be gone');
    }
    for (const { key, words } of indexesOf(file)) {
      const isNamed = this.#possible(disk, key).every((document) => this.#text(document).includes(words));
      if (!isNamed) lacks.push(`${key} can be without it`);
    }
    for (const key of fixedLinksOf(file)) {
      if (!this.#isCertain(disk, key)) lacks.push(`${key} can be gone`);
    }
    return lacks;
  }

  #digest(file: StoredFile | undefined): string {
    if (!file?.isForced) return '';
    const known = this.#digests.get(file) ?? sha256Of(file.bytes);
    this.#digests.set(file, known);
    return known;
  }

  #text(file: StoredFile | undefined): string {
    if (!file?.isForced) return '';
    const known = this.#texts.get(file) ?? gunzipSync(file.bytes).toString('utf8');
    this.#texts.set(file, known);
    return known;
  }

  /** What an index document leads to; nothing for leaves, links, blobs and records. */
  #leadsTo(key: Key, file: StoredFile): readonly Key[] {
    if (!file.isForced) return [];
    const known = this.#targets.get(file) ?? targetsOf(key, () => JSON.parse(this.#text(file)));
    this.#targets.set(file, known);
    return known;
  }
}

/** The documents that must name a file, and the words that do. */
function indexesOf({ kind, normalizedName, version, filename }: PackageFile): { key: Key; words: string }[] {
  if (kind !== 'nupkg') {
    const folder = `simple/${normalizedName}`;
    return [
      { key: documentKey(feed, `${folder}/index.json`), words: `"${filename}"` },
      { key: documentKey(feed, `${folder}/index.html`), words: `>${filename}<` },
    ];
  }
  const isSemVer2 = version.includes('-beta.');
  const shown = hives.filter((hive) => !isSemVer2 || hive.endsWith('semver2'));
  const folders = ['flat', ...shown].map((folder) => `v3/${folder}/${normalizedName}`);
  return folders.map((folder) => ({ key: documentKey(feed, `${folder}/index.json`), words: `"${version}"` }));
}

/** Addresses that clients know without any document. */
function fixedLinksOf({ kind, normalizedName: id, version }: PackageFile): Key[] {
  if (kind !== 'nupkg') return [];
  return [`${id}.${version}.nupkg`, `${id}.nuspec`].map((name) => linkKey(feed, `v3/flat/${id}/${version}/${name}`));
}

type ProjectPage = { files: { url: string; 'core-metadata': unknown }[] };
type FlatIndex = { versions: string[] };
type Registration = { items: { items: { '@id': string; packageContent: string }[] }[] };

function targetsOf(key: Key, read: () => unknown): Key[] {
  const pathOf = (url: string) => decodeURIComponent(new URL(url, 'http://gallery').pathname).slice(1);
  const project = /\/simple\/[^/]+\/index\.json\.gz$/.test(key) ? (read() as ProjectPage) : undefined;
  if (project) {
    return project.files.flatMap((file) => {
      const link = linkKey(feed, pathOf(file.url));
      return file['core-metadata'] ? [link, `${link}.metadata`] : [link];
    });
  }
  const flatId = /\/v3\/flat\/([^/]+)\/index\.json\.gz$/.exec(key)?.[1];
  if (flatId !== undefined) {
    const { versions } = read() as FlatIndex;
    return versions.map((version) => linkKey(feed, `v3/flat/${flatId}/${version}/${flatId}.${version}.nupkg`));
  }
  if (!/\/v3\/registration[^/]*\/[^/]+\/index\.json\.gz$/.test(key)) return [];
  const leaves = (read() as Registration).items.flatMap((page) => page.items);
  return leaves.flatMap((leaf) => [
    documentKey(feed, pathOf(leaf['@id'])),
    linkKey(feed, pathOf(leaf.packageContent.replace(/#.*$/, ''))),
  ]);
}
