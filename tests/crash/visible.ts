/** What installers see of a package: every file its documents name, read through the public address. */
import type { PackageFile } from './package-files.ts';

export interface NamedFile {
  readonly fileUrl: string;
  /** Where its core metadata or nuspec is. */
  readonly metadataUrl: string;
  /** True when every document of the package has it. */
  readonly isInAllDocuments: boolean;
  readonly isListed: boolean;
}

/** How documents of a package call a file of it. */
export function nameInDocuments(file: PackageFile): string {
  return file.kind === 'nupkg' ? file.version : file.filename;
}

/** @returns the files that the documents of the file's package name; empty when there are none */
export async function namedFiles(url: string, file: PackageFile): Promise<Map<string, NamedFile>> {
  return file.kind === 'nupkg' ? nugetFiles(url, file.normalizedName) : pythonFiles(url, file.normalizedName);
}

/** @returns the answer's JSON, undefined for 404; throws for anything else, since reading depends on no write process */
async function readDocument<T>(url: string, accept = 'application/json'): Promise<T | undefined> {
  const answer = await fetch(url, { headers: { accept }, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${url} cannot be read: ${answer.status} ${text.trim()}`);
  return JSON.parse(text) as T;
}

interface ProjectPage {
  readonly files: readonly { readonly filename: string; readonly url: string; readonly yanked: boolean | string }[];
}

async function pythonFiles(url: string, name: string): Promise<Map<string, NamedFile>> {
  const address = `${url}/simple/${name}/`;
  const page = await readDocument<ProjectPage>(address, 'application/vnd.pypi.simple.v1+json');
  const html = await (await fetch(address, { headers: { accept: 'text/html' } })).text();
  const entries = (page?.files ?? []).map((entry) => {
    const fileUrl = new URL(entry.url, url).href;
    const named: NamedFile = {
      fileUrl,
      metadataUrl: `${fileUrl}.metadata`,
      isInAllDocuments: html.includes(`>${entry.filename}<`),
      isListed: entry.yanked === false,
    };
    return [entry.filename, named] as const;
  });
  return new Map(entries);
}

interface Registration {
  readonly items: readonly {
    readonly items: readonly {
      readonly packageContent: string;
      readonly catalogEntry: { readonly '@id': string; readonly version: string; readonly listed: boolean };
    }[];
  }[];
}

/** Packages of these tests stay below the size at which registrations get pages of their own. */
async function nugetFiles(url: string, id: string): Promise<Map<string, NamedFile>> {
  const flat = await readDocument<{ readonly versions: readonly string[] }>(`${url}/v3/flat/${id}/index.json`);
  const registration = await readDocument<Registration>(`${url}/v3/registration-semver2/${id}/index.json`);
  const entries = (registration?.items ?? []).flatMap((page) => page.items);
  const found = new Map<string, NamedFile>();
  for (const version of flat?.versions ?? []) {
    const folder = `${url}/v3/flat/${id}/${version}`;
    const entry = entries.find(({ catalogEntry }) => catalogEntry.version === version);
    const leaf = entry && (await readDocument<{ readonly listed: boolean }>(entry.catalogEntry['@id']));
    found.set(version, {
      fileUrl: entry?.packageContent ?? `${folder}/${id}.${version}.nupkg`,
      metadataUrl: `${folder}/${id}.nuspec`,
      isInAllDocuments: leaf !== undefined,
      // Leaves are written before indexes: a kill in the middle of an unlisting leaves them apart, and that one was not answered.
      isListed: (entry?.catalogEntry.listed ?? true) || (leaf?.listed ?? true),
    });
  }
  return found;
}
