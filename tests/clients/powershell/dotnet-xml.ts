/**
 * XML as .NET gives it to the two clients: elements with their written prefix, comments, and text that is not only space. A document
 * that .NET refuses throws. XmlDocument (PSResourceGet) and XDocument with IgnoreWhitespace (NuGet provider) both drop indentation.
 */
import { SaxesParser } from 'saxes';

export interface XmlElement {
  readonly kind: 'element';
  /** As written, such as `m:properties`. */
  readonly name: string;
  readonly localName: string;
  readonly namespace: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlNode[];
}

export type XmlNode =
  | XmlElement
  | { readonly kind: 'text' | 'comment' | 'cdata' | 'instruction'; readonly text: string };

/**
 * Reads a document. XmlReader refuses a declaration that is not at the very start, and a document type when that is prohibited.
 * @param isDocumentTypeAllowed XmlDocument.LoadXml allows one, the provider's settings do not
 */
export function readXml(text: string, isDocumentTypeAllowed = false): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  const add = (node: XmlNode) => open.at(-1)?.children.push(node);
  parser.on('error', (error) => {
    throw new Error(`XmlException: ${error.message}`);
  });
  parser.on('doctype', () => {
    if (!isDocumentTypeAllowed)
      throw new Error('XmlException: For security reasons DTD is prohibited in this XML document.');
  });
  parser.on('opentag', (tag) => {
    const attributes = new Map(Object.values(tag.attributes).map(({ name, value }) => [name, value]));
    const element: XmlElement = {
      kind: 'element',
      name: tag.name,
      localName: tag.local,
      namespace: tag.uri,
      attributes,
      children: [],
    };
    add(element);
    open.push(element);
    root ??= element;
  });
  parser.on('closetag', () => open.pop());
  parser.on('text', (value) => {
    if (value.trim() !== '') add({ kind: 'text', text: value });
  });
  parser.on('cdata', (value) => add({ kind: 'cdata', text: value }));
  parser.on('comment', (value) => add({ kind: 'comment', text: value }));
  parser.on('processinginstruction', ({ target }) => add({ kind: 'instruction', text: target }));
  parser.write(text.replace(/^\uFEFF/, '')).close();
  if (root === undefined) throw new Error('XmlException: Root element is missing.');
  return root;
}

/** InnerText and XElement.Value: all text below, comments left out. */
export function innerText(element: XmlElement): string {
  return element.children
    .map((child) => {
      if (child.kind === 'element') return innerText(child);
      return child.kind === 'comment' || child.kind === 'instruction' ? '' : child.text;
    })
    .join('');
}

/** GetElementsByTagName: by the name as written, prefix and all, in document order. */
export function elementsByTagName(root: XmlElement, name: string): XmlElement[] {
  const below = root.children.flatMap((child) => (child.kind === 'element' ? elementsByTagName(child, name) : []));
  return root.name === name ? [root, ...below] : below;
}

/** `foreach (XmlElement child in node.ChildNodes)`: the cast fails on anything that is no element. */
export function childrenAsElements(element: XmlElement): XmlElement[] {
  return element.children.map((child) => {
    if (child.kind === 'element') return child;
    throw new Error(`InvalidCastException: a ${child.kind} stands between the children of ${element.name}`);
  });
}
