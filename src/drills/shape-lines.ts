/**
 * The shape of an answer as lines that can be compared: each value with its place, its type and, where it does not change from
 * gallery to gallery, its text. What another moment or another address would change is written as `{time}`, `{number}`, `{base}`.
 *
 *   items[…].items[…].catalogEntry.dependencyGroups[net8.0].dependencies[Shape.Base].range: string [1.0.0, 2.0.0)
 */
import { type SaxesAttributePlain, SaxesParser } from 'saxes';

/** An element of an answer in XML, with the name that it has on the wire: some clients look for prefixes. */
export interface WireElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly WireElement[];
  readonly text: string;
}

const timeShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$|^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
/** The year by which clients know an unlisted version is part of the contract. */
const isTime = (text: string) => timeShape.test(text) && !text.startsWith('1900-');
/** Counters of the whole gallery. */
const counterKeys = new Set(['_last-serial', 'last_serial']);
/** By what an entry of a list is known, the first that all of its entries have and that tells them apart. */
const nameKeys = ['filename', 'id', 'targetFramework', 'version', '@type', '@id'] as const;

export function jsonLines(value: unknown, place = ''): string[] {
  if (Array.isArray(value)) return listLines(value, place);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) =>
      counterKeys.has(key)
        ? [`${place}.${key}: ${typeof inner} {number}`]
        : jsonLines(inner, place === '' ? key : `${place}.${key}`),
    );
  }
  return [`${place}: ${typeOf(value)} ${typeof value === 'string' ? shownText(value) : String(value)}`];
}

function listLines(list: readonly unknown[], place: string): string[] {
  if (list.length === 0 || !list.every((one) => typeof one === 'object' && one !== null)) {
    return [`${place}: list of ${[...new Set(list.map(typeOf))].join(', ') || 'nothing'} ${JSON.stringify(list)}`];
  }
  const name = nameKeys.find((key) => {
    const names = list.map((one) => (one as Record<string, unknown>)[key]);
    return names.every((one) => typeof one === 'string') && new Set(names).size === list.length;
  });
  const entries = list.flatMap((one, index) =>
    jsonLines(
      one,
      `${place}[${name === undefined ? index : lastPart(String((one as Record<string, unknown>)[name]))}]`,
    ),
  );
  return [`${place}: list of objects`, ...entries];
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function shownText(text: string): string {
  return isTime(text) ? '{time}' : text.replaceAll('\n', '\\n');
}

/**
 * Reads XML as strictly as the strictest client: the declaration first, and no text between elements.
 * @returns the root; throws with what is wrong
 */
export function readWireXml(text: string): WireElement {
  if (!text.startsWith('<?xml ')) throw new Error('it does not begin with <?xml');
  const parser = new SaxesParser();
  const open: { name: string; attributes: Record<string, string>; children: WireElement[]; text: string }[] = [];
  let root: WireElement | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const plain = attributes as Record<string, SaxesAttributePlain | string>;
    open.push({ name, attributes: { ...(plain as Record<string, string>) }, children: [], text: '' });
  });
  parser.on('text', (piece) => {
    const last = open.at(-1);
    if (last !== undefined) last.text += piece;
  });
  parser.on('closetag', () => {
    const element = open.pop();
    if (element === undefined) return;
    if (element.children.length > 0 && element.text !== '')
      throw new Error(`<${element.name}> has text beside elements`);
    if (open.length === 0) root = element;
    else open.at(-1)?.children.push(element);
  });
  parser.write(text).close();
  if (root === undefined) throw new Error('it has no element');
  return root;
}

export function xmlLines(element: WireElement, place = ''): string[] {
  const here = place === '' ? element.name : `${place}/${element.name}${nameOf(element)}`;
  const attributes = Object.entries(element.attributes).map(([name, text]) => `${here} @${name}: ${shownText(text)}`);
  const inside = element.children.flatMap((child) => xmlLines(child, here));
  return [...attributes, ...(inside.length > 0 ? inside : [`${here}: ${shownText(element.text)}`])];
}

/** Entries are told apart by their address; everything else of the same name by what it says of itself. */
function nameOf({ name, attributes, children }: WireElement): string {
  if (name === 'entry') return `[${lastPart(children.find((child) => child.name === 'id')?.text ?? '')}]`;
  const said = attributes.Name ?? attributes.rel ?? attributes.href ?? attributes.Namespace;
  return said === undefined ? '' : `[${said}]`;
}

/** What stands behind the last `#` or `/` of an address. */
function lastPart(address: string): string {
  return address.replace(/^\{base\}.*#|^\{base\}.*\//, '');
}

/** Lines of a page of links, as installers read it: by regular expressions. */
export function htmlLines(text: string): string[] {
  const tags = [...text.matchAll(/<(a|meta) ([^>]*)>([^<]*)/g)];
  return tags.flatMap(([, tag = '', attributes = '', inside = '']) => {
    const found = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    const name = tag === 'a' ? inside : (found.find(([key]) => key === 'name')?.[1] ?? 'charset');
    return found.map(([key, value]) => `${tag}[${name}] ${key}: ${value}`);
  });
}
