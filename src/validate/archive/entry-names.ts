/**
 * The names of archive entries: which of them are safe to unpack on every system, and whether all of one archive can stand side
 * by side. Names are kept as they are; nothing is repaired.
 */

/** In bytes of UTF-8. */
export const entryNameBytesMax = 1024;
/** Folders above an entry, itself included. */
export const entryDepthMax = 64;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns the text, or undefined when the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A foreign name inside a sentence: short, on one line, printable. */
export function shownName(name: string): string {
  const printable = name.replace(/[^\x20-\x7e]/g, '?');
  return `'${printable.length > 100 ? `${printable.slice(0, 100)}...` : printable}'`;
}

/**
 * Tells why a name must not be unpacked. Folders end with one `/`.
 * @param name as decoded from UTF-8
 * @returns the end of a sentence that starts with the name, or undefined when the name is safe
 */
export function entryNameProblem(name: string): string | undefined {
  if (name === '') return 'has an empty name';
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) return 'has a control character in its name';
  if (name.includes('\\')) return 'has a backslash in its name';
  if (name.startsWith('/')) return 'has an absolute path';
  if (/^[A-Za-z]:/.test(name)) return 'has a drive letter in its name';
  const segments = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  if (segments.includes('')) return 'has an empty folder name in its path';
  if (segments.includes('..')) return "climbs out of its folder with '..'";
  if (segments.includes('.')) return "has a folder named '.' in its path";
  if (segments.length > entryDepthMax) return `lies more than ${entryDepthMax} folders deep`;
  return undefined;
}

/**
 * The paths of one archive. Each stands for one thing: two entries of one name, or a file that other entries use as their
 * folder, would be read differently by different tools.
 */
export class EntryPaths {
  readonly #isFolder = new Map<string, boolean>();

  /**
   * Adds a path, without a final `/`.
   * @returns the end of a sentence that starts with the name, or undefined when the path is new
   */
  add(path: string, isFolder: boolean): string | undefined {
    const earlier = this.#isFolder.get(path);
    if (earlier === undefined) {
      this.#isFolder.set(path, isFolder);
      return undefined;
    }
    return earlier === isFolder ? 'is there twice' : 'is there both as a file and as a folder';
  }

  /**
   * Looks at neighbours only: looking up every folder of every path would take seconds for deep ones.
   * @returns a path that is a file (or a link) and has other entries below it; undefined when there is none
   */
  findFileUsedAsFolder(): string | undefined {
    // No path has this character in it, and none sorts lower: what lies below a path comes right behind it.
    const sorted = [...this.#isFolder.keys()].map((path) => path.replaceAll('/', '\0')).sort();
    for (const [index, path] of sorted.entries()) {
      if (!sorted[index + 1]?.startsWith(`${path}\0`)) continue;
      const name = path.replaceAll('\0', '/');
      if (this.#isFolder.get(name) === false) return name;
    }
    return undefined;
  }
}
