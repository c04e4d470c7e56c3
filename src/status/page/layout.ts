/**
 * What stands around every page of the status service: head, navigation, footer. All addresses are relative, so that a copy works in any
 * folder and below any prefix, and nothing but our own style sheet is loaded.
 */
import { glyph, glyphSheet, iconAddress } from './glyphs.ts';
import { html, type Markup } from './markup.ts';
import { styleName } from './style.ts';
import type { Tone } from './words.ts';

/** The Content-Security-Policy of every page, as far as a `meta` element may say it; copies elsewhere have no other. */
export const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'";

/** Headers for HTML that is answered directly. `same-origin`, because forms of a page without a referrer come from `null`. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': `${pagePolicy}; frame-ancestors 'none'`,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
};

export interface Frame {
  /** The page’s name: of the gallery or of its owner. */
  readonly pageName: string;
  /** Of this page alone; empty for the front page. */
  readonly title: string;
  /** What leads from this page’s address to the front page’s folder: empty, `../`, `../../`. */
  readonly root: string;
  readonly body: Markup;
  /** Where in the navigation this is: `index.html`, `history.html` … */
  readonly current?: string;
  /** Shown in the browser’s tab. */
  readonly tone?: Tone;
  readonly footer?: Markup;
  /** For search machines and previews. */
  readonly description?: string;
}

const places = [
  ['index.html', 'Now'],
  ['history.html', 'History'],
  ['uptime.html', 'Uptime'],
  ['subscribe.html', 'Subscribe'],
] as const;

/** @returns the whole document */
export function layout(frame: Frame): string {
  const { pageName, title, root, body, current } = frame;
  const links = places.map(
    ([file, name]) =>
      html`<li><a href="${root}${file}"${file === current && html` aria-current="page"`}>${name}</a></li>`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title === '' ? `${pageName} status` : `${title} · ${pageName} status`}</title>
${frame.description !== undefined && html`<meta name="description" content="${frame.description}">\n`}<link rel="stylesheet" href="${root}${styleName}">
<link rel="icon" href="${iconAddress(frame.tone ?? 'operational')}">
<link rel="alternate" type="application/atom+xml" title="${pageName} incidents" href="${root}history.atom">
</head>
<body>
${glyphSheet}
<div class="page">
<header class="top">
<a class="home" href="${root}index.html">${glyph('mark')}<span><bdi>${pageName}</bdi> status</span></a>
<nav aria-label="Pages"><ul>${links}</ul></nav>
</header>
<main>
${body}
</main>
<footer>
${frame.footer ?? html`<p><a href="${root}index.html">What is the state now?</a></p>`}
</footer>
</div>
</body>
</html>
`.text;
}
