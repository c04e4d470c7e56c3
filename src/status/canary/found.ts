/** What an installer has learned of a canary from a gallery's documents, and how documents are read: strictly, and without trust. */

/** An address that a document leads to. It must be there, under the gallery's own name. */
export interface Advertised {
  /** `metadata beside the wheel`, `nuspec`. */
  readonly what: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What must come, hexadecimal; undefined where nothing says. */
  readonly sha256?: string | undefined;
}

export interface Found {
  readonly file: Advertised;
  /** Everything else that the documents lead to. */
  readonly others: readonly Advertised[];
  /** False when it is yanked or unlisted; undefined when these documents do not tell. */
  readonly isListed: boolean | undefined;
}

/**
 * Reads a document: its body, out of its encoding, of an answer 200. Throws InstallError, or what the connection threw.
 * @param url absolute
 */
export type Read = (url: string, headers: Readonly<Record<string, string>>) => Promise<Buffer>;

/** An answer that is not what an install needs: a wrong status, a missing entry, other bytes. */
export class InstallError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

/** @returns the JSON object that the body is; throws InstallError when it is none */
export function objectIn(body: Buffer, url: string): Fields {
  const what = new URL(url).pathname;
  try {
    return fieldsOf(JSON.parse(body.toString('utf8')), what);
  } catch (error) {
    if (error instanceof InstallError) throw error;
    throw new InstallError(`${what} is not JSON`, 200);
  }
}

/** @returns the elements, each of them an object; throws InstallError when it is no such list */
export function listIn(value: unknown, what: string): Fields[] {
  if (Array.isArray(value)) return value.map((one) => fieldsOf(one, what));
  throw new InstallError(`${what} is not a list`, 200);
}

/** @returns the text; throws InstallError when it is none */
export function textIn(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new InstallError(`${what} is missing`, 200);
}

/** @returns the absolute address; throws InstallError when there is none */
export function addressIn(value: unknown, base: string, what: string): string {
  const text = textIn(value, what);
  if (URL.canParse(text, base)) return new URL(text, base).href;
  throw new InstallError(`${what} is no address`, 200);
}

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new InstallError(`${what} is not an object`, 200);
}
