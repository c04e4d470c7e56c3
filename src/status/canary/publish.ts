/**
 * Publishes canaries as twine, dotnet and PSResourceGet do, and takes them back: over the public address and nothing else. An answer
 * is an answer, whatever its status; what it means for the caller is told by the functions beside.
 */
import type { Canary } from './canary.ts';
import { publisherHeaders } from './clients.ts';
import { authorization, type Customer, feedUrl } from './customer.ts';
import { type Answer, ask, askJson, decoded } from './request.ts';

/** Pushes the canary by its ecosystem's own upload protocol; 200 or 201 is the acknowledgement. */
export async function publishCanary(customer: Customer, canary: Canary): Promise<Answer> {
  const headers = publisherHeaders[canary.kind];
  if (canary.kind !== 'wheel') {
    const form = new FormData();
    form.append('package', new Blob([new Uint8Array(canary.bytes)]), 'package.nupkg');
    return send(customer, pushAddress(customer, canary), 'PUT', form, {
      ...headers,
      'X-NuGet-ApiKey': customer.token,
    });
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
  const address = `${feedUrl(customer, canary)}/legacy/`;
  return send(customer, address, 'POST', form, { ...headers, ...authorization(customer) });
}

/** @returns whether the answer is an acknowledgement */
export function isAcknowledged(answer: Answer): boolean {
  return answer.status === 200 || answer.status === 201;
}

/**
 * @param answer to a push of a canary that had been acknowledged before
 * @returns whether the gallery says that it has these bytes: 200 for Python (an identical file is no conflict), 409 with this very
 * sentence for the others, whose `--skip-duplicate` knows a duplicate by 409 alone; or, when it never saw the first answer out, 201
 */
export function saysThereAlready(answer: Answer): boolean {
  return isAcknowledged(answer) || (answer.status === 409 && /already exists in this feed/.test(saidIn(answer)));
}

/** @returns whether the push was refused because a version or package of this name was deleted: names are held for ever */
export function saysDeleted(answer: Answer): boolean {
  const isRefused = answer.status === 409 || answer.status === 400;
  return isRefused && /was deleted|has since been deleted/.test(saidIn(answer));
}

/** Refusals stand in the reason phrase, which not every edge hands on, and in the body. */
function saidIn(answer: Answer): string {
  return `${answer.reason}\n${decoded(answer)?.toString('utf8') ?? ''}`;
}

/** Yanks (Python) or unlists (the others) the version, as the owner's client does it; 200 or 204 says that it is so. */
export function unlistCanary(customer: Customer, canary: Canary): Promise<Answer> {
  if (canary.kind === 'wheel') {
    const reason = 'a newer canary is there';
    return askApi(customer, `${apiAddress(customer, canary)}/${canary.version}/yank`, 'POST', { reason });
  }
  const { token, deadlineMs, route, ca, signal } = customer;
  return ask(`${pushAddress(customer, canary)}${canary.name}/${canary.version}`, {
    method: 'DELETE',
    headers: { ...publisherHeaders[canary.kind], 'X-NuGet-ApiKey': token },
    deadlineMs,
    route,
    ca,
    signal,
  });
}

/** Deletes one version for good; 404 when there is none. */
export function deleteCanary(customer: Customer, canary: Canary): Promise<Answer> {
  return askApi(customer, `${apiAddress(customer, canary)}/${canary.version}`, 'DELETE');
}

/** Deletes every version of the canary's package, and the name; 404 when there is none. */
export function deleteCanaryProject(customer: Customer, canary: Canary): Promise<Answer> {
  return askApi(customer, apiAddress(customer, canary), 'DELETE');
}

/** Asks the catalogue itself; 404 when the package is gone, with its bytes to be reclaimed. */
export function showCanaryProject(customer: Customer, canary: Canary): Promise<Answer> {
  return askApi(customer, apiAddress(customer, canary), 'GET');
}

function askApi(customer: Customer, address: string, method: string, value?: unknown): Promise<Answer> {
  const { token, deadlineMs, route, ca, signal } = customer;
  return askJson(address, token, method, value, { deadlineMs, route, ca, signal });
}

function apiAddress(customer: Customer, { kind, feed, name }: Canary): string {
  return `${customer.url}/api/feeds/${feed}/${kind === 'wheel' ? 'python' : 'nupkg'}/${name}`;
}

/** Where clients end up that were told the service index, or PowerShell's source. */
function pushAddress(customer: Customer, canary: Canary): string {
  return `${feedUrl(customer, canary)}/${canary.kind === 'module' ? 'powershell/api/v2/package' : 'v3/package'}/`;
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
  const { deadlineMs, route, ca, signal } = customer;
  return ask(url, {
    method,
    body,
    headers: { ...headers, 'Content-Type': contentType },
    deadlineMs,
    route,
    ca,
    signal,
  });
}
