/** Publishes and unlists as twine and dotnet do, through the public address, and tells an answer from no answer. */
import type { Career } from './career.ts';
import type { PackageFile } from './package-files.ts';

/** Something a publisher wants done, until it has been answered. */
export type Task = FileTask | CareerTask;

export interface FileTask {
  readonly action: 'publish' | 'unlist';
  readonly file: PackageFile;
}

/** The pending step of a package's life. */
export interface CareerTask {
  readonly action: 'step';
  readonly career: Career;
}

/** What a task does, in words. */
export function taskName(task: Task): string {
  if (task.action !== 'step') return `${task.action} ${task.file.filename}`;
  const { file, ...step } = { file: undefined, ...task.career.pending };
  return `${task.career.name}: ${JSON.stringify(step)} ${file ? (file as PackageFile).filename : ''}`.trim();
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
    return { refused: `${taskName(task)}: ${answer.status} ${answer.statusText} ${text.trim()}` };
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') return 'unanswered';
    return { refused: `${taskName(task)}: no answer within ${deadlineMs} ms` };
  }
}

function statusOf(task: Task): number {
  if (task.action === 'step' || task.file.kind !== 'nupkg') return 200;
  return task.action === 'publish' ? 201 : 204;
}

function send(url: string, token: string, task: Task): Promise<Response> {
  if (task.action === 'step') return takeStep(url, token, task.career);
  const { action, file } = task;
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

/** Asks for the pending step over the gallery's own API, or as twine publishes. */
function takeStep(url: string, token: string, { normalizedName, pending }: Career): Promise<Response> {
  if (!pending) throw new Error(`${normalizedName} has no step to take`);
  if (pending.does === 'publish') return send(url, token, { action: 'publish', file: pending.file });
  const address = `${url}/api/feeds/${feed}/python/${normalizedName}`;
  const authorization = `Bearer ${token}`;
  const common = { signal: AbortSignal.timeout(deadlineMs) };
  const post = (to: string, body: object) => {
    const headers = { authorization, 'Content-Type': 'application/json' };
    return fetch(to, { ...common, method: 'POST', headers, body: JSON.stringify({ reason: 'crash test', ...body }) });
  };
  const remove = (what: string) => fetch(what, { ...common, method: 'DELETE', headers: { authorization } });
  if ('version' in pending) {
    const { does, version, filename } = pending;
    const place = filename === undefined ? `${address}/${version}` : `${address}/${version}/files/${filename}`;
    return does === 'delete' ? remove(place) : post(`${place}/${does}`, {});
  }
  if (pending.does === 'delete package') return remove(address);
  return post(`${address}/status`, { status: pending.does === 'quarantine' ? 'quarantined' : 'active' });
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
