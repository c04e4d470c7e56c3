/**
 * Queries as clients send them, character by character where they were seen on the wire or stand in a client's own tests, and
 * which of tests/odata/packages.ts they are about.
 */

export interface ClientRequest {
  readonly client: string;
  /** What stands behind the question mark. */
  readonly query: string;
  /** The packages that the filter lets through, by their names in the table of packages. */
  readonly finds: readonly string[];
  /** The package that the filter is about, when it is about one. */
  readonly id?: string;
}

const newest = ['Demo.Lib 1.10.0', 'MyGet 1.0.0', 'Do-It 3.0.0'];
const newestOfAll = ['Demo.Lib 2.0.0-beta', 'MyGet 1.0.0', 'Do-It 3.0.0'];
const all = ['Demo.Lib 1.9.0', 'Demo.Lib 1.10.0', 'Demo.Lib 2.0.0-beta', 'MyGet 1.0.0', 'Do-It 3.0.0'];

export const clientRequests: readonly ClientRequest[] = [
  // NuGet.Client against a v2 source
  {
    client: 'dotnet and nuget.exe, search',
    query:
      "$filter=IsLatestVersion&searchTerm='demo'&targetFramework=''&includePrerelease=false&$skip=0&$top=20&semVerLevel=2.0.0",
    finds: newest,
  },
  {
    client: 'dotnet and nuget.exe, search with prereleases',
    query:
      "$filter=IsAbsoluteLatestVersion&$orderby=Id&searchTerm='foo%21%20bar%2F%20baz%3F'&targetFramework='net45%7Cnetcoreapp1.0'&includePrerelease=true&$skip=0&$top=30&semVerLevel=2.0.0",
    finds: newestOfAll,
  },
  {
    client: 'nuget.exe, list of a word at a feed without Search()',
    query:
      "$filter=(((Id%20ne%20null)%20and%20substringof('spring',tolower(Id)))%20or%20((Description%20ne%20null)%20and%20substringof('spring',tolower(Description))))%20or%20((Tags%20ne%20null)%20and%20substringof('%20spring%20',tolower(Tags)))&semVerLevel=2.0.0",
    finds: ['Demo.Lib 1.9.0', 'Demo.Lib 1.10.0', 'Demo.Lib 2.0.0-beta'],
  },
  {
    client: 'nuget.exe and Chocolatey, list of a word, newest versions',
    query:
      "$filter=((((Id%20ne%20null)%20and%20substringof('json',tolower(Id)))%20or%20((Description%20ne%20null)%20and%20substringof('json',tolower(Description))))%20or%20((Tags%20ne%20null)%20and%20substringof('%20json%20',tolower(Tags))))%20and%20IsLatestVersion&$orderby=Id&$skip=0&$top=30&semVerLevel=2.0.0",
    finds: ['Demo.Lib 1.10.0'],
  },
  {
    client: 'nuget.exe, list of two words',
    query:
      "$filter=((((((Id%20ne%20null)%20and%20substringof('myget',tolower(Id)))%20or%20((Description%20ne%20null)%20and%20substringof('myget',tolower(Description))))%20or%20((Tags%20ne%20null)%20and%20substringof('%20myget%20',tolower(Tags))))%20or%20((Id%20ne%20null)%20and%20substringof('bar',tolower(Id))))%20or%20((Description%20ne%20null)%20and%20substringof('bar',tolower(Description))))%20or%20((Tags%20ne%20null)%20and%20substringof('%20bar%20',tolower(Tags)))&semVerLevel=2.0.0",
    finds: ['MyGet 1.0.0'],
  },
  { client: 'nuget.exe, all versions', query: '$orderby=Id&$skip=0&$top=30&semVerLevel=2.0.0', finds: all },
  // nuget.exe 2.8
  {
    client: 'nuget.exe 2.8, install',
    query: "$filter=IsLatestVersion&$orderby=Version%20desc&$top=1&id='Demo.Lib'",
    finds: newest,
  },
  {
    client: 'nuget.exe 2.8, install where there is no FindPackagesById()',
    query: '$filter=tolower(Id)%20eq%20%27demo.lib%27&$orderby=Id',
    finds: ['Demo.Lib 1.9.0', 'Demo.Lib 1.10.0', 'Demo.Lib 2.0.0-beta'],
    id: 'demo.lib',
  },
  {
    client: 'Chocolatey, install',
    query: "$filter=(tolower(Id)%20eq%20'demo.lib')%20and%20IsLatestVersion",
    finds: ['Demo.Lib 1.10.0'],
    id: 'demo.lib',
  },
  {
    client: 'Visual Studio 2010, dialog',
    query: '$filter=IsLatestVersion&$orderby=concat(Title,Id)&$skip=0&$top=10&$inlinecount=allpages',
    finds: newest,
  },
  // PowerShellGet 2
  {
    client: 'PowerShellGet, Find-Module with a tag',
    query:
      "$filter=IsLatestVersion&searchTerm='TEXT%20tag:PSCommand_A%20tag:B'&targetFramework=''&includePrerelease=false&$skip=0&$top=40",
    finds: newest,
  },
  {
    client: 'PowerShellGet, Find-Module -AllVersions',
    query:
      "$orderby=DownloadCount%20desc,Id&searchTerm='TEXT'&targetFramework=''&includePrerelease=true&$skip=0&$top=40",
    finds: all,
  },
  // PSResourceGet
  {
    client: 'PSResourceGet, name',
    query: '%24filter=Id+eq+%27Demo.Lib%27+and+IsLatestVersion+eq+true&%24inlinecount=allpages&id=%27Demo.Lib%27',
    finds: ['Demo.Lib 1.10.0'],
    id: 'Demo.Lib',
  },
  {
    client: 'PSResourceGet, name of a module, with a tag',
    query:
      '%24filter=Id+eq+%27MyGet%27+and+IsAbsoluteLatestVersion+eq+true+and+substringof(%27PSScript%27%2c+Tags)+eq+false+and+substringof(%27psmodule%27%2c+Tags)+eq+true&%24inlinecount=allpages&id=%27MyGet%27',
    finds: ['MyGet 1.0.0'],
    id: 'MyGet',
  },
  {
    client: 'PSResourceGet, name and version',
    query:
      '%24filter=Id+eq+%27demo.lib%27+and+NormalizedVersion+eq+%271.10%27&%24inlinecount=allpages&id=%27demo.lib%27',
    finds: ['Demo.Lib 1.10.0'],
    id: 'demo.lib',
  },
  {
    client: 'PSResourceGet, range of versions',
    query:
      '%24filter=NormalizedVersion+ge+%271.9.0%27+and+NormalizedVersion+lt+%272.0.0%27+and+IsPrerelease+eq+false+and+Id+eq+%27Demo.Lib%27&%24inlinecount=allpages&%24skip=0&%24orderby=NormalizedVersion+desc&id=%27Demo.Lib%27',
    finds: ['Demo.Lib 1.9.0', 'Demo.Lib 1.10.0'],
    id: 'Demo.Lib',
  },
  {
    client: 'PSResourceGet, beginning of a name',
    query: '%24filter=IsLatestVersion+and+startswith(Id%2c+%27my%27)&%24inlinecount=allpages&%24skip=0&%24top=100',
    finds: ['MyGet 1.0.0'],
  },
  {
    client: 'PSResourceGet, beginning and end of a name',
    query:
      '%24filter=IsLatestVersion+and+startswith(Id%2c+%27My%27)+and+endswith(Id%2c+%27Get%27)&%24inlinecount=allpages&%24skip=0&%24top=100',
    finds: ['MyGet 1.0.0'],
  },
  {
    client: 'PSResourceGet, tag, scripts',
    query:
      '%24filter=IsLatestVersion+and+substringof(%27PSScript%27%2c+Tags)+eq+true+and+substringof(%27a%27%2c+Tags)+eq+true&%24inlinecount=allpages&%24skip=0&%24top=6000',
    finds: ['Do-It 3.0.0'],
  },
  {
    client: 'PSResourceGet, command',
    query:
      '%24filter=IsLatestVersion&searchTerm=%27tag%3aPSCommand_Get-MyThing%27&%24inlinecount=allpages&%24skip=0&%24top=6000',
    finds: newest,
  },
  {
    client: 'PSResourceGet, everything, with the option within itself that some versions send',
    query: '$filter=%24filter=IsLatestVersion&%24inlinecount=allpages&%24skip=0&%24top=6000',
    finds: newest,
  },
  {
    client: 'PSResourceGet, the /nuget dialect',
    query:
      "id='Demo.Lib'&$filter=IsAbsoluteLatestVersion and Id eq 'Demo.Lib'&$inlinecount=allpages&$orderBy=NormalizedVersion desc",
    finds: ['Demo.Lib 2.0.0-beta'],
    id: 'Demo.Lib',
  },
  // Others that ask a gallery
  {
    client: 'a mirror that follows the feed',
    query: "$filter=Created gt DateTime'2026-01-01T00:00:00.0000000Z'&$top=40&$orderby=Created&$select=Created,Id",
    finds: ['Demo.Lib 1.10.0', 'Demo.Lib 2.0.0-beta'],
  },
  {
    client: 'a badge',
    query: "$filter=Id%20eq%20'MyGet'%20and%20IsLatestVersion%20eq%20true",
    finds: ['MyGet 1.0.0'],
    id: 'MyGet',
  },
  {
    client: 'a mirror that leaves out what is unlisted',
    query:
      "$filter=Published%20gt%20datetime'1900-01-02'%20and%20not%20(Id%20eq%20'MyGet')%20and%20DownloadCount%20ge%2050L",
    finds: ['Demo.Lib 1.9.0', 'Demo.Lib 1.10.0'],
  },
];
