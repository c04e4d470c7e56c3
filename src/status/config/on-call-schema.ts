/** Who is called, how, and when: mail, channels, people, rotations, escalation. */
import Type from 'typebox';
import { closed, httpUrl, name, seconds } from './schema-parts.ts';

export const mail = Type.Object(
  {
    host: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587 }),
    isSecure: Type.Boolean({ default: false, description: 'TLS from the first byte.' }),
    user: Type.Optional(Type.String()),
    passwordFile: Type.Optional(Type.String({ description: 'File with the password; it may hold any character.' })),
    from: Type.String({ minLength: 3, description: 'Sender of every message.' }),
    caFile: Type.Optional(Type.String({ description: 'Certificates to believe beside the machine’s own (PEM).' })),
  },
  closed,
);

export const channel = Type.Union([
  Type.Object(
    { kind: Type.Literal('mail'), name: name('What people and steps call it.'), to: Type.String({ minLength: 3 }) },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('webhook'),
      name: name('What people and steps call it.'),
      url: httpUrl,
      secretFile: Type.Optional(Type.String({ description: 'Key of the signature in `X-Holdfast-Signature`.' })),
    },
    closed,
  ),
  Type.Object(
    {
      kind: Type.Literal('http'),
      name: name('What people and steps call it.'),
      url: httpUrl,
      method: Type.Union([Type.Literal('POST'), Type.Literal('PUT'), Type.Literal('GET')], { default: 'POST' }),
      headers: Type.Record(Type.String(), Type.String(), { default: {} }),
      body: Type.String({
        default: '',
        maxLength: 20_000,
        description:
          'With `{{title}}`, `{{text}}`, `{{severity}}`, `{{url}}`, `{{id}}`, `{{state}}`; values are escaped for the Content-Type.',
      }),
    },
    closed,
  ),
]);
export type ConfiguredChannel = Type.Static<typeof channel>;

export const onCall = Type.Object(
  {
    people: Type.Array(
      Type.Object(
        {
          name: name('Who.'),
          channels: Type.Array(Type.String(), { minItems: 1, maxItems: 10 }),
          quietHours: Type.Optional(
            Type.Object(
              {
                from: Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }),
                to: Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }),
                timeZone: Type.String({ default: 'Etc/UTC' }),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
      { default: [], maxItems: 200 },
    ),
    rotations: Type.Array(
      Type.Object(
        {
          name: name('What escalation steps call it.'),
          people: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }),
          startsAt: Type.String({
            pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}$',
            description: 'First hand-over, local time.',
          }),
          timeZone: Type.String({ default: 'Etc/UTC' }),
          everyDays: Type.Integer({ minimum: 1, maximum: 366, default: 7 }),
          overrides: Type.Array(
            Type.Object(
              {
                person: Type.String(),
                from: Type.String({ format: 'date-time' }),
                until: Type.String({ format: 'date-time' }),
              },
              closed,
            ),
            { default: [], maxItems: 1_000 },
          ),
        },
        closed,
      ),
      { default: [], maxItems: 20 },
    ),
    escalation: Type.Array(
      Type.Object(
        {
          afterSeconds: Type.Integer({
            minimum: 0,
            maximum: 86_400,
            description: 'Since the page went out unconfirmed.',
          }),
          notify: Type.Array(Type.String(), {
            minItems: 1,
            maxItems: 20,
            description: 'Names of rotations, people or channels.',
          }),
        },
        closed,
      ),
      { default: [], maxItems: 10 },
    ),
    tickets: Type.Array(Type.String(), {
      default: [],
      maxItems: 20,
      description:
        'Names of rotations, people or channels that get tickets. Empty: those of the first step of the escalation.',
    }),
    remindSeconds: seconds(1_800, 'A page that still fires is told again so often; a ticket once a day.'),
    testPage: Type.Object(
      {
        at: Type.String({ default: '10:00', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }),
        timeZone: Type.String({ default: 'Etc/UTC' }),
        confirmWithinSeconds: seconds(3_600, 'How long the test page may stay unconfirmed.'),
      },
      { ...closed, default: {} },
    ),
  },
  { ...closed, default: {} },
);
