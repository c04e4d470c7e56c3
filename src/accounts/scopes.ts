/**
 * What a token may be allowed to do. Scopes are cut from rights that its principal has: a token never allows more than its
 * owner may do.
 */

export const scopes = ['read', 'push-new', 'push-version', 'unlist', 'administer'] as const;

export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

export const scopeMeanings: Record<Scope, string> = {
  read: 'read private feeds',
  'push-new': 'publish packages that do not exist yet',
  'push-version': 'publish new versions of packages that exist',
  unlist: 'unlist and relist (yank and un-yank) versions, archive and deprecate packages',
  administer: 'delete and quarantine packages, or manage feeds and tokens',
};

/**
 * Tells whether a name matches one of the globs; `*` stands for any run of characters, letters match in either case.
 * @param globs such as `Contoso.*`
 */
export function matchesGlob(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => matchOne(glob.toLowerCase(), name.toLowerCase()));
}

/** Linear in both lengths but for the restarts at `*`, so that no glob can be made slow. */
function matchOne(glob: string, name: string): boolean {
  const parts = glob.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return glob === name;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  const last = parts.at(-1) ?? '';
  return name.length - last.length >= at && name.endsWith(last);
}
