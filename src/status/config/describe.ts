/** The status service's configuration as a table for people, from the same schema that reads it. */
import { statusSchema } from './schema.ts';

/** As much of a JSON Schema as the configuration uses. */
interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
}

/** @returns a Markdown table: each setting with its place, its default and its meaning */
export function describeStatusSettings(): string {
  const rows = rowsOf('', statusSchema as unknown as Node, []);
  return ['| setting | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(place: string, node: Node, required: readonly string[]): string[] {
  const { properties, items, anyOf } = node;
  const own =
    place === '' || (properties !== undefined && node.description === undefined) ? [] : [rowOf(place, node, required)];
  if (properties !== undefined) return [...own, ...membersOf(place, node)];
  if (items?.properties !== undefined || items?.anyOf?.some((one) => one.properties)) {
    return [...own, ...rowsOf(`${place}[]`, { ...items, description: undefined } as Node, [])];
  }
  const choices = anyOf?.filter((one) => one.properties !== undefined) ?? [];
  if (choices.length === 0) return own;
  return choices.flatMap((one) => membersOf(`${place} ${kindOf(one)}`, one));
}

function membersOf(place: string, { properties = {}, required = [] }: Node): string[] {
  return Object.entries(properties).flatMap(([name, member]) => {
    if (name === 'kind') return [];
    return rowsOf(place === '' ? name : `${place}.${name}`, member, required.includes(name) ? [place, name] : []);
  });
}

function kindOf({ properties }: Node): string {
  return `(kind ${JSON.stringify(properties?.kind?.const)})`;
}

function rowOf(place: string, node: Node, required: readonly string[]): string {
  const choices = node.anyOf?.map((one) => JSON.stringify(one.const)).join(', ');
  const means = [node.description, choices && `One of ${choices}.`]
    .filter((text) => text !== undefined && text !== '')
    .join(' ');
  return `| \`${place}\` | ${defaultOf(node, required.length > 0)} | ${means.replaceAll('|', '\\|')} |`;
}

function defaultOf({ default: fallback }: Node, isRequired: boolean): string {
  if (fallback === undefined) return isRequired ? 'must be given' : 'none';
  const text = JSON.stringify(fallback);
  return text === '""' || text === '[]' || text === '{}' ? 'empty' : `\`${text}\``;
}
