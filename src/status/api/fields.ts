/** Fields of bodies that several routes share, and times as the API writes them: RFC 3339 with milliseconds, in UTC. */
import Type from 'typebox';
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import { bodyLengthMax, postmortemLengthMax } from '../incidents/limits.ts';
import { componentStatuses } from '../model.ts';

export const closed = { additionalProperties: false };
const short = Type.String({ maxLength: 1_000 });

/** Names and their lengths are checked by the verbs, which say more than a schema. */
export const fields = {
  name: short,
  body: Type.String({ maxLength: postmortemLengthMax }),
  text: Type.String({ maxLength: bodyLengthMax }),
  author: Type.String({ default: 'operator', maxLength: 1_000 }),
  status: short,
  time: Type.String({ maxLength: 40 }),
  impact: Type.Enum(['none', 'minor', 'major', 'critical', 'maintenance']),
  componentStatus: Type.Enum([...componentStatuses]),
  affected: Type.Record(Type.String({ maxLength: 200 }), Type.Enum([...componentStatuses])),
};

/** @returns UTC milliseconds of a time that somebody wrote; undefined for none */
export function timeOf(field: string, text: string | undefined): number | Refusal | undefined {
  if (text === undefined) return undefined;
  const isWhole = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = isWhole ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  return refuse('form-field-invalid', `"${field}" is a time such as 2026-11-21T14:00:00Z, with its zone.`);
}

/** @returns the times of an object of texts; refuses the first that is none */
export function timesOf<K extends string>(
  texts: {
    readonly [key in K]?: string | undefined;
  },
): { readonly [key in K]: number | undefined } | Refusal {
  const times: Record<string, number | undefined> = {};
  for (const [field, text] of Object.entries(texts)) {
    const at = timeOf(field, text as string | undefined);
    if (isRefusal(at)) return at;
    times[field] = at as number | undefined;
  }
  return times as { readonly [key in K]: number | undefined };
}

/** @returns the value with every time (`…At`, `at`, `from`, `until`, `scheduled…`) as text, and null for what is not known */
export function withTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTimes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (entry === undefined) return [key, null];
      return [key, typeof entry === 'number' && isTime(key) ? new Date(entry).toISOString() : withTimes(entry)];
    }),
  );
}

function isTime(key: string): boolean {
  return /^(at|from|until|scheduledFor|scheduledUntil|failingSince)$|At$/.test(key);
}

/** @returns those fields that are given, so that what is not named stays as it is */
export function given<T extends Readonly<Record<string, unknown>>>(
  all: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as never;
}
