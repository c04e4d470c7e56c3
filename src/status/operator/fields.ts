/** Fields of forms: each with its label, keeping what was typed when the form comes back refused. And how they are read. */
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { Affected } from '../incidents/incidents.ts';
import type { ComponentStatus, StatusView } from '../model.ts';
import { html, type Markup } from '../page/markup.ts';
import { statusWords, wholeName } from '../page/words.ts';
import type { Attempt, Shown } from './parts.ts';

interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly value?: string;
  readonly isOptional?: boolean;
}

/** Writes the fields of one form. */
export class Fields {
  readonly #form: string;
  readonly #attempt: Attempt | undefined;

  constructor(form: string, { attempt }: Pick<Shown, 'attempt'>) {
    this.#form = form;
    this.#attempt = attempt?.form === form ? attempt : undefined;
  }

  /** Why it was refused; stands above the fields. */
  refusal(): Markup | false {
    return this.#attempt !== undefined && html`<p class="refused" role="alert">${this.#attempt.sentence}</p>\n`;
  }

  #value({ name, value = '' }: Pick<Field, 'name' | 'value'>): string {
    return this.#attempt === undefined ? value : (this.#attempt.values.get(name) ?? '');
  }

  #wrapped(field: Field, control: (id: string, described: Markup | false) => Markup): Markup {
    const id = `${this.#form}-${field.name.replaceAll(/[^\w-]/g, '-')}`;
    const described = field.hint !== undefined && html` aria-describedby="${id}-hint"`;
    return html`<div class="field"><label for="${id}">${field.label}${field.isOptional && html` <span class="hint">optional</span>`}</label>${control(id, described)}${field.hint !== undefined && html`<span class="hint" id="${id}-hint">${field.hint}</span>`}</div>\n`;
  }

  text(field: Field & { readonly type?: string; readonly autocomplete?: string }): Markup {
    const { name, type = 'text', autocomplete = 'off', isOptional } = field;
    return this.#wrapped(
      field,
      (id, described) =>
        html`<input id="${id}" name="${name}" type="${type}" autocomplete="${autocomplete}" value="${type === 'password' ? '' : this.#value(field)}"${isOptional !== true && html` required`}${described}>`,
    );
  }

  area(field: Field): Markup {
    return this.#wrapped(
      field,
      (id, described) =>
        html`<textarea id="${id}" name="${field.name}" dir="auto"${field.isOptional !== true && html` required`}${described}>
${this.#value(field)}</textarea>`,
    );
  }

  /** A time to the minute, UTC. */
  time({ at, ...field }: Omit<Field, 'value'> & { readonly at?: number | undefined }): Markup {
    const value = at === undefined ? '' : new Date(at).toISOString().slice(0, 16);
    return this.text({ ...field, label: `${field.label} (UTC)`, value, type: 'datetime-local' });
  }

  select(field: Field, choices: readonly (readonly [value: string, words: string])[]): Markup {
    const chosen = this.#value(field);
    return this.#wrapped(
      { ...field, isOptional: false },
      (id, described) =>
        html`<select id="${id}" name="${field.name}"${described}>${choices.map(([value, words]) => html`<option value="${value}"${value === chosen && html` selected`}>${words}</option>`)}</select>`,
    );
  }

  /** For each component a choice of states; `usual` is chosen for those that are affected so far. */
  affected(view: StatusView, words: string, usual: Affected = {}): Markup {
    const choices = [['', 'Not touched'], ...settable.map((status) => [status, statusWords[status]] as const)] as const;
    const components = view.components.filter(({ isGroup }) => !isGroup);
    return html`<details${Object.keys(usual).length > 0 && html` open`}><summary>${words}</summary><div class="pair">
${components.map((component) =>
  this.select(
    {
      name: `${affectedPrefix}${component.key}`,
      label: wholeName(view, component),
      value: usual[component.key] ?? '',
    },
    choices,
  ),
)}</div></details>\n`;
  }
}

const affectedPrefix = 'affected:';
const settable: readonly ComponentStatus[] = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
];

/** @param action address below the root */
export function form(
  shown: Shown,
  name: string,
  action: string,
  button: string,
  fields: (own: Fields) => Markup,
): Markup {
  const own = new Fields(name, shown);
  return html`<form method="post" action="${shown.root}${action}" id="${name}">
${own.refusal()}<input type="hidden" name="form-token" value="${shown.formToken}">
${fields(own)}<p><button>${button}</button></p>
</form>
`;
}

/** A button that needs no field, such as to end something. */
export function buttonForm(shown: Shown, name: string, action: string, button: string, about: string): Markup {
  const own = new Fields(name, shown);
  return html`<form class="inline" method="post" action="${shown.root}${action}">${own.refusal()}<input type="hidden" name="form-token" value="${shown.formToken}"><button class="plain" aria-label="${button}: ${about}">${button}</button></form>`;
}

/** @returns UTC milliseconds; undefined when the field is empty */
export function timeIn(values: URLSearchParams, name: string): number | Refusal | undefined {
  const text = values.get(name)?.trim() ?? '';
  if (text === '') return undefined;
  const isWhole = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text);
  const at = isWhole ? Date.parse(`${text}Z`) : Number.NaN;
  return Number.isNaN(at) ? refuse('form-field-invalid', `"${text}" is not a time such as 2026-11-21T14:00.`) : at;
}

/** Like `timeIn`, and refuses an empty field. */
export function timeWanted(values: URLSearchParams, name: string, words: string): number | Refusal {
  return timeIn(values, name) ?? refuse('form-field-invalid', `${words} is missing.`);
}

/** @returns components that a choice was made for; the verb checks the words */
export function affectedIn(values: URLSearchParams): Affected {
  const chosen = [...values].filter(([name, value]) => name.startsWith(affectedPrefix) && value !== '');
  return Object.fromEntries(
    chosen.map(([name, value]) => [name.slice(affectedPrefix.length), value as ComponentStatus]),
  );
}

/** @returns the first that is a refusal */
export function refusalAmong(...values: readonly unknown[]): Refusal | undefined {
  return values.find(isRefusal);
}
