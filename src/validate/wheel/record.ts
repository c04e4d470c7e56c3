/**
 * Holds RECORD against the wheel: which files it names, as PyPI does. pip removes a package by its own copy of RECORD, so what is
 * missing there would stay behind. The digests in it are not looked at: no installer that we know compares them.
 */
import { type Refusal, refuse } from '../../std/refusals.ts';
import { decodeUtf8, shownName } from '../archive/entry-names.ts';
import type { ZipEntry } from '../archive/zip.ts';

/**
 * Compares the names in RECORD with those of the archive (PEP 376, PEP 427).
 * @param bytes of RECORD
 * @param distInfo the folder that it lies in
 * @returns a whole sentence about the difference, undefined when there is none; or `metadata-invalid` when it is no text
 */
export function compareRecord(
  bytes: Uint8Array,
  entries: readonly ZipEntry[],
  distInfo: string,
): string | undefined | Refusal {
  const text = decodeUtf8(bytes);
  if (text === undefined) return refuse('metadata-invalid', "The wheel's RECORD is not UTF-8 text.");
  const listed = new Set(text.split(/\r\n|\r|\n/).flatMap(pathOf));
  // Signatures are made after RECORD, and must not stand in it.
  const exempt = new Set([`${distInfo}/RECORD.jws`, `${distInfo}/RECORD.p7s`]);
  const held = entries.filter(({ name, isFolder }) => !isFolder && !exempt.has(name)).map(({ name }) => name);
  const unlisted = held.filter((name) => !listed.has(name));
  for (const name of held) listed.delete(name);
  const parts = [differing(unlisted, 'does not list'), differing([...listed], 'lists')];
  const [left, added] = parts;
  if (left === undefined && added === undefined) return undefined;
  const both = [left && `${left} that the wheel holds`, added && `${added} that the wheel does not hold`];
  return `The wheel's RECORD ${both.filter((part) => part !== undefined).join(', and ')}.`;
}

function differing(names: readonly string[], verb: string): string | undefined {
  const [first] = names;
  if (first === undefined) return undefined;
  return names.length === 1
    ? `${verb} the file ${shownName(first)}`
    : `${verb} ${names.length} files, such as ${shownName(first)},`;
}

/** The first field of a line of comma-separated values; tools on Windows wrote `\` for `/`. */
function pathOf(line: string): string[] {
  if (line === '') return [];
  const quoted = /^"((?:[^"]|"")*)"(?:,|$)/.exec(line)?.[1];
  const path = quoted === undefined ? line.split(',', 1)[0]! : quoted.replaceAll('""', '"');
  return [path.replaceAll('\\', '/')];
}
