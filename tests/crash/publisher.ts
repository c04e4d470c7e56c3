/** Publishes and unlists as twine and dotnet do, through the public address, and tells an answer from no answer. */
import type { PackageFile } from './package-files.ts';

/** Something a publisher wants done, until it has been answered. */
export interface Task {
  readonly action: 'publish' | 'unlist';
  readonly file: PackageFile;
}

/**
 * `acknowledged`: the gallery said yes. `unanswered`: the connection ended, or 503, which promises nothing. Anything else is
 * an answer that nobody should have got.
 */
export type Outcome = 'acknowledged' | 'unanswered' | { readonly refused: string };

const deadlineMs = 30_000;
const feed = 'main';

export async function perform(url: string, token: string, task: Task): Promise<Outcome> {
  try {
    const answer = await send(url, token, task);
    const text = await answer.text();
    if (answer.status === statusOf(task)) return 'acknowledged';
    if (answer.status === 503) return 'unanswered';
    return { refused: `${task.action} ${task.file.filename}: ${answer.status} ${answer.statusText} ${text.trim()}` };
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') return 'unanswered';
    return { refused: `${task.action} ${task.file.filename}: no answer within ${deadlineMs} ms` };
  }
}

function statusOf({ action, file }: Task): number {
  if (file.kind !== 'nupkg') return 200;
  return action === 'publish' ? 201 : 204;
}

function send(url: string, token: string, { action, file }: Task): Promise<Response> {
  const common = { signal: AbortSignal.timeout(deadlineMs) };
  const authorization = `Basic ${Buffer.from(`__token__:${token}`).toString('base64')}`;
  if (file.kind === 'nupkg') {
    const headers = { 'X-NuGet-ApiKey': token };
    if (action === 'publish') {
      return fetch(`${url}/v3/package`, { ...common, method: 'PUT', headers, body: nugetForm(file) });
    }
    return fetch(`${url}/v3/package/${file.name}/${file.version}`, { ...common, method: 'DELETE', headers });
  }
  if (action === 'publish') {
    return fetch(`${url}/legacy/`, { ...common, method: 'POST', headers: { authorization }, body: pythonForm(file) });
  }
  const version = `${url}/api/feeds/${feed}/python/${file.normalizedName}/${file.version}`;
  const headers = { authorization, 'Content-Type': 'application/json' };
  return fetch(`${version}/unlist`, { ...common, method: 'POST', headers, body: '{"reason":"crash test"}' });
}

function nugetForm(file: PackageFile): FormData {
  const form = new FormData();
  form.set('package', new Blob([new Uint8Array(file.bytes)]), file.filename);
  return form;
}

function pythonForm(file: PackageFile): FormData {
  const form = new FormData();
  const fields = {
    ':action': 'file_upload',
    protocol_version: '1',
    filetype: file.kind === 'sdist' ? 'sdist' : 'bdist_wheel',
    pyversion: file.kind === 'sdist' ? 'source' : 'py3',
    metadata_version: '2.1',
    name: file.name,
    version: file.version,
    sha256_digest: file.sha256,
  };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('content', new Blob([new Uint8Array(file.bytes)]), file.filename);
  return form;
}
