/** One file of the published page: served from memory, and put elsewhere as it is. */
import type { StatusView } from '../model.ts';

export interface PublishedFile {
  /** Path below the page’s address, without a slash in front: `index.html`, `api/v2/summary.json`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** How long others may keep it, in seconds. */
  readonly maxAgeSeconds: number;
  /** What the service itself answers when nothing is known: 503 for what machines read, 200 for people. Elsewhere the status is the store’s. */
  readonly status: 200 | 503;
  /** Everything that the bytes depend on: of two files of one path whose sources are the same one by one, the bytes are the same. */
  readonly sources?: readonly unknown[];
}

/**
 * A file whose bytes are made when somebody asks for them: of thousands of past incidents, few are ever looked at.
 * @param make is kept as long as the file; whatever it holds on to stays in memory
 */
export function madeWhenAsked(
  facts: Omit<PublishedFile, 'body' | 'sources'> & { readonly sources: readonly unknown[] },
  make: () => Buffer,
): PublishedFile {
  let body: Buffer | undefined;
  return {
    ...facts,
    get body() {
      body ??= make();
      return body;
    },
  };
}

/** @returns the view without what was measured: enough for pages of incidents, and small enough to be held on to */
export function withoutMeasurements(view: StatusView): StatusView {
  const components = view.components.map((one) => ({ ...one, days: [], months: [], responses: [], parts: [] }));
  return { ...view, components };
}
