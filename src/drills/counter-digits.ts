/**
 * Whether a serial beyond 2^31 has all of its digits everywhere: rows, documents, records, health. Everything is compared as
 * text; nothing here turns digits into a JavaScript number before it has compared them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordKey } from '../blobs/keys.ts';
import { type Answer, ask } from '../status/canary/request.ts';
import { rowsWithKey } from './counter-database.ts';
import type { Stage } from './drill.ts';

const json = 'application/vnd.pypi.simple.v1+json';
const html = 'text/html';
const deadlineMs = 5_000;

/** The publish with this serial made an event, a package, a version and a file, and the serial is the key of each. */
export function judgeRows(stage: Stage, clause: string, value: bigint): void {
  const rows = rowsWithKey(stage.gallery.folders.database, value);
  const wanted = [
    `events serial=${value} file.published`,
    `packages id=${value} last_serial=${value}`,
    `versions id=${value} package_id=${value}`,
    `files id=${value} version_id=${value}`,
  ];
  stage.judge(clause, rows.join() === wanted.join(), `the last of them: ${rows.join(', ') || 'no row'}`);
}

/** Header, JSON and HTML of the project's page. */
export async function judgeDocuments(stage: Stage, clause: string, value: bigint): Promise<void> {
  const page = `${stage.gallery.url}/simple/overflow-${value}/`;
  for (const [accept, wanted] of [
    [json, `"_last-serial":${value}}`],
    [html, `<!--SERIAL ${value}-->`],
  ] as const) {
    const answer = await ask(page, { headers: { Accept: accept }, deadlineMs });
    const header = answer.headers['x-pypi-last-serial'];
    const isExact = answer.status === 200 && header === String(value) && textOf(answer).includes(wanted);
    stage.judge(
      clause,
      isExact,
      `the last of them: X-PyPI-Last-Serial: ${header}, ${digitsIn(answer)}; wanted ${value}`,
    );
  }
}

/** The list of all projects names each project with its serial; it is made in the background, so it is looked at last. */
export async function judgeListOfProjects(stage: Stage, clause: string, values: readonly bigint[]): Promise<void> {
  const text = textOf(await ask(`${stage.gallery.url}/simple/`, { headers: { Accept: json }, deadlineMs }));
  const missing = values.filter((value) => !text.includes(`{"name":"overflow-${value}","_last-serial":${value}}`));
  const seen = `the list of projects has ${values.join(', ')}`;
  stage.judge(
    clause,
    missing.length === 0,
    missing.length === 0 ? seen : `the list of projects lacks ${missing.join(', ')}`,
  );
}

/** The record's name has 19 digits, and its text the exact serial and key. */
export function judgeRecord(stage: Stage, clause: string, value: bigint): void {
  const key = recordKey(value);
  const file = join(stage.gallery.folders.store, key);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const isNamed = key.endsWith(`/${String(value).padStart(19, '0')}.json`);
  const isExact = isNamed && text.includes(`"serial":${value},`) && text.includes(`"package":{"id":${value},`);
  stage.judge(
    clause,
    isExact,
    `the last of them: ${key}, ${text === '' ? 'missing' : `begins with ${text.slice(0, 60)}`}`,
  );
}

/** The serial, digit for digit, and the fraction of 2^63 that is free above it. */
export async function judgeHeadroom(stage: Stage, clause: string, serial: bigint): Promise<void> {
  const text = (await stage.gallery.health()) ?? '';
  const room = Number(/"serialHeadroom":([\d.e-]+)/.exec(text)?.[1] ?? Number.NaN);
  // Divided as a BigInt, then compared within a hundred-millionth: 2^53 takes a thousandth of the room.
  const wanted = Number((2n ** 63n - 1n - serial) / 2n ** 23n) / 2 ** 40;
  const isExact = text.includes(`"serial":${serial},`) && Math.abs(room - wanted) < 1e-8;
  stage.judge(clause, isExact, `the last of them: ${text.trim().slice(0, 80)} …; wanted ${serial} and ${wanted}`);
}

function textOf(answer: Answer): string {
  return answer.body.toString('utf8');
}

function digitsIn(answer: Answer): string {
  return /"_last-serial":\d+|<!--SERIAL \d+-->/.exec(textOf(answer))?.[0] ?? `status ${answer.status} and no serial`;
}
