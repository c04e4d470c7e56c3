/**
 * Links inside tar archives. A link that passes leads to a place inside the entry's own top folder, whatever other links the
 * archive holds.
 */

/**
 * Tells why a symbolic link must not be unpacked. Entries below a link are refused elsewhere, so the folders above a link are
 * real, and a `..` at the start of a target climbs where it says. Behind a named folder it might not: the folder may be a link.
 * @param name of the link, without a final `/`
 * @param target as the archive writes it, relative to the link's folder
 * @returns the end of a sentence that starts with the name, or undefined when the link is safe
 */
export function symbolicLinkProblem(name: string, target: string): string | undefined {
  if (target === '') return 'is a link to nowhere';
  if (/[\u0000-\u001f\u007f-\u009f]/.test(target)) return 'is a link with a control character in its target';
  if (/^[/\\]|^[A-Za-z]:/.test(target)) return 'is a link to an absolute path';
  const outside = 'is a link to a place outside the top folder';
  const folders = name.split('/').slice(0, -1);
  const steps = target.split(/[/\\]/).filter((step) => step !== '' && step !== '.');
  const climbs = steps.findIndex((step) => step !== '..');
  const ups = climbs === -1 ? steps.length : climbs;
  // The top folder itself is as far as a link may climb.
  if (ups >= folders.length) return outside;
  return steps.includes('..', ups) ? outside : undefined;
}

/**
 * Tells why a hard link must not be unpacked. It must name a file that the archive has held already: a hard link to a symbolic
 * link would carry that link's target to another folder, where it leads elsewhere.
 * @param target as the archive writes it: a name inside the archive, without `./` before it
 * @param files the names of the files and hard links so far
 * @returns the end of a sentence that starts with the name, or undefined when the link is safe
 */
export function hardLinkProblem(name: string, target: string, files: ReadonlySet<string>): string | undefined {
  if (!files.has(target)) return 'is a hard link to something that is not a file before it in the archive';
  if (target.split('/')[0] !== name.split('/')[0]) return 'is a link to a place outside the top folder';
  return undefined;
}
