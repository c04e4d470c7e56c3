/** One file of the published page: served from memory, and put elsewhere as it is. */

export interface PublishedFile {
  /** Path below the page’s address, without a slash in front: `index.html`, `api/v2/summary.json`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** How long others may keep it, in seconds. */
  readonly maxAgeSeconds: number;
  /** What the service itself answers when nothing is known: 503 for what machines read, 200 for people. Elsewhere the status is the store’s. */
  readonly status: 200 | 503;
}
