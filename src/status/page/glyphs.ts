/** A shape for each state, and the mark of the house: drawn once in a page, used by name. Shapes differ without their colours. */
import { html, type Markup, ownMarkup } from './markup.ts';
import type { Tone } from './words.ts';

const shapes: Readonly<Record<Tone, string>> = {
  // A disc with a tick, a triangle, a half-filled diamond, a block with a cross, a pause in a square, a dotted ring with a question mark.
  operational: '<circle cx="12" cy="12" r="10" class="f"/><path class="c" d="m7.5 12.5 3 3 6-6.5"/>',
  degraded: '<path class="f" d="M12 2.5 22.5 21h-21z"/><path class="c" d="M12 9v5.5m0 2.6v.4"/>',
  partial: '<path class="f" d="M12 1.5v21L1.5 12z"/><path class="s" d="M12 2 22 12 12 22 2 12z"/>',
  major: '<path class="f" d="M2.5 2.5h19v19h-19z"/><path class="c" d="m8 8 8 8m0-8-8 8"/>',
  maintenance: '<path class="s" d="M3 3h18v18H3zm6.5 5v8m5-8v8"/>',
  unknown:
    '<circle cx="12" cy="12" r="10" class="s" stroke-dasharray="3.2 2.9"/><path class="s" d="M9.2 9.4c.3-3 5.7-3 5.7.2 0 2-2.8 2.2-2.8 4.4m0 2.8v.4"/>',
};

/** The holdfast of a seaweed: a stem, and what grips the stone. */
const mark =
  '<path class="s" d="M12 1v12m0-1c-1 5-5 4-9 10m9-10c-.5 6-3 6-4 10.5m4-10.5c.5 6 3 6 4 10.5m-4-10.5c1 5 5 4 9 10"/><path class="s" d="M12 8c3-1 4-3 4-6M12 6C9.5 5.5 8.5 4 8.5 2"/>';

/** To stand once at the beginning of a body that uses glyphs. */
export const glyphSheet: Markup = ownMarkup(
  `<svg class="sheet" width="0" height="0" aria-hidden="true">${Object.entries({ ...shapes, mark })
    .map(([name, shape]) => `<symbol id="g-${name}" viewBox="0 0 24 24">${shape}</symbol>`)
    .join('')}</svg>`,
);

/** The shape alone; words stand beside it. */
export function glyph(tone: Tone | 'mark'): Markup {
  return html`<svg class="g ${tone}" width="18" height="18" aria-hidden="true"><use href="#g-${tone}"/></svg>`;
}

/** Shape and words of a state. */
export function state(tone: Tone, words: string): Markup {
  return html`<span class="state ${tone}">${glyph(tone)}${words}</span>`;
}

/** The colour that stands for a state where no style sheet reaches: in the tab of a browser, on light and dark ground. */
const iconColours: Readonly<Record<Tone, string>> = {
  operational: '#1d8f77',
  degraded: '#c58a17',
  partial: '#d8661f',
  major: '#cf3049',
  maintenance: '#4d7fc4',
  unknown: '#7c8794',
};

/** @returns the address of an icon that shows the state in a browser’s tab */
export function iconAddress(tone: Tone): string {
  const style = `.f{fill:${iconColours[tone]}}.c{stroke:#fff}.s{stroke:${iconColours[tone]}}.c,.s{fill:none;stroke-width:2.2}`;
  const drawing = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><style>${style}</style>${shapes[tone].replaceAll('"', "'")}</svg>`;
  return `data:image/svg+xml,${drawing.replaceAll(/[%#<>{}]/g, (character) => encodeURIComponent(character))}`;
}
