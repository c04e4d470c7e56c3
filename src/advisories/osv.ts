/**
 * Reads an advisory in the format of OSV (its schema 1.7, https://ossf.github.io/osv-schema/), which the public databases export.
 * What is about other ecosystems is passed over; what is about ours and cannot be understood is refused, not guessed.
 */
import type { AdvisoryRow } from '../catalogue/tables.ts';
import type { AdvisoryContent } from '../documents/package-view.ts';
import { isValidPackageId, normalizePackageId } from '../identity/nupkg.ts';
import { isValidPythonName, normalizePythonName } from '../identity/python.ts';
import { writeJson } from '../std/json.ts';
import { type Refusal, refuse } from '../std/refusals.ts';
import type { Ecosystem } from '../validate/candidate.ts';
import { type Affected, affectedBy, type OsvEvent, type OsvVersions, UnknownVersionError } from './ranges.ts';
import { type ScoredSeverity, severityOf } from './severity.ts';

/** Of one file. */
export const advisoryBytesMax = 1_048_576;
export const packagesMax = 1_000;
/** Of one package in one advisory, each. */
export const eventsMax = 2_000;
export const versionsMax = 20_000;
export const rangesMax = 2_000;
const aliasesMax = 50;
const urlLengthMax = 2_000;
/** What is longer is cut. */
export const summaryLengthMax = 1_000;
export const detailsLengthMax = 32_768;

const idShape = /^[A-Za-z0-9][A-Za-z0-9._:-]{2,99}$/;
const timeShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

export interface Advisory {
  readonly id: string;
  /** UTC milliseconds. */
  readonly modifiedAt: number;
  readonly isWithdrawn: boolean;
  /** One for each package of ours; none when it is withdrawn, or about other ecosystems. */
  readonly rows: readonly AdvisoryRow[];
  /** False when nothing told the severity of a package, and it counts as moderate. */
  readonly isSeverityKnown: boolean;
}

/** Something in the file cannot be used; told as a refusal. */
class Unusable extends Error {}

/**
 * @param value the parsed file
 * @returns what the catalogue keeps of it; or `advisory-invalid` with what is wrong
 */
export function readOsv(value: unknown): Advisory | Refusal {
  try {
    return read(fieldsOf(value, 'the file'));
  } catch (error) {
    if (error instanceof Unusable || error instanceof UnknownVersionError) {
      return refuse('advisory-invalid', `The advisory cannot be used: ${error.message}.`);
    }
    throw error;
  }
}

/** As `readOsv`, from the bytes of a file. */
export function readOsvFile(bytes: Uint8Array): Advisory | Refusal {
  if (bytes.length > advisoryBytesMax) {
    return refuse('advisory-invalid', `The advisory is larger than ${advisoryBytesMax} bytes.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuse('advisory-invalid', 'The file is no JSON in UTF-8.');
  }
  return readOsv(value);
}

type Fields = { readonly [name: string]: unknown };

function read(osv: Fields): Advisory {
  const id = textOf(osv.id);
  if (!idShape.test(id)) throw new Unusable('its id is missing, or no plain word of 3 to 100 characters');
  const modified = textOf(osv.modified);
  const modifiedAt = timeShape.test(modified) ? Date.parse(modified) : Number.NaN;
  if (Number.isNaN(modifiedAt)) throw new Unusable('"modified" must be a time such as 2026-01-31T12:00:00Z');
  const isWithdrawn = osv.withdrawn !== undefined && osv.withdrawn !== null;
  const packages = isWithdrawn ? [] : packagesOf(osv);
  const severities = packages.map(({ entries }) => readSeverity(id, osv, entries));
  return {
    id,
    modifiedAt,
    isWithdrawn,
    rows: packages.map((found, index) => ({
      advisory: id,
      ecosystem: found.ecosystem,
      normalized_name: found.normalizedName,
      severity: BigInt(severities[index]!.step),
      url: urlOf(id, osv),
      content: writeJson(contentOf(osv, found.ecosystem, readAffected(found))),
      modified_at: BigInt(modifiedAt),
    })),
    isSeverityKnown: severities.every(({ isKnown }) => isKnown),
  };
}

interface NamedPackage {
  readonly ecosystem: Ecosystem;
  readonly normalizedName: string;
  /** Its entries in `affected`: most often one. */
  readonly entries: Fields[];
}

function packagesOf(osv: Fields): NamedPackage[] {
  const found = new Map<string, NamedPackage>();
  for (const value of listOf(osv.affected, 'affected')) {
    const entry = fieldsOf(value, 'an entry of "affected"');
    // An entry without a package is about commits alone.
    if (entry.package === undefined) continue;
    const { ecosystem: told, name } = fieldsOf(entry.package, '"package"');
    const ecosystem = ecosystemOf(textOf(told));
    if (ecosystem === undefined) continue;
    const normalizedName = normalizeName(ecosystem, textOf(name));
    const key = `${ecosystem} ${normalizedName}`;
    const known = found.get(key) ?? { ecosystem, normalizedName, entries: [] };
    known.entries.push(entry);
    found.set(key, known);
  }
  if (found.size > packagesMax) throw new Unusable(`it names more than ${packagesMax} packages`);
  return [...found.values()];
}

/** Exactly: an ecosystem with something behind a colon is another's own copy, with versions of its own. */
function ecosystemOf(told: string): Ecosystem | undefined {
  if (told === 'NuGet') return 'nupkg';
  return told === 'PyPI' ? 'python' : undefined;
}

function normalizeName(ecosystem: Ecosystem, name: string): string {
  const isValid = ecosystem === 'python' ? isValidPythonName(name) : isValidPackageId(name);
  if (!isValid) throw new Unusable(`"${name.slice(0, 100)}" can be no package's name`);
  return ecosystem === 'python' ? normalizePythonName(name) : normalizePackageId(name);
}

function readAffected({ ecosystem, normalizedName, entries }: NamedPackage): Affected {
  const affected = affectedBy(ecosystem, entries.map(readVersions));
  if (affected.ranges.length === 0) throw new Unusable(`it names no affected version of ${normalizedName}`);
  if (affected.ranges.length > rangesMax) {
    throw new Unusable(`it has more than ${rangesMax} ranges for ${normalizedName}`);
  }
  return affected;
}

function readVersions(entry: Fields): OsvVersions {
  const versions = listOf(entry.versions, 'versions').map(textOf);
  if (versions.length > versionsMax) throw new Unusable(`it lists more than ${versionsMax} versions`);
  const ranges = listOf(entry.ranges, 'ranges')
    .map((value) => fieldsOf(value, 'a range'))
    .filter(({ type }) => type === 'ECOSYSTEM' || type === 'SEMVER');
  return { versions, ranges: ranges.map(readEvents) };
}

const eventKinds = ['introduced', 'fixed', 'last_affected', 'limit'] as const;

function readEvents(range: Fields): OsvEvent[] {
  const events = listOf(range.events, 'events').map((value): OsvEvent => {
    const event = fieldsOf(value, 'an event');
    const [kind, ...more] = eventKinds.filter((name) => event[name] !== undefined);
    if (kind === undefined || more.length > 0) {
      throw new Unusable(`an event must have one of ${eventKinds.join(', ')}`);
    }
    return { kind, version: textOf(event[kind]) };
  });
  if (events.length > eventsMax) throw new Unusable(`a range has more than ${eventsMax} events`);
  if (!events.some(({ kind }) => kind === 'introduced')) throw new Unusable('a range has no "introduced"');
  return events;
}

/** The database's own word goes before scores, and a score for the package before one for all. */
function readSeverity(id: string, osv: Fields, entries: readonly Fields[]) {
  const wordOf = (fields: Fields) => textOf((fields.database_specific as Fields | undefined)?.severity);
  const word = entries.map(wordOf).find((text) => text !== '') ?? wordOf(osv);
  const scored = [...entries, osv].flatMap(({ severity }) => listOf(severity, 'severity')).map(readScore);
  return severityOf(id, word, scored);
}

function readScore(value: unknown): ScoredSeverity {
  const { type, score } = fieldsOf(value, 'a severity');
  return { type: textOf(type), score: textOf(score).slice(0, 500) };
}

function contentOf(osv: Fields, ecosystem: Ecosystem, { ranges, fixedIn }: Affected): AdvisoryContent {
  return {
    aliases: listOf(osv.aliases, 'aliases')
      .map(textOf)
      .filter((alias) => idShape.test(alias))
      .slice(0, aliasesMax),
    summary: cut(textOf(osv.summary), summaryLengthMax),
    details: ecosystem === 'python' ? cut(textOf(osv.details), detailsLengthMax) : '',
    ranges,
    fixedIn,
  };
}

function cut(text: string, lengthMax: number): string {
  return (text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`).toWellFormed();
}

/** Where people read about it: a reference that names the advisory, else its database's page, else what the file leads to. */
function urlOf(id: string, osv: Fields): string {
  const references = listOf(osv.references, 'references')
    .map((value) => fieldsOf(value, 'a reference'))
    .map(({ type, url }) => ({ type: textOf(type), url: textOf(url) }))
    .filter(({ url }) => /^https?:\/\//i.test(url) && URL.canParse(url) && url.length <= urlLengthMax);
  const advisories = references.filter(({ type }) => type === 'ADVISORY');
  const named = [...advisories, ...references].find(({ url }) => url.toLowerCase().includes(id.toLowerCase()));
  if (named) return named.url;
  if (id.startsWith('GHSA-')) return `https://github.com/advisories/${id}`;
  return (advisories[0] ?? references[0])?.url ?? `https://osv.dev/vulnerability/${id}`;
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Unusable(`${what} must be a JSON object`);
}

/** An array, empty when there is none. */
function listOf(value: unknown, name: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new Unusable(`"${name}" must be a list`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
