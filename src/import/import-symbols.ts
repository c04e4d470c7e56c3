/** Symbol packages of an import: they come after all packages, because they belong to versions that must be there. */
import type { FeedRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import type { Int64 } from '../std/int64.ts';
import { type Refusal, refuse } from '../std/refusals.ts';
import type { Ending } from './publish-batch.ts';
import type { FoundFile } from './walk.ts';

/** @returns how it ended */
export async function importSymbols(
  _gallery: Gallery,
  _feed: FeedRow,
  _principalId: Int64,
  _found: FoundFile,
): Promise<Ending> {
  const refusal: Refusal = refuse('unavailable', 'Symbol packages cannot be imported yet; this gallery serves none.');
  return refusal;
}
