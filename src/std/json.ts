/**
 * JSON that keeps 64-bit whole numbers exact both ways: a BigInt is printed as a plain number, and `parseExact` reads every
 * whole number as a BigInt.
 */

export type Json =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

declare global {
  interface JSON {
    /** In every supported Node; not yet in TypeScript's library. */
    rawJSON(text: string): unknown;
  }
}

/** @returns the JSON text; BigInt values are printed digit for digit. */
export function writeJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, entry) => (typeof entry === 'bigint' ? JSON.rawJSON(entry.toString()) : entry),
    indent,
  );
}

/** Parses JSON with every whole number as a BigInt. Throws SyntaxError on bad text. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && /^-?\d+$/.test(context.source)
      ? BigInt(context.source)
      : value,
  );
}
