/** Words of the command line about incidents: times, stretches of time, components with a status, texts from files. */
import { readFileSync } from 'node:fs';
import { type ComponentStatus, componentStatuses } from '../status/model.ts';
import { exitFailed, exitUsage } from './exit-codes.ts';
import { StatusProblem } from './status-client.ts';

/** The command line was not understood; the sentence says what. */
export class Misused extends Error {}

/** Runs a command and turns what a person has to know into a sentence and an exit code. */
export async function explained(usage: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const isParsing = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (error instanceof Misused || isParsing) {
      const { message } = error as Error;
      process.stderr.write(message === '' ? usage : `holdfast: ${message}\n\n${usage}`);
      return exitUsage;
    }
    if (!(error instanceof StatusProblem)) throw error;
    process.stderr.write(`holdfast: ${error.message}\n`);
    return exitFailed;
  }
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @returns milliseconds of `90s`, `15m`, `2h`, `1h30m`, `3d` */
export function stretchOf(text: string): number {
  if (!/^(\d{1,6}[smhd])+$/.test(text))
    throw new Misused(`"${text}" is not a stretch of time such as 90s, 15m, 2h or 3d`);
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit = 's']) => sum + Number(count) * (unitMs[unit] ?? 0),
    0,
  );
}

/**
 * @param text `2026-11-21T14:00:00Z`, `2026-11-21 14:00` (UTC), `14:00` (today, UTC), `now`, `+2h`, `15m ago`
 * @param now UTC milliseconds
 * @returns the time as the API takes it
 */
export function timeFrom(text: string, now: number): string {
  const at = readTime(text.trim(), now);
  if (Number.isNaN(at)) {
    throw new Misused(
      `"${text}" is not a time such as 2026-11-21T14:00:00Z, "2026-11-21 14:00" (UTC), now, +2h or "15m ago"`,
    );
  }
  return new Date(at).toISOString();
}

function readTime(text: string, now: number): number {
  if (text === 'now') return now;
  if (text.startsWith('+')) return now + stretchOf(text.slice(1));
  if (text.endsWith(' ago')) return now - stretchOf(text.slice(0, -4).trim());
  if (/^\d{2}:\d{2}$/.test(text)) return Date.parse(`${new Date(now).toISOString().slice(0, 10)}T${text}:00Z`);
  const [, date, time] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)$/.exec(text) ?? [];
  if (date !== undefined) return Date.parse(`${date}T${time}Z`);
  return /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
}

const shortStatuses: Readonly<Record<string, ComponentStatus>> = {
  ok: 'operational',
  degraded: 'degraded_performance',
  partial: 'partial_outage',
  major: 'major_outage',
  maintenance: 'under_maintenance',
};

/** @returns components by key of `install/python=major`, `website=degraded` */
export function affectedFrom(
  texts: readonly string[] | undefined,
  fallback?: ComponentStatus,
): Readonly<Record<string, ComponentStatus>> | undefined {
  if (texts === undefined) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const [, key = '', word] = /^([^=]+)(?:=(.*))?$/.exec(text) ?? [];
      const status =
        word === undefined ? fallback : (shortStatuses[word] ?? componentStatuses.find((one) => one === word));
      if (key !== '' && status !== undefined) return [key, status];
      throw new Misused(
        `"${text}" is not a component and its status, such as install/python=major (${Object.keys(shortStatuses).join(', ')})`,
      );
    }),
  );
}

/** @returns values of a template, of `word=value` */
export function valuesFrom(texts: readonly string[] | undefined): Readonly<Record<string, string>> | undefined {
  if (texts === undefined) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
      throw new Misused(`"${text}" is not a value of a template, such as edge="Edge two"`);
    }),
  );
}

/** @returns the text of `--body`, or of the file of `--body-file` (`-` for standard input) */
export function bodyFrom(values: { readonly body?: string; readonly 'body-file'?: string }): string | undefined {
  const file = values['body-file'];
  if (file === undefined) return values.body;
  if (values.body !== undefined) throw new Misused('give the text with --body or with --body-file, not with both');
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new StatusProblem(`the text cannot be read: ${(error as Error).message}`);
  }
}
