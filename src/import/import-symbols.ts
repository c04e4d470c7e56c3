/** Symbol packages of an import: they come after all packages, because they belong to versions that must be there. */
import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { findFeed, findPackage } from '../catalogue/queries/find.ts';
import type { FeedRow } from '../catalogue/tables.ts';
import type { Gallery } from '../gallery.ts';
import { storedPath, symbolFile } from '../protocols/nuget-v3/keys.ts';
import { publishSymbolsAs, type SymbolsPublisher } from '../publish-symbols.ts';
import type { Int64 } from '../std/int64.ts';
import { isRefusal, refuse } from '../std/refusals.ts';
import { archiveLimits } from '../validate/candidate.ts';
import { inspectSnupkg } from '../validate/snupkg/inspect.ts';
import { commandLine, type Ending } from './publish-batch.ts';
import { takeIn } from './stage.ts';
import type { FoundFile } from './walk.ts';

/** @returns how it ended; when it is imported, debuggers find the symbols */
export async function importSymbols(
  gallery: Gallery,
  feed: FeedRow,
  principalId: Int64,
  found: FoundFile,
): Promise<Ending> {
  const copies: string[] = [];
  try {
    const copy = await takeIn(gallery, feed, found, copies);
    if (copy === 'there' || isRefusal(copy)) return copy;
    const file = { ...copy, filename: basename(found.path), contentType: '' };
    const { incoming } = gallery.folders;
    const refusal = await publishSymbolsAs(gallery, publisherOf(principalId), {
      feedName: feed.name,
      receive: async () => ({ fields: new Map(), file }),
      inspect: (_received, admit) => inspectSnupkg(copy.path, incoming, archiveLimits(gallery.config), admit),
      pathOf: ({ name, guid }) => storedPath(symbolFile(name, guid)),
    });
    return refusal ?? 'imported';
  } finally {
    for (const path of copies) rmSync(path, { force: true });
  }
}

function publisherOf(principalId: Int64): SymbolsPublisher {
  return {
    actor: commandLine,
    cause: 'import',
    principalId,
    async find(db, { feedName, ecosystem, normalizedName }) {
      const feed = await findFeed(db, feedName);
      if (isRefusal(feed)) return feed;
      const found = await findPackage(db, feed.id, ecosystem, normalizedName);
      return found ? { found } : refuse('not-found', `There is no package "${normalizedName}" here.`);
    },
  };
}
