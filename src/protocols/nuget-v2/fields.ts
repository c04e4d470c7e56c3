/** The fields of the v2 feed that filters and orders may name, in the feed's spelling, and what kind of values they have. */
import type { Fields, FieldType } from '../../odata/filter-tree.ts';

const byType: Readonly<Record<FieldType, readonly string[]>> = {
  string: [
    'Id',
    'Title',
    'Authors',
    'Owners',
    'Description',
    'Summary',
    'Tags',
    'ReleaseNotes',
    'Copyright',
    'Language',
    'Dependencies',
    'MinClientVersion',
    'ProjectUrl',
    'IconUrl',
    'LicenseUrl',
    'PackageHash',
    'PackageHashAlgorithm',
    'ItemType',
    'CompanyName',
    'GUID',
  ],
  version: ['Version', 'NormalizedVersion'],
  boolean: [
    'IsLatestVersion',
    'IsAbsoluteLatestVersion',
    'IsPrerelease',
    'RequireLicenseAcceptance',
    'DevelopmentDependency',
  ],
  datetime: ['Created', 'Published', 'LastUpdated', 'LastEdited'],
  number: ['DownloadCount', 'VersionDownloadCount', 'PackageSize'],
};

export const feedFields: Fields = new Map(
  Object.entries(byType).flatMap(([type, names]) => names.map((name) => [name, type as FieldType] as const)),
);
