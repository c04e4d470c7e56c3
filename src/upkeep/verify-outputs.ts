/** Holds documents and links in the store against what the catalogue says they ought to be. */
import { blobKey, type FeedPlace } from '../blobs/keys.ts';
import type { Key } from '../blobs/store.ts';
import { inSnapshot } from '../catalogue/database.ts';
import { loadPackages } from '../catalogue/queries/load-package.ts';
import { completeText } from '../documents/complete-text.ts';
import { readHeader, readText } from '../documents/format.ts';
import type { Document, Link, Output } from '../documents/output.ts';
import type { Gallery } from '../gallery.ts';
import { placeOf } from '../render/context.ts';
import { keyOf } from '../render/many.ts';
import { renderView } from '../render/renderer.ts';
import type { Int64 } from '../std/int64.ts';
import type { Finding } from './findings.ts';
import { digestOf } from './verify-blobs.ts';

export interface VerifiedOutputs {
  readonly findings: readonly Finding[];
  readonly documents: readonly Key[];
  readonly links: readonly Key[];
}

/** @returns what is wrong with the documents and links of these packages, and the keys of all that they ought to have */
export async function verifyPackages(
  gallery: Gallery,
  { packageIds, readsBlobs }: { readonly packageIds: readonly Int64[]; readonly readsBlobs: boolean },
): Promise<VerifiedOutputs & { readonly packages: number }> {
  const loaded = await inSnapshot(gallery.db, (snapshot) => loadPackages(snapshot, packageIds));
  const verified: VerifiedOutputs[] = [];
  for (const { feed, view } of loaded.values()) {
    const outputs = renderView(gallery.protocols, view, gallery.baseUrl);
    verified.push(await verifyOutputs(gallery, placeOf(feed), outputs, { readsBlobs }));
  }
  return {
    packages: loaded.size,
    findings: verified.flatMap((one) => one.findings),
    documents: verified.flatMap((one) => one.documents),
    links: verified.flatMap((one) => one.links),
  };
}

export interface VerifyOutputsOptions {
  readonly readsBlobs?: boolean;
  /** A list of names may be behind the newest serial; one whose job waits is not looked into at all. */
  readonly as?: 'document' | 'list' | 'list that waits';
}

export async function verifyOutputs(
  gallery: Gallery,
  feed: FeedPlace,
  outputs: readonly Output[],
  { readsBlobs = false, as = 'document' }: VerifyOutputsOptions,
): Promise<VerifiedOutputs> {
  const findings: Finding[] = [];
  const documents: Key[] = [];
  const links: Key[] = [];
  for (const output of outputs) {
    const key = keyOf(feed, output);
    if (output.type === 'link') {
      links.push(key);
      findings.push(...(await verifyLink(gallery, key, output, readsBlobs)));
    } else {
      documents.push(key);
      if (as !== 'list that waits') findings.push(...(await verifyDocument(gallery, key, output, as === 'list')));
    }
  }
  return { findings, documents, links };
}

async function verifyLink(gallery: Gallery, key: Key, { sha256 }: Link, readsBlobs: boolean): Promise<Finding[]> {
  const [link, blob] = await Promise.all([gallery.store.state(key), gallery.store.state(blobKey(sha256))]);
  if (!link) return [{ kind: 'missing', key, about: 'a file that its documents lead to' }];
  if (blob && link.sizeBytes !== blob.sizeBytes)
    return [{ kind: 'wrong', key, about: 'its size is not that of its blob' }];
  if (!readsBlobs || link.identity === blob?.identity || (await digestOf(gallery, key)) === sha256) return [];
  return [{ kind: 'wrong', key, about: 'its bytes are not those of its blob' }];
}

async function verifyDocument(gallery: Gallery, key: Key, document: Document, isList: boolean): Promise<Finding[]> {
  const bytes = await gallery.store.get(key);
  if (!bytes) return [{ kind: 'missing', key, about: 'a document' }];
  try {
    const { baseUrl } = readHeader(bytes);
    const stored = (await readText(bytes)).toString('utf8');
    const text = await completeText(gallery.store, document);
    if (stored === text || (isList && withoutSerials(stored) === withoutSerials(text))) return [];
    const isMoved = baseUrl !== '' && baseUrl !== gallery.baseUrl;
    const about = isMoved
      ? `it was rendered for ${baseUrl}; rebuild renders it for ${gallery.baseUrl}`
      : 'it is not what the catalogue says';
    return [{ kind: 'wrong', key, about }];
  } catch (error) {
    return [{ kind: 'wrong', key, about: (error as Error).message }];
  }
}

/** A list of names is as new as its last run, and may be behind the newest serial without being wrong. */
function withoutSerials(text: string): string {
  return text.replace(/"_last-serial":\d+\},"projects"/, '"projects"').replace(/<!--SERIAL \d+-->/, '');
}
