/** `holdfast package list|show|VERB`: packages from the gallery's own machine, whether the gallery runs or not. */
import { parseArgs } from 'node:util';
import { defaultFeed } from '../blobs/keys.ts';
import { findFeed, findPackage } from '../catalogue/queries/find.ts';
import { loadPackage } from '../catalogue/queries/load-package.ts';
import type { PackageView } from '../documents/package-view.ts';
import type { Gallery } from '../gallery.ts';
import { isEcosystem, spellings } from '../identity/spelling.ts';
import { packageStatuses } from '../package-status.ts';
import { LeaseHeldError } from '../render/renderer.ts';
import { isRefusal } from '../std/refusals.ts';
import { exitFailed, exitUsage } from './exit-codes.ts';
import { type PackageSubject, packageVerbs, type Verb } from './package-verbs.ts';
import { oneLine, printTable } from './print.ts';

const takes = { package: '', 'version or file': ' VERSION', anything: ' [VERSION]' } as const;

const usage = `Usage: holdfast package list [python|nupkg] [--status STATUS] [--feed FEED]
       holdfast package show ECOSYSTEM/NAME [--feed FEED]
       holdfast package VERB ECOSYSTEM/NAME [VERSION] [options]

Verbs:
${Object.entries(packageVerbs)
  .map(([word, verb]) => `  ${`${word} NAME${takes[verb.takes]}`.padEnd(26)}${verb.about}`)
  .join('\n')}

Options:
  --file FILENAME      only this file of the version
  --reason TEXT        shown to users
  --feed FEED          the feed it is in (default: ${defaultFeed})
  --status STATUS      of list: only these (${packageStatuses.join(', ')})
  --yes                of delete: for good

Examples:
  holdfast package yank python/demo 1.0.0 --reason "broken on Python 3.13"
  holdfast package quarantine nupkg/Demo.Lib --reason "reported as malware"
`;

const options = {
  file: { type: 'string' },
  reason: { type: 'string', default: '' },
  feed: { type: 'string', default: defaultFeed },
  status: { type: 'string' },
  yes: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options });
}

type Values = ReturnType<typeof parse>['values'];

export async function packageCommand(gallery: Gallery, args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [action = '', ...named] = positionals;
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (action === 'list' && named.length <= 1) return list(gallery, named[0], values);
  const verb = Object.hasOwn(packageVerbs, action) ? packageVerbs[action] : undefined;
  if (action !== 'show' && verb === undefined) return misused();
  const subject = subjectOf(named, values);
  if (typeof subject === 'string') return misused(subject);
  if (verb === undefined) return show(gallery, subject);
  const problem = mistake(action, verb, subject);
  return problem === undefined ? carryOut(gallery, verb, subject, values) : misused(problem);
}

function misused(problem?: string): number {
  process.stderr.write(problem === undefined ? usage : `holdfast: ${problem}\n\n${usage}`);
  return exitUsage;
}

function failed(problem: string): number {
  process.stderr.write(`holdfast: ${problem}\n`);
  return exitFailed;
}

/** @returns what is wrong with the words, as a sentence */
function subjectOf([address = '', version, ...more]: readonly string[], values: Values): PackageSubject | string {
  const slash = address.indexOf('/');
  const ecosystem = address.slice(0, slash);
  const name = address.slice(slash + 1);
  if (slash < 0 || name === '' || !isEcosystem(ecosystem)) {
    return `name the package as ${Object.keys(spellings)
      .map((known) => `${known}/NAME`)
      .join(' or ')}, not as "${address}"`;
  }
  if (more.length > 0) return `"${more.join(' ')}" is one word too many; put a reason behind --reason, in quotes`;
  const spelling = spellings[ecosystem];
  return {
    feedName: values.feed,
    ecosystem,
    normalizedName: spelling.name(name),
    ...(version === undefined ? {} : { normalizedVersion: spelling.version(version) }),
    ...(values.file === undefined ? {} : { filename: values.file }),
  };
}

/** What a verb cannot be done to: nobody means the whole package when a version was named. */
function mistake(word: string, verb: Verb, { normalizedVersion, filename }: PackageSubject): string | undefined {
  if (filename !== undefined && normalizedVersion === undefined) return '--file needs the version that the file is of';
  if (verb.takes === 'package' && normalizedVersion !== undefined) return `${word} is about the whole package`;
  if (verb.takes === 'version or file' && normalizedVersion === undefined) return `${word} needs a version`;
  return undefined;
}

async function carryOut(gallery: Gallery, verb: Verb, subject: PackageSubject, values: Values): Promise<number> {
  if (verb.isForGood && !values.yes) {
    return failed(`nothing was done to ${described(subject)}: this cannot be taken back, so it needs --yes`);
  }
  try {
    const refusal = await verb.run(gallery, subject, { reason: values.reason });
    if (refusal) return failed(refusal.message);
  } catch (error) {
    if (!(error instanceof LeaseHeldError)) throw error;
    return failed(`${error.message}; the change is noted, and is completed by the gallery when it runs next`);
  }
  process.stderr.write(`${described(subject)} ${verb.done}.\n`);
  return 0;
}

function described({ feedName, ecosystem, normalizedName, normalizedVersion, filename }: PackageSubject): string {
  const version = normalizedVersion === undefined ? '' : ` ${normalizedVersion}`;
  const feed = feedName === defaultFeed ? '' : ` of the feed ${feedName}`;
  return `${filename === undefined ? '' : `${filename} of `}${ecosystem}/${normalizedName}${version}${feed}`;
}

async function list(gallery: Gallery, ecosystem: string | undefined, values: Values): Promise<number> {
  if (ecosystem !== undefined && !isEcosystem(ecosystem)) return misused(`there is no ecosystem "${ecosystem}"`);
  const status = packageStatuses.find((known) => known === values.status);
  if (values.status !== undefined && status === undefined) return misused(`there is no status "${values.status}"`);
  const feed = await findFeed(gallery.db, values.feed);
  if (isRefusal(feed)) return failed(feed.message);
  const packages = await gallery.db
    .selectFrom('packages')
    .select(['ecosystem', 'name', 'status', 'status_reason'])
    .select((of) =>
      of
        .selectFrom('versions')
        .select((count) => count.fn.countAll<bigint>().as('count'))
        .whereRef('versions.package_id', '=', 'packages.id')
        .as('versions'),
    )
    .where('feed_id', '=', feed.id)
    .$if(ecosystem !== undefined, (query) => query.where('ecosystem', '=', ecosystem ?? 'python'))
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'active'))
    .orderBy('ecosystem')
    .orderBy('normalized_name')
    .execute();
  printTable(
    ['package', 'versions', 'status', 'reason'],
    packages.map((row) => [
      `${row.ecosystem}/${row.name}`,
      String(row.versions),
      row.status,
      oneLine(row.status_reason),
    ]),
  );
  return 0;
}

async function show(gallery: Gallery, subject: PackageSubject): Promise<number> {
  const feed = await findFeed(gallery.db, subject.feedName);
  if (isRefusal(feed)) return failed(feed.message);
  const found = await findPackage(gallery.db, feed.id, subject.ecosystem, subject.normalizedName);
  const loaded = found && (await loadPackage(gallery.db, found.id));
  if (!loaded) return failed(`There is no package ${described(subject)} here.`);
  const { view } = loaded;
  const reason = view.statusReason === '' ? '' : `: ${oneLine(view.statusReason)}`;
  process.stderr.write(`${view.ecosystem}/${view.name} is ${view.status}${reason}\n`);
  const rows = rowsOf(view, subject.normalizedVersion);
  if (rows.length === 0 && subject.normalizedVersion !== undefined)
    return failed(`There is no ${described(subject)} here.`);
  printTable(['version', 'file', 'bytes', 'state', 'reason'], rows);
  return 0;
}

/** A line for each file; a version that is yanked says so at each of its files. */
function rowsOf({ ecosystem, versions }: PackageView, only: string | undefined): string[][] {
  const off = ecosystem === 'python' ? 'yanked' : 'unlisted';
  return versions
    .filter((version) => only === undefined || version.normalizedVersion === only)
    .flatMap((version) =>
      version.files.map((file) => {
        const state = !version.isListed ? off : file.isListed ? 'listed' : `file ${off}`;
        const reason = version.isListed ? file.unlistedReason : version.unlistedReason || file.unlistedReason;
        return [version.version, file.filename, String(file.sizeBytes), state, oneLine(reason)];
      }),
    );
}
