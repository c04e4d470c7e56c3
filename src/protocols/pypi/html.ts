/**
 * How the Simple API's HTML is written. Its form is frozen at repository version 1.4 (PEP 833): readers take it apart with
 * regular expressions and by line, so one anchor stands on one line and no attribute holds a raw `<`, `>`, `"` or line end.
 */
import type { Int64 } from '../../std/int64.ts';

/** The version of the Simple API that HTML speaks, for ever. */
const repositoryVersion = '1.4';

/** Characters that HTML gives a meaning, and control characters, which have no place on a page or end a line. */
const unsafe = /[&<>"'\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Makes text safe between tags and inside a double-quoted attribute. Line ends stay readable as references, NUL cannot. */
export function escapeHtml(text: string): string {
  return text.toWellFormed().replace(unsafe, (character) => {
    switch (character) {
      case '&':
        return '&amp;';
      case '<':
        return '&lt;';
      case '>':
        return '&gt;';
      case '"':
        return '&quot;';
      case "'":
        return '&#39;';
      case '\t':
      case '\n':
      case '\r':
      case '\u2028':
      case '\u2029':
        return `&#${character.charCodeAt(0)};`;
      default:
        return '\ufffd';
    }
  });
}

/**
 * An anchor on one line.
 * @param attributes in order; a null value is left out, an empty one stays as `name=""`
 */
export function anchor(attributes: readonly (readonly [string, string | null])[], text: string): string {
  const written = attributes
    .filter((attribute): attribute is readonly [string, string] => attribute[1] !== null)
    .map(([name, value]) => `${name}="${escapeHtml(value)}"`);
  return `    <a ${written.join(' ')}>${escapeHtml(text)}</a><br>`;
}

/**
 * A whole page: title, one line for each anchor, and the serial in a comment at the end, where old mirrors look for it.
 * @param metas further `<meta>` names and contents
 */
export function htmlPage(
  title: string,
  metas: readonly (readonly [string, string])[],
  anchors: readonly string[],
  serial: Int64,
): string {
  const metaLines = [['pypi:repository-version', repositoryVersion] as const, ...metas].map(
    ([name, content]) => `    <meta name="${escapeHtml(name)}" content="${escapeHtml(content)}">`,
  );
  return [
    '<!DOCTYPE html>',
    '<html>',
    '  <head>',
    '    <meta charset="utf-8">',
    ...metaLines,
    `    <title>${escapeHtml(title)}</title>`,
    '  </head>',
    '  <body>',
    `    <h1>${escapeHtml(title)}</h1>`,
    ...anchors,
    '  </body>',
    '</html>',
    `<!--SERIAL ${serial}-->`,
    '',
  ].join('\n');
}
