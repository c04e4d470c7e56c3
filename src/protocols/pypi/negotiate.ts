/**
 * Which form of a page a client gets. The page exists as HTML and as JSON; HTML answers to two media types. A client that names
 * none of them still gets HTML with 200, because old installers and web browsers know nothing else.
 */

export type SimpleForm = 'html' | 'json';

export interface Negotiated {
  readonly form: SimpleForm;
  /** The concrete type of the answer, never `latest`. */
  readonly contentType: string;
}

interface Offer extends Negotiated {
  readonly mediaType: string;
  /** The request-only name for the newest version of the same form. */
  readonly alias?: string;
}

/**
 * In order of preference where the client has none. The charset is given for `text/html` only, for browsers; installers compare
 * the start of the other two types, and some the whole.
 */
const offers: readonly Offer[] = [
  { form: 'html', mediaType: 'text/html', contentType: 'text/html; charset=utf-8' },
  {
    form: 'html',
    mediaType: 'application/vnd.pypi.simple.v1+html',
    alias: 'application/vnd.pypi.simple.latest+html',
    contentType: 'application/vnd.pypi.simple.v1+html',
  },
  {
    form: 'json',
    mediaType: 'application/vnd.pypi.simple.v1+json',
    alias: 'application/vnd.pypi.simple.latest+json',
    contentType: 'application/vnd.pypi.simple.v1+json',
  },
];

interface Range {
  readonly mediaType: string;
  readonly quality: number;
}

/**
 * Chooses the form of a Simple API page (PEP 691, "Content types and negotiation").
 *
 * The highest quality wins. Between equals a type that was named beats one that only a wildcard matched, then the order is
 * text/html, v1+html, v1+json.
 * @param accept the Accept header; any type when the request has none
 * @param formatParameter the `format` query parameter, or null; it beats the header when it names a type we have
 */
export function negotiateSimple(accept: string, formatParameter: string | null): Negotiated {
  const demanded =
    formatParameter === null ? undefined : offers.find((offer) => names(offer, formatType(formatParameter)));
  const chosen = demanded ?? bestOffer(readAccept(accept)) ?? offers[0]!;
  return { form: chosen.form, contentType: chosen.contentType };
}

/** @returns whether an Accept header asks for plain JSON rather than for a web page; the more specific of two equals goes first */
export function prefersJson(accept: string): boolean {
  const ranges = readAccept(accept);
  const quality = (mediaType: string) => qualityOf({ form: 'html', contentType: mediaType, mediaType }, ranges);
  const json = quality('application/json');
  const html = quality('text/html');
  if (json.quality !== html.quality) return json.quality > html.quality;
  return json.isNamed && !html.isNamed && json.quality > 0;
}

/** A query string turns a raw `+` into a space, and hardly anybody encodes the one in the type. */
function formatType(parameter: string): string {
  return parameter.trim().toLowerCase().replaceAll(' ', '+');
}

function names(offer: Offer, mediaType: string): boolean {
  return offer.mediaType === mediaType || offer.alias === mediaType;
}

/**
 * Chooses the type of a provenance (PyPI's Integrity API), which has one form and two names.
 * @param accept the Accept header; any type when the request has none
 * @returns undefined when the client takes neither: that is 406 here
 */
export function negotiateProvenance(accept: string): string | undefined {
  const ranges = readAccept(accept);
  let best: { readonly mediaType: string; readonly quality: number } | undefined;
  for (const mediaType of ['application/vnd.pypi.integrity.v1+json', 'application/json']) {
    const { quality } = qualityOf({ form: 'json', mediaType, contentType: mediaType }, ranges);
    if (quality > (best?.quality ?? 0)) best = { mediaType, quality };
  }
  return best?.mediaType;
}

function bestOffer(ranges: readonly Range[]): Offer | undefined {
  let best: { offer: Offer; quality: number; isNamed: boolean } | undefined;
  for (const offer of offers) {
    const { quality, isNamed } = qualityOf(offer, ranges);
    if (quality === 0) continue;
    const isBetter =
      best === undefined || quality > best.quality || (quality === best.quality && isNamed && !best.isNamed);
    if (isBetter) best = { offer, quality, isNamed };
  }
  return best?.offer;
}

/** The most specific range that covers the offer decides (RFC 9110, 12.5.1), so that `q=0` can take one type out of a wildcard. */
function qualityOf(offer: Offer, ranges: readonly Range[]): { quality: number; isNamed: boolean } {
  const named = ranges.filter((range) => names(offer, range.mediaType));
  if (named.length > 0) return { quality: highest(named), isNamed: true };
  const family = `${offer.mediaType.slice(0, offer.mediaType.indexOf('/'))}/*`;
  const ofFamily = ranges.filter((range) => range.mediaType === family);
  if (ofFamily.length > 0) return { quality: highest(ofFamily), isNamed: false };
  return { quality: highest(ranges.filter((range) => range.mediaType === '*/*')), isNamed: false };
}

function highest(ranges: readonly Range[]): number {
  return ranges.reduce((quality, range) => Math.max(quality, range.quality), 0);
}

function readAccept(accept: string): Range[] {
  const ranges: Range[] = [];
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';');
    const mediaType = type.trim().toLowerCase();
    if (mediaType === '') continue;
    ranges.push({ mediaType, quality: readQuality(parameters) });
  }
  return ranges;
}

/** @returns 0 to 1; 1 when there is no `q`; 0 for a `q` that is no number, which takes the range out. */
function readQuality(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'q') continue;
    const text = value.trim();
    return /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Math.min(Number(text), 1) : 0;
  }
  return 1;
}
