/**
 * How many entries an answer has. Clients disagree: PSResourceGet asks for 6,000 at once and goes on by 100 where it looks for tags
 * and commands, so that anything above 100 would come twice; but it goes on by 6,000 where it looks for everything, and so gets
 * only what the first answer has. The NuGet provider of PowerShellGet asks for 40, and takes less than 40 for the last page.
 */
import { readOption } from '../../odata/read-query.ts';
import { isOnlyOfLatest, type ListRequest } from './list-request.ts';
import type { ShownEntry } from './shown-entry.ts';

/** Entries of an answer. */
export const pageEntriesMax = 100;
/** Entries of an answer to a search for the latest version of everything. */
export const everythingEntriesMax = 6_000;

/**
 * Characters of the texts in one page of a package's versions; the page ends before it has more. Forty entries of the largest modules
 * are below it, and the longest answer that can be made of it, where every character is escaped, is still one text.
 */
export const pageTextsMax = 64 * 1024 * 1024;

/** @returns as many of the first ones as fit into an answer, one at least */
export function fitting(page: readonly ShownEntry[]): readonly ShownEntry[] {
  let left = pageTextsMax;
  const tooMany = page.findIndex(({ entry }, index) => {
    left -= textsOf(entry) + textsOf(entry.powershell ?? {});
    return left < 0 && index > 0;
  });
  return tooMany < 0 ? page : page.slice(0, tooMany);
}

function textsOf(texts: object): number {
  return Object.values(texts).reduce((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
}

/** @param text what is searched for; empty for nothing */
export function takeOf(request: ListRequest, text: string): number {
  const atMost = text === '' && isOnlyOfLatest(request.filter) ? everythingEntriesMax : pageEntriesMax;
  return Math.min(request.top ?? pageEntriesMax, atMost);
}

/** Options that say which page is meant. */
const placeOptions: ReadonlySet<string> = new Set(['$skip', '$top', '$skiptoken']);

/**
 * The query of the next page. It goes by `$skip`, which rises from page to page, so no link repeats: NuGet gives up at one that does.
 * @param search the query of this page with its question mark
 * @param taken entries of this page
 * @param total of all pages
 * @returns undefined when there is no next page, or the client did not ask for more
 */
export function nextSearch(search: string, request: ListRequest, taken: number, total: number): string | undefined {
  const skip = request.skip + taken;
  const left = request.top === undefined ? undefined : request.top - taken;
  if (taken === 0 || skip >= total || left === 0) return undefined;
  const kept = search
    .replace(/^\?/, '')
    .split('&')
    .filter((piece) => piece !== '' && !placeOptions.has(readOption(piece)?.name ?? ''));
  return `?${[...kept, `$skip=${skip}`, ...(left === undefined ? [] : [`$top=${left}`])].join('&')}`;
}
