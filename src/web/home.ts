/** The home page: what this is, and lines to paste for each client. */
import type { Banner } from './banner.ts';
import { clientLines } from './client-lines.ts';

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --paper: #fbfaf7; --rule: #d9d5cb; --code: #f1eee6; --accent: #0b6e5a; --alert: #a8430c }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e4de; --paper: #14181d; --rule: #333a42; --code: #1d232a; --accent: #5fd0b5; --alert: #f39a66 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 system-ui, sans-serif }
main { max-width: 50rem; margin: 0 auto; padding: 3rem 1.25rem 4rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; padding-top: 1.25rem; border-top: 1px solid var(--rule) }
p { margin: .5rem 0 }
code { font: .92em/1.5 ui-monospace, monospace }
pre { background: var(--code); border: 1px solid var(--rule); border-radius: 6px; padding: .75rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
pre code { font-size: .85rem }
a { color: var(--accent) }
.lead { font-size: 1.1rem }
.banner { border-left: 4px solid var(--alert); background: var(--code); padding: .75rem 1rem; margin: 0 0 2rem; overflow-wrap: anywhere }
.banner p { margin: 0 }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: .9rem }
`;

/** What the page says of the gallery's state. */
export interface ShownStatus {
  readonly banner: Banner | undefined;
  /** Address of the status page, http or https; undefined when there is none. */
  readonly link: string | undefined;
}

/** @param baseUrl the address that the visitor used */
export function homePage(baseUrl: string, { banner, link }: ShownStatus): string {
  const sections = clientLines(baseUrl, 'YOUR-TOKEN')
    .map(
      (section) =>
        `<h2>${escapeHtml(section.title)}</h2>\n<p>${escapeHtml(section.about)}</p>\n<pre tabindex="0"><code>${escapeHtml(section.lines.join('\n'))}</code></pre>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Holdfast package gallery</title>
<style>${style}</style>
</head>
<body>
<main>
${banner === undefined ? '' : bannerHtml(banner, link)}<h1>Holdfast</h1>
<p class="lead">A package gallery for Python, .NET and PowerShell. Paste these lines to publish and install.</p>
<p>Publishing needs a token. The first one is in the file <code>first-token</code> in the gallery's data folder; more are made with
<code>./holdfast token create</code>.</p>
${sections}
${link === undefined ? '' : `<footer><a href="${escapeHtml(link)}">Status</a></footer>\n`}</main>
</body>
</html>
`;
}

function bannerHtml({ sentence, details }: Banner, link: string | undefined): string {
  const more = link === undefined ? '' : ` <a href="${escapeHtml(link)}">More on the status page</a>`;
  const exactly = details === '' ? '' : `<p dir="auto">${escapeHtml(details)}</p>\n`;
  return `<aside class="banner" aria-label="State of the gallery">\n<p><strong>${sentence}</strong>${more}</p>\n${exactly}</aside>\n`;
}
