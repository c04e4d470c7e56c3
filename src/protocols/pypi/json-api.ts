/**
 * `pypi/{name}/index.json` and `pypi/{name}/{version}/index.json`: PyPI's JSON API, for mirrors (bandersnatch) and for the many
 * tools that ask what the newest version is. No installer needs it. URLs are absolute, as on PyPI: its readers resolve nothing.
 *
 * {"info":{"description":"…","name":"demo","version":"1.0",…},"last_serial":7,"releases":{"1.0":[{"filename":…}]},
 *  "urls":[{"filename":"demo-1.0.tar.gz","packagetype":"sdist","url":"https://…/packages/…",…}],"vulnerabilities":[]}
 */
import assert from 'node:assert/strict';
import { advisoriesOf } from '../../documents/affected.ts';
import type { Document, RenderContext } from '../../documents/output.ts';
import type { AdvisoryView, FileView, PackageView, VersionView } from '../../documents/package-view.ts';
import { type Json, writeJson } from '../../std/json.ts';
import type { CoreMetadata } from '../../validate/python/core-metadata.ts';
import { descriptionInlay } from './description.ts';
import { absoluteUrlOf, filePath, jsonProject, jsonRelease, pageUrlOf, releaseUrlOf } from './keys.ts';
import { byFilename, coreMetadata, requiresPython, yanked } from './project-files.ts';

type Fields = { readonly [key: string]: Json | undefined };

/** Every document begins like this, so that the place of the description is known without searching for it. */
const start = '{"info":{"description":';

/** Renders the project and each of its versions; nothing when it has no version: there is nothing to tell then. Pure. */
export function renderJsonApi(view: PackageView, context: RenderContext): Document[] {
  const latest = latestOf(view.versions);
  if (latest === undefined) return [];
  const advisoriesAbout = advisoriesOf(view);
  const vulnerabilitiesOf = (version: VersionView) => advisoriesAbout(version.normalizedVersion).map(vulnerability);
  return [
    ...view.versions.map((version) => renderRelease(view, version, context, vulnerabilitiesOf)),
    renderProject(view, latest, context, vulnerabilitiesOf(latest)),
  ];
}

/**
 * The version that PyPI calls the latest: the highest that is neither yanked nor a pre-release; then the highest pre-release;
 * and a yanked one only where all are.
 */
export function latestOf(versions: readonly VersionView[]): VersionView | undefined {
  return (
    versions.findLast((version) => releaseYanked(version) === false && !version.isPrerelease) ??
    versions.findLast((version) => releaseYanked(version) === false) ??
    versions.findLast((version) => !version.isPrerelease) ??
    versions.at(-1)
  );
}

/**
 * Files can be yanked one by one here, but `info` tells of releases, as on PyPI: one whose files are all yanked is as good as yanked.
 * @returns false, or the reason: the release's own, or that of all of its files
 */
function releaseYanked(version: VersionView): false | string {
  const reasons = new Set(version.files.map((file) => yanked(version, file)));
  if (reasons.has(false)) return false;
  if (reasons.size === 0) return version.isListed ? false : version.unlistedReason.toWellFormed();
  const [reason = ''] = reasons;
  return reasons.size === 1 ? reason : version.unlistedReason.toWellFormed();
}

function renderProject(
  view: PackageView,
  latest: VersionView,
  context: RenderContext,
  vulnerabilities: readonly Json[],
): Document {
  const releases = Object.fromEntries(
    view.versions.map((version) => [version.normalizedVersion, fileEntries(version, context)]),
  );
  const text = writeText(info(view, latest, view.name, context), {
    last_serial: view.serial,
    releases,
    urls: releases[latest.normalizedVersion]!,
    vulnerabilities,
  });
  return {
    type: 'document',
    path: jsonProject(view.normalizedName),
    rank: 'index',
    text,
    ...inlayOf(latest),
  };
}

/**
 * Holds nothing but what is true of this version, because it is written only when something happened to this version: its name as
 * its own metadata has it, and the serial of its own newest event. An advisory is an event of the whole package, after which all of
 * them are written.
 */
function renderRelease(
  view: PackageView,
  version: VersionView,
  context: RenderContext,
  vulnerabilitiesOf: (version: VersionView) => readonly Json[],
): Document {
  const { name } = version.metadata;
  return {
    type: 'document',
    path: jsonRelease(view.normalizedName, version.normalizedVersion),
    rank: 'leaf',
    version: version.normalizedVersion,
    // Made when it is asked for: of a thousand versions, a publish writes one.
    get text() {
      return writeText(info(view, version, typeof name === 'string' ? name : view.normalizedName, context), {
        last_serial: version.serial,
        urls: fileEntries(version, context),
        vulnerabilities: vulnerabilitiesOf(version),
      });
    },
    ...inlayOf(version),
  };
}

/** With the keys that PyPI gives it. What is withdrawn is not kept here, so `withdrawn` is always empty. */
function vulnerability({ advisory, url, content }: AdvisoryView): Json {
  return {
    aliases: content.aliases,
    details: content.details,
    fixed_in: content.fixedIn,
    id: advisory,
    link: url,
    source: 'osv',
    summary: content.summary === '' ? null : content.summary,
    withdrawn: null,
  };
}

/** Who owns a project is not told to everybody. */
function writeText(about: Fields, rest: Fields): string {
  const text = writeJson({ info: { description: '', ...about }, ...rest });
  assert(text.startsWith(`${start}""`));
  return text;
}

function inlayOf(version: VersionView): Pick<Document, 'inlay'> {
  const inlay = descriptionInlay(version, start.length);
  return inlay === undefined ? {} : { inlay };
}

function info(view: PackageView, version: VersionView, name: string, context: RenderContext): Fields {
  const metadata = version.metadata as Partial<CoreMetadata>;
  const pageUrl = pageUrlOf(view.normalizedName, context);
  const reason = releaseYanked(version);
  return {
    author: metadata.author ?? null,
    author_email: metadata.authorEmail ?? null,
    bugtrack_url: null,
    classifiers: metadata.classifiers ?? [],
    description_content_type: metadata.descriptionContentType ?? null,
    docs_url: null,
    download_url: metadata.downloadUrl ?? null,
    downloads: { last_day: -1, last_month: -1, last_week: -1 },
    dynamic: unlessEmpty(metadata.dynamic),
    home_page: metadata.homePage ?? null,
    keywords: metadata.keywords ?? null,
    license: metadata.license ?? null,
    license_expression: metadata.licenseExpression ?? null,
    license_files: unlessEmpty(metadata.licenseFiles),
    maintainer: metadata.maintainer ?? null,
    maintainer_email: metadata.maintainerEmail ?? null,
    name,
    package_url: pageUrl,
    platform: unlessEmpty(metadata.platforms)?.join(',') ?? null,
    project_url: pageUrl,
    project_urls: projectUrls(metadata),
    provides_extra: unlessEmpty(metadata.providesExtra),
    release_url: releaseUrlOf(view.normalizedName, version.normalizedVersion, context),
    requires_dist: unlessEmpty(metadata.requiresDist),
    requires_python: metadata.requiresPython ?? null,
    summary: metadata.summary ?? null,
    version: version.normalizedVersion,
    yanked: reason !== false,
    yanked_reason: reason === false || reason === '' ? null : reason,
  };
}

function unlessEmpty(list: readonly string[] | undefined): readonly string[] | null {
  return list === undefined || list.length === 0 ? null : list;
}

/** By label, as on PyPI: the two addresses that have fields of their own stand among them. */
function projectUrls({ homePage, downloadUrl, projectUrls: labelled = [] }: Partial<CoreMetadata>): Fields | null {
  const all = [
    ...(homePage === undefined ? [] : [['Homepage', homePage] as const]),
    ...(downloadUrl === undefined ? [] : [['Download', downloadUrl] as const]),
    ...labelled.map(({ label, url }) => [label, url] as const),
  ];
  return all.length === 0 ? null : Object.fromEntries(all);
}

function fileEntries(version: VersionView, context: RenderContext): Json[] {
  return byFilename(version).map((file) => fileEntry(version, file, context));
}

/** One file, with the keys that PyPI gives it. What nobody counts or keeps here stands as PyPI writes it where it does not either. */
function fileEntry(version: VersionView, file: FileView, context: RenderContext): Json {
  const { md5, sha256, blake2b256 } = file.digests;
  const metadata = coreMetadata(file);
  const reason = yanked(version, file);
  const uploadTime = new Date(file.uploadedAt).toISOString();
  return {
    comment_text: '',
    'core-metadata': metadata === undefined ? false : { sha256: metadata.sha256 },
    digests: { blake2b_256: blake2b256, md5, sha256 },
    downloads: -1,
    filename: file.filename,
    has_sig: false,
    md5_digest: md5,
    packagetype: file.kind === 'wheel' ? 'bdist_wheel' : 'sdist',
    python_version: typeof file.metadata.pythonTag === 'string' ? file.metadata.pythonTag : 'source',
    requires_python: requiresPython(file),
    size: file.sizeBytes,
    upload_time: uploadTime.slice(0, 'yyyy-mm-ddThh:mm:ss'.length),
    upload_time_iso_8601: uploadTime,
    url: absoluteUrlOf(filePath(blake2b256, file.filename), context),
    yanked: reason !== false,
    yanked_reason: reason === false || reason === '' ? null : reason,
  };
}
