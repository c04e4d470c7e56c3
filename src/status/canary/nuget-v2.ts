/** How PowerShell's package managers, and NuGet's older clients, find a package over NuGet v2: by queries that answer in Atom. */
import { SaxesParser } from 'saxes';
import type { Canary } from './canary.ts';
import type { Client } from './clients.ts';
import { addressIn, type Found, InstallError, type Read } from './found.ts';

/** What clients read of an entry; empty where it says nothing. */
export interface AtomEntry {
  readonly address: string;
  readonly version: string;
  readonly source: string;
  readonly published: string;
}

/**
 * @param url that answered
 * @returns all entries, of a feed or of a document that is one; throws InstallError when it is no well-formed Atom
 */
export function entriesIn(body: Buffer, url: string): AtomEntry[] {
  const what = new URL(url).pathname;
  const text = body.toString('utf8');
  // The NuGet provider takes what begins otherwise for JSON.
  if (!text.startsWith('<?xml')) throw new InstallError(`${what} does not begin as XML does`, 200);
  const entries: AtomEntry[] = [];
  const parser = new SaxesParser();
  let entry: Record<keyof AtomEntry, string> | undefined;
  let inside: keyof AtomEntry | undefined;
  let root = '';
  parser.on('error', (error) => {
    throw new InstallError(`${what} is not well-formed: ${error.message}`, 200);
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (root === '') root = name;
    if (name === 'entry') entry = { address: '', version: '', source: '', published: '' };
    if (entry === undefined) return;
    if (name === 'content') entry.source = String(attributes.src ?? '');
    inside = fieldOf[name];
  });
  parser.on('text', (piece) => {
    if (entry !== undefined && inside !== undefined) entry[inside] += piece;
  });
  parser.on('closetag', ({ name }) => {
    inside = undefined;
    if (name !== 'entry' || entry === undefined) return;
    entries.push(entry);
    entry = undefined;
  });
  parser.write(text).close();
  if (root !== 'feed' && root !== 'entry') throw new InstallError(`${what} is neither a feed nor an entry`, 200);
  return entries;
}

/** PSResourceGet looks elements up by these very names, prefix and all. */
const fieldOf: Readonly<Record<string, keyof AtomEntry>> = {
  id: 'address',
  'd:NormalizedVersion': 'version',
  'd:Published': 'published',
};

/** As the NuGet provider pages: it stops at the first page that is not full. */
const pageEntries = 40;

/**
 * The list of versions page by page, the version's own entry, and the address of its bytes.
 * @param root of the protocol, without a slash at the end
 */
export async function findByV2(read: Read, root: string, canary: Canary, client: Client): Promise<Found> {
  const told = await findInPages(read, root, canary, client);
  const address = `${root}/Packages(Id='${canary.name}',Version='${canary.version}')`;
  const [entry] = entriesIn(await read(address, client.documents), address);
  if (entry?.version !== canary.version) {
    throw new InstallError(`the entry of ${canary.name} ${canary.version} is of another version`, 200);
  }
  const url = addressIn(entry.source, root, `where the bytes of ${canary.filename} are`);
  const others = [
    { what: 'the entry that the list leads to', url: addressIn(told.address, root, 'the id of an entry') },
    { what: 'the package that the list leads to', url: addressIn(told.source, root, 'the source of an entry') },
  ];
  return {
    file: { what: canary.filename, url, headers: client.file, sha256: canary.sha256 },
    others: others.filter((one) => one.url !== url).map((one) => ({ ...one, headers: client.documents })),
    // Whatever was published in 1900 is unlisted.
    isListed: Number(entry.published.slice(0, 4)) > 1900,
  };
}

async function findInPages(read: Read, root: string, canary: Canary, client: Client): Promise<AtomEntry> {
  for (let skip = 0; ; skip += pageEntries) {
    const list = `${root}/FindPackagesById()?id='${canary.name}'&$skip=${skip}&$top=${pageEntries}`;
    const entries = entriesIn(await read(list, client.documents), list);
    const found = entries.find(({ version }) => version === canary.version);
    if (found !== undefined) return found;
    if (entries.length < pageEntries) break;
  }
  throw new InstallError(`${canary.name} ${canary.version} is not among the entries of its package`, 200);
}

/** The exact version by a filter, and the address that follows from it: Install-PSResource -Version. */
export async function findByFilter(read: Read, root: string, canary: Canary, client: Client): Promise<Found> {
  const { name, version } = canary;
  const filter = `%24filter=Id+eq+%27${name}%27+and+NormalizedVersion+eq+%27${version}%27`;
  const list = `${root}/FindPackagesById()?${filter}&%24inlinecount=allpages&id=%27${name}%27`;
  const entry = entriesIn(await read(list, client.documents), list).find((one) => one.version === version);
  if (entry === undefined) throw new InstallError(`${name} ${version} is not what its filter finds`, 200);
  const url = `${root}/package/${name}/${version}`;
  return {
    file: { what: canary.filename, url, headers: client.file, sha256: canary.sha256 },
    others: [],
    isListed: Number(entry.published.slice(0, 4)) > 1900,
  };
}
