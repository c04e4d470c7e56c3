/** Cuts all packages of a feed into pieces that are worked on together: few large packages or many small ones. */
import type { CatalogueDatabase } from '../catalogue/database.ts';
import type { Int64 } from '../std/int64.ts';

const packagesInPiece = 50;
const versionsInPiece = 300;
const pagePackages = 2_000;

/** @returns ids of packages, ascending; a package with more versions than a piece has is a piece by itself */
export async function* packagePieces(db: CatalogueDatabase, feedId: Int64): AsyncGenerator<Int64[]> {
  let piece: Int64[] = [];
  let versions = 0;
  for (let after = 0n; ; ) {
    const page = await db
      .selectFrom('packages')
      .select([
        'id',
        (of) =>
          of
            .selectFrom('versions')
            .select(of.fn.countAll<Int64>().as('n'))
            .whereRef('package_id', '=', 'packages.id')
            .as('versions'),
      ])
      .where('feed_id', '=', feedId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(pagePackages)
      .execute();
    for (const row of page) {
      const more = Number(row.versions ?? 0n);
      if (piece.length > 0 && (piece.length >= packagesInPiece || versions + more > versionsInPiece)) {
        yield piece;
        piece = [];
        versions = 0;
      }
      piece.push(row.id);
      versions += more;
    }
    const last = page.at(-1);
    if (!last) break;
    after = last.id;
  }
  if (piece.length > 0) yield piece;
}
