/**
 * A mirror that follows a NuGet catalog by the steps of the protocol's description (page catalog-resource, "Iterating over catalog
 * items"; page package-base-address-resource for the files), and keeps its copy in memory.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { ask } from './publish.ts';

interface Stamped {
  readonly '@id': string;
  readonly commitTimeStamp: string;
  readonly commitId: string;
}

interface Reference extends Stamped {
  readonly '@type': 'nuget:PackageDetails' | 'nuget:PackageDelete';
  readonly 'nuget:id': string;
  readonly 'nuget:version': string;
}

interface Index extends Stamped {
  readonly count: number;
  readonly items: readonly (Stamped & { readonly count: number })[];
}

interface Page extends Stamped {
  readonly count: number;
  readonly parent: string;
  readonly items: readonly Reference[];
}

export interface Leaf {
  readonly '@id': string;
  readonly '@type': readonly string[];
  readonly id: string;
  readonly version: string;
  readonly listed?: boolean;
  readonly packageHash?: string;
  readonly packageHashAlgorithm?: string;
  readonly packageSize?: number;
  readonly [name: string]: unknown;
}

export interface MirroredVersion {
  readonly bytes: Buffer;
  readonly leaf: Leaf;
}

export class NugetMirror {
  /** By `id/version` in lower case. */
  readonly versions = new Map<string, MirroredVersion>();
  /** Addresses of the packages that were downloaded, in order. */
  readonly downloads: string[] = [];
  cursor = '0001-01-01T00:00:00.0000000Z';
  readonly #source: string;
  readonly #headers: OutgoingHttpHeaders;

  /** @param source address of the service index */
  constructor(source: string, headers: OutgoingHttpHeaders = {}) {
    this.#source = source;
    this.#headers = headers;
  }

  /** @returns what the run has gone through, as `details id/version` or `delete id/version`, in order */
  async synchronise(): Promise<string[]> {
    const resources = (await this.#read<{ resources: { '@id': string; '@type': string }[] }>(this.#source)).resources;
    const find = (type: string) => resources.find((resource) => resource['@type'] === type)?.['@id'] ?? '';
    const items = await this.newItems(find('Catalog/3.0.0'));
    const done: string[] = [];
    for (const item of items) {
      const leaf = await this.#read<Leaf>(item['@id']);
      const isDelete = item['@type'] === 'nuget:PackageDelete';
      assert.ok(leaf['@type'].includes(isDelete ? 'PackageDelete' : 'PackageDetails'), leaf['@id']);
      assert.equal(leaf['catalog:commitTimeStamp'], item.commitTimeStamp);
      const [id, version] = [leaf.id.toLowerCase(), item['nuget:version'].replace(/\+.*$/, '').toLowerCase()];
      const name = `${id}/${version}`;
      if (isDelete) this.versions.delete(name);
      else await this.#keep(name, `${find('PackageBaseAddress/3.0.0')}${id}/${version}/${id}.${version}.nupkg`, leaf);
      done.push(`${isDelete ? 'delete' : 'details'} ${name}`);
      this.cursor = item.commitTimeStamp;
    }
    return done;
  }

  /** Everything behind the cursor, in order. */
  async newItems(index: string): Promise<Reference[]> {
    const { items: pages, count, commitTimeStamp } = await this.#read<Index>(index);
    assert.equal(count, pages.length);
    const items: Reference[] = [];
    for (const page of pages.filter((one) => one.commitTimeStamp > this.cursor)) {
      const read = await this.#read<Page>(page['@id']);
      assert.equal(read.parent, index);
      assert.equal(read.count, read.items.length);
      // The page may have grown since the index was read, and never shrinks.
      assert.ok(read.count >= page.count && read.commitTimeStamp >= page.commitTimeStamp);
      items.push(...read.items.filter((item) => item.commitTimeStamp > this.cursor));
    }
    const stamps = items.map((item) => item.commitTimeStamp);
    assert.deepEqual(stamps, [...new Set(stamps)].sort(), 'time stamps rise, and none is there twice');
    assert.equal(new Set(items.map((item) => item.commitId)).size, items.length);
    assert.ok(items.length === 0 || stamps.at(-1)! >= commitTimeStamp);
    return items;
  }

  /** A version that is gone again by now is left out: what says so comes later in the catalog. */
  async #keep(name: string, address: string, leaf: Leaf): Promise<void> {
    const known = this.versions.get(name);
    const digest = (bytes: Buffer) => createHash('sha512').update(bytes).digest('base64');
    assert.equal(leaf.packageHashAlgorithm, 'SHA512');
    if (known && digest(known.bytes) === leaf.packageHash) {
      this.versions.set(name, { ...known, leaf });
      return;
    }
    const answer = await ask(address, { headers: this.#headers });
    if (answer.status === 404) return;
    assert.equal(answer.status, 200, address);
    assert.equal(digest(answer.body), leaf.packageHash);
    assert.equal(answer.body.length, leaf.packageSize);
    this.downloads.push(name);
    this.versions.set(name, { bytes: answer.body, leaf });
  }

  async #read<T>(address: string): Promise<T> {
    const answer = await ask(address, { headers: this.#headers });
    assert.equal(answer.status, 200, `${address}: ${answer.reasonPhrase}`);
    return JSON.parse(answer.body.toString()) as T;
  }
}
