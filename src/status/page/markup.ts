/**
 * HTML that cannot be forgotten to be escaped: whatever is put into a template is text, unless it was made by a template itself.
 * Nothing else in the pages writes markup.
 */

/** Text that is HTML already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: markup as it is, text and numbers escaped, lists one after another, nothing for undefined and false. */
export type Part = Markup | string | number | undefined | false | readonly Part[];

/** `html\`<p>${name}</p>\``: markup with every value in its place. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(strings.reduce((before, string, index) => before + write(parts[index - 1]) + string));
}

/** Markup of our own that was written as plain text, such as a drawing. Never for anything that came from outside. */
export function ownMarkup(text: string): Markup {
  return new Markup(text);
}

function write(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return part.map(write).join('');
  return escapeText(String(part));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For texts and quoted attributes; what HTML forbids goes: control characters, halves of letters, what is no character at all. */
function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]/g, '')
    .replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Texts of people: empty lines part paragraphs, other line ends stay, addresses can be followed. */
export function paragraphs(text: string): Markup {
  const parts = text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n\s*/)
    .filter((part) => part.trim() !== '');
  return html`${parts.map(
    (part) =>
      html`<p dir="auto">${part
        .trim()
        .split('\n')
        .map((line, index) => [index > 0 && html`<br>`, withLinks(line)])}</p>\n`,
  )}`;
}

/**
 * Longer texts, with the little of Markdown that drafts of postmortems have: headings, lists, paragraphs.
 * @param name what the page is called already, which a first heading need not say again
 */
export function chapters(text: string, name: string): Markup {
  const blocks = text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n\s*|\n(?=#)|(?<=^#[^\n]*)\n/m)
    .map((block) => block.trim())
    .filter((block) => block !== '' && block !== `# ${name.trim()}`);
  return html`${blocks.map((block) => {
    const [, heading] = /^#{1,6} +([^\n]+)$/.exec(block) ?? [];
    if (heading !== undefined) return html`<h3 dir="auto">${heading}</h3>\n`;
    const lines = block.split('\n');
    if (!lines.every((line) => /^[-*] /.test(line))) return paragraphs(block);
    return html`<ul>${lines.map((line) => html`<li dir="auto">${withLinks(line.slice(2))}</li>`)}</ul>\n`;
  })}`;
}

/** Addresses in running text; the full stop behind one is not part of it. */
function withLinks(line: string): Part {
  return line
    .split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/)
    .map((piece, index) => (index % 2 === 1 ? html`<a href="${piece}" rel="nofollow noopener">${piece}</a>` : piece));
}
