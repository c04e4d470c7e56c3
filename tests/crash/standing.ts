/**
 * Holds what installers see of a package against how it ought to stand: its pages, its JSON, every file that was ever published, and
 * in the end the rows of its catalogue.
 */
import type { CatalogueDatabase } from '../../src/catalogue/database.ts';
import type { Career, Standing } from './career.ts';
import { sha256Of } from './package-files.ts';

interface Page {
  readonly files: readonly { readonly filename: string; readonly url: string; readonly yanked: boolean | string }[];
  readonly 'project-status': { readonly status: string };
}

async function ask(url: string, accept = '*/*'): Promise<{ status: number; body: Buffer }> {
  const answer = await fetch(url, { headers: { accept }, signal: AbortSignal.timeout(10_000) });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}

async function pageOf(url: string, career: Career): Promise<Page | undefined> {
  const { status, body } = await ask(`${url}/simple/${career.normalizedName}/`, 'application/vnd.pypi.simple.v1+json');
  if (status !== 200 && status !== 404) throw new Error(`the page of ${career.name} cannot be read: ${status}`);
  return status === 200 ? (JSON.parse(body.toString('utf8')) as Page) : undefined;
}

/** Remembers where the files of a package are served, for when its pages no longer tell. */
export async function noteAddresses(url: string, career: Career): Promise<void> {
  for (const file of (await pageOf(url, career))?.files ?? []) career.addresses.set(file.filename, `${url}${file.url}`);
}

/** @returns in what the gallery differs from a standing, a sentence each; nothing when it is exactly that */
export async function differences(url: string, career: Career, standing: Standing): Promise<string[]> {
  const { name, normalizedName } = career;
  const problems: string[] = [];
  const page = await pageOf(url, career);
  const html = await ask(`${url}/simple/${normalizedName}/`, 'text/html');
  const isOffered = standing.exists && !standing.isQuarantined;
  const offered = isOffered ? [...standing.files.values()] : [];
  const isYanked = (filename: string, version: string) => standing.yanked.has(version) || standing.yanked.has(filename);
  const wanted = offered.map((file) => `${file.filename} ${isYanked(file.filename, file.version)}`).sort();
  const shown = (page?.files ?? []).map((file) => `${file.filename} ${file.yanked !== false}`).sort();
  if (`${shown}` !== `${wanted}`) problems.push(`its page shows [${shown}] instead of [${wanted}]`);
  const anchors = [...html.body.toString('utf8').matchAll(/>([^<]+)<\/a>/g)]
    .map(([, filename = '']) => filename)
    .sort();
  if (`${anchors}` !== `${offered.map(({ filename }) => filename).sort()}`)
    problems.push(`its HTML shows [${anchors}]`);
  if ((page !== undefined) !== standing.exists) problems.push(`its page is ${page ? 'there' : 'not there'}`);
  const status = page?.['project-status'].status ?? 'quarantined';
  if (standing.exists && (status === 'quarantined') !== standing.isQuarantined)
    problems.push(`its status is ${status}`);
  const json = await ask(`${url}/pypi/${normalizedName}/json`);
  if ((json.status === 200) !== offered.length > 0) problems.push(`its JSON is answered ${json.status}`);
  const news = await ask(`${url}/rss/project/${normalizedName}/releases.xml`);
  if ((news.status === 200) !== isOffered) problems.push(`its news are answered ${news.status}`);
  for (const [filename, address] of career.addresses) {
    const file = offered.find((one) => one.filename === filename);
    for (const [place, sha256] of [
      [address, file?.sha256],
      [`${address}.metadata`, file?.metadataSha256],
    ] as const) {
      const { status: got, body } = await ask(place);
      if (file && (got !== 200 || sha256Of(body) !== sha256))
        problems.push(`${place} is answered ${got}, or with other bytes`);
      if (!file && got !== 404) problems.push(`${place} is answered ${got}, and ought to be gone`);
    }
  }
  return problems.map((problem) => `${name}: ${problem}`);
}

/** @returns which files the page of a package names that cannot be fetched, whatever step was broken off */
export async function halfThere(url: string, career: Career): Promise<string[]> {
  const problems: string[] = [];
  for (const file of (await pageOf(url, career))?.files ?? []) {
    const sent = career.files.find(({ filename }) => filename === file.filename);
    const { status, body } = await ask(`${url}${file.url}`);
    if (status !== 200 || sha256Of(body) !== sent?.sha256) {
      problems.push(
        `${career.name}: its page names ${file.filename}, which is answered ${status}, or with other bytes`,
      );
    }
  }
  return problems;
}

/** @returns in what the catalogue differs from a standing */
export async function differencesInCatalogue(db: CatalogueDatabase, { name, normalizedName, standing }: Career) {
  const found = await db
    .selectFrom('packages')
    .selectAll()
    .where('normalized_name', '=', normalizedName)
    .executeTakeFirst();
  if ((found !== undefined) !== standing.exists) return [`${name} is ${found ? '' : 'not '}in the rebuilt catalogue`];
  if (!found) return [];
  const rows = await db
    .selectFrom('files')
    .innerJoin('versions', 'versions.id', 'files.version_id')
    .select(['filename', 'version', 'files.is_listed as isFileListed', 'versions.is_listed as isVersionListed'])
    .where('files.package_id', '=', found.id)
    .execute();
  const shown = rows.map((row) => `${row.filename} ${row.isFileListed} ${row.isVersionListed}`).sort();
  const flag = (what: string) => (standing.yanked.has(what) ? 0n : 1n);
  const wanted = [...standing.files.values()]
    .map((file) => `${file.filename} ${flag(file.filename)} ${flag(file.version)}`)
    .sort();
  const problems =
    `${shown}` === `${wanted}` ? [] : [`${name} has [${shown}] instead of [${wanted}] in the rebuilt catalogue`];
  if ((found.status === 'quarantined') !== standing.isQuarantined)
    problems.push(`${name} is ${found.status} in the rebuilt catalogue`);
  return problems;
}
