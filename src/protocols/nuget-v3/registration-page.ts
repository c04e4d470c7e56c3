/**
 * Up to 64 versions of a registration. Pages stand inside the index as long as the package has few versions, and are documents
 * of their own afterwards. Versions ascend, within a page and from page to page.
 *
 *   v3/registration/demo.lib/page/0.json → {"@id":"…","count":64,"lower":"1.0.0","upper":"1.63.0","parent":"…","items":[…]}
 */
import assert from 'node:assert/strict';
import type { Document, RenderContext } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import { type Hive, pageVersionsMax, registrationIndex, registrationPage, storedPath, urlOf } from './keys.ts';
import { leafInPage } from './registration-leaf.ts';
import type { Release } from './release.ts';

/** Cuts a package's versions into pages, each as full as it may be. */
export function pagesOf(releases: readonly Release[]): Release[][] {
  const pages: Release[][] = [];
  for (let start = 0; start < releases.length; start += pageVersionsMax) {
    pages.push(releases.slice(start, start + pageVersionsMax));
  }
  return pages;
}

/** A page as the index names it: `items` are left out, and clients fetch the document at `@id`. */
export function pageReference(page: readonly Release[], number: number, hive: Hive, context: RenderContext): object {
  const { id, lower, upper } = boundsOf(page);
  const url = urlOf(registrationPage(hive, id, number), context);
  return { '@id': url, '@type': 'catalog:CatalogPage', count: page.length, lower, upper };
}

/** What PSResourceGet needs said otherwise in a page: addresses by version, and the upper bound. */
export interface PageTexts {
  readonly addressOf?: (release: Release) => string | undefined;
  readonly upper?: string | undefined;
}

/** A page that stands inside the index. */
export function inlinePage(
  page: readonly Release[],
  hive: Hive,
  context: RenderContext,
  texts: PageTexts = {},
): object {
  const { id, lower, upper } = boundsOf(page);
  const parent = urlOf(registrationIndex(hive, id), context);
  return {
    '@id': `${parent}#page/${lower}/${upper}`,
    '@type': 'catalog:CatalogPage',
    count: page.length,
    lower,
    upper: texts.upper ?? upper,
    parent,
    items: page.map((release) => leafInPage(release, hive, context, texts.addressOf?.(release))),
  };
}

/** Renders a page as a document of its own. */
export function renderRegistrationPage(
  page: readonly Release[],
  number: number,
  isUntouchedBy: NonNullable<Document['isUntouchedBy']>,
  hive: Hive,
  context: RenderContext,
): Document {
  const { id } = boundsOf(page);
  const address = registrationPage(hive, id, number);
  return {
    type: 'document',
    path: storedPath(address),
    rank: 'leaf',
    isUntouchedBy,
    get text() {
      return writeJson({ ...inlinePage(page, hive, context), '@id': urlOf(address, context) });
    },
  };
}

function boundsOf(page: readonly Release[]): { id: string; lower: string; upper: string } {
  const [first] = page;
  const last = page.at(-1);
  assert.ok(first !== undefined && last !== undefined, 'a page has a version');
  return { id: first.id, lower: first.version, upper: last.version };
}
