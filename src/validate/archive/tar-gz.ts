/**
 * Reads .tar.gz archives that nobody vouches for (source distributions), as a stream: nothing but the wanted files is kept. What
 * passes unpacks to one and the same tree with every common tool, inside its own folder, within the limits.
 */
import { isRefusal, type Refusal, refuse } from '../../std/refusals.ts';
import type { ArchiveLimits } from '../candidate.ts';
import { decodeUtf8, EntryPaths, entryNameBytesMax, entryNameProblem, shownName } from './entry-names.ts';
import { ratioFreeBytes } from './file-bytes.ts';
import { readGzip } from './gzip.ts';
import {
  type PaxRecords,
  readPaxRecords,
  readTarHeader,
  type TarHeader,
  type TarKind,
  tarBlockBytes,
} from './tar-headers.ts';
import { hardLinkProblem, symbolicLinkProblem } from './tar-links.ts';

export interface TarEntry {
  /** With `/`, without `./` before it and without `/` at the end. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'hard-link' | 'symbolic-link';
  /** Unpacked. */
  readonly sizeBytes: number;
}

export interface TarContents {
  /** In the order of the archive. */
  readonly entries: readonly TarEntry[];
  /** The wanted files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** An extended header tells a name, a link target and small attributes. */
const extendedBytesMax = 64 * 1024;
/** All of them together, as much as the directory of a zip archive may have. */
const allExtendedBytesMax = 32 * 1024 * 1024;
const zeros = Buffer.alloc(64 * 1024);

/**
 * Reads a gzipped tar archive to its end.
 * @param path of the file
 * @param limits in bytes and entries; `extractBytesMax` holds for all wanted files together
 * @param wanted tells by its name whether a file is to be read into memory
 * @returns its entries and the wanted files; or `archive-unreadable`, `archive-unsafe`, `archive-too-large`
 */
export async function readTarGz(
  path: string,
  limits: ArchiveLimits,
  wanted: (name: string) => boolean,
): Promise<TarContents | Refusal> {
  const reader = new TarReader(limits, wanted);
  const refusal = await readGzip(path, (piece, fileBytes) => reader.push(piece, fileBytes));
  return refusal ?? reader.finish();
}

/** Takes the archive in pieces of any size. A body is followed by zeros up to the next block of 512 bytes. */
class TarReader {
  readonly #limits: ArchiveLimits;
  readonly #wanted: (name: string) => boolean;
  readonly #entries: TarEntry[] = [];
  readonly #files = new Map<string, Uint8Array>();
  readonly #paths = new EntryPaths();
  readonly #linkable = new Set<string>();
  readonly #block = Buffer.alloc(tarBlockBytes);
  #blockFilled = 0;
  #bodyLeft = 0;
  #paddingLeft = 0;
  /** The body that is kept, or undefined while one is skipped. */
  #kept: Buffer[] | undefined;
  #onBodyEnd: ((body: Buffer) => Refusal | undefined) | undefined;
  /** Extended headers that wait for their entry. */
  #pax: PaxRecords | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;
  #countedHeaders = 0;
  #extendedBytes = 0;
  #keptBytes = 0;
  #unpackedBytes = 0;
  #hasEnded = false;

  constructor(limits: ArchiveLimits, wanted: (name: string) => boolean) {
    this.#limits = limits;
    this.#wanted = wanted;
  }

  push(piece: Buffer, fileBytes: number): Refusal | undefined {
    this.#unpackedBytes += piece.length;
    const { unpackedBytesMax, ratioMax } = this.#limits;
    if (this.#unpackedBytes > unpackedBytesMax) return tooLarge(`more than ${unpackedBytesMax} bytes`);
    if (this.#unpackedBytes > ratioFreeBytes && this.#unpackedBytes > ratioMax * fileBytes) {
      return tooLarge(`more than ${ratioMax} times its own size`);
    }
    let rest = piece;
    while (rest.length > 0) {
      const step = this.#hasEnded ? this.#pastEnd(rest) : this.#step(rest);
      if (isRefusal(step)) return step;
      rest = rest.subarray(step);
    }
    return undefined;
  }

  finish(): TarContents | Refusal {
    if (!this.#hasEnded) return refuse('archive-unreadable', 'The tar archive was cut off: it has no end mark.');
    const notFolder = this.#paths.findFileUsedAsFolder();
    if (notFolder !== undefined) return unsafe(notFolder, 'is no folder, but other entries lie below it');
    return { entries: this.#entries, files: this.#files };
  }

  /** Takes some bytes of the piece. @returns how many. */
  #step(rest: Buffer): number | Refusal {
    if (this.#bodyLeft > 0) {
      const taken = rest.subarray(0, this.#bodyLeft);
      // Copied, because zlib may use one large buffer for several pieces.
      this.#kept?.push(Buffer.from(taken));
      this.#bodyLeft -= taken.length;
      return (this.#bodyLeft === 0 ? this.#endBody() : undefined) ?? taken.length;
    }
    if (this.#paddingLeft > 0) {
      const skipped = Math.min(this.#paddingLeft, rest.length);
      this.#paddingLeft -= skipped;
      return skipped;
    }
    const copied = rest.copy(this.#block, this.#blockFilled);
    this.#blockFilled += copied;
    if (this.#blockFilled < tarBlockBytes) return copied;
    this.#blockFilled = 0;
    return this.#startEntry() ?? copied;
  }

  /** Tools differ in whether they look behind the end mark, so nothing may be there. */
  #pastEnd(rest: Buffer): number | Refusal {
    if (isZero(rest)) return rest.length;
    return refuse('archive-unsafe', 'The tar archive has other data behind its end mark.');
  }

  #startEntry(): Refusal | undefined {
    const isPending = this.#pax !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
    if (isZero(this.#block)) {
      this.#hasEnded = true;
      return isPending ? refuse('archive-unreadable', 'The tar archive ends within an entry.') : undefined;
    }
    const header = readTarHeader(this.#block);
    if (isRefusal(header)) return header;
    // At most three extended headers belong to an entry, but global ones come in any number.
    if (header.kind === 'global-pax' || !isExtended(header.kind)) this.#countedHeaders += 1;
    if (this.#countedHeaders > this.#limits.entriesMax) {
      return refuse('archive-too-large', `The tar archive has more than ${this.#limits.entriesMax} entries.`);
    }
    const refusal = isExtended(header.kind) ? this.#startExtended(header) : this.#startMember(header);
    if (refusal !== undefined) return refusal;
    this.#paddingLeft = -this.#bodyLeft & (tarBlockBytes - 1);
    return this.#bodyLeft === 0 ? this.#endBody() : undefined;
  }

  #startExtended({ kind, sizeBytes }: TarHeader): Refusal | undefined {
    if (sizeBytes > extendedBytesMax) {
      return refuse('archive-too-large', `A header of the tar archive is larger than ${extendedBytesMax} bytes.`);
    }
    this.#extendedBytes += sizeBytes;
    if (this.#extendedBytes > allExtendedBytesMax) {
      const sentence = `The extended headers of the tar archive are larger than ${allExtendedBytesMax} bytes together.`;
      return refuse('archive-too-large', sentence);
    }
    this.#bodyLeft = sizeBytes;
    this.#kept = [];
    this.#onBodyEnd = (body) => this.#endExtended(kind, body);
    return undefined;
  }

  #endExtended(kind: TarKind, body: Buffer): Refusal | undefined {
    if (kind === 'pax' || kind === 'global-pax') {
      const records = readPaxRecords(body);
      if (isRefusal(records)) return records;
      if (kind === 'pax') {
        if (this.#pax !== undefined) return twoNames();
        this.#pax = records;
        return undefined;
      }
      const isHarmless = Object.values(records).every((value) => value === undefined);
      return isHarmless
        ? undefined
        : refuse('archive-unsafe', 'The tar archive gives all its entries one name or size.');
    }
    const zero = body.indexOf(0);
    const text = decodeUtf8(zero === -1 ? body : body.subarray(0, zero));
    if (text === undefined)
      return refuse('archive-unsafe', 'An entry of the tar archive has a name that is not UTF-8.');
    if ((kind === 'long-name' ? this.#longName : this.#longLink) !== undefined) return twoNames();
    if (kind === 'long-name') this.#longName = text;
    else this.#longLink = text;
    return undefined;
  }

  #startMember(header: TarHeader): Refusal | undefined {
    const { path, linkpath, size } = this.#pax ?? {};
    if (path !== undefined && this.#longName !== undefined) return twoNames();
    if (linkpath !== undefined && this.#longLink !== undefined) return twoNames();
    const written = path ?? this.#longName ?? header.name;
    const linkTarget = linkpath ?? this.#longLink ?? header.linkTarget;
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    // Only files beyond 8 GiB need the second size; for all others a difference moves where the next header is looked for.
    if (size !== undefined && size !== String(header.sizeBytes)) return unsafe(written, 'has two different sizes');
    if (header.sizeBytes > this.#limits.unpackedBytesMax) {
      return tooLarge(`more than ${this.#limits.unpackedBytesMax} bytes`);
    }
    this.#bodyLeft = header.sizeBytes;
    this.#kept = undefined;
    this.#onBodyEnd = undefined;
    return this.#addMember(header, written, linkTarget);
  }

  #addMember({ kind, sizeBytes }: TarHeader, written: string, linkTarget: string): Refusal | undefined {
    const name = plainName(written);
    // `tar -c .` starts with an entry for the folder itself.
    if (name === '' && kind === 'folder') return undefined;
    const isFolder = kind === 'folder' || (kind === 'file' && sizeBytes === 0 && written.endsWith('/'));
    const problem = nameProblem(name, isFolder || !written.endsWith('/'));
    if (problem !== undefined) return unsafe(written, problem);
    if (kind === 'symbolic-link') {
      const outside = symbolicLinkProblem(name, linkTarget);
      if (outside !== undefined) return unsafe(written, outside);
    }
    if (kind === 'hard-link') {
      const outside = hardLinkProblem(name, plainName(linkTarget), this.#linkable);
      if (outside !== undefined) return unsafe(written, outside);
    }
    const clash = this.#paths.add(name, isFolder);
    if (clash !== undefined && !(isFolder && clash === 'is there twice')) return unsafe(written, clash);
    const entryKind = isFolder ? 'folder' : (kind as TarEntry['kind']);
    if (entryKind === 'file' || entryKind === 'hard-link') this.#linkable.add(name);
    this.#entries.push({ name, kind: entryKind, sizeBytes });
    return entryKind === 'file' && this.#wanted(name) ? this.#keep(name, sizeBytes) : undefined;
  }

  #keep(name: string, sizeBytes: number): Refusal | undefined {
    const { extractBytesMax } = this.#limits;
    this.#keptBytes += sizeBytes;
    if (this.#keptBytes > extractBytesMax) {
      return refuse('archive-too-large', `${shownName(name)} unpacks to more than ${extractBytesMax} bytes.`);
    }
    this.#kept = [];
    this.#onBodyEnd = (body) => {
      this.#files.set(name, body);
      return undefined;
    };
    return undefined;
  }

  #endBody(): Refusal | undefined {
    const end = this.#onBodyEnd;
    const body = Buffer.concat(this.#kept ?? []);
    this.#kept = undefined;
    this.#onBodyEnd = undefined;
    return end?.(body);
  }
}

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length);
    if (!part.equals(zeros.subarray(0, part.length))) return false;
  }
  return true;
}

function isExtended(kind: TarKind): boolean {
  return kind === 'pax' || kind === 'global-pax' || kind === 'long-name' || kind === 'long-link';
}

/** `./demo-1.0/` and `demo-1.0` are one folder. */
function plainName(written: string): string {
  return written
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/$/, '')
    .replace(/^\.$/, '');
}

/** On Windows a backslash separates folders, so a name must be safe read either way. */
function nameProblem(name: string, mayEndSo: boolean): string | undefined {
  if (!mayEndSo) return 'is a file by its content and a folder by its name';
  if (Buffer.byteLength(name) > entryNameBytesMax) return `has a name of more than ${entryNameBytesMax} bytes`;
  return entryNameProblem(name.replaceAll('\\', '/'));
}

function unsafe(name: string, problem: string): Refusal {
  return refuse('archive-unsafe', `The entry ${shownName(name)} of the tar archive ${problem}.`);
}

function tooLarge(how: string): Refusal {
  return refuse('archive-too-large', `The archive unpacks to ${how}.`);
}

function twoNames(): Refusal {
  return refuse('archive-unsafe', 'An entry of the tar archive has two names.');
}
