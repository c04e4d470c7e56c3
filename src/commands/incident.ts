/** `holdfast incident VERB`: what people tell of outages. A client of the status service's management API. */
import { parseArgs } from 'node:util';
import type { Config } from '../config/load.ts';
import { systemClock } from '../std/clock.ts';
import { type AnsweredIncident, printIncident, printIncidents, shortTime } from './incident-output.ts';
import { oneLine, plainLines, printTable } from './print.ts';
import { openStatusClient, type StatusClient } from './status-client.ts';
import { affectedFrom, bodyFrom, explained, Misused, timeFrom, valuesFrom } from './status-words.ts';

const usage = `Usage: holdfast incident open NAME --body TEXT [--affects KEY=STATUS]…
       holdfast incident update ID --body TEXT [--status STATUS] [--affects KEY=STATUS]…
       holdfast incident resolve ID [--body TEXT]
       holdfast incident edit ID [--name NAME] [--impact IMPACT] [--started-at TIME] [--update UPDATE --body TEXT]
       holdfast incident merge ID INTO
       holdfast incident list [--open]
       holdfast incident show ID [--timeline]
       holdfast incident postmortem ID [--publish --body-file FILE]

Options:
  --body TEXT          what is told; --body-file FILE reads it from a file, - from standard input
  --status STATUS      investigating, identified, monitoring, resolved
  --affects KEY=STATUS a component and how it is: ok, degraded, partial, major; more than once for more
  --impact IMPACT      none, minor, major, critical; otherwise it follows from the components
  --started-at TIME    when it really began; --at TIME: when what an update tells happened
  --template NAME      name and text from the configuration, with --set WORD=VALUE for what stands in it
  --author NAME        who writes (default: operator); the first to write is reminded when it is forgotten
  --token-file FILE    the operator's token (default: operator-token in the status folder)

Times are 2026-11-21T14:00:00Z, "2026-11-21 14:00" (UTC), 14:00, now, "15m ago". postmortem prints a draft; it is public
when it is published.

Examples:
  holdfast incident open "Installing is slow" --body "We are looking." --affects install=degraded --started-at "15m ago"
  holdfast incident update abc123def456 --status identified --body "A cable is out."
  holdfast incident postmortem abc123def456 > draft.md
`;

const options = {
  body: { type: 'string' },
  'body-file': { type: 'string' },
  status: { type: 'string' },
  affects: { type: 'string', multiple: true },
  impact: { type: 'string' },
  name: { type: 'string' },
  'started-at': { type: 'string' },
  at: { type: 'string' },
  template: { type: 'string' },
  set: { type: 'string', multiple: true },
  update: { type: 'string' },
  author: { type: 'string' },
  open: { type: 'boolean', default: false },
  timeline: { type: 'boolean', default: false },
  publish: { type: 'boolean', default: false },
  'token-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options });
}

type Values = ReturnType<typeof parse>['values'];

interface Verb {
  /** How many words stand behind it, at least and at most. */
  readonly words: readonly [number, number];
  run(client: StatusClient, words: readonly string[], values: Values): Promise<void>;
}

const verbs: Readonly<Record<string, Verb>> = {
  open: { words: [0, 1], run: open },
  update: { words: [1, 1], run: (client, [id], values) => write(client, address(id, '/updates'), values) },
  resolve: { words: [1, 1], run: (client, [id], values) => write(client, address(id, '/resolve'), values) },
  edit: { words: [1, 1], run: edit },
  merge: { words: [2, 2], run: merge },
  list: { words: [0, 0], run: list },
  show: { words: [1, 1], run: show },
  postmortem: { words: [1, 1], run: postmortem },
};

export async function incidentCommand(config: Config, args: readonly string[]): Promise<number> {
  return explained(usage, async () => {
    const { values, positionals } = parse(args);
    if (values.help) {
      process.stdout.write(usage);
      return 0;
    }
    const [word = '', ...words] = positionals;
    const verb = Object.hasOwn(verbs, word) ? verbs[word] : undefined;
    if (verb === undefined) throw new Misused(word === '' ? '' : `there is no "incident ${word}"`);
    if (words.length < verb.words[0]) throw new Misused(`${word} needs the id of an incident`);
    if (words.length > verb.words[1]) throw new Misused(`"${words.at(-1)}" is one word too many; put texts in quotes`);
    await verb.run(openStatusClient(config, values['token-file']), words, values);
    return 0;
  });
}

/** @returns where the API has an incident, whatever stands in its id */
export function address(id = '', rest = ''): string {
  return `/api/incidents/${encodeURIComponent(id)}${rest}`;
}

/** Only what was given; JSON leaves the rest out. */
function told(values: Values) {
  const now = systemClock.now();
  const time = (text: string | undefined) => (text === undefined ? undefined : timeFrom(text, now));
  return {
    body: bodyFrom(values),
    status: values.status,
    affected: affectedFrom(values.affects),
    template: values.template,
    values: valuesFrom(values.set),
    author: values.author,
    displayAt: time(values.at),
    startedAt: time(values['started-at']),
  };
}

async function open(client: StatusClient, [name]: readonly string[], values: Values): Promise<void> {
  if (name === undefined && values.template === undefined) throw new Misused('open needs the name of the incident');
  const { displayAt: _, ...body } = told(values);
  const incident = await client.ask<AnsweredIncident>('POST', '/api/incidents', {
    name,
    impact: values.impact,
    ...body,
  });
  report('opened', incident);
}

async function write(client: StatusClient, path: string, values: Values): Promise<void> {
  const { startedAt: _, ...body } = told(values);
  report('updated', await client.ask<AnsweredIncident>('POST', path, body));
}

async function edit(client: StatusClient, [id]: readonly string[], values: Values): Promise<void> {
  const { body, startedAt } = told(values);
  const { update, name, impact } = values;
  if ((update === undefined) !== (body === undefined)) throw new Misused('--update and --body go together');
  const text = update === undefined ? undefined : { id: update, body };
  const wanted = { name, impact, startedAt, update: text };
  report('corrected', await client.ask<AnsweredIncident>('PATCH', address(id), wanted));
}

async function merge(client: StatusClient, [id, into]: readonly string[]): Promise<void> {
  report('the merged incident', await client.ask<AnsweredIncident>('POST', address(id, '/merge'), { into }));
}

async function list(client: StatusClient, _: readonly string[], values: Values): Promise<void> {
  const path = `/api/incidents${values.open ? '?open=true' : ''}`;
  const { count, incidents } = await client.ask<{ count: number; incidents: AnsweredIncident[] }>('GET', path);
  printIncidents(incidents);
  if (count > incidents.length) process.stderr.write(`${count - incidents.length} older ones are not shown.\n`);
}

async function show(client: StatusClient, [id]: readonly string[], values: Values): Promise<void> {
  if (!values.timeline) return printIncident(await client.ask<AnsweredIncident>('GET', address(id)));
  type Entry = { readonly at: string; readonly kind: string; readonly text: string };
  const { timeline } = await client.ask<{ timeline: Entry[] }>('GET', address(id, '/timeline'));
  printTable(
    ['time (UTC)', 'what', ''],
    timeline.map(({ at, kind, text }) => [at.slice(0, 19).replace('T', ' '), kind, oneLine(text)]),
  );
}

async function postmortem(client: StatusClient, [id]: readonly string[], values: Values): Promise<void> {
  const body = bodyFrom(values);
  if (!values.publish) {
    if (body !== undefined) throw new Misused('a text is published with --publish');
    const { draft } = await client.ask<{ draft: string }>('GET', address(id, '/postmortem'));
    process.stdout.write(plainLines(draft));
    return;
  }
  if (body === undefined) throw new Misused('--publish needs the text: --body-file FILE');
  const wanted = { status: 'postmortem', body, author: values.author };
  report('explained', await client.ask<AnsweredIncident>('POST', address(id, '/updates'), wanted));
}

/** The id goes to scripts, the rest to people. */
function report(what: string, { id, name, status, startedAt }: AnsweredIncident): void {
  process.stderr.write(`${what}: ${oneLine(name)} (${status}, since ${shortTime(startedAt)} UTC)\n`);
  process.stdout.write(`${id}\n`);
}
