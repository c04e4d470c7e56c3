/**
 * PSResourceGet as somebody types it, for tests without PowerShell: its commands, driven by the rules of its source (v1.1.1 and v1.2.0 of
 * PowerShell/PSResourceGet, src/code). A command that writes an error throws it, as with -ErrorAction Stop.
 */
import { ask } from '../runners/publish.ts';
import type { Credential } from './dotnet-http.ts';
import { failureOf, get } from './dotnet-http.ts';
import { PowerShellError, type PSResource, type RepositoryServer } from './psresource.ts';
import { Finder, type FindOptions, type Found } from './psresourceget-find.ts';
import { type Installed, type InstallOptions, Machine } from './psresourceget-install.ts';
import { NuGetServer } from './psresourceget-nuget.ts';
import { type ClientSession, type ClientVersion, V2Server } from './psresourceget-v2.ts';
import { v3Server } from './psresourceget-v3.ts';

export interface RegisterOptions {
  readonly uri: string;
  readonly version?: ClientVersion;
  readonly credential?: Credential;
}

export interface PSResourceGet {
  /** Find-PSResource NAME, or -Tag alone. */
  find(name: string | readonly string[] | undefined, options?: FindOptions): Promise<PSResource[]>;
  /** The same with -ErrorAction Continue. */
  findAndErrors(name: string | readonly string[] | undefined, options?: FindOptions): Promise<Found>;
  findCommand(...names: string[]): Promise<PSResource[]>;
  findDscResource(...names: string[]): Promise<PSResource[]>;
  install(name: string, options?: InstallOptions): Promise<Installed[]>;
  /** Save-PSResource: as install, into a folder; nothing counts as installed before. */
  save(name: string, options?: InstallOptions): Promise<Installed[]>;
  update(name: string, options?: InstallOptions): Promise<Installed[]>;
  installed(): Installed[];
  /** Publish-PSResource -NupkgPath. */
  publish(nupkg: { readonly filename: string; readonly bytes: Buffer }, options: { apiKey?: string }): Promise<void>;
}

/**
 * Register-PSResourceRepository: sends nothing. The end of the address alone says what the server is (RepositorySettings.cs
 * GetRepoAPIVersion); one that is not known can be registered, and every command then refuses it.
 */
export function registerPSResourceRepository({ uri, version = '1.2.0', credential }: RegisterOptions): PSResourceGet {
  const agent = `PSResourceGet/${version}.0 PowerShell/7.5.4 DistributionChannel/unknown PowerShellGetCompat/false`;
  // Only for the user name `token` the constructor writes the header itself, without a name (V2ServerAPICalls.cs).
  const isToken = credential?.user === 'token';
  const basic = `Basic ${Buffer.from(`:${credential?.password}`).toString('base64')}`;
  const headers = { 'User-Agent': agent, ...(isToken ? { Authorization: basic } : {}) };
  const session: ClientSession = { url: uri, version, headers, credential: isToken ? undefined : credential };
  const server = (): RepositoryServer => {
    const lower = uri.toLowerCase();
    if (lower.endsWith('/v2')) return new V2Server(session);
    if (lower.endsWith('/index.json')) return v3Server(session);
    if (lower.endsWith('/nuget')) return new NuGetServer(session);
    throw new PowerShellError(
      'Repository is not a known repository type that is supported.',
      'RepositoryApiVersionUnknown',
    );
  };
  let machine: Machine | undefined;
  const onMachine = () => {
    machine ??= new Machine(server());
    return machine;
  };
  const findAndErrors = async (
    name: string | readonly string[] | undefined,
    options: FindOptions = {},
  ): Promise<Found> => {
    const finder = new Finder(server());
    const resources =
      name === undefined && options.tag !== undefined
        ? await finder.byTag(options.tag, options)
        : await finder.byName([name ?? '*'].flat(), options);
    return { resources, errors: finder.errors };
  };
  const byCommand = async (kind: 'Command' | 'DscResource', names: readonly string[]) => {
    const finder = new Finder(server());
    return stopAtErrors({ resources: await finder.byCommand(kind, names, {}), errors: finder.errors });
  };
  return {
    findAndErrors,
    find: async (name, options) => stopAtErrors(await findAndErrors(name, options)),
    findCommand: (...names) => byCommand('Command', names),
    findDscResource: (...names) => byCommand('DscResource', names),
    install: async (name, options = {}) => onMachine().install(name, options),
    save: async (name, options = {}) => new Machine(server()).install(name, options),
    update: async (name, options = {}) => onMachine().update(name, options),
    installed: () => onMachine().installed,
    publish: (nupkg, { apiKey }) => publish(session, nupkg, apiKey),
  };
}

function stopAtErrors({ resources, errors }: Found): PSResource[] {
  if (errors[0] !== undefined) throw errors[0];
  return resources;
}

/**
 * PublishHelper.cs PushNupkg: NuGet's PushRunner sends to `{address}/package` when that ends in /v2, else to what the service index
 * names; NuGet.Client (PackageUpdateResource.cs) puts a slash behind it. Only status and reason come back.
 */
async function publish(
  session: ClientSession,
  nupkg: { filename: string; bytes: Buffer },
  apiKey: string | undefined,
): Promise<void> {
  const target = await pushAddress(session);
  const form = new FormData();
  form.append('package', new Blob([new Uint8Array(nupkg.bytes)]), 'package.nupkg');
  const encoded = new Response(form);
  const answer = await ask(target.endsWith('/') ? target : `${target}/`, {
    method: 'PUT',
    headers: {
      'Content-Type': encoded.headers.get('Content-Type') ?? '',
      'User-Agent': 'NuGet Client V3/6.12.0 (Linux)',
      'X-NuGet-Protocol-Version': '4.1.0',
      'X-NuGet-Client-Version': '6.12.0',
      ...(apiKey === undefined ? {} : { 'X-NuGet-ApiKey': apiKey }),
    },
    body: Buffer.from(await encoded.arrayBuffer()),
  });
  const failure = failureOf(answer);
  if (failure !== undefined) throw pushError(failure);
}

async function pushAddress({ url, headers, credential }: ClientSession): Promise<string> {
  const lower = url.toLowerCase();
  if (!lower.endsWith('/index.json')) return lower.endsWith('/v2') ? `${url}/package` : url;
  const answer = await get(url, headers, { decodes: true, credential });
  const { resources } = JSON.parse(answer.body.toString()) as { resources: Record<string, unknown>[] };
  const found = resources.find((resource) => resource['@type'] === 'PackagePublish/2.0.0');
  if (found === undefined) throw new PowerShellError('This source does not take packages', 'PushNupkgError');
  return String(found['@id']);
}

/** What is printed of a refused push depends on which numbers its words contain, in this order. */
function pushError(message: string): PowerShellError {
  if (message.includes('400')) {
    const asksForKey = message.includes('Api');
    return new PowerShellError(
      asksForKey ? 'Please try running again with the -ApiKey parameter and specific API key' : message,
      asksForKey ? '400ApiKeyError' : '400Error',
    );
  }
  if (message.includes('401')) {
    return message.includes('API')
      ? new PowerShellError(
          `Please try running again with the -ApiKey parameter. Exception: '${message}'`,
          '401ApiKeyError',
        )
      : new PowerShellError(`The Credential provided was incorrect. Exception: '${message}'`, '401Error');
  }
  const code = ['403', '409'].find((number) => message.includes(number));
  return new PowerShellError(message, code === undefined ? 'HTTPRequestError' : `${code}Error`);
}
