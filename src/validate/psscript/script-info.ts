/**
 * The comments in which a script says what it is: `<#PSScriptInfo ... #>` (Test-ScriptFileInfo of PowerShellGet 2, PSScriptMetadata.cs
 * of PSResourceGet), and its help. Lines that begin with a dot and a known name begin a field; others go on with it.
 */
import type { ScriptComment } from './script-text.ts';

const infoStart = /^<#[ \t]*PSScriptInfo\b/i;
const infoFields = new Set([
  'version',
  'guid',
  'author',
  'companyname',
  'copyright',
  'tags',
  'licenseuri',
  'projecturi',
  'iconuri',
  'externalmoduledependencies',
  'requiredscripts',
  'externalscriptdependencies',
  'releasenotes',
  'privatedata',
  'description',
]);
/** Of about_Comment_Based_Help. */
const helpFields = new Set([
  'synopsis',
  'description',
  'parameter',
  'example',
  'inputs',
  'outputs',
  'notes',
  'link',
  'component',
  'role',
  'functionality',
  'forwardhelptargetname',
  'forwardhelpcategory',
  'remotehelprunspace',
  'externalhelp',
]);

/** Fields by their name in lower case, trimmed; without empty ones. */
export type CommentFields = ReadonlyMap<string, string>;

/**
 * Reads the block that makes a script a package.
 * @returns undefined when there is none; a field's name when the field is there twice
 */
export function readScriptInfo(comments: readonly ScriptComment[]): CommentFields | string | undefined {
  const block = comments.find(({ text }) => infoStart.test(text));
  if (block === undefined) return undefined;
  const body = block.text.replace(infoStart, '').replace(/#>$/, '');
  return readFields(body.split(/\r\n|\n|\r/), infoFields);
}

/** Reads the first comment with a description or a synopsis, a block or lines that follow each other. */
export function readHelp(comments: readonly ScriptComment[], text: string): CommentFields {
  for (const lines of commentRuns(comments, text)) {
    const fields = readFields(lines, helpFields);
    if (typeof fields !== 'string' && (fields.has('description') || fields.has('synopsis'))) return fields;
  }
  return new Map();
}

function readFields(lines: readonly string[], known: ReadonlySet<string>): CommentFields | string {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^\s*\.([A-Za-z]+)(?:[\s,]+(.*))?$/.exec(line) ?? [];
    const field = name.toLowerCase();
    if (!known.has(field)) {
      current.push(line.trimEnd());
      continue;
    }
    current = [rest];
    // Help may have many parameters, examples and links.
    if (!found.has(field)) found.set(field, current);
    else if (known === infoFields) return field;
  }
  const fields = [...found].map(([field, values]) => [field, values.join('\n').trim()] as const);
  return new Map(fields.filter(([, value]) => value !== ''));
}

/** @returns the lines of each block comment but the info, and of each run of line comments with nothing between them */
function* commentRuns(comments: readonly ScriptComment[], text: string): Generator<string[]> {
  let run: string[] = [];
  let end = -1;
  for (const comment of comments) {
    const isBlock = comment.text.startsWith('<#');
    const follows = end >= 0 && /^[ \t]*(?:\r\n|\n|\r)[ \t]*$/.test(text.slice(end, comment.at));
    if (run.length > 0 && (isBlock || !follows)) {
      yield run;
      run = [];
    }
    if (!isBlock) run.push(comment.text.replace(/^#+/, ''));
    else if (!infoStart.test(comment.text)) {
      yield comment.text
        .replace(/^<#/, '')
        .replace(/#>$/, '')
        .split(/\r\n|\n|\r/);
    }
    end = isBlock ? -1 : comment.at + comment.text.length;
  }
  if (run.length > 0) yield run;
}
