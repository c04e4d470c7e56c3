/**
 * Reads the status service's configuration whole, checks every value and every name that leads to another, and gives all errors
 * at once. A service that runs keeps its last good configuration when a new one has an error.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Compile } from 'typebox/compile';
import Value from 'typebox/value';
import { renderedBaseUrl, statusAddress } from '../../config/base-url.ts';
import { foldersOf } from '../../config/folders.ts';
import type { Config } from '../../config/load.ts';
import { crossReferences } from './cross-references.ts';
import { type StatusConfig, statusSchema } from './schema.ts';

const check = Compile(statusSchema);

export interface StatusSettings extends StatusConfig {
  /** Folder of everything that the service keeps; absolute. */
  readonly folder: string;
  /** Path of the file that was read; undefined when there is none. */
  readonly file: string | undefined;
  readonly port: number;
  readonly host: string;
}

export interface StatusConfigProblems {
  readonly problems: readonly string[];
}

/**
 * @param config where this machine's own gallery and the service are
 * @returns the configuration with defaults, paths absolute (relative ones are relative to the file); or every problem
 */
export function loadStatusConfig(config: Config): StatusSettings | StatusConfigProblems {
  const folder = resolve(config.statusDir === '' ? join(config.dataDir, 'status') : config.statusDir);
  const named = config.statusConfig === '' ? undefined : resolve(config.statusConfig);
  const file = named ?? join(folder, 'status.config.json');
  const isThere = named !== undefined || existsSync(file);
  const read = isThere ? readJson(file) : { value: {} };
  if ('problem' in read) return { problems: [read.problem] };
  const value = Value.Default(statusSchema, read.value);
  if (!check.Check(value)) return { problems: complaints(file, value) };
  const problems = crossReferences(value).map((problem) => `${file}: ${problem}`);
  if (problems.length > 0) return { problems };
  return withPaths(value, config, { folder, file: isThere ? file : undefined });
}

function readJson(file: string): { value: unknown } | { problem: string } {
  try {
    return { value: JSON.parse(readFileSync(file, 'utf8')) };
  } catch (error) {
    return { problem: `${file}: ${(error as Error).message}` };
  }
}

/** One sentence for each thing that is wrong; what a wrong branch of a choice says besides is left out. */
function complaints(file: string, value: unknown): string[] {
  const said = check.Errors(value).flatMap(({ instancePath, keyword, message, params }) => {
    const place = instancePath === '' ? 'the file' : `"${instancePath.slice(1).replaceAll('/', '.')}"`;
    if (keyword === 'additionalProperties') {
      const { additionalProperties } = params as { additionalProperties: readonly string[] };
      return additionalProperties.map((one) => `${place}: "${one}" is not a setting`);
    }
    return keyword === 'boolean' ? [] : [`${place}: ${message}`];
  });
  return [...new Set(said)].map((problem) => `${file}: ${problem}; see docs/STATUS-CONFIGURATION.md`);
}

function withPaths(
  value: StatusConfig,
  config: Config,
  { folder, file }: { folder: string; file: string | undefined },
): StatusSettings {
  const base = file === undefined ? folder : dirname(file);
  const absolute = (path: string) => resolve(base, path);
  const optional = (path: string | undefined) => (path === undefined ? {} : { path: absolute(path) }).path;
  const { gallery, page, mail } = value;
  const certificateFile = optional(gallery.certificateFile);
  const caFile = optional(gallery.caFile);
  return {
    ...value,
    folder,
    file,
    port: config.statusPort,
    host: config.statusHost,
    gallery: {
      ...gallery,
      url: gallery.url === '' ? renderedBaseUrl(config) : gallery.url.replace(/\/+$/, ''),
      tokenFile: gallery.tokenFile === '' ? foldersOf(config.dataDir).canaryToken : absolute(gallery.tokenFile),
      ...(certificateFile === undefined ? {} : { certificateFile }),
      ...(caFile === undefined ? {} : { caFile }),
    },
    page: {
      ...page,
      url: page.url === '' ? statusAddress(config) : page.url.replace(/\/+$/, ''),
    },
    ...(mail === undefined
      ? {}
      : {
          mail: {
            ...mail,
            ...(mail.passwordFile === undefined ? {} : { passwordFile: absolute(mail.passwordFile) }),
            ...(mail.caFile === undefined ? {} : { caFile: absolute(mail.caFile) }),
          },
        }),
    probes: value.probes.map((probe) =>
      probe.kind === 'tls' && probe.certificateFile !== undefined
        ? { ...probe, certificateFile: absolute(probe.certificateFile) }
        : probe,
    ),
    channels: value.channels.map((channel) =>
      channel.kind === 'webhook' && channel.secretFile !== undefined
        ? { ...channel, secretFile: absolute(channel.secretFile) }
        : channel,
    ),
    exports: value.exports.map((one) =>
      one.kind === 'folder'
        ? { ...one, folder: absolute(one.folder) }
        : { ...one, secretAccessKeyFile: absolute(one.secretAccessKeyFile) },
    ),
  };
}
