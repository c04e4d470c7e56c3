/** `holdfast maintenance VERB`: what is announced before it happens. A client of the status service's management API. */
import { parseArgs } from 'node:util';
import type { Config } from '../config/load.ts';
import { systemClock } from '../std/clock.ts';
import { address } from './incident.ts';
import { type AnsweredIncident, printIncidents, shortTime } from './incident-output.ts';
import { oneLine } from './print.ts';
import { openStatusClient, type StatusClient } from './status-client.ts';
import { affectedFrom, bodyFrom, explained, Misused, stretchOf, timeFrom, valuesFrom } from './status-words.ts';

const usage = `Usage: holdfast maintenance schedule NAME --body TEXT --from TIME --until TIME|--for STRETCH [--affects KEY]…
       holdfast maintenance list [--open]
       holdfast maintenance begin|end ID [--body TEXT]
       holdfast maintenance extend ID --until TIME|--for STRETCH

It begins and ends by itself; its components are under maintenance meanwhile, and open no incident. begin and end do it
now; extend gives it more time. Times are 2026-11-21T14:00:00Z, "2026-11-21 14:00" (UTC), +2h; stretches 90s, 15m, 2h, 1h30m.

Options:
  --body TEXT          what is told; --body-file FILE reads it from a file, - from standard input
  --affects KEY        a component such as install/python, or a group such as install; more than once for more
  --template NAME      name and text from the configuration, with --set WORD=VALUE for what stands in it
  --author NAME        who writes (default: operator)
  --token-file FILE    the operator's token (default: operator-token in the status folder)

Example:
  holdfast maintenance schedule "New disks" --body "Publishing pauses for minutes." --from "2026-11-22 06:00" --for 2h --affects publish
`;

const options = {
  body: { type: 'string' },
  'body-file': { type: 'string' },
  affects: { type: 'string', multiple: true },
  from: { type: 'string' },
  until: { type: 'string' },
  for: { type: 'string' },
  template: { type: 'string' },
  set: { type: 'string', multiple: true },
  author: { type: 'string' },
  open: { type: 'boolean', default: false },
  'token-file': { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options });
}

type Values = ReturnType<typeof parse>['values'];

export async function maintenanceCommand(config: Config, args: readonly string[]): Promise<number> {
  return explained(usage, async () => {
    const { values, positionals } = parse(args);
    if (values.help) {
      process.stdout.write(usage);
      return 0;
    }
    const [verb = '', name, ...more] = positionals;
    if (more.length > 0) throw new Misused(`"${more[0]}" is one word too many; put texts in quotes`);
    if (verb !== 'list' && verb !== '' && name === undefined && values.template === undefined) {
      throw new Misused(`${verb} needs ${verb === 'schedule' ? 'a name' : 'the id of a maintenance'}`);
    }
    await run(verb, name, values, () => openStatusClient(config, values['token-file']));
    return 0;
  });
}

async function run(verb: string, name: string | undefined, values: Values, client: () => StatusClient): Promise<void> {
  const body = bodyFrom(values);
  const { author } = values;
  switch (verb) {
    case 'schedule':
      return schedule(client(), name, body, values);
    case 'list': {
      const path = `/api/maintenances${values.open ? '?open=true' : ''}`;
      return printIncidents((await client().ask<{ maintenances: AnsweredIncident[] }>('GET', path)).maintenances);
    }
    case 'begin': {
      const wanted = { status: 'in_progress', body: body ?? 'The maintenance has begun.', author };
      return report('begun', await client().ask('POST', address(name, '/updates'), wanted));
    }
    case 'end': {
      const path = `/api/maintenances/${encodeURIComponent(name ?? '')}/end`;
      return report('ended', await client().ask('POST', path, { body, author }));
    }
    case 'extend':
      return extend(client(), name, values);
    default:
      throw new Misused(verb === '' ? '' : `there is no "maintenance ${verb}"`);
  }
}

async function schedule(
  client: StatusClient,
  name: string | undefined,
  body: string | undefined,
  values: Values,
): Promise<void> {
  if (values.from === undefined) throw new Misused('schedule needs --from TIME');
  const from = timeFrom(values.from, systemClock.now());
  const maintenance = await client.ask<AnsweredIncident>('POST', '/api/maintenances', {
    name,
    body,
    affected: affectedFrom(values.affects, 'under_maintenance'),
    scheduledFor: from,
    scheduledUntil: endOf(values, Date.parse(from)),
    template: values.template,
    values: valuesFrom(values.set),
    author: values.author,
  });
  report('announced', maintenance);
}

async function extend(client: StatusClient, id: string | undefined, values: Values): Promise<void> {
  const { scheduledUntil } = await client.ask<AnsweredIncident>('GET', address(id));
  if (scheduledUntil === null) throw new Misused(`${id} is not a maintenance`);
  const wanted = { scheduledUntil: endOf(values, Date.parse(scheduledUntil)) };
  report('extended', await client.ask('PATCH', address(id), wanted));
}

/** @param from what `--for` counts from, UTC milliseconds */
function endOf(values: Values, from: number): string {
  if ((values.until === undefined) === (values.for === undefined))
    throw new Misused('give --until TIME or --for STRETCH');
  if (values.for !== undefined) return new Date(from + stretchOf(values.for)).toISOString();
  return timeFrom(values.until ?? '', systemClock.now());
}

function report(what: string, { id, name, status, scheduledFor, scheduledUntil }: AnsweredIncident): void {
  const times = `${shortTime(scheduledFor)} to ${shortTime(scheduledUntil)} UTC`;
  process.stderr.write(`${what}: ${oneLine(name)} (${status}, ${times})\n`);
  process.stdout.write(`${id}\n`);
}
