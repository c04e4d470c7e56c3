/**
 * Reads the configuration whole (file, then environment), checks every value, and gives all errors at once. Nothing runs on
 * a configuration that has an error (exit 78, EX_CONFIG of sysexits.h).
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type SettingValue, settings } from './settings.ts';

export const exitBadConfiguration = 78;

/** The values in force. */
export type Config = {
  readonly [K in keyof typeof settings]: (typeof settings)[K]['default'];
} & {
  /** Where the values came from, for people. */
  readonly source: string;
};

export interface ConfigProblems {
  readonly problems: readonly string[];
}

const defaultFile = 'holdfast.config.json';

/**
 * @param environment the process environment; HOLDFAST_CONFIG names the file, variables win over the file
 * @param folder what relative paths are relative to
 * @returns the configuration, or every problem found in it
 */
export function loadConfig(environment: NodeJS.ProcessEnv, folder: string): Config | ConfigProblems {
  const problems: string[] = [];
  const named = environment.HOLDFAST_CONFIG;
  const file = resolve(folder, named ?? defaultFile);
  const fromFile = named !== undefined || existsSync(file) ? readFile(file, problems) : {};
  for (const name of Object.keys(fromFile)) {
    if (!(name in settings)) problems.push(`${file}: "${name}" is not a setting; see docs/CONFIGURATION.md`);
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('HOLDFAST_') && !knownVariables.has(name)) {
      problems.push(`${name}: not a setting; see docs/CONFIGURATION.md`);
    }
  }
  const key = environment.HOLDFAST_INSTALLATION_KEY;
  if (key !== undefined && !/^[0-9a-f]{64}$/.test(key)) {
    problems.push('HOLDFAST_INSTALLATION_KEY: must be 64 hexadecimal digits');
  }
  const values: Record<string, SettingValue> = {};
  for (const [name, definition] of Object.entries(settings)) {
    const text = environment[definition.env];
    const [origin, raw] = text !== undefined ? [definition.env, text] : [`${file}: ${name}`, fromFile[name]];
    const value = raw === undefined ? definition.default : readValue(raw, definition.default);
    const complaint = value === undefined ? `must be ${describe(definition.default)}` : checkValue(definition, value);
    if (complaint !== undefined) problems.push(`${origin}: ${complaint} (it is ${JSON.stringify(raw)})`);
    values[name] = value ?? definition.default;
  }
  if (problems.length > 0) return { problems };
  const source = existsSync(file) ? `${file} and the environment` : 'the environment and defaults';
  const absolute = (path: SettingValue | undefined) => (path === '' ? '' : resolve(folder, path as string));
  const paths = {
    dataDir: absolute(values.dataDir),
    statusDir: absolute(values.statusDir),
    statusConfig: absolute(values.statusConfig),
  };
  return { ...values, ...paths, source } as unknown as Config;
}

/** Set for children by the supervisor, the launcher or people; not settings. */
const knownVariables = new Set<string>([
  'HOLDFAST_CONFIG',
  'HOLDFAST_INSTALLATION_KEY',
  ...Object.values(settings).map((definition) => definition.env),
]);

function readFile(file: string, problems: string[]): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return content as Record<string, unknown>;
    problems.push(`${file}: must hold one JSON object`);
  } catch (error) {
    problems.push(`${file}: ${(error as Error).message}`);
  }
  return {};
}

/** Turns a raw value into the type of the default; undefined when it cannot be. */
function readValue(raw: unknown, fallback: SettingValue): SettingValue | undefined {
  if (typeof fallback === 'number') {
    if (typeof raw === 'number') return raw;
    return typeof raw === 'string' && /^-?\d{1,15}$/.test(raw.trim()) ? Number(raw) : undefined;
  }
  if (Array.isArray(fallback)) {
    if (typeof raw === 'string')
      return raw
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
    return Array.isArray(raw) && raw.every((part) => typeof part === 'string') ? raw : undefined;
  }
  return typeof raw === 'string' ? raw : undefined;
}

function checkValue(
  definition: { check?: (value: never) => string | undefined },
  value: SettingValue,
): string | undefined {
  return definition.check?.(value as never);
}

function describe(fallback: SettingValue): string {
  if (typeof fallback === 'number') return 'a whole number';
  return Array.isArray(fallback) ? 'a list of texts' : 'a text';
}

/** @returns the settings as a Markdown table, the body of docs/CONFIGURATION.md */
export function describeSettings(): string {
  const rows = Object.entries(settings).map(([name, definition]) => {
    const fallback = Array.isArray(definition.default) ? definition.default.join(',') : String(definition.default);
    return `| \`${name}\` | \`${definition.env}\` | ${fallback === '' ? 'empty' : `\`${fallback}\``} | ${definition.means} |`;
  });
  return ['| in the file | in the environment | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
