/** The types that manifests name before their values. A cast says what a value is; none of them makes anything that is not there. */
import { DataMistakeError, piece } from './data-mistake.ts';
import { DataTable, type DataValue, flattened, isList, plainText } from './data-values.ts';

const texts = new Set([
  'string',
  'char',
  'uri',
  'datetime',
  'timespan',
  'semver',
  'management.automation.semanticversion',
]);
const numbers = /^(?:u?int(?:16|32|64)?|u?long|u?short|s?byte|float|single|double|decimal)$/;
const versionShape = /^\s*\d{1,10}(?:\.\d{1,10}){1,3}\s*$/;

/** Of any of the forms that .NET reads. */
const guidShape = /^\s*[{(]?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}[)}]?\s*$/i;

export function isGuid(text: string): boolean {
  return guidShape.test(text);
}

/** @returns the numbers of a .NET version, two to four */
export function isNetVersion(text: string): boolean {
  return versionShape.test(text);
}

/**
 * Casts a value.
 * @param type in lower case, without `system.`
 * @param at for the mistake, when the type is not known or the value is none of it
 */
export function castTo(type: string, value: DataValue, at: number): DataValue {
  if (type === 'array' || type === 'object[]') return flatList(value);
  if (type.endsWith('[]')) return flatList(value).map((one) => castTo(type.slice(0, -2), one, at));
  if (type === 'object' || type === 'psobject') return value;
  if (type === 'hashtable' || type === 'ordered' || type === 'pscustomobject') {
    if (value instanceof DataTable) return value;
    throw wrong(type, at);
  }
  if (type === 'bool' || type === 'boolean' || type === 'switch') return isTrue(value);
  if (isList(value) || value instanceof DataTable) throw wrong(type, at);
  const text = plainText(value);
  if (texts.has(type)) return text;
  if (type === 'version' && versionShape.test(text)) return text.trim();
  if (type === 'guid' && isGuid(text)) return text.trim();
  if (numbers.test(type)) return numberOf(value, type, at);
  if (type === 'version' || type === 'guid') throw wrong(type, at);
  throw new DataMistakeError(at, `the type [${piece(type)}] is none that data has`);
}

/** As PowerShell converts: nothing, zero, an empty text and an empty list are false. */
export function isTrue(value: DataValue): boolean {
  if (isList(value)) return value.length > 1 || (value.length === 1 && isTrue(value[0]!));
  return value instanceof DataTable || Boolean(value);
}

function flatList(value: DataValue): DataValue[] {
  return isList(value) ? [...value] : flattened(value);
}

function numberOf(value: DataValue, type: string, at: number): number {
  const number = typeof value === 'string' ? Number(value.trim()) : Number(value);
  if (!Number.isFinite(number)) throw wrong(type, at);
  return number;
}

function wrong(type: string, at: number): DataMistakeError {
  return new DataMistakeError(at, `what follows [${piece(type)}] is none`);
}
