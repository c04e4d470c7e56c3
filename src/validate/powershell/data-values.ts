/** What PowerShell's data language can say: texts, numbers, truth values, nothing, lists, and tables whose keys have no letter case. */

export type DataValue = string | number | boolean | null | readonly DataValue[] | DataTable;

/** A hashtable. */
export class DataTable {
  readonly #values = new Map<string, DataValue>();

  /** @returns false when the key is there already, in any letter case */
  add(key: string, value: DataValue): boolean {
    const name = key.toLowerCase();
    if (this.#values.has(name)) return false;
    this.#values.set(name, value);
    return true;
  }

  /** @returns undefined when there is no such key */
  get(key: string): DataValue | undefined {
    return this.#values.get(key.toLowerCase());
  }

  /** @returns the table of this key; an empty one when there is none, or something else */
  table(key: string): DataTable {
    const value = this.get(key);
    return value instanceof DataTable ? value : new DataTable();
  }

  /** @returns the text of this key as `ToString` gives it, without white space around it; undefined when there is none or it is empty */
  text(key: string): string | undefined {
    const value = this.get(key);
    const text = Array.isArray(value) ? value.map(plainText).join('\n') : plainText(value ?? null);
    return text.trim() || undefined;
  }

  /** @returns the texts of this key, lists within lists flattened, each once in any letter case, no empty ones */
  texts(key: string): string[] {
    return distinct(flattened(this.get(key) ?? null).map((value) => plainText(value).trim()));
  }
}

/** @returns all that is no list, in order; depth is bounded by the reader's */
export function flattened(value: DataValue): DataValue[] {
  if (value === null) return [];
  return isList(value) ? value.flatMap(flattened) : [value];
}

export function isList(value: DataValue): value is readonly DataValue[] {
  return Array.isArray(value);
}

/** @returns the texts without empty ones, each once, letter case aside; the first spelling stays */
export function distinct(texts: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const text of texts) {
    const name = text.toLowerCase();
    if (text !== '' && !found.has(name)) found.set(name, text);
  }
  return [...found.values()];
}

/** The text of a single value; without the characters that XML cannot hold, since feeds are XML. A table has none. */
export function plainText(value: DataValue): string {
  if (value === null || typeof value === 'object') return '';
  const text = typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}
