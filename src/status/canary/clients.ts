/**
 * What real clients say of themselves. A rule at an edge that turns one of them away must be seen, so probes say the same, to the
 * letter: names, versions and Accept headers as pip 23.2, uv 0.12, twine 4.0, dotnet 10 and PowerShell's package managers send them.
 */

type Headers = Readonly<Record<string, string>>;

/** A client that installs. */
export interface Client {
  /** As people call it. */
  readonly name: string;
  /** With lists and metadata. */
  readonly documents: Headers;
  /** With the package itself. */
  readonly file: Headers;
}

const cpython =
  '"cpu":"x86_64","distro":{"id":"bookworm","libc":{"lib":"glibc","version":"2.36"},"name":"Debian GNU/Linux","version":"12"}';
const implementation = '"implementation":{"name":"CPython","version":"3.11.2"}';
const pipAgent = `pip/23.2.1 {"ci":null,${cpython},${implementation},"installer":{"name":"pip","version":"23.2.1"},"openssl_version":"OpenSSL 3.0.9 30 May 2023","python":"3.11.2","setuptools_version":"66.1.1","system":{"name":"Linux","release":"6.1.0"}}`;
const uvAgent = `uv/0.12.5 {"installer":{"name":"uv","version":"0.12.5"},"python":"3.11.2",${implementation},${cpython},"system":{"name":"Linux","release":"6.1.0"},"openssl_version":null,"setuptools_version":null,"rustc_version":null,"ci":null}`;

/** pip 23.2: asks for JSON first, and for files without an encoding. */
const pip: Client = {
  name: 'pip',
  documents: {
    'User-Agent': pipAgent,
    Accept: 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01',
    'Accept-Encoding': 'gzip, deflate',
    'Cache-Control': 'max-age=0',
  },
  file: { 'User-Agent': pipAgent, Accept: '*/*', 'Accept-Encoding': 'identity' },
};

/** uv 0.12. */
const uv: Client = {
  name: 'uv',
  documents: {
    'User-Agent': uvAgent,
    Accept: 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01',
    'Accept-Encoding': 'gzip, deflate, zstd',
  },
  file: { 'User-Agent': uvAgent, Accept: '*/*', 'Accept-Encoding': 'identity' },
};

const dotnetHeaders: Headers = {
  'User-Agent': 'NuGet .NET Core MSBuild Task/7.9.0 (Debian GNU/Linux 12 (bookworm))',
  'X-NuGet-Client-Version': '7.9.0',
  'X-NuGet-Session-Id': '2f7c1f0e-5a5b-4f0b-9a53-5d4d2d1c7a11',
  'Accept-Encoding': 'gzip, deflate',
};

/** dotnet 10 as it restores: no Accept header. */
const dotnet: Client = { name: 'dotnet', documents: dotnetHeaders, file: dotnetHeaders };

const providerHeaders: Headers = {
  'User-Agent': 'Mozilla/5.0 NuGet',
  'Accept-Charset': 'UTF-8',
  'Accept-Encoding': 'gzip,deflate',
};

/** PowerShellGet 2.2 with the NuGet provider 2.8.5. */
const powerShellGet: Client = {
  name: 'PowerShellGet',
  documents: { ...providerHeaders, PSGalleryClientVersion: '1.1' },
  file: providerHeaders,
};

const psResourceGetHeaders: Headers = {
  'User-Agent': 'PSResourceGet/1.2.0.0 PowerShell/7.5.4 DistributionChannel/unknown PowerShellGetCompat/false',
};

/** PSResourceGet 1.2. */
const psResourceGet: Client = { name: 'PSResourceGet', documents: psResourceGetHeaders, file: psResourceGetHeaders };

/** Who installs what, the most used first. */
export const clients = { pip, uv, dotnet, powerShellGet, psResourceGet };

/** Who publishes what: twine, `dotnet nuget push`, and Publish-PSResource, which has the library of NuGet do it. */
export const publisherHeaders: Readonly<Record<'wheel' | 'nupkg' | 'module', Headers>> = {
  wheel: { 'User-Agent': 'twine/4.0.2 CPython/3.11.2', Accept: '*/*', 'Accept-Encoding': 'gzip, deflate' },
  nupkg: { ...dotnetHeaders, 'User-Agent': 'NuGet xplat/7.9.0' },
  module: { 'User-Agent': 'NuGet Client V3/6.9.1', 'X-NuGet-Client-Version': '6.9.1' },
};
