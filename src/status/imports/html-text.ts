/** Texts of other pages hold HTML; ours are plain. What is left is what a reader would see, and no markup of anybody's. */

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
};

/** Characters of one text that are looked at. */
const lengthMax = 400_000;

/** @returns plain text; paragraphs are parted by one empty line, links keep their address when it differs from their text */
export function textOfHtml(html: string): string {
  return withoutControls(
    decode(
      html
        .slice(0, lengthMax)
        .replaceAll(/\r\n?/g, '\n')
        .replaceAll(/<(script|style)\b[^<>]*>[\s\S]*?(<\/\1\s*>|$)/gi, '')
        .replaceAll(/<br\s*\/?>\n?/gi, '\n')
        .replaceAll(/<li\b[^<>]*>/gi, '\n- ')
        .replaceAll(/<\/(p|div|ul|ol|h[1-6]|blockquote|tr)\s*>/gi, '\n\n')
        .replaceAll(/<a\b[^<>]*?\bhref\s*=\s*["']([^"'<>]*)["'][^<>]*>([^<]*)<\/a\s*>/gi, linkText)
        // A tag begins with a letter, a slash or a mark; "a < b" is text.
        .replaceAll(/<\/?[a-z!][^<>]*>/gi, ''),
    ),
  );
}

function linkText(_: string, address: string, text: string): string {
  const isWorthKeeping = /^https?:\/\//i.test(address) && !text.includes(address);
  return isWorthKeeping ? `${text} (${address})` : text;
}

function decode(text: string): string {
  return text.replaceAll(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,8});/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return named[entity.toLowerCase()] ?? whole;
    const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
    const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : '';
  });
}

function withoutControls(text: string): string {
  return text
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .replaceAll(/[^\S\n]+\n/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
