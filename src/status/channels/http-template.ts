/**
 * A body of the operator's own, for chats and gateways that want it their way. A value never leaves the place that the template
 * gives it: it is escaped for the Content-Type, whatever stands in it.
 */
import type { Message } from './message.ts';

const placeholder = /\{\{\s*(title|text|severity|url|id|state)\s*\}\}/g;

type Escape = (value: string) => string;

const inJson: Escape = (value) => JSON.stringify(value).slice(1, -1);
const inForm: Escape = (value) => encodeURIComponent(value.toWellFormed());
const inXml: Escape = (value) =>
  value
    .replaceAll(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');
const asItIs: Escape = (value) => value;

function escapeFor(contentType: string): Escape {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase();
  if (/[/+]json$/.test(type)) return inJson;
  if (type === 'application/x-www-form-urlencoded') return inForm;
  return /[/+](xml|html)$/.test(type) ? inXml : asItIs;
}

/** @returns the template with every `{{…}}` filled in; names that are none stay as they are */
export function fillBody(template: string, message: Message, contentType: string): string {
  return fill(template, message, escapeFor(contentType));
}

/** The same for an address, whose values are percent-encoded. */
export function fillUrl(template: string, message: Message): string {
  return fill(template, message, inForm);
}

function fill(template: string, message: Message, escaped: Escape): string {
  return template.replaceAll(placeholder, (_whole, name: 'title' | 'text' | 'severity' | 'url' | 'id' | 'state') =>
    escaped(message[name]),
  );
}
