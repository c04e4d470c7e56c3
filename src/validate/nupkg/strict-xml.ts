/**
 * Reads a small XML file that a stranger wrote into a tree: no document type, no entities but the five of XML, bounded depth.
 * Nothing is looked up outside, and what one reader would take and another would not is refused.
 */
import { SaxesParser } from 'saxes';
import { type Refusal, refuse } from '../../std/refusals.ts';

export interface XmlElement {
  /** Name without its prefix. */
  readonly local: string;
  /** Namespace; empty when the element is in none. */
  readonly uri: string;
  /** Attributes without a namespace. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own text and CDATA, as written. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

const depthMax = 32;
/** Elements and attributes together: the largest nuspec that anybody has seen holds a few thousand. */
const partsMax = 50_000;

/** Ends the reading: behind the first mistake, the parser would go on for hours in what was made to be slow. */
class MistakeError extends Error {}

/**
 * Parses an XML document strictly.
 * @param bytes UTF-8, or UTF-16 with a byte order mark
 * @param shownName how messages call the file
 * @returns the root element, or the refusal `metadata-invalid`
 */
export function readStrictXml(bytes: Uint8Array, shownName: string): XmlElement | Refusal {
  const decoded = decodeXml(bytes);
  if (decoded === undefined) {
    return refuse('metadata-invalid', `${shownName} is not valid UTF-8, nor UTF-16 with a byte order mark.`);
  }
  const { text, encodings } = decoded;
  const open: OpenElement[] = [];
  const roots: OpenElement[] = [];
  let parts = 0;
  const mistake = (what: string): never => {
    throw new MistakeError(`${shownName} ${what}`);
  };
  const countPart = () => {
    parts += 1;
    if (parts > partsMax) mistake(`has more than ${partsMax} elements and attributes.`);
  };
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => mistake(`is not well-formed XML: ${error.message}`));
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0') mistake(`is written in XML ${version}; only XML 1.0 is read.`);
    if (encoding !== undefined && !encodings.includes(encoding.toLowerCase())) {
      mistake(`says that its encoding is ${encoding}, which its bytes are not; save it as UTF-8.`);
    }
  });
  parser.on('doctype', () => mistake('has a document type declaration, which is not allowed.'));
  parser.on('opentagstart', countPart);
  parser.on('attribute', countPart);
  parser.on('opentag', (tag) => {
    if (open.length >= depthMax) mistake(`nests its elements deeper than ${depthMax}.`);
    const attributes = Object.values(tag.attributes).filter((attribute) => attribute.uri === '');
    const element: OpenElement = {
      local: tag.local,
      uri: tag.uri,
      attributes: new Map(attributes.map((attribute) => [attribute.local, attribute.value])),
      children: [],
      text: '',
    };
    (open.at(-1)?.children ?? roots).push(element);
    open.push(element);
  });
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    open.pop();
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof MistakeError) return refuse('metadata-invalid', error.message);
    throw error;
  }
  return roots[0] ?? refuse('metadata-invalid', `${shownName} holds no element.`);
}

/** @returns the text without its byte order mark, and the encoding names a declaration may then give */
function decodeXml(bytes: Uint8Array): { text: string; encodings: readonly string[] } | undefined {
  const [first, second] = bytes;
  const isLittleEndian = first === 0xff && second === 0xfe;
  const isBigEndian = first === 0xfe && second === 0xff;
  const name = isLittleEndian ? 'utf-16le' : isBigEndian ? 'utf-16be' : 'utf-8';
  const text = decodeStrictly(bytes, name);
  if (text === undefined) return undefined;
  return { text, encodings: name === 'utf-8' ? ['utf-8', 'utf8', 'us-ascii'] : ['utf-16', name] };
}

/**
 * Decodes text of which every byte must be right.
 * @returns the text without its byte order mark; undefined when a byte is not of the encoding
 */
export function decodeStrictly(bytes: Uint8Array, encoding: 'utf-8' | 'utf-16le' | 'utf-16be'): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
