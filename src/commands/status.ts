/** `holdfast status VERB`: alarms, silences, marks, heartbeats, imports. A client of the status service's management API. */
import { parseArgs } from 'node:util';
import type { Config } from '../config/load.ts';
import { systemClock } from '../std/clock.ts';
import { shortTime } from './incident-output.ts';
import { oneLine, printTable } from './print.ts';
import { openStatusClient, type StatusClient } from './status-client.ts';
import { importHistory, importLedger } from './status-import.ts';
import { showStatus } from './status-show.ts';
import { explained, Misused, stretchOf, timeFrom } from './status-words.ts';

const usage = `Usage: holdfast status                              run the status service
       holdfast status show                         what is wrong, what is open, who is on duty
       holdfast status alarms [--since TIME]        alarms that fire, and those of the last day
       holdfast status confirm ID                   say that somebody looks after an alarm
       holdfast status silence PATTERN --for 2h --reason TEXT
                                                    keep alarms from calling anybody; * at the end stands for anything
       holdfast status silences                     list silences
       holdfast status unsilence ID                 end a silence
       holdfast status mark TEXT [--at TIME]        mark a moment, such as a deploy, for timelines
       holdfast status test-page                    call whoever is on duty, who has to confirm
       holdfast status heartbeats                   signs of life that are awaited, with their addresses
       holdfast status subscribers                  how many there are
       holdfast status import URL [--dry-run]       take over the history of another status page (Statuspage API)
       holdfast status import URL --remove          take it out again
       holdfast status import-ledger [--remove]     outages of other galleries, as examples

Options:
  --author NAME        who does it (default: operator)
  --token-file FILE    the operator's token (default: operator-token in the status folder)

An import may be repeated: what is known already changes nothing.
`;

const options = {
  since: { type: 'string' },
  at: { type: 'string' },
  for: { type: 'string' },
  reason: { type: 'string' },
  author: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  remove: { type: 'boolean', default: false },
  'token-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options });
}

export type StatusValues = ReturnType<typeof parse>['values'];

interface Verb {
  /** What stands behind it; undefined for nothing. */
  readonly takes?: string;
  /** @param client opens the client when it is needed, so that a dry run needs none */
  run(client: () => StatusClient, word: string, values: StatusValues): Promise<number | undefined>;
}

const verbs: Readonly<Record<string, Verb>> = {
  show: { run: (client) => showStatus(client()) },
  alarms: { run: alarms },
  confirm: { takes: 'the id of an alarm', run: confirm },
  silence: { takes: 'a pattern of alarms', run: silence },
  silences: { run: silences },
  unsilence: { takes: 'the id of a silence', run: unsilence },
  mark: { takes: 'a text', run: mark },
  'test-page': { run: testPage },
  heartbeats: { run: heartbeats },
  subscribers: { run: subscribers },
  import: { takes: 'the address of a status page', run: importHistory },
  'import-ledger': { run: (client, _, values) => importLedger(client, values) },
};

export async function statusCommand(config: Config, args: readonly string[]): Promise<number> {
  return explained(usage, async () => {
    const { values, positionals } = parse(args);
    if (values.help) {
      process.stdout.write(usage);
      return 0;
    }
    const [word = '', subject, ...more] = positionals;
    const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
    if (verb === undefined) throw new Misused(word === '' ? '' : `there is no "status ${word}"`);
    if (verb.takes !== undefined && subject === undefined) throw new Misused(`${word} needs ${verb.takes}`);
    const surplus = verb.takes === undefined ? subject : more[0];
    if (surplus !== undefined) throw new Misused(`"${surplus}" is one word too many; put texts in quotes`);
    const code = await verb.run(() => openStatusClient(config, values['token-file']), subject ?? '', values);
    return code ?? 0;
  });
}

interface AnsweredAlarm {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly confirmedBy: string | null;
  readonly silencedBy: string | null;
  readonly partOf: string | null;
}

async function alarms(client: () => StatusClient, _: string, { since }: StatusValues): Promise<undefined> {
  const from = since === undefined ? '' : `?since=${encodeURIComponent(timeFrom(since, systemClock.now()))}`;
  const answer = await client().ask<{ alarms: AnsweredAlarm[] }>('GET', `/api/alarms${from}`);
  printTable(
    ['id', 'since (UTC)', 'until', 'severity', 'confirmed by', 'silenced by', 'part of', 'title'],
    answer.alarms.map((alarm) => [
      alarm.id,
      shortTime(alarm.startedAt),
      shortTime(alarm.endedAt),
      alarm.severity,
      oneLine(alarm.confirmedBy ?? ''),
      oneLine(alarm.silencedBy ?? ''),
      alarm.partOf ?? '',
      oneLine(alarm.title),
    ]),
  );
}

async function confirm(client: () => StatusClient, id: string, { author }: StatusValues): Promise<undefined> {
  const path = `/api/alarms/${encodeURIComponent(id)}/confirm`;
  const { title } = await client().ask<AnsweredAlarm>('POST', path, { author });
  process.stderr.write(`confirmed: ${oneLine(title)}\n`);
}

async function silence(client: () => StatusClient, pattern: string, values: StatusValues): Promise<undefined> {
  if (values.for === undefined) throw new Misused('silence needs --for STRETCH: every silence ends');
  if (values.reason === undefined) throw new Misused('silence needs --reason TEXT, for whoever wonders');
  const until = new Date(systemClock.now() + stretchOf(values.for)).toISOString();
  const { reason, author } = values;
  const made = await client().ask<{ id: string }>('POST', '/api/silences', { pattern, reason, until, author });
  process.stderr.write(`silenced until ${shortTime(until)} UTC: ${oneLine(pattern)}\n`);
  process.stdout.write(`${made.id}\n`);
}

async function silences(client: () => StatusClient): Promise<undefined> {
  type Answered = { id: string; pattern: string; until: string; author: string; reason: string };
  const answer = await client().ask<{ silences: Answered[] }>('GET', '/api/silences');
  printTable(
    ['id', 'until (UTC)', 'pattern', 'author', 'reason'],
    answer.silences.map(({ id, pattern, until, author, reason }) => [
      id,
      shortTime(until),
      oneLine(pattern),
      oneLine(author),
      oneLine(reason),
    ]),
  );
}

async function unsilence(client: () => StatusClient, id: string): Promise<undefined> {
  await client().ask('DELETE', `/api/silences/${encodeURIComponent(id)}`);
  process.stderr.write('The silence is over.\n');
}

async function mark(client: () => StatusClient, text: string, { at, author }: StatusValues): Promise<undefined> {
  const time = at === undefined ? undefined : timeFrom(at, systemClock.now());
  await client().ask('POST', '/api/marks', { text, at: time, author });
  process.stderr.write('marked.\n');
}

async function testPage(client: () => StatusClient): Promise<undefined> {
  await client().ask('POST', '/api/test-page');
  process.stderr.write('sent; it waits to be confirmed.\n');
}

async function heartbeats(client: () => StatusClient): Promise<undefined> {
  type Answered = { name: string; means: string; lastAt: string | null; isLate: boolean; url: string };
  const answer = await client().ask<{ heartbeats: Answered[] }>('GET', '/api/heartbeats');
  printTable(
    ['name', 'state', 'last heard (UTC)', 'address', 'means'],
    answer.heartbeats.map(({ name, means, lastAt, isLate, url }) => [
      name,
      isLate ? 'late' : 'heard',
      shortTime(lastAt) || 'never',
      url,
      oneLine(means),
    ]),
  );
}

async function subscribers(client: () => StatusClient): Promise<undefined> {
  const answer = await client().ask<{ subscribers: Record<string, number> }>('GET', '/api/subscribers');
  printTable(
    ['kind', 'subscribers'],
    Object.entries(answer.subscribers).map(([kind, count]) => [kind, String(count)]),
  );
}
