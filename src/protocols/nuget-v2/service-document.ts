/**
 * The two documents by which a client learns what a root is: the service document, whose being there is all that NuGet wants, and
 * `$metadata`, in which NuGet looks for the set `Packages`, its property `IsAbsoluteLatestVersion` and the function `Search`.
 */
import { baseUrl, escapeXml, metadataNamespace, type Site, xmlStart } from './atom.ts';
import { properties } from './properties.ts';

/** What a root has: one set of packages. */
export function serviceDocument(site: Site): string {
  return [
    xmlStart,
    `<service xml:base="${escapeXml(baseUrl(site))}" xmlns="http://www.w3.org/2007/app"`,
    ' xmlns:atom="http://www.w3.org/2005/Atom">',
    '<workspace><atom:title type="text">Default</atom:title>',
    '<collection href="Packages"><atom:title type="text">Packages</atom:title></collection>',
    '</workspace></service>',
  ].join('');
}

interface FunctionImport {
  readonly name: string;
  readonly parameters: Readonly<Record<string, 'Edm.String' | 'Edm.Boolean'>>;
}

const functions: readonly FunctionImport[] = [
  {
    name: 'Search',
    parameters: {
      searchTerm: 'Edm.String',
      targetFramework: 'Edm.String',
      includePrerelease: 'Edm.Boolean',
      semVerLevel: 'Edm.String',
    },
  },
  { name: 'FindPackagesById', parameters: { id: 'Edm.String', semVerLevel: 'Edm.String' } },
  {
    name: 'GetUpdates',
    parameters: {
      packageIds: 'Edm.String',
      versions: 'Edm.String',
      includePrerelease: 'Edm.Boolean',
      includeAllVersions: 'Edm.Boolean',
      targetFrameworks: 'Edm.String',
      versionConstraints: 'Edm.String',
      semVerLevel: 'Edm.String',
    },
  },
];

/** The schema of the feed (CSDL 2), the same at every root. */
export const feedMetadata: string = [
  xmlStart,
  '<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">',
  `<edmx:DataServices m:DataServiceVersion="2.0" m:MaxDataServiceVersion="2.0" xmlns:m="${metadataNamespace}">`,
  '<Schema Namespace="NuGetGallery.OData" xmlns="http://schemas.microsoft.com/ado/2006/04/edm">',
  '<EntityType Name="V2FeedPackage" m:HasStream="true">',
  '<Key><PropertyRef Name="Id"/><PropertyRef Name="Version"/></Key>',
  ...properties.map(
    ({ name, type, isNullable }) => `<Property Name="${name}" Type="${type}"${isNullable ? '' : ' Nullable="false"'}/>`,
  ),
  '</EntityType></Schema>',
  '<Schema Namespace="NuGetGallery" xmlns="http://schemas.microsoft.com/ado/2006/04/edm">',
  '<EntityContainer Name="V2FeedContext" m:IsDefaultEntityContainer="true">',
  '<EntitySet Name="Packages" EntityType="NuGetGallery.OData.V2FeedPackage"/>',
  ...functions.map(
    ({ name, parameters }) =>
      `<FunctionImport Name="${name}" ReturnType="Collection(NuGetGallery.OData.V2FeedPackage)" EntitySet="Packages" m:HttpMethod="GET">${Object.entries(
        parameters,
      )
        .map(([parameter, type]) => `<Parameter Name="${parameter}" Type="${type}"/>`)
        .join('')}</FunctionImport>`,
  ),
  '</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>',
].join('');
