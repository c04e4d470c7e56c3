/**
 * The service index: where a client finds each part of the protocol. Clients look `@type` up as exact text, in an order of
 * their own, so that every type that any of them knows stands here. All addresses are below the index's own folder: .NET sends
 * credentials ahead of a challenge only there.
 *
 *   {"version":"3.0.0","resources":[{"@id":"https://host/v3/flat/","@type":"PackageBaseAddress/3.0.0"}, …]}
 */
import type { Document, RenderContext } from '../../documents/output.ts';
import { writeJson } from '../../std/json.ts';
import { flatFolder, gzipHive, type Hive, plainHive, publishFolder, semVer2Hive, serviceIndex, urlOf } from './keys.ts';

const registrations: readonly { type: string; hive: Hive; comment: string; clientVersion?: string }[] = [
  { type: 'RegistrationsBaseUrl', hive: plainHive, comment: 'Package metadata without SemVer 2 versions.' },
  { type: 'RegistrationsBaseUrl/3.0.0-beta', hive: plainHive, comment: 'Package metadata without SemVer 2 versions.' },
  { type: 'RegistrationsBaseUrl/3.0.0-rc', hive: plainHive, comment: 'Package metadata without SemVer 2 versions.' },
  { type: 'RegistrationsBaseUrl/3.4.0', hive: gzipHive, comment: 'The same, always as gzip.' },
  { type: 'RegistrationsBaseUrl/3.6.0', hive: semVer2Hive, comment: 'All package metadata, always as gzip.' },
  {
    type: 'RegistrationsBaseUrl/Versioned',
    hive: semVer2Hive,
    comment: 'All package metadata, always as gzip.',
    clientVersion: '4.3.0-alpha',
  },
];

/** Renders the service index, which depends on the feed's address alone. */
export function renderServiceIndex(context: RenderContext): Document {
  const flat = `${urlOf(flatFolder, context)}/`;
  const resources = [
    { '@id': flat, '@type': 'PackageBaseAddress/3.0.0', comment: 'Packages, their nuspecs and lists of versions.' },
    ...registrations.map(({ type, hive, comment, clientVersion }) => ({
      '@id': `${urlOf(hive.folder, context)}/`,
      '@type': type,
      comment,
      clientVersion,
    })),
    { '@id': urlOf(publishFolder, context), '@type': 'PackagePublish/2.0.0', comment: 'Push, unlist and relist.' },
    {
      '@id': `${flat}{lower_id}/{lower_version}/readme`,
      '@type': 'ReadmeUriTemplate/6.13.0',
      comment: 'The readme of a version, as Markdown.',
    },
  ];
  return { type: 'document', path: serviceIndex, rank: 'index', text: writeJson({ version: '3.0.0', resources }) };
}
