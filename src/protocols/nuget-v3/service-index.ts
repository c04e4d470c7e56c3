/**
 * The service index: where a client finds each part of the protocol. Clients look `@type` up as exact text, in an order of
 * their own, so that every type that any of them knows stands here. All addresses but that of the older protocol are below the
 * index's own folder: .NET sends credentials ahead of a challenge only there.
 *
 *   {"version":"3.0.0","resources":[{"@id":"https://host/v3/flat/","@type":"PackageBaseAddress/3.0.0"}, …]}
 */
import type { Document, RenderContext } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import {
  autocompleteAddress,
  catalogIndex,
  flatFolder,
  type Hive,
  legacyAddress,
  plainHive,
  publishFolder,
  publishSymbolsAddress,
  searchAddress,
  semVer2Hive,
  serviceIndex,
  urlOf,
  vulnerabilityIndex,
} from './keys.ts';

const registrations: readonly { type: string; hive: Hive; comment: string; clientVersion?: string }[] = [
  { type: 'RegistrationsBaseUrl', hive: plainHive, comment: 'Package metadata without SemVer 2 versions.' },
  { type: 'RegistrationsBaseUrl/3.0.0-beta', hive: plainHive, comment: 'Package metadata without SemVer 2 versions.' },
  { type: 'RegistrationsBaseUrl/3.0.0-rc', hive: plainHive, comment: 'Package metadata without SemVer 2 versions.' },
  { type: 'RegistrationsBaseUrl/3.4.0', hive: plainHive, comment: 'The same; its clients take gzip.' },
  { type: 'RegistrationsBaseUrl/3.6.0', hive: semVer2Hive, comment: 'All package metadata, always as gzip.' },
  {
    type: 'RegistrationsBaseUrl/Versioned',
    hive: semVer2Hive,
    comment: 'All package metadata, always as gzip.',
    clientVersion: '4.3.0-alpha',
  },
];

/** Clients look for the same two services under these names, each in an order of its own. */
const searchTypes = ['', '/3.0.0-beta', '/3.0.0-rc', '/3.5.0'];

/**
 * Renders the service index, which depends on the feed's address.
 * @param hasAdvisories whether any vulnerability is known: the protocol wants the resource left out otherwise
 */
export function renderServiceIndex(context: RenderContext, hasAdvisories: boolean): Document {
  const flat = `${urlOf(flatFolder, context)}/`;
  const resources = [
    { '@id': flat, '@type': 'PackageBaseAddress/3.0.0', comment: 'Packages, their nuspecs and lists of versions.' },
    ...registrations.map(({ type, hive, comment, clientVersion }) => ({
      '@id': `${urlOf(hive.folder, context)}/`,
      '@type': type,
      comment,
      clientVersion,
    })),
    ...searchTypes.map((version) => ({
      '@id': urlOf(searchAddress, context),
      '@type': `SearchQueryService${version}`,
      comment: 'Packages by words, fields and types.',
    })),
    ...searchTypes.map((version) => ({
      '@id': urlOf(autocompleteAddress, context),
      '@type': `SearchAutocompleteService${version}`,
      comment: 'Ids that begin so, and the versions of an id.',
    })),
    { '@id': urlOf(publishFolder, context), '@type': 'PackagePublish/2.0.0', comment: 'Push, unlist and relist.' },
    {
      '@id': urlOf(publishSymbolsAddress, context),
      '@type': 'SymbolPackagePublish/4.9.0',
      comment: 'Push of symbol packages.',
    },
    {
      '@id': urlOf(legacyAddress, context),
      '@type': 'LegacyGallery/2.0.0',
      comment: 'The same packages over NuGet v2, which `nuget list` asks.',
    },
    { '@id': urlOf(catalogIndex, context), '@type': 'Catalog/3.0.0', comment: 'All that happened, for mirrors.' },
    {
      '@id': `${flat}{lower_id}/{lower_version}/readme`,
      '@type': 'ReadmeUriTemplate/6.13.0',
      comment: 'The readme of a version, as Markdown.',
    },
    ...(hasAdvisories ? [vulnerabilities(context)] : []),
  ];
  return { type: 'document', path: serviceIndex, rank: 'index', text: writeJson({ version: '3.0.0', resources }) };
}

function vulnerabilities(context: RenderContext): Record<string, string> {
  return {
    '@id': urlOf(vulnerabilityIndex, context),
    '@type': 'VulnerabilityInfo/6.7.0',
    comment: 'Known vulnerabilities, also of packages that are not here.',
  };
}
