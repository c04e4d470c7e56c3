/** A search file of a test's own, filled without a gallery, and questions to it. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { answerer, type SearchAnswer } from '../../src/search/ask.ts';
import type { EntryDocument, SearchedPackage } from '../../src/search/entries.ts';
import { createSearchFile, finishSearchFile, openSearchFile, switchSearchFile } from '../../src/search/file.ts';
import { searchWriter } from '../../src/search/writer.ts';
import { temporaryFolder } from '../gallery.ts';

export type MadePackage = Partial<EntryDocument> & { readonly id: string; readonly feed?: string };

/** Makes a file with these packages, each of version 1.0.0. @returns its path */
export async function madeFile(t: TestContext, packages: readonly MadePackage[]): Promise<string> {
  const file = join(await temporaryFolder(t), 'search.sqlite');
  const built = `${file}.new`;
  const db = createSearchFile(built, 0n);
  const writer = searchWriter(db);
  db.exec('begin');
  for (const [index, made] of packages.entries()) writer.put(searchedPackageOf(made, index));
  db.exec('commit');
  finishSearchFile(db);
  switchSearchFile(built, file);
  return file;
}

/** @param index of the package, from 0, which makes its id and serial */
export function searchedPackageOf({ feed = 'main', ...made }: MadePackage, index: number): SearchedPackage {
  const document = {
    version: '1.0.0',
    lowerVersion: '1.0.0',
    authors: 'Somebody',
    description: 'A package',
    tags: [],
    hasLicenseFile: false,
    packageTypes: ['Dependency'],
    owners: ['admin'],
    ...made,
  };
  return {
    packageId: BigInt(index + 1),
    feed,
    normalizedId: made.id.toLowerCase(),
    serial: BigInt(index + 1),
    versions: [{ version: '1.0.0', lower: '1.0.0', needs: 0, sortKey: '1', createdAt: 0, kind: 0 }],
    entries: [{ filters: 15, position: 0, document, feedEntry: '{}' }],
  };
}

export const everyPackage = {
  kind: 'packages',
  feed: 'main',
  hasPrerelease: false,
  hasSemVer2: true,
  text: '',
  skip: 0,
  take: 20,
  packageType: undefined,
} as const;

/** Asks in this thread. */
export function askingFile(
  t: TestContext,
  file: string,
): (text: string, page?: { readonly skip: number; readonly take: number }) => SearchAnswer {
  const db = openSearchFile(file, { busyMs: 100, isReadOnly: true });
  t.after(() => db.close());
  const ask = answerer(db);
  return (text, page = { skip: 0, take: 20 }) => ask({ ...everyPackage, ...page, text }, 10_000);
}
