/**
 * A filter of the v2 protocol as a condition of SQL. Names of fields lead to expressions that stand here, and values are bound, so
 * nothing of a filter becomes part of a statement. It means what filters mean elsewhere: texts are the same without regard to
 * letter case, versions when NuGet says so; null equals null alone, and what is asked of null is not so.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { operandsOf, versionKey } from '../odata/evaluate.ts';
import type { Comparison, FieldType, Filter } from '../odata/filter-tree.ts';
import { lowerCase } from '../odata/letter-case.ts';
import { type Condition, type Need, TooSlowError } from './conditions.ts';
import { filterBit, needsPrerelease, needsSemVer2 } from './entries.ts';
import { hasPSModuleBit, hasPSScriptBit } from './entry-id.ts';

/** Parts of a filter, and fields of an order, together; a larger one is not looked at. */
export const filterPartsMax = 500;

/** Characters of a text that a filter puts together. */
export const joinedLengthMax = 2 * 1024 * 1024;

/** How rows are told apart: the newest versions alone, or every version with the texts of the newest one. */
export interface Rows {
  readonly hasAllVersions: boolean;
  readonly hasSemVer2: boolean;
}

/** A value of SQL. A text is in small letters already. */
export interface Expression extends Condition {
  readonly type: FieldType | 'null';
  /** Of a version: what orders as versions do. */
  readonly key?: string;
  /** The text, when it is known here. */
  readonly literal?: string;
}

/** A longer text is so much work that the clock is looked at for each; in characters. */
const longText = 64 * 1024;

/**
 * What SQL has no function of its own for.
 * @param checkTime throws when the time is over
 */
export function registerFilterFunctions(db: DatabaseSync, checkTime: () => void): void {
  const ofText = (name: string, of: (text: string) => SQLInputValue) =>
    db.function(name, { deterministic: true }, (value: unknown) => {
      if (value === null) return null;
      const text = String(value);
      if (text.length > longText) checkTime();
      return of(text);
    });
  ofText('fold', lowerCase);
  ofText('version_key', versionKey);
  ofText('trimmed', (text) => text.trim());
  db.function('joined', { deterministic: true }, (one: unknown, other: unknown) => {
    if (one === null || other === null) return null;
    const text = `${one}${other}`;
    if (text.length > joinedLengthMax) throw new TooSlowError('the filter puts together texts that are too long');
    return text;
  });
  ofText('units', (text) => text.length);
  db.function('ends_with', { deterministic: true }, (text: unknown, end: unknown) =>
    Number(text !== null && end !== null && String(text).endsWith(String(end))),
  );
  db.function('unit_index', { deterministic: true }, (text: unknown, part: unknown) =>
    text === null || part === null ? null : String(text).indexOf(String(part)),
  );
}

/** Fields that are texts of the stored JSON, and where they are in it. */
const texts: Readonly<Record<string, string>> = {
  Authors: 'authors',
  Owners: 'owners',
  Description: 'description',
  Summary: 'summary',
  ReleaseNotes: 'releaseNotes',
  Copyright: 'copyright',
  Language: 'language',
  Dependencies: 'dependencies',
  MinClientVersion: 'minClientVersion',
  ProjectUrl: 'projectUrl',
  IconUrl: 'iconUrl',
  LicenseUrl: 'licenseUrl',
  PackageHash: 'packageHash',
  ItemType: 'powershell.itemType',
  CompanyName: 'powershell.companyName',
  GUID: 'powershell.guid',
};

const plain = (type: Expression['type'], sql: string, ...needs: Need[]): Expression => ({
  type,
  sql: () => sql,
  values: [],
  needs,
});

const createdAt = plain('datetime', 'v.created_at', 'versions');

/** Fields that are the same for all kinds of rows. */
const fields: Readonly<Record<string, Expression>> = {
  ...Object.fromEntries(
    Object.entries(texts).map(([name, path]) => [name, plain('string', `fold(f.entry ->> '$.${path}')`, 'feedEntry')]),
  ),
  Id: plain('string', 'e.normalized_id', 'entries'),
  Title: plain('string', "coalesce(fold(f.entry ->> '$.title'), e.normalized_id)", 'feedEntry', 'entries'),
  Tags: plain('string', "coalesce(t.tags, '')", 'tags'),
  PackageHashAlgorithm: plain('string', "'sha512'"),
  Version: { ...plain('version', 'lower(v.version)', 'entries', 'versions'), key: 'v.sort_key' },
  NormalizedVersion: { ...plain('version', 'v.lower', 'entries', 'versions'), key: 'v.sort_key' },
  Created: createdAt,
  Published: createdAt,
  LastUpdated: createdAt,
  LastEdited: plain('datetime', 'null'),
  RequireLicenseAcceptance: plain('boolean', "f.entry ->> '$.requireLicenseAcceptance'", 'feedEntry'),
  DevelopmentDependency: plain('boolean', "f.entry ->> '$.developmentDependency'", 'feedEntry'),
  PackageSize: plain('number', "f.entry ->> '$.packageSize'", 'feedEntry'),
  DownloadCount: plain('number', 'e.downloads', 'entries'),
  // Versions are not counted one by one so far.
  VersionDownloadCount: plain('number', '0'),
};

/** @returns the bits of the askers to whom the newest release, or the newest version of all, is the newest one */
export function latestBits(hasSemVer2: boolean): { readonly release: number; readonly any: number } {
  const semVer2 = hasSemVer2 ? needsSemVer2 : 0;
  return { release: filterBit(semVer2), any: filterBit(semVer2 | needsPrerelease) };
}

/** @param name in the feed's spelling */
export function fieldOf(name: string, rows: Rows): Expression {
  const { release, any } = latestBits(rows.hasSemVer2);
  if (name === 'IsLatestVersion') return isNewest(release, rows);
  if (name === 'IsAbsoluteLatestVersion') return isNewest(any, rows);
  if (name === 'IsPrerelease') {
    if (rows.hasAllVersions) return plain('boolean', `(v.needs & ${needsPrerelease}) <> 0`, 'versions');
    // A release that is the newest version to somebody is the newest one to somebody who sees releases alone.
    const releases = filterBit(0) | filterBit(needsSemVer2);
    return { type: 'boolean', sql: (id) => `(${id} & ${releases}) = 0`, values: [], needs: [] };
  }
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) throw new Error(`search has no field ${name}`);
  return field;
}

function isNewest(bit: number, { hasAllVersions }: Rows): Expression {
  if (!hasAllVersions) return { type: 'boolean', sql: (id) => `(${id} & ${bit}) <> 0`, values: [], needs: [] };
  const sql = `exists (select 1 from entries n
    where n.package_id = v.package_id and n.position = v.position and (n.id & ${bit}) <> 0)`;
  return plain('boolean', sql, 'versions');
}

/** What a chain of `and` joins, from left to right. */
export function conjunctsOf(filter: Filter): readonly Filter[] {
  return operandsOf(filter, 'and').map(withoutTruth);
}

/** `x eq true` says x, in either order and however often. */
function withoutTruth(filter: Filter): Filter {
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return filter;
  const { left, right } = filter;
  const isTrue = ({ kind, ...rest }: Filter) => kind === 'literal' && (rest as { value: unknown }).value === true;
  if (isTrue(right)) return withoutTruth(left);
  return isTrue(left) ? withoutTruth(right) : filter;
}

/** @returns a condition for each filter, all of which must hold */
export function compileFilters(filters: readonly Filter[], rows: Rows): Condition[] {
  let parts = 0;
  const compile = (part: Filter): Expression => {
    parts += 1;
    if (parts > filterPartsMax) throw new TooSlowError('the filter has too many parts');
    switch (part.kind) {
      case 'literal':
        return literal(part);
      case 'field':
        return fieldOf(part.name, rows);
      case 'not':
        return combined('boolean', ([one]) => `not ${one}`, truth(compile(part.operand)));
      case 'and':
      case 'or': {
        const operands = operandsOf(part, part.kind).map((operand) => truth(compile(operand)));
        return combined('boolean', (all) => `(${all.join(` ${part.kind} `)})`, ...operands);
      }
      case 'compare':
        return comparison(part.operator, compile(part.left), compile(part.right));
      case 'call':
        return call(part, part.parameters.map(compile));
    }
  };
  return filters.map((filter) => truth(compile(filter)));
}

/** False where there is no truth in it. */
function truth(expression: Expression): Expression {
  if (expression.type !== 'boolean') return { ...expression, type: 'boolean', sql: () => '0', values: [], needs: [] };
  return expression;
}

function literal({ type, value }: Filter & { kind: 'literal' }): Expression {
  const about = { values: [] as SQLInputValue[], needs: [] };
  if (type === 'null') return { ...about, type, sql: () => 'null' };
  if (type === 'boolean') return { ...about, type, sql: () => (value ? '1' : '0') };
  if (type !== 'string') return { ...about, type, sql: () => '?', values: [value] };
  // No text that is kept has the character zero, at which functions of SQLite stop.
  const folded = lowerCase(value).replaceAll('\0', '\uFFFD');
  return { ...about, type, sql: () => '?', values: [folded], literal: folded };
}

/** Puts expressions together; their values are bound in the order in which they are named. */
function combined(
  type: Expression['type'],
  sql: (parts: readonly string[]) => string,
  ...parts: readonly Expression[]
): Expression {
  return {
    type,
    sql: (id) => sql(parts.map((part) => part.sql(id))),
    values: parts.flatMap(({ values }) => values),
    needs: parts.flatMap(({ needs }) => needs),
  };
}

const operators: Readonly<Record<Comparison, string>> = {
  eq: 'is',
  ne: 'is not',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
};

function comparison(operator: Comparison, left: Expression, right: Expression): Expression {
  const sides = left.type === 'version' || right.type === 'version' ? [asKey(left), asKey(right)] : [left, right];
  const isEquality = operator === 'eq' || operator === 'ne';
  const sql = ([one, other]: readonly string[]) => {
    const compared = `${one} ${operators[operator]} ${other}`;
    return isEquality ? `(${compared})` : `coalesce(${compared}, 0)`;
  };
  return combined('boolean', sql, ...sides);
}

function asKey(expression: Expression): Expression {
  const { key, literal: text } = expression;
  if (key !== undefined) return { ...expression, sql: () => key };
  if (text !== undefined) return { ...expression, values: [versionKey(text)] };
  return combined('string', ([value]) => `version_key(${value})`, expression);
}

function call({ name }: Filter & { kind: 'call' }, parameters: readonly Expression[]): Expression {
  const [one, other] = parameters as [Expression, Expression];
  switch (name) {
    case 'substringof':
      return (
        marked(one, other) ??
        combined('boolean', ([text, part]) => `coalesce(instr(${text}, ${part}) > 0, 0)`, other, one)
      );
    case 'startswith':
      return combined('boolean', ([text, part]) => `coalesce(instr(${text}, ${part}) = 1, 0)`, one, other);
    case 'endswith':
      return other.literal === undefined || other.literal === ''
        ? combined('boolean', ([text, part]) => `ends_with(${text}, ${part})`, one, other)
        : combined(
            'boolean',
            ([text, part, end]) => `coalesce(substr(${text}, -length(${part})) = ${end}, 0)`,
            one,
            other,
            other,
          );
    case 'indexof':
      return combined('number', ([text, part]) => `unit_index(${text}, ${part})`, one, other);
    case 'concat':
      return combined('string', ([text, more]) => `joined(${text}, ${more})`, one, other);
    case 'tolower':
    case 'toupper':
      return { ...one, type: 'string' };
    case 'trim':
      return combined('string', ([text]) => `trimmed(${text})`, one);
    case 'length':
      return combined('number', ([text]) => `units(${text})`, one);
  }
}

/** Two texts are looked for in tags all the time, so that each entry's id says whether it has them. */
function marked(part: Expression, text: Expression): Expression | undefined {
  const bit = part.literal === 'psmodule' ? hasPSModuleBit : part.literal === 'psscript' ? hasPSScriptBit : undefined;
  if (bit === undefined || text !== fields.Tags) return undefined;
  return { type: 'boolean', sql: (id) => `(${id} & ${bit}) <> 0`, values: [], needs: [] };
}
