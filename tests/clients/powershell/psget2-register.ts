/**
 * Register-PSRepository of PowerShellGet 2.2.5: public/psgetfunctions/Register-PSRepository.ps1, providerfunctions/Add-PackageSource.ps1,
 * private/functions/Resolve-Location.ps1, Get-ValidModuleLocation.ps1, Get-ScriptSourceLocation.ps1, Get-PublishLocation.ps1; then the
 * provider's own look at the address (Utility/NuGetPathUtility.cs ValidateUri).
 */
import { type Credential, get } from './dotnet-http.ts';
import { NuGetProvider } from './nuget-provider.ts';
import { getThrice } from './nuget-provider-pages.ts';
import { PowerShellError } from './psresource.ts';

export interface PSRepository {
  readonly sourceLocation: string;
  /** undefined: scripts are off for this repository. */
  readonly scriptSourceLocation: string | undefined;
  readonly publishLocation: string | undefined;
  readonly credential: Credential | undefined;
}

/** Statuses at which an address counts as being there. */
const reachable = [200, 401, 403, 405, 407];
const versionedEndings = ['/nuget/v2', '/nuget', 'index.json', '/api/v2'].flatMap((ending) => [ending, `${ending}/`]);

/** @returns what is kept of a repository; throws where it is not registered */
export async function register(location: string, credential: Credential | undefined): Promise<PSRepository> {
  const resolved = await resolve(location, credential);
  if (resolved === undefined)
    throw new PowerShellError(
      `The specified Uri '${location}' for parameter 'SourceLocation' is an invalid Web Uri.`,
      'InvalidWebUri',
    );
  const isVersioned = versionedEndings.some((ending) => resolved.toLowerCase().endsWith(ending));
  const below = isVersioned ? undefined : await resolve(`${resolved.replace(/\/$/, '')}/api/v2/`, credential);
  const sourceLocation = below ?? resolved;
  await validate(sourceLocation, credential);
  const base = /\/api\/v2\/?$/i.test(sourceLocation) ? sourceLocation.replace(/\/$/, '') : undefined;
  return {
    sourceLocation,
    scriptSourceLocation: base && (await resolve(`${base}/items/psscript/`, credential)),
    publishLocation: base && `${base}/package/`,
    credential,
  };
}

/** Ping-Endpoint: the address after redirects is what is kept. */
async function resolve(location: string, credential: Credential | undefined): Promise<string | undefined> {
  const answer = await get(location, {}, { credential });
  return reachable.includes(answer.status) ? answer.url : undefined;
}

/** A repository that the provider cannot make out is refused, also one that only lacks a credential. */
async function validate(location: string, credential: Credential | undefined): Promise<void> {
  const refused = (why: string) =>
    new PowerShellError(
      `The specified location '${location}' cannot be registered: ${why}`,
      'SpecifiedLocationCannotBeRegistered',
    );
  const answer = await getThrice(location, { credential, headers: {} }, true);
  if (answer === undefined || answer.status < 200 || answer.status > 299) throw refused(`status ${answer?.status}`);
  await new NuGetProvider(location, { credential, headers: {} }).check().catch((error: Error) => {
    throw refused(error.message);
  });
}
