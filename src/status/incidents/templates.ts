/** Texts that were written before anybody was in a hurry. `{{name}}` in them is replaced; one that nobody gave a value for is refused. */
import type { Refusal } from '../../std/refusals.ts';
import type { StatusConfig } from '../config/schema.ts';
import { invalid } from './limits.ts';

export type Template = StatusConfig['incidents']['templates'][number];

const placeholder = /\{\{\s*([A-Za-z0-9_-]+)\s*\}\}/g;

/** @returns what a template asks for, each once */
export function placeholdersOf({ title, body }: Template): readonly string[] {
  return [...new Set([...`${title}\n${body}`.matchAll(placeholder)].map(([, name = '']) => name))];
}

/** @returns title and text with the values in place; values are plain text and are not looked at again */
export function fillTemplate(
  template: Template,
  values: Readonly<Record<string, string>>,
): { readonly title: string; readonly body: string } | Refusal {
  const missing = placeholdersOf(template).filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0) return invalid(`The template "${template.name}" also needs ${missing.join(', ')}.`);
  const fill = (text: string) => text.replaceAll(placeholder, (_, name: string) => values[name] ?? '');
  return { title: fill(template.title), body: fill(template.body) };
}
