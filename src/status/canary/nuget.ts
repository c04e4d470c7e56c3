/** How dotnet finds a package over NuGet v3: service index, list of versions, package; and registration, which tells the rest. */
import type { Canary } from './canary.ts';
import type { Client } from './clients.ts';
import {
  type Advertised,
  addressIn,
  type Fields,
  type Found,
  fieldsOf,
  InstallError,
  listIn,
  objectIn,
  type Read,
} from './found.ts';

/** What the service index names, absolute, in its order. */
export type Resources = readonly { readonly type: string; readonly url: string }[];

export async function readServiceIndex(read: Read, root: string, client: Client): Promise<Resources> {
  const index = `${root}/v3/index.json`;
  const { resources } = objectIn(await read(index, client.documents), index);
  return listIn(resources, 'the list of resources in the service index').flatMap((resource) =>
    [resource['@type']].flat().map((type) => ({
      type: String(type),
      url: addressIn(resource['@id'], index, 'the address of a resource in the service index'),
    })),
  );
}

/** @returns the address of the first of these types that is there, without a slash at the end; throws InstallError when none is */
export function resourceOf(resources: Resources, ...types: readonly string[]): string {
  for (const type of types) {
    const found = resources.find((resource) => resource.type === type);
    if (found !== undefined) return found.url.replace(/\/$/, '');
  }
  throw new InstallError(`the service index names no ${types[0]?.split('/')[0]}`, 200);
}

/** What restore reads besides packages, when it is there. */
const readByRestore = /^(VulnerabilityInfo|RepositorySignatures)\//;

/** @param root of the feed, without a slash at the end */
export async function findNupkg(
  read: Read,
  resources: Resources,
  canary: Pick<Canary, 'name' | 'version' | 'sha256' | 'filename'>,
  client: Client,
): Promise<Found> {
  const id = canary.name.toLowerCase();
  const folder = `${resourceOf(resources, 'PackageBaseAddress/3.0.0')}/${id}`;
  const list = `${folder}/index.json`;
  const { versions } = objectIn(await read(list, client.documents), list);
  if (!Array.isArray(versions) || !versions.includes(canary.version)) {
    throw new InstallError(`${canary.name} ${canary.version} is not in the list of versions`, 200);
  }
  const headers = client.documents;
  return {
    file: {
      what: canary.filename,
      url: `${folder}/${canary.version}/${id}.${canary.version}.nupkg`,
      headers: client.file,
      sha256: canary.sha256,
    },
    others: [
      { what: 'the nuspec', url: `${folder}/${canary.version}/${id}.nuspec`, headers },
      ...resources
        .filter(({ type }) => readByRestore.test(type))
        .map(({ type, url }) => ({ what: type.split('/')[0] ?? '', url, headers })),
    ],
    isListed: undefined,
  };
}

/** All that registration says of the canary, and what it leads to: the version's leaf, readme, icon, license, the package itself. */
export async function findInRegistration(
  read: Read,
  resources: Resources,
  canary: Pick<Canary, 'name' | 'version' | 'sha256'>,
  client: Client,
): Promise<Pick<Found, 'others' | 'isListed'>> {
  const base = resourceOf(resources, 'RegistrationsBaseUrl/Versioned', 'RegistrationsBaseUrl/3.6.0');
  const index = `${base}/${canary.name.toLowerCase()}/index.json`;
  const { items } = objectIn(await read(index, client.documents), index);
  // The newest version is on the last page.
  for (const page of listIn(items, 'the list of pages in the registration').reverse()) {
    const leaves = listIn(await leavesOf(read, page, index, client), 'the list of versions in the registration');
    const leaf = leaves.find(
      ({ catalogEntry }) => fieldsOf(catalogEntry, 'an entry of the registration').version === canary.version,
    );
    if (leaf !== undefined) return describedBy(leaf, index, canary, client);
  }
  throw new InstallError(`${canary.name} ${canary.version} is not in its registration`, 200);
}

/** Pages of long lists are documents of their own. */
async function leavesOf(read: Read, page: Fields, index: string, client: Client): Promise<unknown> {
  if (page.items !== undefined) return page.items;
  const url = addressIn(page['@id'], index, 'the address of a page in the registration');
  return objectIn(await read(url, client.documents), url).items;
}

/** Addresses of a version that lead to this gallery when they are there. */
const described = { iconUrl: 'the icon', readmeUrl: 'the readme', licenseUrl: 'the license' };

function describedBy(
  leaf: Fields,
  index: string,
  { sha256 }: Pick<Canary, 'sha256'>,
  { documents: headers, file }: Client,
): Pick<Found, 'others' | 'isListed'> {
  const entry = fieldsOf(leaf.catalogEntry, 'an entry of the registration');
  const others: Advertised[] = [
    { what: 'the leaf of the registration', url: addressIn(leaf['@id'], index, 'the address of the leaf'), headers },
    { what: 'the catalog entry', url: addressIn(entry['@id'], index, 'the address of the catalog entry'), headers },
    {
      what: 'the package that registration names',
      url: addressIn(leaf.packageContent, index, 'the address of the package in the registration'),
      headers: file,
      sha256,
    },
  ];
  for (const [field, what] of Object.entries(described)) {
    const told = entry[field];
    if (typeof told === 'string' && told !== '') others.push({ what, url: addressIn(told, index, what), headers });
  }
  return { others, isListed: entry.listed !== false };
}
