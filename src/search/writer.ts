/**
 * Writes packages into the search file, each whole: what was there of it goes, and what is now comes. Totals are kept on the way, so
 * that nobody counts a whole feed.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SearchEntry, SearchedPackage, SearchKind, SearchVersion } from './entries.ts';
import { moduleKind, scriptKind } from './entries.ts';
import { hasPSModuleBit, hasPSScriptBit, idsOfStep, lowByteOf, moduleBit, nextEntryId, scriptBit } from './entry-id.ts';
import { fullTextTables } from './file.ts';
import { tagIndexText, tagsInOne } from './tag-index.ts';
import { idEnd, idStart, idText, tagsText, withoutTagMarks, wordsOf } from './words.ts';

/** What a row of `totals` counts: entries by the last byte of their ids, versions by `versionBits`. */
export const countedEntries = 0;
export const countedVersions = 1;

/** How `totals` tells versions apart. */
export const versionBits = ({ needs, kind }: Pick<SearchVersion, 'needs' | 'kind'>) => needs + 16 * kind;

export interface SearchWriter {
  /** Removes whatever is kept of the package. */
  remove(packageId: bigint): void;
  /** Replaces what is kept of the package; what was made from an older serial never replaces what is newer. */
  put(found: SearchedPackage): void;
}

/** @param db a connection that writes, inside a transaction whenever something is written */
export function searchWriter(db: DatabaseSync): SearchWriter {
  const known = db.prepare('select serial, downloads from packages where package_id = ?');
  const addPackage = db.prepare('insert into packages values (?, ?, ?, ?, ?)');
  const addVersion = db.prepare('insert into versions values (?, ?, ?, ?, ?, ?, ?, ?)');
  const feedNumber = feedNumbers(db);
  const { count, remove } = remover(db);
  const addEntry = entryWriter(db);
  return {
    remove,
    put(found) {
      const { packageId, normalizedId } = found;
      const before = known.get(packageId) as { serial: bigint; downloads: bigint } | undefined;
      if (before && before.serial > found.serial) return;
      const downloads = before?.downloads ?? 0n;
      remove(packageId);
      const feed = feedNumber(found.feed);
      addPackage.run(packageId, found.feed, normalizedId, found.serial, downloads);
      for (const [position, one] of found.versions.entries()) {
        const { version, lower, needs, sortKey, createdAt, kind } = one;
        addVersion.run(packageId, position, version, lower, needs, sortKey, createdAt, kind);
        count(feed, countedVersions, versionBits(one), 1);
      }
      for (const entry of found.entries) {
        const kind = found.versions[entry.position]?.kind;
        const id = addEntry({ packageId, normalizedId, feed, downloads }, entry, kind);
        count(feed, countedEntries, lowByteOf(id), 1);
      }
    },
  };
}

/** Gives each feed a number, once in a file. */
function feedNumbers(db: DatabaseSync): (name: string) => bigint {
  const find = db.prepare('select number from feeds where name = ?');
  const add = db.prepare('insert into feeds (name) values (?) returning number');
  return (name) => (find.get(name) ?? add.get(name))?.number as bigint;
}

type Count = (feed: bigint, counted: number, bits: number, change: number) => void;

function remover(db: DatabaseSync): { count: Count; remove(packageId: bigint): void } {
  const change = db.prepare(
    `insert into totals values (?, ?, ?, ?) on conflict do update set total = total + excluded.total`,
  );
  const count: Count = (feed, counted, bits, by) => void change.run(feed, counted, bits, by);
  const entriesOf = db.prepare('select id, feed from entries where package_id = ?');
  const versionsOf = db.prepare('select needs, kind from versions where package_id = ?');
  const removeFromIndexes = fullTextTables.map((table) => db.prepare(`delete from ${table} where rowid = ?`));
  const removeTexts = ['documents', 'feed_entries', 'tag_texts'].map((table) =>
    db.prepare(`delete from ${table} where entry_id = ?`),
  );
  const removals: readonly StatementSync[] = ['entries', 'versions', 'packages'].map((table) =>
    db.prepare(`delete from ${table} where package_id = ?`),
  );
  return {
    count,
    remove(packageId) {
      const entries = entriesOf.all(packageId) as { id: bigint; feed: bigint }[];
      for (const { id, feed } of entries) {
        for (const statement of [...removeFromIndexes, ...removeTexts]) statement.run(id);
        count(feed, countedEntries, lowByteOf(id), -1);
      }
      // A package with a listed version has an entry.
      const feed = entries[0]?.feed;
      for (const { needs, kind } of feed === undefined ? [] : versionsOf.all(packageId)) {
        count(feed!, countedVersions, versionBits({ needs: Number(needs), kind: Number(kind) as SearchKind }), -1);
      }
      for (const statement of removals) statement.run(packageId);
    },
  };
}

interface EntryPlace {
  readonly packageId: bigint;
  readonly normalizedId: string;
  readonly feed: bigint;
  readonly downloads: bigint;
}

function entryWriter(db: DatabaseSync): (place: EntryPlace, entry: SearchEntry, kind: number | undefined) => bigint {
  const lastEntry = db.prepare('select id from entries where id between ? and ? order by id desc limit 1');
  const addEntry = db.prepare('insert into entries values (?, ?, ?, ?, ?, ?, ?)');
  const addDocument = db.prepare('insert into documents values (?, ?)');
  const addFeedEntry = db.prepare('insert into feed_entries values (?, ?)');
  const addTags = db.prepare('insert into tag_texts values (?, ?)');
  const addTagIndex = db.prepare('insert into tag_index (rowid, tags) values (?, ?)');
  const addIdIndex = db.prepare('insert into id_index (rowid, id) values (?, ?)');
  const addTexts = db.prepare(
    'insert into texts (rowid, id, title, tags, authors, summary, description, owners) values (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  return ({ packageId, normalizedId, feed, downloads }, { filters, position, document, feedEntry }, kind) => {
    const tags = tagsInOne(document.tags);
    const step = idsOfStep(feed, downloads);
    const last = lastEntry.get(...step) as { id: bigint } | undefined;
    const id = nextEntryId(step, last?.id, filters + kindBits(kind) + tagBits(tags));
    const types = typesText(document.packageTypes);
    addEntry.run(id, packageId, position, feed, normalizedId, types, downloads);
    addDocument.run(id, JSON.stringify(document));
    addFeedEntry.run(id, feedEntry);
    if (tags !== '') {
      addTags.run(id, tags);
      addTagIndex.run(id, tagIndexText(tags));
    }
    addIdIndex.run(id, idStart + normalizedId + idEnd);
    const { title = '', authors, summary = '', description } = document;
    const [titleText = '', ...texts] = [title, authors, summary, description].map(withoutTagMarks);
    const owners = wordsOf(document.owners.join(' ')).join(' ');
    addTexts.run(id, idText(document.id), titleText, tagsText(document.tags), ...texts, owners);
    return id;
  };
}

function kindBits(kind: number | undefined): number {
  return kind === moduleKind ? moduleBit : kind === scriptKind ? scriptBit : 0;
}

function tagBits(tags: string): number {
  return (tags.includes('psmodule') ? hasPSModuleBit : 0) + (tags.includes('psscript') ? hasPSScriptBit : 0);
}

/** `|dependency|dotnettool|`, in which one type is found as `|dotnettool|`. */
export function typesText(types: readonly string[]): string {
  return `|${types.map((type) => type.toLowerCase().replaceAll('|', ' ')).join('|')}|`;
}
