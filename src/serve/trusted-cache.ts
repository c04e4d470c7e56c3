/**
 * Objects of the store kept in memory. An entry is trusted for a few milliseconds, then the store is asked whether it is
 * still the same; a publish waits as long as that, so nothing stale is served after its answer (docs/decisions/0007). When the
 * store does not answer in time, what is in memory goes on being served.
 */
import { LRUCache } from 'lru-cache';
import type { BlobStore, Key } from '../blobs/store.ts';
import { withDeadline } from '../std/clock.ts';

export interface TrustedCacheOptions<T> {
  readonly bytesMax: number;
  /** How long an entry is served without asking the store, in milliseconds. */
  readonly trustMs: number;
  /** How long the store may take, in milliseconds. */
  readonly deadlineMs: number;
  /** Turns stored bytes into what is kept. */
  readonly decode: (bytes: Uint8Array) => T;
  /** Memory that a value takes, in bytes. */
  readonly sizeOf: (value: T) => number;
}

interface Entry<T> {
  /** Undefined: the store has no such object. */
  readonly value: T | undefined;
  readonly identity: string;
  /** performance.now() of the moment before the store was last asked. */
  checkedAt: number;
}

const entryBytes = 512;

export class TrustedCache<T> {
  readonly #store: BlobStore;
  readonly #options: TrustedCacheOptions<T>;
  readonly #entries: LRUCache<Key, Entry<T>>;
  readonly #checks = new Map<Key, Promise<Entry<T>>>();

  constructor(store: BlobStore, options: TrustedCacheOptions<T>) {
    this.#store = store;
    this.#options = options;
    this.#entries = new LRUCache({
      maxSize: options.bytesMax,
      sizeCalculation: (entry) => entryBytes + (entry.value === undefined ? 0 : options.sizeOf(entry.value)),
    });
  }

  /** The value if it is in memory and still trusted; the whole hot path. */
  peek(key: Key): { readonly value: T | undefined } | undefined {
    const entry = this.#entries.get(key);
    return entry && performance.now() - entry.checkedAt < this.#options.trustMs ? entry : undefined;
  }

  /**
   * @returns the value, or undefined when the store has none
   * @throws when the store fails and nothing is in memory
   */
  async get(key: Key): Promise<T | undefined> {
    const oldestTrusted = performance.now() - this.#options.trustMs;
    const known = this.#entries.get(key);
    if (known && known.checkedAt > oldestTrusted) return known.value;
    try {
      for (;;) {
        const entry = await withDeadline(this.#options.deadlineMs, 'the store', this.#checkOnce(key));
        // A check that we only joined may have asked the store before a publish that was answered before we were asked.
        if (entry.checkedAt > oldestTrusted) return entry.value;
      }
    } catch (error) {
      if (known?.value !== undefined) return known.value;
      throw error;
    }
  }

  /** Joins a check of the key that is under way, or begins one. */
  #checkOnce(key: Key): Promise<Entry<T>> {
    const running = this.#checks.get(key);
    if (running) return running;
    const check = this.#check(key, this.#entries.get(key)).finally(() => this.#checks.delete(key));
    check.catch(() => undefined);
    this.#checks.set(key, check);
    return check;
  }

  async #check(key: Key, known: Entry<T> | undefined): Promise<Entry<T>> {
    const checkedAt = performance.now();
    const state = await this.#store.state(key);
    const identity = state?.identity ?? 'none';
    if (known && known.identity === identity) {
      known.checkedAt = checkedAt;
      return known;
    }
    const bytes = state && (await this.#store.get(key));
    const entry = { value: bytes && this.#options.decode(bytes), identity, checkedAt };
    this.#entries.set(key, entry);
    return entry;
  }
}
