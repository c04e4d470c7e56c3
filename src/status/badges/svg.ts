/**
 * A badge as SVG: a label and a message side by side. Widths come from a small table and are forced by `textLength`, so that it
 * looks the same whatever fonts there are; it loads nothing and runs nothing.
 */

/** Backgrounds on which white text has a contrast of at least 4.5 to 1 (WCAG 2, AA). */
export const badgeColors = {
  green: '#1a7f37',
  yellow: '#7d5a00',
  orange: '#b34700',
  red: '#c2212b',
  blue: '#0860c4',
  grey: '#57606a',
} as const;
export type BadgeColor = keyof typeof badgeColors;
export const labelColor = '#3b434b';

export interface Badge {
  readonly label: string;
  readonly message: string;
  readonly color: BadgeColor;
}

const textCharactersMax = 60;
const paddingPx = 6;
const heightPx = 20;

/** Widths at 11 pixels of a common sans-serif, in pixels. */
const widths: readonly (readonly [RegExp, number])[] = [
  [/[ijl|!'.,:;` ]/u, 3.9],
  [/[frt()[\]{}"*/\\-]/u, 4.8],
  [/[mwMW@%]/u, 10],
  [/[A-Z&#$0-9+=<>~_]/u, 7.6],
  [/[\x20-\x7e]/u, 6.5],
  [/[\u0080-\u024f]/u, 7],
];
const wideLetterPx = 12;

/** @returns the SVG document; texts that are too long are cut */
export function badgeSvg(badge: Badge): string {
  const label = shown(badge.label);
  const message = shown(badge.message);
  const labelPx = widthOf(label) + 2 * paddingPx;
  const messagePx = widthOf(message) + 2 * paddingPx;
  const title = svgText(`${label}: ${message}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${labelPx + messagePx}" height="${heightPx}" role="img" aria-label="${title}">
<title>${title}</title>
<clipPath id="edge"><rect width="${labelPx + messagePx}" height="${heightPx}" rx="3"/></clipPath>
<g clip-path="url(#edge)">
<rect width="${labelPx}" height="${heightPx}" fill="${labelColor}"/>
<rect x="${labelPx}" width="${messagePx}" height="${heightPx}" fill="${badgeColors[badge.color]}"/>
</g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" aria-hidden="true">
<text x="${paddingPx}" y="14" textLength="${labelPx - 2 * paddingPx}">${svgText(label)}</text>
<text x="${labelPx + paddingPx}" y="14" textLength="${messagePx - 2 * paddingPx}">${svgText(message)}</text>
</g>
</svg>
`;
}

/** One line, without what XML cannot hold, and not too long. */
function shown(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\x00-\x1f\x7f\ufffe\uffff]+/g, ' ')
    .trim();
  const letters = Array.from(line);
  return letters.length <= textCharactersMax ? line : `${letters.slice(0, textCharactersMax - 1).join('')}…`;
}

/** Whole pixels; at least one, because a text of no width is an error. */
function widthOf(text: string): number {
  const widthPx = Array.from(text).reduce(
    (sum, letter) => sum + (widths.find(([letters]) => letters.test(letter))?.[1] ?? wideLetterPx),
    0,
  );
  return Math.max(1, Math.ceil(widthPx));
}

function svgText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
