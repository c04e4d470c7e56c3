/**
 * Publishes and installs canaries as twine, pip and dotnet do, over the public address and nothing else. An install counts
 * only if the bytes that came are the bytes that were published.
 */
import { createHash } from 'node:crypto';
import type { Canary } from './canary.ts';
import { type Answer, ask } from './request.ts';

/** Where a gallery is, and as whom it is used. */
export interface Customer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string;
  /** For each single request, in milliseconds. */
  readonly deadlineMs: number;
  /** By which of NuGet's protocols packages of NuGet are installed; 3 unless told. */
  readonly nugetProtocol?: 2 | 3;
}

/** An answer that is not what an install needs: a wrong status, a missing entry, other bytes. */
export class InstallError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** Pushes the canary by its ecosystem's own upload protocol; 200 or 201 is the acknowledgement. */
export async function publishCanary(customer: Customer, canary: Canary): Promise<Answer> {
  const url = feedUrl(customer, canary);
  if (canary.kind === 'nupkg') {
    const form = new FormData();
    form.append('package', new Blob([new Uint8Array(canary.bytes)]), 'package.nupkg');
    return send(customer, `${url}/v3/package`, 'PUT', form, { 'X-NuGet-ApiKey': customer.token });
  }
  const fields = {
    ':action': 'file_upload',
    protocol_version: '1',
    filetype: 'bdist_wheel',
    pyversion: 'py3',
    metadata_version: '2.1',
    name: canary.name,
    version: canary.version,
    sha256_digest: canary.sha256,
  };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('content', new Blob([new Uint8Array(canary.bytes)]), canary.filename);
  return send(customer, `${url}/legacy/`, 'POST', form, authorization(customer));
}

/** @returns whether the answer is an acknowledgement */
export function isAcknowledged(answer: Answer): boolean {
  return answer.status === 200 || answer.status === 201;
}

/** Looks the canary up, fetches its file, and compares the digest; throws InstallError, or what the connection threw. */
export async function installCanary(customer: Customer, canary: Canary): Promise<void> {
  const find = canary.kind === 'wheel' ? findWheel : customer.nugetProtocol === 2 ? findNupkgByV2 : findNupkg;
  const fileUrl = await find(customer, canary);
  const { body } = await get(customer, fileUrl, {});
  const received = createHash('sha256').update(body).digest('hex');
  if (received === canary.sha256) return;
  throw new InstallError(`${canary.filename} came with the digest ${received} and not with ${canary.sha256}`, 200);
}

/** The project's page as JSON (PEP 691), as pip and uv ask for it. */
async function findWheel(customer: Customer, canary: Canary): Promise<string> {
  const page = `${feedUrl(customer, canary)}/simple/${canary.name.toLowerCase()}/`;
  const { body } = await get(customer, page, { Accept: 'application/vnd.pypi.simple.v1+json' });
  const { files } = JSON.parse(body.toString('utf8')) as { files: { filename: string; url: string }[] };
  const file = files.find(({ filename }) => filename === canary.filename);
  if (file === undefined) throw new InstallError(`${canary.filename} is not on its project's page`, 200);
  return new URL(file.url, page).href;
}

/** Service index, list of versions, package: what a restore reads. */
async function findNupkg(customer: Customer, canary: Canary): Promise<string> {
  const index = await get(customer, `${feedUrl(customer, canary)}/v3/index.json`, {});
  const { resources } = JSON.parse(index.body.toString('utf8')) as { resources: { '@id': string; '@type': string }[] };
  const base = resources.find((resource) => resource['@type'] === 'PackageBaseAddress/3.0.0')?.['@id'];
  if (base === undefined) throw new InstallError('the service index names no PackageBaseAddress', 200);
  const folder = `${base.replace(/\/$/, '')}/${canary.name.toLowerCase()}`;
  const list = await get(customer, `${folder}/index.json`, {});
  const { versions } = JSON.parse(list.body.toString('utf8')) as { versions: string[] };
  if (!versions.includes(canary.version)) {
    throw new InstallError(`${canary.name} ${canary.version} is not in the list of versions`, 200);
  }
  return `${folder}/${canary.version}/${canary.name.toLowerCase()}.${canary.version}.nupkg`;
}

/** The list of versions, the version's own entry, and the address of its bytes: what PowerShell's package managers read. */
async function findNupkgByV2(customer: Customer, canary: Canary): Promise<string> {
  const root = `${feedUrl(customer, canary)}/api/v2`;
  const list = await get(customer, `${root}/FindPackagesById()?id='${canary.name}'&semVerLevel=2.0.0`, {});
  const address = `Packages(Id='${canary.name}',Version='${canary.version}')`;
  if (!list.body.toString('utf8').includes(`<id>${root}/${address.replaceAll("'", '&apos;')}</id>`)) {
    throw new InstallError(`${canary.name} ${canary.version} is not among the entries of its package`, 200);
  }
  const entry = await get(customer, `${root}/${address}`, {});
  const [, source] = /<content [^>]*src="([^"]+)"/.exec(entry.body.toString('utf8')) ?? [];
  if (source === undefined) throw new InstallError(`the entry of ${canary.name} does not say where its bytes are`, 200);
  return source;
}

async function get(customer: Customer, url: string, headers: Record<string, string>): Promise<Answer> {
  const answer = await ask(url, {
    headers: { ...headers, ...authorization(customer) },
    deadlineMs: customer.deadlineMs,
  });
  if (answer.status === 200) return answer;
  throw new InstallError(`${new URL(url).pathname} was answered ${answer.status} ${answer.reason}`, answer.status);
}

async function send(
  customer: Customer,
  url: string,
  method: string,
  form: FormData,
  headers: Record<string, string>,
): Promise<Answer> {
  const encoded = new Response(form);
  const contentType = encoded.headers.get('content-type') ?? '';
  const body = Buffer.from(await encoded.arrayBuffer());
  return ask(url, {
    method,
    body,
    headers: { ...headers, 'Content-Type': contentType },
    deadlineMs: customer.deadlineMs,
  });
}

/** Any user name will do; the token is the password. */
function authorization({ token }: Customer): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`__token__:${token}`).toString('base64')}` };
}

function feedUrl({ url }: Customer, { feed }: Canary): string {
  return feed === 'main' ? url : `${url}/feeds/${feed}`;
}
